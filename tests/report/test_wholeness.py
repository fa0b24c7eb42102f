"""A case with a bit of everything: what is said is translated, masked, drawn, and the same each time."""

import gettext
import json
import re

import msgspec
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from web.served import a_finding
from witnessmark.case import Case
from witnessmark.cli._letter import letter
from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Shape
from witnessmark.model.sighting import Verdict as Look
from witnessmark.model.structure import Part, Structure
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile import html as html_module
from witnessmark.report.casefile.html import ranges, render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.masked import Masked, masked_finding
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table
from witnessmark.report.escape import csv_cell

PEOPLE = ("li.si@examplia.example", "13912345678", "Jane Doe", "王五")


def test_no_form_of_the_report_holds_personal_data(whole_case: Case) -> None:
    dossier = dossier_of(whole_case)
    forms = [render_html(dossier), render_json(dossier), render_jsonld(dossier), render_press(dossier)]
    forms += [render_table(dossier, name) for name in ("csv", "markdown", "sarif")]
    for form in forms:
        assert [person for person in PEOPLE if person.encode() in form] == []
    assert {row.field for row in dossier.masked} >= {"excerpt", "text", "review", "reason", "passage", "page", "says"}


def test_a_page_stands_before_and_after_with_what_went_marked(whole_case: Case) -> None:
    dossier = dossier_of(whole_case)
    first, second = dossier.pages
    lost = [row.old for row in first.rows if row.new is None]
    assert len(lost) == 1 and lost[0] is not None and lost[0].startswith("Face attributes: sex, ethnicity (Uyghur")
    assert second.verdict is Look.REMOVED and second.after is None
    assert all(row.new is None for row in second.rows) and second.before == first.after
    text = render_html(dossier).decode()
    assert "<del>Face attributes: sex, ethnicity (Uyghur / other)." in text
    assert text.count('text-decoration="line-through"') >= 2 and first.before in text


def test_only_an_entry_that_somebody_confirmed_stands_in_the_timeline(whole_case: Case) -> None:
    timeline = dossier_of(whole_case).timeline
    assert timeline is not None
    listed = [moment for moment in timeline.moments if moment.kind == "listed"]
    assert [str(moment.says).partition(":")[0] for moment in listed] == ["Examplia same Ltd"]
    assert listed[0].at == "2019-10-09" and "held for the same firm by A." in listed[0].says


def test_the_graph_leaves_out_a_candidate_that_somebody_rejected(whole_case: Case) -> None:
    graph = dossier_of(whole_case).graph
    assert graph is not None
    ties = {(edge.kind, edge.target) for edge in graph.edges}
    assert ("said to be", "listing:Examplia same Ltd (test-list)") in ties
    assert ("may be", "listing:Examplia open Ltd (test-list)") in ties
    assert not any("Examplia other Ltd" in target for _, target in ties)
    assert ("offered", "product:sdk.zip") in ties and any(kind == "contains" for kind, _ in ties)


def test_days_that_matter_say_whether_the_vendor_was_screened_for_them(whole_case: Case) -> None:
    text = render_html(dossier_of(whole_case)).decode()
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


def test_every_text_of_ours_goes_through_the_translation(whole_case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_module, "translations", lambda language: Pseudo())
    page = LexborHTMLParser(render_html(dossier_of(whole_case)).decode())
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
    for word in (
        "section-removed",
        "listed",
        "contacted",
        "vendor",
        "tendered",
        "buyer",
        "contains",
        "may be",
        "Before",
        "line 1",
    ):
        assert f"⟦{word}" in drawn or f"⟦{word.replace('1', '{number}')}" in drawn, word


def test_text_from_right_to_left_is_kept_to_itself(whole_case: Case) -> None:
    text = render_html(dossier_of(whole_case)).decode()
    assert '<pre class="original" dir="auto">' in text
    figure = re.search(r'<svg[^>]*aria-labelledby="page-0-t.*?</svg>', text, re.DOTALL)
    assert figure is not None and "unicode-bidi:isolate" in text


