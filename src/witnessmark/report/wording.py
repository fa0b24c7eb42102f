"""The fixed phrases that every output uses, so that text, page and print cannot differ."""

from collections.abc import Callable

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Capability, Grade, Kind
from witnessmark.model.finding import Coverage, ScanReport

STEP = " › "
Say = Callable[[str], str]

GRADE_MEANS = {
    Grade.NAMED: "the words stand in the file; nothing read so far uses them",
    Grade.REFERENCED: "an interface or record declares it",
    Grade.WIRED: "it is connected to an event, a search, an alarm or a screen",
    Grade.DOCUMENTED: "a manual, product text or interface description says so in words",
    Grade.PROCURED: "a tender or contract asks for it",
    Grade.DEPLOYED: "a document shows it in use",
}

CAPABILITY_MEANS = {
    Capability.ATTRIBUTE_CLASSIFICATION: "a trait assigned to people who are observed",
    Capability.WATCH_ALARM: "an alarm on a trait",
    Capability.SEARCH_FILTER: "a search by a trait",
    Capability.POPULATION_STATISTICS: "counting people by a trait",
    Capability.ID_RECORD: "a trait typed in, or read from a document",
    Capability.BEHAVIOURAL_PROXY: "a behaviour that stands in for a group",
    Capability.LANGUAGE_REGION_PROXY: "a language or home region that stands in for a group",
    Capability.PREMISES_PROFILING: "places or households profiled by group",
    Capability.NAME_INFERENCE: "a trait guessed from a name",
    Capability.EMOTION_INFERENCE: "emotion inferred from people",
    Capability.SCRUB_ARTEFACT: "a trace that words of a trait were taken out",
}


def way_in(locator: Locator) -> str:
    """The path through the containers, outermost first."""
    return STEP.join(locator.path)


def place(locator: Locator, say: Say = str) -> str:
    """Line, byte offset and encoding, as far as known; `say` turns our words into the reader's language."""
    parts = []
    if locator.line is not None:
        parts.append(say("line {number}").format(number=locator.line))
    if locator.offset is not None:
        parts.append(say("byte {number}").format(number=f"{locator.offset:#x}"))
    if locator.encoding:
        parts.append(locator.encoding)
    return ", ".join(parts)


def not_reached(grade: Grade) -> str:
    """The next stronger grade, and that it is not reached."""
    following = grade.following
    if following is None:
        return ""
    return f"The next grade, '{following}' ({GRADE_MEANS[following]}), is not reached."


def summary(report: ScanReport) -> str:
    """One line: how many findings and mentions, and how much was read."""
    findings = sum(1 for item in report.findings if item.kind is Kind.FINDING)
    adjacent = len(report.findings) - findings
    return f"{count(findings, 'finding')} · {count(adjacent, 'adjacent mention')} · {extent(report.coverage)}"


def extent(coverage: Coverage) -> str:
    """How many members were read, of how many."""
    read = coverage.members_seen - coverage.members_unread
    return f"{read:,} of {count(coverage.members_seen, 'member')} read"


def nothing_found(coverage: Coverage) -> str:
    """What an empty answer does and does not mean."""
    return (
        f"Nothing was found in what could be read: {extent(coverage)}. "
        "This does not show that the product has no such capability."
    )


def count(number: int, noun: str) -> str:
    """A number with its noun, plural where it must be."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
