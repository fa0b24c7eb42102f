"""Everything that we raise, in one tree. Each error says what happened, where, and what to do next.

    WitnessmarkError
    ├── UsageError            the request itself cannot be carried out            exit 2
    │   └── NotAllowed        whoever asks has no such role in a shared case
    ├── KnowledgeError        a knowledge file (signal, word, law, list) is wrong  exit 1
    ├── CaseError             a case cannot be opened or written                   exit 1
    │   └── CaseBusy          another process holds the case
    ├── NetworkRefused        an address or scheme we do not go to                 exit 1
    ├── NetworkFailed         an address that did not answer, or not properly      exit 1
    └── VerificationFailed    a seal, hash, signature or log does not hold         exit 3

A gap in the *input* is never an exception: it is a `Problem` in the result.
"""


class WitnessmarkError(Exception):
    """Base of all our errors; `hint` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(WitnessmarkError):
    """The request cannot be carried out as put."""

    exit_code = 2


class NotAllowed(UsageError):
    """In a shared case: this person may not do that, or is somebody else than they say."""


class KnowledgeError(WitnessmarkError):
    """A knowledge file is missing, malformed or contradicts another."""


class CaseError(WitnessmarkError):
    """A case cannot be opened, read or written."""


class CaseBusy(CaseError):
    """Another process holds the case's lock."""


class NetworkRefused(WitnessmarkError):
    """The address is private, link-local, or otherwise not one we go to."""


class NetworkFailed(WitnessmarkError):
    """Nothing usable answered. `kind` (dns, connect, proxy, tls, timeout, protocol, …) tells the ways apart."""

    def __init__(self, message: str, *, kind: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.kind = kind


class VerificationFailed(WitnessmarkError):
    """Something that was sealed does not hold any more."""

    exit_code = 3
