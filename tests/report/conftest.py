"""A case with a bit of everything, made once."""

from pathlib import Path

import pytest

from testsite.driving import browser
from web.served import a_finding, a_report
from witnessmark.case import Case, create_case
from witnessmark.case.progress import record_review
from witnessmark.model.case import Answer, Contact, Verdict
from witnessmark.model.deployment import Claim, ClaimRole, TenderReading
from witnessmark.model.evidence import Actor, EventKind, NetworkFacts
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.screening import Candidate, Judgement, Sameness, Screening
from witnessmark.model.sighting import Cause, Sighting
from witnessmark.model.sighting import Verdict as Look

__all__ = ["browser"]

URL = "https://examplia.example/camera"
BEFORE = (
    "<title>Camera</title><body><h1>Camera</h1><p>Four megapixels.</p>"
    "<p>Face attributes: sex, ethnicity (Uyghur / other). Ask li.si@examplia.example</p><p>Made to last.</p></body>"
)
AFTER = "<title>Camera</title><body><h1>Camera</h1><p>Four megapixels.</p><p>Made to last.</p></body>"


def _look(case: Case, verdict: Look, at: str, page: str | None, **more: object) -> None:
    looked = Sighting(url=UntrustedText(URL), at=at, verdict=verdict, status=200 if page else 404, **more)  # type: ignore[arg-type]
    outputs = (case.item(case.put(page.encode()), name=URL, role="page"),) if page else ()
    case.record(EventKind.SIGHTED, looked, outputs=outputs, reason=f"watch: {verdict}")


def _screened(case: Case) -> None:
    entries = [
        Candidate(
            entry=f"list/{name}", list="test-list", name=UntrustedText(f"Examplia {name} Ltd"), score=0.9, listed=True,
            listed_from="2019-10-09", listed_until=None, citation="84 FR 1", reasons=("the same words",),
        )
        for name in ("same", "other", "open")
    ]  # fmt: skip
    answer = Screening(id="s", query=UntrustedText("Examplia"), as_of="2026-01-01", candidates=tuple(entries))
    event = case.record(EventKind.SCREENED, answer)
    for entry, verdict in (("list/same", Sameness.SAME), ("list/other", Sameness.DIFFERENT)):
        case.record(
            EventKind.JUDGED,
            Judgement(
                screening=event.id, entry=entry, verdict=verdict, reason="asked Jane Doe <jane@examplia.example>"
            ),
        )


def _tendered(case: Case) -> None:
    roles = ((ClaimRole.BUYER, "示例市公安局"), (ClaimRole.ITEM, "人脸识别系统"), (ClaimRole.SUPPLIER, "示例视觉"))
    claims = tuple(
        Claim(
            role=role,
            value=UntrustedText(value),
            label=UntrustedText(""),
            sentence=UntrustedText(value),
            line=1,
            language="zh",
        )
        for role, value in roles
    )
    reading = TenderReading(document=UntrustedText("tender.html"), sha256=Sha256("3" * 64), claims=claims, lines=9)
    case.record(EventKind.IMPORTED, reading)


@pytest.fixture(scope="session")
def whole_case(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("wholeness")
    with create_case(folder / "case", title="Examplia", vendor="Examplia", actor=Actor(name="A.")) as case:
        source = folder / "sdk.zip"
        source.write_bytes(b"PK made up")
        where = NetworkFacts(requested_url=UntrustedText("https://examplia.example/sdk.zip"))
        item = case.item(case.put(source), name="sdk.zip", role="original")
        case.append(EventKind.DOWNLOADED, outputs=(item,), network=where)
        locator = a_finding(1).locator
        excerpt = UntrustedText("// @author 王五 13912345678\n ETHNIC_UYGHUR = 1, // 维族 ئۇيغۇر")
        found = a_finding(
            1,
            locator=type(locator)(path=locator.path, offset=3, line=1, sha256=Sha256("1" * 64), top_sha256=item.digest),
            excerpt=excerpt,
            marked=((excerpt.index("ETHNIC"), excerpt.index(" = 1")),),
        )
        case.record(EventKind.SCANNED, a_report(found, a_finding(2)))
        record_review(case, "f000001", ("A.",), Verdict.AGREE, "Author: Jane Doe told me", actor=Actor(name="B."))
        _screened(case)
        _tendered(case)
        _look(case, Look.SAME, "2026-01-02T10:00:00.000Z", BEFORE, cause=Cause.FIRST_LOOK)
        gone = UntrustedText("Face attributes: sex, ethnicity (Uyghur / other). Ask li.si@examplia.example")
        _look(case, Look.SECTION_REMOVED, "2026-01-03T10:00:00.000Z", AFTER, removed_text=(gone,))
        contact = Contact(
            findings=("f000001",), recipient=UntrustedText("li.si@examplia.example"), channel="e-mail",
            sent_at="2026-01-03T12:00:00Z", deadline="2026-01-09T12:00:00Z", sealed_capture=None, forced="a test",
        )  # fmt: skip
        asked = case.record(EventKind.CONTACTED, contact, text=UntrustedText("Dear Examplia, what is this?"))
        _look(case, Look.REMOVED, "2026-01-03T12:30:00.000Z", None, cause=Cause.NOT_FOUND)
        answer = Answer(contact=asked.id, received_at="2026-01-04T00:00:00Z")
        case.record(EventKind.ANSWERED, answer, text=UntrustedText("A test value.\nAuthor: Jane Doe, tel. 13912345678"))
        yield case