def test_runs_of_numbers_are_joined() -> None:
    assert ranges((1, 2, 3, 7, 9, 10), 100) == [(1, 3), (7, 7), (9, 10)]
    assert ranges((1, 2, 3), 2) == [(1, 2)] and ranges((), 5) == []


def test_the_press_summary_tells_of_the_page_that_went_and_blames_nobody(whole_case: Case) -> None:
    text = " ".join(render_press(dossier_of(whole_case)).decode().split())
    assert "was last seen at 2026-01-03T10:00:00.000Z" in text and "Who took it away, and why, is not known." in text
    assert "| ETHNIC_UYGHUR = 1, // 维族 ئۇيغۇر" in text
    assert "Check the list itself before printing." in text and "Examplia other Ltd" not in text


SHAPES = {  # of schema.org: which properties each type has, its own and those it inherits
    "Report": {"name", "dateModified", "about", "hasPart", "disambiguatingDescription"},
    "Claim": {"text", "description", "appearance", "additionalType"},
    "ClaimReview": {"itemReviewed", "claimReviewed", "author", "datePublished", "reviewBody", "reviewRating"},
    "DigitalDocument": {"name", "identifier", "url", "description"},
    "Rating": {"alternateName", "ratingExplanation"},
    "Organization": {"name"},
    "Person": {"name"},
}


def test_json_ld_has_the_shapes_of_schema_org_and_every_reference_leads_somewhere(whole_case: Case) -> None:
    document = json.loads(render_jsonld(dossier_of(whole_case)))
    assert document["@context"] == "https://schema.org"
    ids = {node["@id"] for node in document["@graph"]}
    stack, seen = [*document["@graph"]], set()
    while stack:
        node = stack.pop()
        if "@type" not in node:
            assert node["@id"] in ids
            continue
        seen.add(node["@type"])
        assert set(node) - {"@type", "@id"} <= SHAPES[node["@type"]], node
        for value in node.values():
            stack += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]
    assert seen == set(SHAPES)
    claim = next(node for node in document["@graph"] if node["@type"] == "Claim")
    assert " contains: " in claim["text"]


def test_a_cell_that_hides_its_formula_is_disarmed_too() -> None:
    for cell in ("=1", "+1", "-1", "@x", " =1", "\t=1", "\n=1", "＝1", "＠x"):
        assert csv_cell(cell).startswith("'"), cell
    assert csv_cell("a=1") == "a=1"


def test_the_letter_names_the_files_that_findings_rest_on_and_no_others(whole_case: Case) -> None:
    dossier = dossier_of(whole_case)
    written = letter(dossier, dossier.findings, sender="", deadline="")
    examined = written.partition("What we examined")[2].partition("What the material contains")[0]
    named = [line.split()[1] for line in examined.splitlines() if line.startswith("  - ")]
    assert set(named) == {"https://examplia.example/sdk.zip", "sdk.zip,"}  # the second was scanned and not kept


def test_the_structure_of_a_finding_is_masked_where_an_older_scan_left_something() -> None:
    structure = Structure(
        shape=Shape.RECORD,
        name=UntrustedText("Face"),
        parts=(Part(name=UntrustedText("race"), comment=UntrustedText("ask 13912345678"), matched=True),),
        neighbours=(UntrustedText("li.si@examplia.example"),),
    )
    log: list[Masked] = []
    kept = masked_finding(a_finding(1, structure=structure), log).structure
    assert kept is not None and kept.parts[0].name == "race"
    assert "13912345678" not in str(kept) and "li.si" not in str(kept)
    assert [row.field for row in log] == ["structure", "structure"]


def test_a_telephone_number_in_a_file_name_is_masked_and_the_digest_still_tells_the_file() -> None:
    finding = a_finding(1)
    path = (UntrustedText("sdk 13912345678.zip"), *finding.locator.path[1:])
    log: list[Masked] = []
    shown = masked_finding(a_finding(1, locator=msgspec.structs.replace(finding.locator, path=path)), log)
    assert "13912345678" not in shown.locator.path[0] and shown.locator.path[0].endswith(".zip")
    assert shown.locator.top_sha256 == finding.locator.top_sha256
    assert [row.field for row in log] == ["path"]
