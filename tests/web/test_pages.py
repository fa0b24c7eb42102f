import re
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from web.served import FIRMWARE, Served, a_finding, a_gap, a_report, served
from witnessmark.case import create_case, open_case
from witnessmark.case.gate import gate
from witnessmark.model.artifact import Locator
from witnessmark.model.case import Review
from witnessmark.model.deployment import Claim, ClaimRole, TenderReading
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Grade, Kind, Sha256, UntrustedText
from witnessmark.model.observation import Shape
from witnessmark.model.problem import ProblemCode
from witnessmark.model.screening import Judgement
from witnessmark.model.structure import CrossReference, Part, Structure
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.seal.verify import verify_bundle
from witnessmark.web import desk as desk_module

NASTY = "<script>alert(1)</script>\"'&\u202e\u2066gpj.exe\x1b[31m\u200b"


@pytest.fixture
def site(tmp_path: Path):
    with create_case(tmp_path / "case", title="Examplia", vendor="Hikvision", actor=Actor(name="A.")) as case:
        findings = [a_finding(n) for n in range(120)]
        findings += [a_finding(200, grade=Grade.DOCUMENTED, groups=("tibetan",), title="A manual says so 藏族")]
        findings += [a_finding(300, kind=Kind.ADJACENT, title="An identity card reader")]
        case.record(EventKind.SCANNED, a_report(*findings, problems=(a_gap("a password is needed"),) * 3))
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


def ids(text: str) -> list[str]:
    return re.findall(r'href="/finding/(f\d+)\?', text)


def test_the_list_is_paged_by_key_and_shows_each_finding_once(site: Served):
    visitor, seen, path = site.visitor(), [], "/findings"
    while path:
        page = visitor.get(path).text
        seen += ids(page)
        following = re.search(r'href="(/findings\?[^"]*)" rel="next"', page)
        path = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 121
    assert seen[0] == "f000200"  # the strongest grade first


def test_filters_and_words_narrow_the_list(site: Served):
    visitor = site.visitor()
    assert ids(visitor.get("/findings?group=tibetan").text) == ["f000200"]
    assert ids(visitor.get("/findings?grade=documented").text) == ["f000200"]
    assert ids(visitor.get(f"/findings?q={quote('藏族')}").text) == ["f000200"]
    assert ids(visitor.get("/findings?kind=adjacent").text) == ["f000300"]
    assert ids(visitor.get("/findings?q=nothing-like-this").text) == []
    assert "121 fit" in visitor.get(f"/findings?q={quote('维族')}").text
    assert visitor.get(f"/findings?q={quote(chr(34) + ' OR NEAR( *')}").status == 200


def test_a_review_goes_into_the_journal_and_on_to_the_next(site: Served):
    visitor = site.visitor("B.")
    page = visitor.get("/finding/f000200?").text
    onward = re.search(r'name="onward" value="([^"]+)"', page).group(1).replace("&amp;", "&")
    reply = visitor.post("/finding/f000200/review", verdict="agree", reason="read the manual", onward=onward)
    assert "Recorded in the journal" in reply.text and "Finding <code>f000000</code>" in reply.text
    ((event, review),) = site.desk.case.payloads(Review)
    assert (event.actor.name, review.finding, review.verdict) == ("B.", "f000200", "agree")
    assert "<strong>agree</strong> <bdi>B.</bdi>" in visitor.get("/finding/f000200").text
    assert ids(visitor.get("/findings?verdict=agree").text) == ["f000200"]


def test_whoever_made_a_finding_does_not_review_it(site: Served):
    visitor = site.visitor("A.")
    visitor.get("/finding/f000001")
    reply = visitor.post("/finding/f000001/review", verdict="agree", reason="mine")
    assert reply.status == 400 and "needs somebody else" in reply.text
    assert visitor.post("/finding/f000001/review", verdict="shrug", reason="x").status == 400
    assert list(site.desk.case.payloads(Review)) == []


