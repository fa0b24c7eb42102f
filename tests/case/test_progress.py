from pathlib import Path

import msgspec
import pytest

from seal.small import SIGNER, Counter, FixedClock
from witnessmark.case import Case, create_case
from witnessmark.case.gate import gate
from witnessmark.case.letter import draft
from witnessmark.case.progress import (
    chosen,
    progress,
    record_answer,
    record_contact,
    record_publication,
    review,
    sealed_capture,
)
from witnessmark.errors import UsageError
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Answer, Contact, FindingState, Publication, Verdict
from witnessmark.model.evidence import Actor, ClockReading, EventKind
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, Trait, UntrustedText
from witnessmark.model.finding import Coverage, Finding, KnowledgeStamp, ScanReport, ToolStamp
from witnessmark.seal.bundle import Sealing, seal

FINDING = Finding(
    id="f1",
    kind=Kind.FINDING,
    capability=Capability.ATTRIBUTE_CLASSIFICATION,
    protected=(Trait.ETHNICITY,),
    groups=("uyghur",),
    grade=Grade.NAMED,
    rule="r",
    title="An enumeration singles out one group",
    rationale="One group stands against the rest.",
    innocent="An identity-document reader lists all groups.",
    not_shown="That any device uses it.",
    locator=Locator(path=(UntrustedText("sdk.zip"), UntrustedText("a.h")), offset=10, line=2, sha256=Sha256("0" * 64)),
    excerpt=UntrustedText("UYGUR = 1, // ask 13912345678"),
)
REPORT = ScanReport(
    findings=(FINDING,),
    problems=(),
    coverage=Coverage(members_seen=1, members_opened=1, members_unread=0, bytes_read=1, containers=1),
    knowledge=KnowledgeStamp(digest=Sha256("0" * 64), terms=1, signals=1, provisions=0, date="2026-01-01"),
    tool=ToolStamp(name="witnessmark", version="0"),
)


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = create_case(
        tmp_path / "case",
        title="T",
        vendor="Examplecam",
        actor=Actor(name="A"),
        clock=FixedClock(),
        randomness=Counter(),
    )
    (tmp_path / "sdk.zip").write_bytes(b"PK")
    case.add(tmp_path / "sdk.zip", reason="downloaded by hand")
    case.record(EventKind.SCANNED, REPORT)
    return case


def contact(case: Case, forced: str = "") -> Contact:
    return Contact(
        findings=("f1",),
        recipient=UntrustedText("press@vendor.example"),
        channel="e-mail",
        sent_at="2026-01-02T04:00:00.000000Z",
        deadline="2026-01-09T04:00:00.000000Z",
        sealed_capture=sealed_capture(case),
        forced=forced,
    )


class Later:
    """A clock after the deadline."""

    def read(self) -> ClockReading:
        return ClockReading(t_utc="2026-01-09T04:00:01.000000Z", source="test")


def test_silence_is_not_recorded_before_the_deadline_nor_after_an_answer(case: Case, tmp_path: Path) -> None:
    seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    asked = record_contact(case, contact(case), "Dear vendor")
    silence = Answer(contact=asked.id, received_at="")
    with pytest.raises(UsageError, match="still answer until 2026-01-09T04:00Z"):
        record_answer(case, silence, "")
    case.clock = Later()
    record_answer(case, Answer(contact=asked.id, received_at="2026-01-08T00:00:00Z"), "It is not ours.")
    with pytest.raises(UsageError, match="recorded already"):
        record_answer(case, silence, "")
    with pytest.raises(UsageError, match="no contact"):
        record_answer(case, Answer(contact="x", received_at=""), "")
    assert progress(case)[0].state is FindingState.ANSWERED


def test_the_letter_names_the_deadline_in_words_and_says_where_it_shortens(case: Case) -> None:
    finding = msgspec.structs.replace(case.findings()[0], excerpt=UntrustedText("x" * 700))
    text = draft("V", [finding], sender="A", deadline="2026-03-10T18:00:00+01:00", collected=["sdk.zip"])
    assert "answer by 10 March 2026, 17:00 UTC" in text
    assert "x" * 600 + " [...]" in text and "x" * 601 not in text and "shortened" in text


def test_a_finding_goes_through_all_states(case: Case, tmp_path: Path) -> None:
    states = []

    def state() -> FindingState:
        return progress(case)[0].state

    states.append(state())
    case.actor = Actor(name="B")
    review(case, "f1", Verdict.AGREE, "read it")
    states.append(state())
    seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    asked = record_contact(case, contact(case), "Dear vendor")
    states.append(state())
    case.clock = Later()
    record_answer(case, Answer(contact=asked.id, received_at=""), "")
    states.append(state())
    record_answer(case, Answer(contact=asked.id, received_at="2026-01-10T00:00:00Z"), "It is not ours.")
    states.append(state())
    made = Publication(findings=("f1",), where=UntrustedText("https://news.example/1"), at="2026-01-11T00:00:00Z")
    record_publication(case, made)
    states.append(state())
    record_publication(case, made, correction="the year was wrong")
    states.append(state())
    assert states == [
        FindingState.DETECTED,
        FindingState.REVIEWED,
        FindingState.CONTACTED,
        FindingState.NO_ANSWER,
        FindingState.ANSWERED,
        FindingState.PUBLISHED,
        FindingState.CORRECTED,
    ]
    texts = [event.text for event in case.events() if event.type in (EventKind.CONTACTED, EventKind.ANSWERED)]
    assert texts == ["Dear vendor", "It is not ours."]


