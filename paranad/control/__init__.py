"""The control API: its forms, its server on the Unix socket, and the client that the command line uses."""
