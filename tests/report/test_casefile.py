import gettext
import io
import json
import os
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from pypdf import PdfReader

from web.served import a_finding, a_gap, a_report
from witnessmark.case import Case, create_case
from witnessmark.case.progress import record_review
from witnessmark.errors import UsageError, WitnessmarkError
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Verdict
from witnessmark.model.change import Change, ChangeKind, Confidence, DiffReport, Side
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Source, Trait, UntrustedText
from witnessmark.model.finding import LawPointer, ToolStamp
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.casefile import pdf as pdf_module
from witnessmark.report.casefile.html import render_html
from witnessmark.report.casefile.linked import render_jsonld
from witnessmark.report.casefile.pdf import NAMES, render_pdf
from witnessmark.report.casefile.press import render_press
from witnessmark.report.casefile.tables import render_json, render_table
from witnessmark.report.figures.drawing import cut, wide
from witnessmark.report.translation import DOMAIN, LANGUAGES, LOCALE, messages, translations
from witnessmark.sandbox.tool import find_tool

LAW = LawPointer(
    id="x/1", provision="Regulation X, Art. 5", jurisdiction="EU", applies_from="2025-02-02",
    says="May be relevant: sorting people.", caveats="Does not cover: research.", source=Source(title="X"),
)  # fmt: skip
PHONE = "13912345678"


def a_change() -> Change:
    def side(name: str, offset: int) -> Side:
        where = Locator(path=(UntrustedText("sdk.zip"), UntrustedText("face.h")), line=4)
        return Side(name=UntrustedText(name), offset=offset, text=UntrustedText(f"int {name};"), locator=where)

    return Change(
        kind=ChangeKind.RENAMED_IN_PLACE, scrub=True, protected=(Trait.ETHNICITY,), record=UntrustedText("FACE"),
        old=side("emEthnic", 20), new=side("nReserved1", 20), grade=Confidence.STRONG,
        rationale="Renamed in place.", innocent="Tidying up.",
    )  # fmt: skip


@pytest.fixture
def case(tmp_path: Path):
    with create_case(tmp_path / "case", title="Examplia", vendor="Examplia", actor=Actor(name="A.")) as case:
        source = tmp_path / "sdk.zip"
        source.write_bytes(b"PK made up")
        digest = case.add(source, reason="handed over").outputs[0].digest
        first = a_finding(1, law=(LAW,), excerpt=UntrustedText(f"ETHNIC_UYGHUR // ask {PHONE} 维族"), marked=((7, 13),))
        second = a_finding(2, law=(LAW,), locator=Locator(path=first.locator.path, offset=30, top_sha256=digest))
        case.record(EventKind.SCANNED, a_report(first, second, a_finding(3), problems=(a_gap("no password"),)))
        tool = ToolStamp(name="witnessmark", version="0")
        report = DiffReport(
            changes=(a_change(),), pairs=(), lost=(), gained=(), problems=(), abi="LP64", tool=tool
        )  # fmt: skip
        case.record(EventKind.DIFFED, report)
        record_review(case, "f000003", ("A.",), Verdict.DISAGREE, "a test value", actor=Actor(name="B."))
        record_review(case, "f000001", ("A.",), Verdict.AGREE, "read it", actor=Actor(name="B."))
        case.append(EventKind.CONTACTED, text=UntrustedText("Dear Examplia\n\u202ewhat is this for?"))
        yield case


def test_the_same_case_gives_the_same_report(case: Case):
    assert render_html(dossier_of(case)) == render_html(dossier_of(case))


def test_the_first_screen_says_what_and_what_not(case: Case):
    text = render_html(dossier_of(case)).decode()
    first = text.partition('<nav aria-label="Contents">')[0]
    for said in ("One group against the rest, number 1", "it is connected to an event", "That the value is ever computed",
                 "A list of languages.", "<mark>UYGHUR</mark>", "1" * 64, "include/face1.h"):  # fmt: skip
        assert said in first, said


def test_personal_data_is_masked_everywhere_and_its_digest_is_not_given(case: Case):
    dossier = dossier_of(case)
    forms = [render_html(dossier), render_json(dossier), render_table(dossier, "csv"), render_jsonld(dossier)]
    forms += [render_table(dossier, "markdown"), render_press(dossier)]
    assert all(PHONE.encode() not in form for form in forms)
    (row,) = dossier.masked
    assert (row.subject, row.field, row.kind, row.start, row.length) == ("f000001", "excerpt", "phone", 21, 11)
    assert row.file == "1" * 64


def test_what_every_reviewer_doubts_is_left_out_and_counted(case: Case):
    dossier = dossier_of(case)
    assert [finding.id for finding in dossier.findings] == ["f000001", "f000002"]
    assert dossier.doubted == 1


def test_a_provision_stands_once_with_the_findings_it_goes_with(case: Case):
    text = render_html(dossier_of(case)).decode()
    assert text.count("Does not cover: research.") == 1
    assert '<a href="#finding-1">1</a>' in text and '<a href="#finding-2">2</a>' in text


def test_the_page_loads_and_runs_nothing(case: Case):
    text = render_html(dossier_of(case)).decode()
    assert "default-src &#39;none&#39;" in text and "<script" not in text and " style=" not in text
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert "\u202e" not in text and "\\u202ewhat is this for?" in text


