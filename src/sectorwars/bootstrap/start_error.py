"""Why the server cannot start, for its operator."""


class StartError(Exception):
    """The server cannot start; the message is one plain sentence for the operator."""
