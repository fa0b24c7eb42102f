"""Who may look: one-time links, and the sessions that they open. Nothing of it outlives the process."""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass

Randomness = Callable[[int], bytes]
MOST = 256
"""Open links, and open sessions."""


@dataclass(kw_only=True)
class Session:
    """One browser."""

    key: str
    csrf: str
    actor: str
    api_key: str
    said: str = ""  # what the next page says once


class Sessions:
    """Hands out links that work once; knows the cookies that they were traded for."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._links: dict[str, str] = {}
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def link(self, actor: str) -> str:
        """A token that opens one session for this person."""
        token = self._randomness(24).hex()
        with self._lock:
            while len(self._links) >= MOST:
                self._links.pop(next(iter(self._links)))
            self._links[token] = actor
        return token

    def open(self, token: str) -> Session | None:
        """Trade a token for a session; None if it is unknown or was used."""
        with self._lock:
            found = next((known for known in self._links if hmac.compare_digest(known, token)), None)
            if found is None:
                return None
            session = Session(
                key=self._randomness(24).hex(),
                csrf=self._randomness(24).hex(),
                actor=self._links.pop(found),
                api_key=self._randomness(24).hex(),
            )
            while len(self._sessions) >= MOST:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[session.key] = session
            return session

    def known(self, key: str) -> Session | None:
        """The session of a cookie."""
        with self._lock:
            return self._sessions.get(key)

    def of_program(self, api_key: str) -> Session | None:
        """The session whose key for programs this is."""
        with self._lock:
            return next((one for one in self._sessions.values() if hmac.compare_digest(one.api_key, api_key)), None)


def csrf_holds(session: Session, given: str) -> bool:
    """Whether a form came from a page that this session was shown."""
    return hmac.compare_digest(session.csrf.encode(), given.encode("utf-8", "replace"))