def test_the_person_who_made_a_finding_cannot_review_it(case: Case) -> None:
    with pytest.raises(UsageError, match="somebody else"):
        review(case, "f1", Verdict.AGREE, "mine")
    case.actor = Actor()
    with pytest.raises(UsageError, match="name or pseudonym"):
        review(case, "f1", Verdict.AGREE, "nobody's")
    case.actor = Actor(name="B")
    with pytest.raises(UsageError, match="reason"):
        review(case, "f1", Verdict.AGREE, " ")
    with pytest.raises(UsageError, match="no finding f2"):
        review(case, "f2", Verdict.AGREE, "what?")
    assert progress(case)[0].opinions == ()


def test_disagreement_is_kept_beside_agreement(case: Case) -> None:
    for name, verdict in (("B", Verdict.DISAGREE), ("C", Verdict.AGREE)):
        case.actor = Actor(name=name)
        review(case, "f1", verdict, f"{name} read it")
    (entry,) = progress(case)
    assert [(opinion.by, opinion.verdict) for opinion in entry.opinions] == [("B", "disagree"), ("C", "agree")]
    assert entry.disputed


def test_a_contact_before_a_seal_is_refused_unless_forced_with_a_reason(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="half an hour"):
        record_contact(case, contact(case), "Dear vendor")
    with pytest.raises(UsageError):
        record_contact(case, contact(case, forced="  "), "Dear vendor")
    forced = record_contact(case, contact(case, forced="they called us"), "Dear vendor")
    assert forced.reason == "they called us"
    seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    later = record_contact(case, contact(case), "Dear vendor")
    (_, first), (event, second) = case.payloads(Contact)
    assert first.sealed_capture is None
    assert event.id == later.id and second.sealed_capture is not None
    assert case.blob(second.sealed_capture).read() == (tmp_path / "b/seal/SEAL").read_bytes()


def test_innocent_mentions_and_doubted_findings_are_not_put_to_the_vendor(case: Case) -> None:
    innocent = msgspec.structs.replace(FINDING, id="f2", kind=Kind.ADJACENT)
    case.record(EventKind.SCANNED, msgspec.structs.replace(REPORT, findings=(FINDING, innocent)))
    assert [finding.id for finding in chosen(case, ())] == ["f1"]
    assert [entry.finding for entry in progress(case)] == ["f1"]
    assert [finding.id for finding in chosen(case, ("f2", "f2"))] == ["f2"]
    case.actor = Actor(name="B")
    review(case, "f2", Verdict.AGREE, "innocent indeed")
    review(case, "f1", Verdict.ADJACENT, "a list of all groups")
    assert chosen(case, ()) == ()
    case.actor = Actor(name="C")
    review(case, "f1", Verdict.AGREE, "no, one group alone")
    assert [finding.id for finding in chosen(case, ())] == ["f1"]


def test_an_extract_is_no_sealed_capture_because_it_leaves_originals_out(case: Case, tmp_path: Path) -> None:
    seal(case, tmp_path / "x", Sealing(signer=SIGNER), kind=EventKind.EXPORTED)
    assert sealed_capture(case) is None


def test_the_letter_says_what_the_file_contains_and_masks_personal_data(case: Case) -> None:
    text = draft("Examplecam", case.findings(), sender="A.", deadline="Friday", collected=["sdk.zip, 00"])
    for part in (
        FINDING.title,
        "sdk.zip > a.h, line 2, byte 10",
        "UYGUR = 1",
        FINDING.innocent,
        FINDING.not_shown,
        "Friday",
    ):
        assert part in text
    assert "13912345678" not in text
    assert "violat" not in text


def test_the_gate_lists_what_is_missing_until_nothing_is(case: Case, tmp_path: Path) -> None:
    missing = {item.number for item in gate(case) if item.missing}
    assert missing == {5, 6, 7, 8, 9, 10}
    case.actor = Actor(name="B")
    review(case, "f1", Verdict.AGREE, "read it")
    for purpose in ("privacy check", "harm check"):
        case.append(EventKind.NOTE, purpose=purpose, text=UntrustedText("looked"))
    seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    asked = record_contact(case, contact(case), "Dear vendor")
    assert [item.missing for item in gate(case) if item.number == 6] == [
        ("f1: asked; neither an answer nor silence is recorded",)
    ]
    case.clock = Later()
    record_answer(case, Answer(contact=asked.id, received_at=""), "")
    assert {item.number: item.missing for item in gate(case) if item.missing} == {
        9: ("f1: law",),
        10: ("timestamps from 0 authorities; two unrelated ones are better",),
    }


def test_the_gate_of_an_empty_case_does_not_pass(tmp_path: Path) -> None:
    with create_case(tmp_path / "empty", title="T") as empty:
        assert [item.number for item in gate(empty) if item.missing] == list(range(1, 11))