def test_every_link_leads_to_a_place_and_every_id_is_there_once(case: Case):
    text = render_html(dossier_of(case)).decode()
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_every_figure_is_whole_and_told_in_words(case: Case):
    text = render_html(dossier_of(case)).decode()
    figures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(figures) >= 4  # the way in twice, the map, the timeline, the record
    for figure in figures:
        tree = ElementTree.fromstring(figure)
        title, description = (tree.find(f"{{http://www.w3.org/2000/svg}}{name}") for name in ("title", "desc"))
        assert title is not None and title.text and description is not None and description.text
    assert "int emEthnic; → int nReserved1;" in text


def test_a_label_is_cut_to_its_columns():
    for text in ("x" * 1_000_000, "维" * 1_000_000, "short", "", "维吾尔"):
        for columns in (4, 5, 20):
            assert wide(cut(text, columns)) <= max(columns, 4)
    assert cut("short", 20) == "short"


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated_and_the_compiled_file_is_current(language: str):
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / f"{DOMAIN}.po").open("rb") as file:
        written = {message.id: message.string for message in read_po(file) if message.id}
    with (folder / f"{DOMAIN}.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert written == compiled
    assert set(written) == set(messages())
    assert all(written.values())


def test_a_report_speaks_its_language(case: Case):
    dossier = dossier_of(case)
    for language, word in {"zh": "时间线", "ru": "Хронология", "fr": "Chronologie", "en": "Timeline"}.items():
        text = render_html(dossier, language=language).decode()
        assert f'<html lang="{language}">' in text and f">{word}</h2>" in text
    assert isinstance(translations("en"), gettext.NullTranslations)
    with pytest.raises(UsageError):
        translations("tlh")


def test_json_ld_gives_a_review_only_where_somebody_reviewed(case: Case):
    graph = json.loads(render_jsonld(dossier_of(case)))["@graph"]
    kinds = [node["@type"] for node in graph]
    assert kinds == ["Report", "Claim", "ClaimReview", "Claim"]
    assert graph[2]["reviewRating"]["alternateName"] == "agree"
    assert graph[3]["appearance"]["identifier"].startswith("sha256:")


def test_the_press_summary_says_what_may_not_be_said(case: Case):
    text = render_press(dossier_of(case)).decode()
    assert "no answer is recorded yet" in text and "What may not be said" in text
    assert "violat" not in text and "Still missing before publication" in text


def test_a_case_without_findings_is_not_called_clean(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        dossier = dossier_of(case)
    text = render_html(dossier).decode()
    assert "This does not show that a product has no such capability." in text
    assert b"no such capability" in render_press(dossier)


@pytest.fixture
def printed(case: Case) -> tuple[bytes, bytes]:
    if not any(find_tool(name) for name in NAMES):
        assert "CI" not in os.environ, "CI has to install Chromium"
        pytest.skip("no Chromium on this machine")
    dossier = dossier_of(case)
    html = render_html(dossier, language="fr")
    return render_pdf(html, made_at=dossier.at), render_pdf(html, made_at=dossier.at)


def test_the_pdf_has_tags_an_outline_links_a_language_and_a_title(printed: tuple[bytes, bytes], case: Case):
    reader = PdfReader(io.BytesIO(printed[0]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "fr" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    tags, described = Counter(), []
    stack = [root["/StructTreeRoot"]]
    while stack:
        node = stack.pop().get_object()
        if isinstance(node, dict):
            tags[str(node.get("/S", ""))] += 1
            described += [node.get("/Alt")] if node.get("/S") == "/Figure" else []
            inside = node.get("/K", [])
            stack += [
                part for part in (inside if isinstance(inside, list) else [inside]) if hasattr(part, "get_object")
            ]
    assert tags["/H1"] == 1 and tags["/H2"] >= 8 and tags["/H3"] >= 2 and tags["/Table"] >= 2 and tags["/Link"] >= 8
    assert len(described) >= 4 and all(described)
    assert any("Chronologie" in str(getattr(item, "title", "")) for item in _flat(reader.outline))
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    known = {str(name).lstrip("/") for name in reader.named_destinations}
    assert links and {str(link["/Dest"]).lstrip("/") for link in links} <= known
    about = reader.metadata
    assert about is not None and str(about.title).startswith("Examplia: ")
    assert about.creation_date is not None and f"{about.creation_date:%Y-%m-%dT%H:%M:%S}" == dossier_of(case).at[:19]
    assert "One group against the rest" in reader.pages[0].extract_text()


def test_the_same_page_gives_the_same_pdf(printed: tuple[bytes, bytes]):
    assert printed[0] == printed[1]


def _flat(outline) -> list:
    return [leaf for item in outline for leaf in (_flat(item) if isinstance(item, list) else [item])]


def test_no_chromium_is_a_clear_message(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_module, "NAMES", ("no-such-browser-here",))
    with pytest.raises(WitnessmarkError, match="no Chromium") as caught:
        render_pdf(b"<html></html>", made_at="2026-01-02T03:04:05Z")
    assert "print it" in caught.value.hint
