"""One connection to a PostgreSQL server. Needs the optional driver `pg8000`.

Who logs in comes from the environment (PGUSER, PGPASSWORD), never from a file of the case. Except on this machine the
connection is encrypted and the server's certificate is checked (PGSSLROOTCERT names an authority of one's own).
"""

import ipaddress
import ssl
import struct
import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from witnessmark.errors import NetworkFailed, UsageError, WitnessmarkError

try:
    import pg8000.native as pg8000
except ImportError:  # the extra is not installed: `Database` says so
    pg8000 = None

MISSING = 'Install it with: pip install "witnessmark[newsroom]"'


class DatabaseRefused(WitnessmarkError):
    """The server understood and said no. `code` is the SQLSTATE."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(f"the database refused: {message}")
        self.code = code


class Database:
    """A connection that is made when it is first needed, and again after it was lost. Threads take turns."""

    def __init__(
        self, address: str, environment: Mapping[str, str], *, timeout: float = 30.0, application: str = "witnessmark"
    ) -> None:
        if pg8000 is None:
            raise UsageError("a shared case needs the PostgreSQL driver pg8000", hint=MISSING)
        self.address = address
        self._options = _options(address, environment, timeout) | {"application_name": application}
        self._connection: Any = None
        self._turn = threading.RLock()
        self.made = 0
        """How often a connection was made: what a session held before is gone when this has changed."""

    def run(self, sql: str, **values: object) -> Sequence[Sequence[Any]]:
        """The rows of one statement, committed when this returns. Raises NetworkFailed if the connection is lost before
        the answer came (then it is unknown whether the statement took effect) and DatabaseRefused for a refusal."""
        with self._turn:
            if self._connection is None:
                self._connect()
            try:
                return self._connection.run(sql, **values) or ()
            except pg8000.DatabaseError as error:
                raise self._refusal(error) from error
            except (pg8000.InterfaceError, OSError, struct.error) as error:
                self._drop()
                raise _lost(self.address, error) from error

    @property
    def connected(self) -> bool:
        """Whether there is a connection; it may have died unnoticed."""
        return self._connection is not None

    def close(self) -> None:
        """Give the connection back; the server lets go of every lock that it held."""
        with self._turn:
            self._drop()

    def _connect(self) -> None:
        try:
            self._connection = pg8000.Connection(**self._options)
        except pg8000.DatabaseError as error:
            raise self._refusal(error) from error
        except (pg8000.InterfaceError, OSError, struct.error) as error:
            raise _lost(self.address, error) from error
        self.made += 1
        # An entry counts as recorded only when the server has flushed it, whatever its default is.
        self._connection.run("SET synchronous_commit = on")

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except (pg8000.InterfaceError, OSError, struct.error):  # it is lost already, and this was only to be polite
            return

    def _refusal(self, error: Exception) -> WitnessmarkError:
        told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        code, message = str(told.get("C", "")), str(told.get("M", error))
        if code[:2] in ("57", "08"):  # the server is stopping, or was stopped
            self._drop()
            return _lost(self.address, error)
        return DatabaseRefused(message, code)


def _lost(address: str, error: Exception) -> NetworkFailed:
    return NetworkFailed(
        f"the database at {address} does not answer: {error}",
        kind="connect",
        hint="Check the network and the server, then repeat the last step.",
    )


def _options(address: str, environment: Mapping[str, str], timeout: float) -> dict[str, object]:
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise UsageError(f"{address} is not a database address", hint="It looks like postgresql://host/database.")
    if parts.username or parts.password:
        raise UsageError(
            "a database address must not hold a login or password", hint="Put them into PGUSER and PGPASSWORD."
        )
    if not environment.get("PGUSER"):
        raise UsageError("who logs in to the database?", hint="Set PGUSER (and PGPASSWORD, if the server asks for it).")
    host = unquote(parts.hostname or "localhost")
    options: dict[str, object] = {
        "user": environment["PGUSER"],
        "password": environment.get("PGPASSWORD"),
        "database": unquote(parts.path.strip("/")),
        "timeout": timeout,
    }
    if host.startswith("/"):
        return options | {"unix_sock": f"{host}/.s.PGSQL.{parts.port or 5432}"}
    options |= {"host": host, "port": parts.port or 5432}
    if not is_here(host):
        options["ssl_context"] = ssl.create_default_context(cafile=environment.get("PGSSLROOTCERT") or None)
    return options


def is_here(host: str) -> bool:
    """Whether the server is on this machine, where nobody listens in between."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
