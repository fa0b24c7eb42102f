"""The sockets that the page listens on, and the second server beside it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

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


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A quiet server for an application: no log of what was looked at, no name of ours in the answers."""
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off"
        )
    )


@contextmanager
def beside(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    """Serve a second application on a thread until the block ends."""
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True, name="replay")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
