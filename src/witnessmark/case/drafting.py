"""An event from what a caller says and what is known anyway."""

from collections.abc import Sequence
from typing import TypedDict

from witnessmark import __version__
from witnessmark.case.clock import Clock, Randomness, parse_utc
from witnessmark.case.host import this_host
from witnessmark.case.journal import Head
from witnessmark.model.evidence import Actor, Event, EventKind, HostFacts, Item, NetworkFacts, Transfer
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.finding import ToolStamp
from witnessmark.model.problem import Problem, ProblemCode, Severity

MAX_ERRORS = 200
"""Problems repeated in an entry."""


class EventContext(TypedDict, total=False):
    """What may be said about any event. All of it is optional."""

    actor: Actor
    purpose: str
    config: Sha256
    host: HostFacts
    network: NetworkFacts
    inputs: Sequence[Item]
    parents: Sequence[str]
    errors: Sequence[Problem]
    transfers: Sequence[Transfer]
    reason: str
    text: UntrustedText


class RecordFields(EventContext, total=False):
    """The same, with what came out."""

    outputs: Sequence[Item]


class EventFields(RecordFields, total=False):
    """The same, with the record that the event carries (kept as a blob)."""

    payload: Sha256
    payload_type: str


class Drafting:
    """Fills in number, chain, time, tool and host."""

    def __init__(self, case: str, purpose: str, clock: Clock, randomness: Randomness) -> None:
        self._case = case
        self._purpose = purpose
        self._clock = clock
        self._randomness = randomness

    def event(self, kind: EventKind, head: Head, actor: Actor, fields: EventFields) -> Event:
        """The entry that follows `head`. A clock that went back is recorded, not corrected."""
        reading = self._clock.read()
        errors = _bounded(tuple(fields.get("errors", ())))
        if head.last_time and _earlier(reading.t_utc, head.last_time):
            errors = (*errors, _clock_problem(reading.t_utc, head.last_time))
        return Event(
            seq=head.size,
            prev=head.previous,
            id=self._randomness(16).hex(),
            type=kind,
            t_utc=reading.t_utc,
            clock=reading,
            actor=fields.get("actor", actor),
            case=self._case,
            tool=ToolStamp(name="witnessmark", version=__version__),
            host=fields.get("host") or this_host(),
            purpose=fields.get("purpose", self._purpose),
            config=fields.get("config"),
            network=fields.get("network"),
            payload=fields.get("payload"),
            payload_type=fields.get("payload_type", ""),
            inputs=tuple(fields.get("inputs", ())),
            outputs=tuple(fields.get("outputs", ())),
            parents=tuple(fields.get("parents", ())),
            errors=errors,
            salt=self._randomness(16).hex(),
            transfers=tuple(fields.get("transfers", ())),
            reason=fields.get("reason", ""),
            text=fields.get("text", UntrustedText("")),
        )


def _bounded(errors: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The first of very many; all of them stand in the record that the entry carries."""
    if len(errors) <= MAX_ERRORS:
        return errors
    more = Problem(
        code=ProblemCode.BOUND_OBSERVATIONS,
        severity=Severity.NOTE,
        message=UntrustedText(f"{len(errors) - MAX_ERRORS} more problems are not repeated here"),
        consequence="The record that this entry carries has all of them.",
    )
    return (*errors[:MAX_ERRORS], more)


def _earlier(one: str, other: str) -> bool:
    if len(one) == len(other) and one[-1:] == other[-1:] == "Z":
        return one < other  # the form that `format_utc` gives sorts as text
    return parse_utc(one) < parse_utc(other)


def _clock_problem(now: str, last: str) -> Problem:
    return Problem(
        code=ProblemCode.CLOCK,
        severity=Severity.NOTE,
        message=UntrustedText(f"the clock says {now}, earlier than the entry before ({last})"),
        consequence="The order of entries holds; the distance between these two times does not.",
    )
