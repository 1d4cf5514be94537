"""Server of the user interface: settings, checks of requests, signals and entry point."""
