"""The nouns of a case: its title page, and what people decide and say about its findings."""

from enum import StrEnum

from witnessmark.model.fact import Record, Sha256, UntrustedText


class CaseHead(Record, frozen=True, kw_only=True):
    """The title page, written once as `case.json`; its digest is in the journal's first entry."""

    format: str
    id: str
    title: str
    vendor: str
    purpose: str
    opened_at: str


class Verdict(StrEnum):
    """What a second person says of a finding."""

    AGREE = "agree"
    DISAGREE = "disagree"
    ADJACENT = "adjacent"


class FindingState(StrEnum):
    """How far a finding has come, in order."""

    DETECTED = "detected"
    REVIEWED = "reviewed"
    CONTACTED = "contacted"
    ANSWERED = "answered"
    NO_ANSWER = "no-answer"
    PUBLISHED = "published"
    CORRECTED = "corrected"


class Review(Record, frozen=True, kw_only=True):
    """One person's reading of one finding. Disagreement is kept, never overwritten."""

    finding: str
    verdict: Verdict
    reason: str


class Contact(Record, frozen=True, kw_only=True):
    """One attempt to reach the vendor: exactly what was said, to whom, how, and until when they may answer."""

    findings: tuple[str, ...]
    recipient: UntrustedText
    channel: str
    sent_at: str
    deadline: str
    sealed_capture: Sha256 | None
    forced: str = ""  # the reason why it was recorded before a sealed capture existed


class Answer(Record, frozen=True, kw_only=True):
    """What came back; the verbatim text stands in the event. `received_at` empty: the deadline passed without one."""

    contact: str
    received_at: str
    channel: str = ""


class Publication(Record, frozen=True, kw_only=True):
    """Where findings were made public, or what was corrected afterwards."""

    findings: tuple[str, ...]
    where: UntrustedText
    at: str
