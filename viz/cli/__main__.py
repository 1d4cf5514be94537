"""Run the command as ``python -m viz.cli``, without the installed script."""

from viz.cli import main

if __name__ == "__main__":
    main()
