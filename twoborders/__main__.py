"""Run the command ``twoborders`` as ``python -m twoborders``."""

from viz.cli import main

if __name__ == "__main__":
    main()
