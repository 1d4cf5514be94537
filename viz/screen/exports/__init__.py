"""What one can take away from the screen and bring back to it: figures, pictures, a replay, TOML.

Files are made when they are asked for, from a `View`, and kept by nobody.
"""
