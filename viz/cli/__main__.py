"""``python -m viz.cli``: the command without its script."""

from viz.cli import main

if __name__ == "__main__":
    main()
