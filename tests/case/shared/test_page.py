"""The page of a shared case: two people, each on a machine of their own."""

from case.shared.conftest import Newsroom
from seal.small import SIGNER
from web.served import a_finding, a_report, served
from witnessmark.case import create_case
from witnessmark.case.shared.sharing import share
from witnessmark.model.case import Review
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.verify import verify_bundle


def scanned(newsroom: Newsroom):
    newsroom.as_login("anna")
    path = newsroom.folder / "anna"
    with create_case(path, title="Shared", actor=Actor(name="A.")) as case:
        share(case, newsroom.journal, newsroom.blobs)
    with newsroom.open("anna", path) as case:
        case.record(EventKind.SCANNED, a_report(a_finding(1), a_finding(2)))
    return path


def test_a_reviewer_on_another_machine_reviews_and_a_reader_is_refused(newsroom: Newsroom) -> None:
    anna = scanned(newsroom)
    with newsroom.open("anna", anna, read_only=True) as case:
        name = case.head.id
    boris, clara = newsroom.joined("boris", name), newsroom.joined("clara", name)
    newsroom.as_login("boris")
    with served(boris, run_jobs=False, actor="B. Б") as site:
        visitor = site.visitor("B. Б")
        assert 'action="/finding/f000001/review' in visitor.get("/finding/f000001").text
        assert 'action="/add"' not in visitor.get("/").text
        assert visitor.post("/finding/f000001/review", verdict="agree", reason="read the list").status == 200
        assert visitor.post("/people/name", name="A.").status == 403
    newsroom.as_login("clara")
    with served(clara, run_jobs=False, actor="C.") as site:
        visitor = site.visitor("C.")
        page = visitor.get("/finding/f000001").text
        assert "read the list" in page
        assert 'action="/finding/f000001/review' not in page  # what the role does not allow is not offered
        assert "In this shared case you are C." in visitor.get("/people").text
        token = next(iter(site.desk.sessions._sessions.values())).csrf  # as if the form were there
        reply = visitor.post("/finding/f000001/review", csrf=token, verdict="agree", reason="me too")
        assert reply.status == 403
        assert "may not add an entry of the kind “reviewed”" in reply.text
    with newsroom.open("anna", anna) as case:
        assert [(event.actor.name, record.reason) for event, record in case.payloads(Review)] == [
            ("B. Б", "read the list")
        ]


def test_a_shared_case_seals_into_a_bundle_like_any_other(newsroom: Newsroom) -> None:
    anna = scanned(newsroom)
    with newsroom.open("anna", anna) as case:
        sealed = seal(case, newsroom.folder / "bundle", Sealing(signer=SIGNER))
        assert sealed.entries == 3  # opened, scanned, sealed
    verdict = verify_bundle(newsroom.folder / "bundle")
    assert verdict.holds
