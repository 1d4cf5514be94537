"""The server of the user interface: settings, request checks and the command's entry point."""
