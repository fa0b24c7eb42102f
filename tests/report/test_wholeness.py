"""A case with a bit of everything: what is said is translated, masked, drawn, and the same each time."""

import gettext
import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from web.served import a_finding, a_report
from witnessmark.case import Case, create_case
from witnessmark.case.progress import record_review
from witnessmark.model.case import Answer, Contact, Verdict
from witnessmark.model.evidence import Actor, EventKind, NetworkFacts
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.screening import Candidate, Judgement, Sameness, Screening
from witnessmark.model.sighting import Cause, Sighting
from witnessmark.model.sighting import Verdict as Look
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile import html as html_module
from witnessmark.report.casefile.html import ranges, render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table

URL = "https://examplia.example/camera"
BEFORE = (
    "<title>Camera</title><body><h1>Camera</h1><p>Four megapixels.</p>"
    "<p>Face attributes: sex, ethnicity (Uyghur / other). Ask li.si@examplia.example</p><p>Made to last.</p></body>"
)
AFTER = "<title>Camera</title><body><h1>Camera</h1><p>Four megapixels.</p><p>Made to last.</p></body>"
PEOPLE = ("li.si@examplia.example", "13912345678", "Jane Doe", "王五")


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


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("wholeness")
    with create_case(folder / "case", title="Examplia", vendor="Examplia", actor=Actor(name="A.")) as case:
        source = folder / "sdk.zip"
        source.write_bytes(b"PK made up")
        where = NetworkFacts(requested_url=UntrustedText("https://examplia.example/sdk.zip"))
        item = case.item(case.put(source), name="sdk.zip", role="original")
        case.append(EventKind.DOWNLOADED, outputs=(item,), network=where)
        locator = a_finding(1).locator
        found = a_finding(
            1,
            locator=type(locator)(path=locator.path, offset=3, line=1, sha256=Sha256("1" * 64), top_sha256=item.digest),
            excerpt=UntrustedText("// @author 王五 13912345678\n ETHNIC_UYGHUR = 1, // 维族 ئۇيغۇر"),
        )
        case.record(EventKind.SCANNED, a_report(found, a_finding(2)))
        record_review(case, "f000001", ("A.",), Verdict.AGREE, "Author: Jane Doe told me", actor=Actor(name="B."))
        _screened(case)
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


def test_no_form_of_the_report_holds_personal_data(case: Case) -> None:
    dossier = dossier_of(case)
    forms = [render_html(dossier), render_json(dossier), render_jsonld(dossier), render_press(dossier)]
    forms += [render_table(dossier, name) for name in ("csv", "markdown", "sarif")]
    for form in forms:
        assert [person for person in PEOPLE if person.encode() in form] == []
    assert {row.field for row in dossier.masked} >= {"excerpt", "text", "review", "reason", "passage", "page", "says"}


def test_a_page_stands_before_and_after_with_what_went_marked(case: Case) -> None:
    dossier = dossier_of(case)
    first, second = dossier.pages
    lost = [row.old for row in first.rows if row.new is None]
    assert len(lost) == 1 and lost[0] is not None and lost[0].startswith("Face attributes: sex, ethnicity (Uyghur")
    assert second.verdict is Look.REMOVED and second.after is None
    assert all(row.new is None for row in second.rows) and second.before == first.after
    text = render_html(dossier).decode()
    assert "<del>Face attributes: sex, ethnicity (Uyghur / other)." in text
    assert text.count('text-decoration="line-through"') >= 2 and first.before in text


def test_only_an_entry_that_somebody_confirmed_stands_in_the_timeline(case: Case) -> None:
    timeline = dossier_of(case).timeline
    assert timeline is not None
    listed = [moment for moment in timeline.moments if moment.kind == "listed"]
    assert [str(moment.says).partition(":")[0] for moment in listed] == ["Examplia same Ltd"]
    assert listed[0].at == "2019-10-09" and "held for the same firm by A." in listed[0].says


def test_the_graph_leaves_out_a_candidate_that_somebody_rejected(case: Case) -> None:
    graph = dossier_of(case).graph
    assert graph is not None
    ties = {(edge.kind, edge.target) for edge in graph.edges}
    assert ("said to be", "listing:Examplia same Ltd (test-list)") in ties
    assert ("may be", "listing:Examplia open Ltd (test-list)") in ties
    assert not any("Examplia other Ltd" in target for _, target in ties)
    assert ("offered", "product:sdk.zip") in ties and any(kind == "contains" for kind, _ in ties)


def test_days_that_matter_say_whether_the_vendor_was_screened_for_them(case: Case) -> None:
    text = render_html(dossier_of(case)).decode()
    table = text.partition("Days on which it matters")[2].partition("</table>")[0]
    assert "2026-01-03" in table and "section-removed" in table and "<td>no</td>" in table


class Pseudo(gettext.NullTranslations):
    """A language in which every translated text can be told from one that is not."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"


def _alien(node: LexborNode) -> bool:
    attributes = node.attributes
    tags = ("bdi", "code", "pre", "time", "style", "svg", "blockquote")
    return node.tag in tags or attributes.get("lang") == "en" or "hash" in (attributes.get("class") or "").split()


def test_every_text_of_ours_goes_through_the_translation(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_module, "translations", lambda language: Pseudo())
    page = LexborHTMLParser(render_html(dossier_of(case)).decode())
    stack, plain = [(page.body, False)], []
    while stack:
        node, alien = stack.pop()
        if node is None:
            continue
        if node.tag == "-text":
            text = node.text(deep=False) or ""
            while (shorter := re.sub(r"⟦[^⟦⟧]*⟧|SHA-256|HTTP|witnessmark", "", text)) != text:
                text = shorter
            if not alien and node.parent.tag not in ("del", "ins") and re.search("[A-Za-z]{3}", text):
                plain.append(text.strip())
            continue
        stack += [(child, alien or _alien(node)) for child in node.iter(include_text=True)]
    assert plain == []
    drawn = " ".join(node.text() for node in page.css("svg text"))
    for word in ("section-removed", "listed", "contacted", "vendor", "contains", "may be", "Before", "line 1"):
        assert f"⟦{word}" in drawn or f"⟦{word.replace('1', '{number}')}" in drawn, word


def test_text_from_right_to_left_is_kept_to_itself(case: Case) -> None:
    text = render_html(dossier_of(case)).decode()
    assert '<pre class="original" dir="auto">' in text
    figure = re.search(r'<svg[^>]*aria-labelledby="page-0-t.*?</svg>', text, re.DOTALL)
    assert figure is not None and "unicode-bidi:isolate" in text


def test_runs_of_numbers_are_joined() -> None:
    assert ranges((1, 2, 3, 7, 9, 10), 100) == [(1, 3), (7, 7), (9, 10)]
    assert ranges((1, 2, 3), 2) == [(1, 2)] and ranges((), 5) == []


def test_the_press_summary_tells_of_the_page_that_went_and_blames_nobody(case: Case) -> None:
    text = " ".join(render_press(dossier_of(case)).decode().split())
    assert "was last seen at 2026-01-03T10:00:00.000Z" in text and "Who took it away, and why, is not known." in text
    assert "| ETHNIC_UYGHUR = 1, // 维族 ئۇيغۇر" in text
    assert "Check the list itself before printing." in text and "Examplia other Ltd" not in text
