import re
from pathlib import Path

import pytest

from web.served import Served, a_finding, a_report, served
from witnessmark.case import create_case
from witnessmark.explain.structures import LONGEST, MOST_PARTS, structure_of
from witnessmark.model.artifact import Locator
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.model.structure import CrossReference, Part, Structure
from witnessmark.web.versions import side_by_side, texts_side_by_side


def text(value: str) -> UntrustedText:
    return UntrustedText(value)


def a_structure(*names: str, **changes: object) -> Structure:
    parts = tuple(Part(name=text(name), line=9 + n, matched="ETHNIC" in name) for n, name in enumerate(names))
    values: dict[str, object] = {
        "shape": Shape.RECORD,
        "name": text("FACE_ATTRIBUTE"),
        "parts": parts,
        "parents": (text("sdk"),),
        "neighbours": (text("FACE_RECT"),),
        "referred_by": (
            CrossReference(
                name=text("QueryFaces"),
                shape=Shape.FUNCTION,
                how="parameter",
                locator=Locator(path=(text("sdk.zip"), text("query.h")), line=70),
            ),
        ),
    }
    return Structure(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path):
    where = a_finding(1).locator
    other = Locator(path=(text("sdk-2.zip"), text("face.h")), offset=5, sha256=Sha256("3" * 64))
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        first = a_finding(1, structure=a_structure("emSex", "EM_ETHNIC", "emAge"))
        sibling = a_finding(2, title="Another <one> in the file")
        case.record(EventKind.SCANNED, a_report(first, sibling))
        later = a_finding(
            3, locator=other, structure=a_structure("emSex", "szReserved", "emAge", name=text("faceAttribute"))
        )
        case.record(EventKind.SCANNED, a_report(later))
    assert where.sha256 == sibling.locator.sha256
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


def test_a_finding_shows_the_structure_it_stands_in(site: Served):
    page = site.visitor().get("/finding/f000001").text
    assert re.search(r'<tr class="matched"><td>match</td><th scope="row"><mark><bdi>EM_ETHNIC', page)
    assert "FACE_RECT" in page and "Inside: <bdi>sdk</bdi>" in page
    assert "QueryFaces" in page and "query.h" in page and "line 70" in page
    assert "Another &lt;one&gt; in the file" in page


def test_the_same_declaration_elsewhere_is_found_by_its_name_however_written(site: Served):
    page = site.visitor().get("/finding/f000001").text
    assert 'href="/finding/f000001/beside/f000003"' in page and 'beside/f000002"' not in page
    beside = site.visitor().get("/finding/f000001/beside/f000003").text
    assert re.search(r'<tr class="changed"><td>changed</td><td><code><mark><bdi>EM_ETHNIC</bdi>', beside)
    assert beside.count("<td>same</td>") == 2
    assert site.visitor().get("/finding/f000001/beside/nothing").status == 404


def test_a_report_from_before_structures_were_kept_is_read_and_says_so(site: Served):
    page = site.visitor().get("/finding/f000002").text
    assert "kept no structure" in page
    assert "kept no structure" in site.visitor().get("/finding/f000001/beside/f000002").text


def an_observation(members: int, hit: int, **changes: object) -> Observation:
    listed = tuple(
        Member(name=text(f"m{n}"), comment=text("call 13812345678") if n == hit else None, matched=(0,) * (n == hit))
        for n in range(members)
    )
    values = {"shape": Shape.ENUM, "name": text("E"), "locator": Locator(path=(text("a.h"),)), "members": listed}
    return Observation(**{**values, **changes})  # type: ignore[arg-type]


def test_a_kept_structure_is_bounded_and_has_the_match_in_it():
    kept = structure_of(an_observation(5_000, 4_000))
    assert len(kept.parts) == MOST_PARTS and kept.part_count == 5_000 and kept.cut
    assert [part.name for part in kept.parts if part.matched] == ["m4000"]
    small = structure_of(an_observation(3, 1))
    assert len(small.parts) == 3 and small.part_count is None and not small.cut


def test_a_kept_structure_is_masked_before_it_is_cut():
    long = text("x" * (LONGEST - 6) + " 13812345678")
    kept = structure_of(an_observation(2, 1, name=long, comments=(text("mail me@example.org"),)))
    everything = " ".join((kept.name, *kept.comments, *(part.comment or "" for part in kept.parts)))
    assert "138" not in everything and "example.org" not in everything and len(kept.name) <= LONGEST


def test_a_renamed_field_at_the_same_place_is_one_line():
    pairs = side_by_side(a_structure("a", "emRace", "c"), a_structure("a", "szReserved", "c", "d"))
    assert [pair.state for pair in pairs] == ["same", "changed", "same", "added"]
    assert pairs[1].left is not None and pairs[1].left.name == "emRace"


def test_long_stretches_that_are_alike_are_folded():
    old = [f"p{n}" for n in range(100)]
    rows = texts_side_by_side(old, [*old[:50], "new", *old[51:]])
    assert [row.state for row in rows if row.state != "same"] == ["changed"]
    assert sum(row.folded for row in rows) + sum(1 for row in rows if not row.folded) == 100
    assert len(rows) < 10
