"""What a check of a sealed bundle says, step by step."""

from enum import StrEnum

from witnessmark.model.fact import Record


class Outcome(StrEnum):
    """How a step ended."""

    HOLDS = "holds"
    WRONG = "wrong"
    NOT_CHECKED = "not-checked"


class Flaw(Record, frozen=True, kw_only=True):
    """One thing that is wrong, and where: which file, and which bytes, line or entry of it."""

    path: str
    where: str
    what: str


class Step(Record, frozen=True, kw_only=True):
    """One step of a check. `proves` and `not_proved` say what its outcome means and what it does not."""

    number: int
    title: str
    outcome: Outcome
    found: str
    proves: str
    not_proved: str
    flaws: tuple[Flaw, ...] = ()


class Verification(Record, frozen=True, kw_only=True):
    """The whole answer. `holds` only if no step is wrong; a step that could not be done is listed, never hidden."""

    bundle: str
    holds: bool
    signer: str
    pinned: bool
    steps: tuple[Step, ...]