def test_two_people_review_at_once_and_both_are_kept(site: Served):
    people = [site.visitor(name) for name in ("B.", "C.")]
    for person in people:
        person.get("/finding/f000001")

    def work(person, verdict: str) -> None:
        for number in range(1, 9):
            reply = person.post(f"/finding/f{number:06}/review", follow=False, verdict=verdict, reason="read it")
            assert reply.status == 303

    threads = [threading.Thread(target=work, args=pair) for pair in zip(people, ("agree", "disagree"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    said = {(event.actor.name, review.finding) for event, review in site.desk.case.payloads(Review)}
    assert said == {(who, f"f{number:06}") for who in ("B.", "C.") for number in range(1, 9)}
    assert len(ids(people[0].get("/findings?verdict=mixed").text)) == 8


def test_a_note_stands_with_its_finding(site: Served):
    visitor = site.visitor("B.")
    visitor.get("/finding/f000001")
    assert "compared with 2019" in visitor.post("/finding/f000001/note", text="compared with 2019").text
    assert "compared with 2019" not in visitor.get("/finding/f000002").text


def test_gaps_are_paged_and_narrowed(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        gaps = [a_gap(f"number {n:03}.") for n in range(230)]
        other = replace(gaps[0], code=ProblemCode.CORRUPT, locator=Locator(path=(UntrustedText("Odd%name.bin"),)))
        case.record(EventKind.SCANNED, a_report(problems=(*gaps, other)))
    with served(tmp_path / "case", run_jobs=False) as site:
        visitor, seen, path = site.visitor(), [], "/coverage"
        while path:
            page = visitor.get(path).text
            seen += re.findall(r"number (\d{3})\.", page)
            following = re.search(r'href="(/coverage\?[^"#]*)#places" rel="next"', page)
            path = following.group(1).replace("&amp;", "&") if following else ""
        assert len(seen) == 231 and len(set(seen)) == 230
        assert visitor.get("/coverage?code=corrupt").text.count("number ") == 1
        assert visitor.get("/coverage?q=odd%25NAME").text.count("number ") == 1
        assert visitor.get("/coverage?q=%25").text.count("number ") == 1  # no pattern, a plain part of the path
        assert "No gap fits." in visitor.get("/coverage?scan=7").text


def test_the_export_list_is_the_same_as_the_case_s_own(site: Served):
    visitor = site.visitor("B.")
    visitor.get("/finding/f000001")
    visitor.post("/finding/f000001/review", verdict="agree", reason="read it")
    visitor.post("/finding/f000002/review", verdict="disagree", reason="read it")
    shown, own = site.desk.gate(), gate(site.desk.case)
    assert shown is not None
    assert [(p.number, p.title, sorted(p.missing)) for p in shown] == [
        (p.number, p.title, sorted(p.missing)) for p in own
    ]
    assert len(own[4].missing) == 119


def test_the_report_is_made_once_for_each_state_of_the_journal(site: Served, monkeypatch):
    made: list[int] = []

    def counted(case):
        made.append(len(case.events()))
        return dossier_of(case)

    monkeypatch.setattr(desk_module, "dossier_of", counted)
    visitor = site.visitor("B.")
    first = visitor.get("/report.html")
    assert visitor.get("/report.html").body == first.body and made == [2]
    visitor.get("/finding/f000001")
    visitor.post("/finding/f000001/note", text="new")
    visitor.get("/report.html")
    assert made == [2, 3]
    assert b'<html lang="fr">' in visitor.get("/report.html", accept_language="fr").body


def test_what_was_not_read_is_explained(site: Served):
    page = site.visitor().get("/coverage?code=encrypted").text
    assert "Give its password." in page and "secret.zip" in page and "9 of 10 members read" in page


def test_a_candidate_is_judged_and_the_judgement_kept(site: Served):
    visitor = site.visitor("B.")
    visitor.get("/screening")
    page = visitor.post("/screening/ask", name="Hikvision", as_of="2020-01-01").text
    assert "None is a verdict" in page
    event_id = re.search(r'name="screening" value="([^"]+)"', page).group(1)
    entry = re.search(r'name="entry" value="([^"]+)"', page).group(1)
    assert visitor.post("/screening/judge", screening=event_id, entry="x", verdict="same", reason="r").status == 400
    visitor.post("/screening/judge", screening=event_id, entry=entry, verdict="different", reason="another city")
    ((event, judgement),) = site.desk.case.payloads(Judgement)
    assert (event.actor.name, judgement.entry, judgement.verdict) == ("B.", entry, "different")
    assert "another city" in visitor.get("/screening").text


def test_what_tender_papers_say_is_drawn(site: Served):
    claims = tuple(
        Claim(role=role, value=UntrustedText(value), label=UntrustedText("x"), sentence=UntrustedText(value), line=1,
              language="en")
        for role, value in ((ClaimRole.BUYER, "Bureau <b>"), (ClaimRole.SUPPLIER, "Examplia"))
    )  # fmt: skip
    reading = TenderReading(document=UntrustedText("tender.pdf"), sha256=Sha256("3" * 64), claims=claims, lines=9)
    site.desk.case.record(EventKind.NOTE, reading)
    page = site.visitor().get("/graph").text
    assert (
        "<svg" in page
        and "<strong>candidate</strong>" in page
        and "Bureau &lt;b&gt;" in page
        and "Bureau <b>" not in page
    )


def test_an_address_is_watched(site: Served):
    visitor = site.visitor()
    visitor.get("/watching")
    assert (
        "https://vendor.example/camera"
        in visitor.post("/watching/add", url="https://vendor.example/camera", hours="2").text
    )
    assert visitor.post("/watching/add", url="https://vendor.example/camera", hours="2").status == 400
    assert visitor.post("/watching/add", url="file:///etc/passwd", hours="2").status >= 400


def test_the_timeline_and_each_entry_are_shown(site: Served):
    visitor = site.visitor()
    assert "scanned" in visitor.get("/timeline").text
    assert "case-opened" not in visitor.get("/timeline?kind=scanned").text.partition("<tbody>")[2]
    assert "ScanReport" in visitor.get("/entry/1").text
    assert visitor.get("/entry/999").status == 404


def test_only_screenshots_of_captures_are_served_as_pictures(site: Served):
    digest = site.desk.case.put(b"<script>alert(1)</script>")
    reply = site.visitor().get(f"/picture/{digest}")
    assert reply.status == 503 and b"<script>" not in reply.body


def test_the_gate_stops_an_incomplete_export_and_a_bundle_verifies(site: Served):
    visitor = site.visitor("B.")
    page = visitor.get("/sealing").text
    assert "Missing:" in page
    assert visitor.post("/sealing/export", what="extract").status == 400
    done = visitor.post("/sealing/export", what="extract", incomplete="a test", originals="").text
    name = re.search(r'href="/bundle/([^"]+)"', done).group(1)
    bundle = site.desk.case.path.parent / name
    assert verify_bundle(bundle).holds
    assert visitor.get(f"/bundle/{name}").body == bundle.read_bytes()


def test_a_damaged_record_is_told_and_the_rest_is_shown(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        broken = case.record(EventKind.SCANNED, a_report(a_finding(1)))
        case.record(EventKind.SCANNED, a_report(a_finding(2)))
        path = case.store.path(broken.payload)
        path.chmod(0o644)
        path.write_bytes(b"{}")
    with served(tmp_path / "case", run_jobs=False) as site:
        visitor = site.visitor()
        assert ids(visitor.get("/findings").text) == ["f000002"]
        assert "was changed on the disk" in visitor.get("/coverage").text


def test_a_deleted_or_broken_index_is_made_again(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", actor=Actor(name="A.")) as case:
        case.record(EventKind.SCANNED, a_report(a_finding(1)))
    for content in (None, b"not a database at all" * 100, b""):
        index = tmp_path / "case" / "page.sqlite"
        if content is not None:
            index.write_bytes(content)
        with served(tmp_path / "case", run_jobs=False) as site:
            assert ids(site.visitor().get("/findings").text) == ["f000001"]


def test_hostile_names_and_texts_stay_text(tmp_path: Path):
    with create_case(tmp_path / "case", title=NASTY, vendor=NASTY, actor=Actor(name=NASTY)) as case:
        text = UntrustedText(NASTY + "A" * 1_000_000)
        where = a_finding(1).locator
        path = tuple(UntrustedText(NASTY) for _ in range(2000))
        nasty = a_finding(
            1, title=NASTY, excerpt=text, gloss=NASTY, groups=(NASTY,), rationale=NASTY, context=(text,),
            locator=type(where)(path=path, offset=1, encoding=NASTY),
            structure=Structure(
                shape=Shape.RECORD, name=text, language=NASTY, type=text, file_role=NASTY, parents=(text,) * 9,
                parts=(Part(name=text, value=text, type=text, comment=text, matched=True),) * 3, comments=(text,),
                referred_by=(CrossReference(name=text, shape=Shape.ENUM, how=NASTY, locator=type(where)(path=path)),),
            ),
        )  # fmt: skip
        other = a_finding(2, structure=nasty.structure)
        case.record(EventKind.SCANNED, a_report(nasty, other, problems=(a_gap(NASTY),)))
        case.append(EventKind.NOTE, text=text, reason=NASTY)
    with served(tmp_path / "case", run_jobs=False) as site:
        visitor = site.visitor(NASTY)
        visitor.get("/")
        pages = ["/", "/findings", "/finding/f000001", "/timeline", "/entry/1", "/entry/2", "/coverage", "/sealing"]
        pages += [
            "/people",
            "/watching",
            "/screening",
            "/graph",
            "/finding/f000001/beside/f000002",
            f"/findings?q={quote(NASTY)}&container={quote(NASTY)}",
        ]
        pages += [
            f"/coverage?q={quote(NASTY)}&code={quote(NASTY)}",
            f"/graph?source={quote(NASTY)}&grade={quote(NASTY)}",
        ]
        for page in [*pages, "/report.html"]:
            reply = visitor.get(page)
            assert reply.status == 200, page
            assert len(reply.body) < 5_000_000, page
            for raw in ("<script>alert", "\u202e", "\u2066", "\x1b", "\u200b"):
                assert raw not in reply.text, (page, raw)


def test_a_file_is_uploaded_scanned_and_its_bytes_are_shown(tmp_path: Path):
    create_case(tmp_path / "case", title="Examplia", actor=Actor(name="A.")).close()
    with served(tmp_path / "case") as site:
        visitor = site.visitor("A.")
        visitor.get("/")
        assert "waiting to be scanned" in visitor.upload(b"../firmware <1>.bin", FIRMWARE.read_bytes()).text
        site.settle()
        page = visitor.get("/findings").text
        match = re.search(r'href="/finding/([0-9a-f]+)\?', page)
        assert match, visitor.get("/").text
        assert "firmware &lt;1&gt;.bin" in page
        raw = visitor.get(f"/finding/{match.group(1)}/bytes").text
        assert "<mark>" in raw and "Hexadecimal" in raw
        (job,) = site.desk.jobs.latest()
        assert (job.state, job.news.event) == ("done", 2)
    with open_case(tmp_path / "case", read_only=True) as case:
        assert [event.type for event in case.events()] == ["case-opened", "added", "scanned"]
