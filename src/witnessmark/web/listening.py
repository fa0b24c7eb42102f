"""The one socket that the page listens on."""

import socket

from witnessmark.errors import UsageError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on this machine's own address. Raises UsageError if the port is taken."""
    # The protocol is named, since asyncio turns off Nagle's algorithm (40 ms a page) only where it is.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"port {port} cannot be used: {error.strerror}", hint="Leave --port out.") from error
    listening.listen(64)
    listening.set_inheritable(False)
    return listening
