"""The server of the user interface: settings, request checks and entry point of the command."""
