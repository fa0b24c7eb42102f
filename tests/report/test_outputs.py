"""Every output, over the same three reports: a finding, nothing, and a hostile one."""

import csv
import html
import io
import json
import re

import jsonschema
import msgspec
import pytest

from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, Source, Trait, UntrustedText
from witnessmark.model.finding import (
    Coverage,
    Finding,
    KnowledgeStamp,
    LawPointer,
    Reason,
    ReasonKind,
    ScanReport,
    ToolStamp,
)
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.report.output import outputs, render

NASTY = "a\x1b[31m\u202e<script>alert(1)</script>\u200b\ud800=cmd|' /C calc'!A0\n`${x}`"


def _finding(**changes: object) -> Finding:
    base = Finding(
        id="f" * 16,
        kind=Kind.FINDING,
        capability=Capability.ATTRIBUTE_CLASSIFICATION,
        protected=(Trait.ETHNICITY,),
        groups=("Uyghur",),
        grade=Grade.WIRED,
        rule="identity/one-group-against-rest",
        title="The file declares a face attribute that holds one ethnic group against the rest",
        rationale="An enum has one group, other and unknown.",
        innocent="A list of interface languages can look the same.",
        not_shown="Nobody is shown to have used it.",
        locator=Locator(
            path=(UntrustedText("sdk.zip"), UntrustedText("inc/x.h")),
            via=("zip",),
            offset=10,
            length=5,
            line=2,
            encoding="gb18030",
            sha256=Sha256("a" * 64),
            top_sha256=Sha256("b" * 64),
        ),
        excerpt=UntrustedText("  UYGUR = 1, // 维族(新疆)"),
        marked=((2, 7), (16, 18)),
        gloss="Uyghur (Xinjiang)",
        reasons=(Reason(kind=ReasonKind.FEATURE, text=UntrustedText("one group"), held=True),),
        law=(
            LawPointer(
                id="eu/x",
                provision="Art. 5(1)(g)",
                jurisdiction="EU",
                applies_from="2025-02-02",
                says="…",
                caveats="…",
                source=Source(title="t"),
            ),
        ),
    )
    return msgspec.structs.replace(base, **changes)


def _report(*findings: Finding, problems: tuple[Problem, ...] = ()) -> ScanReport:
    return ScanReport(
        findings=findings,
        problems=problems,
        coverage=Coverage(members_seen=900, members_opened=812, members_unread=88, bytes_read=12345, containers=3),
        knowledge=KnowledgeStamp(digest=Sha256("c" * 64), terms=2000, signals=80, provisions=30, date="2026-11-23"),
        tool=ToolStamp(name="witnessmark", version="0.1.0"),
    )


def _hostile() -> ScanReport:
    text = UntrustedText(NASTY)
    where = Locator(path=(text, text), via=("zip",), offset=0, length=1, line=1)
    problem = Problem(code=ProblemCode.CORRUPT, message=text, locator=where)
    return _report(
        _finding(title=NASTY, excerpt=text, marked=((0, 3), (2, 9)), locator=where, gloss=NASTY, rationale=NASTY),
        _finding(id="e" * 16, kind=Kind.ADJACENT, locator=where, excerpt=text),
        problems=(problem,),
    )


@pytest.fixture(params=sorted(outputs()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    report = _report(_finding())
    assert render(report, name) == render(report, name) != b""


def test_a_finding_is_shown_with_its_place_and_its_innocent_reading(name: str) -> None:
    shown = render(_report(_finding()), name).decode()
    for part in ("inc/x.h", "innocent" if name in {"json", "jsonl", "csv"} else "nnocent reading"):
        assert part in shown or name == "text"
    assert "A list of interface languages can look the same." in shown.replace("\\", "")


def test_no_match_is_never_called_clean(name: str) -> None:
    shown = render(_report(), name).decode().lower()
    assert "clean" not in shown and "safe" not in shown
    if name in {"text", "html", "markdown"}:
        assert "does not show that the product has no such capability" in " ".join(shown.split())


@pytest.mark.parametrize("name", ["text", "html", "markdown", "csv"])
def test_hostile_text_is_neutralised(name: str) -> None:
    shown = render(_hostile(), name, include_adjacent=True).decode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", shown)
    if name in {"html", "markdown"}:
        outside = re.sub(r"`{3,}text\n.*?\n`{3,}", "", shown, flags=re.S)
        assert "<script>" not in outside
    if name == "csv":
        rows = list(csv.reader(io.StringIO(shown.lstrip("\ufeff"))))
        assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows[1:] for cell in row)


def test_marks_cover_exactly_the_spans() -> None:
    shown = render(_report(_finding()), "html").decode()
    assert re.findall("<mark>(.*?)</mark>", shown) == ["UYGUR", "维族"]


def test_the_page_allows_only_its_own_style_and_has_no_script() -> None:
    shown = render(_report(_finding()), "html").decode()
    assert "default-src 'none'" in html.unescape(shown) and "<script" not in shown and "http-equiv" in shown
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", shown)


def test_json_answers_to_the_published_schema() -> None:
    schema = msgspec.json.schema(ScanReport)
    for report in (_report(_finding()), _report()):
        document = json.loads(render(report, "json"))
        jsonschema.Draft202012Validator(schema).validate(document)
        assert set(document) == {"findings", "problems", "coverage", "knowledge", "tool", "makers"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"findings": 3})


def test_adjacent_mentions_are_notes_in_sarif_and_only_when_asked_for() -> None:
    report = _report(_finding(), _finding(id="e" * 16, kind=Kind.ADJACENT))
    assert len(json.loads(render(report, "sarif"))["runs"][0]["results"]) == 1
    results = json.loads(render(report, "sarif", include_adjacent=True))["runs"][0]["results"]
    assert [item["level"] for item in results] == ["error", "note"]


def test_sarif_members_point_to_their_container() -> None:
    run = json.loads(render(_report(_finding()), "sarif"))["runs"][0]
    where = run["results"][0]["locations"][0]["physicalLocation"]
    row = run["artifacts"][where["artifactLocation"]["index"]]
    assert row["location"]["uri"] == "inc/x.h"
    assert run["artifacts"][row["parentIndex"]]["hashes"]["sha-256"] == "b" * 64
    assert where["region"] | {"startLine": 2, "byteOffset": 10} == where["region"]


def test_a_long_line_is_cut_around_its_match() -> None:
    line = UntrustedText("x" * 500 + " ethnicity " + "y" * 500)
    shown = render(_report(_finding(excerpt=line, marked=((501, 510),))), "text").decode()
    (row,) = [text for text in shown.splitlines() if "│" in text]
    assert "ethnicity" in row and len(row) < 140 and row.count("…") == 2
