"""The page of a shared case: two people, each on a machine of their own."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from case.shared.conftest import Newsroom
from seal.small import SIGNER
from web.served import FIRMWARE, Visitor, a_finding, a_report, served
from witnessmark.case import create_case
from witnessmark.case.shared.sharing import share
from witnessmark.model.case import Review
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.pipeline.jobs import JobKind, JobRequest, Jobs, JobState
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.verify import verify_bundle


def scanned(newsroom: Newsroom, count: int = 2) -> Path:
    newsroom.as_login("anna")
    path = newsroom.folder / "anna"
    with create_case(path, title="Shared", actor=Actor(name="A.")) as case:
        share(case, newsroom.journal, newsroom.blobs)
    with newsroom.open("anna", path) as case:
        case.record(EventKind.SCANNED, a_report(*(a_finding(number) for number in range(count))))
    return path


def case_id(newsroom: Newsroom, path: Path) -> str:
    with newsroom.open("anna", path, read_only=True) as case:
        return case.head.id


def forms(page: str) -> set[str]:
    """Where the forms of a page lead."""
    return {re.sub(r"\?.*", "", where) for where in re.findall(r'<form method="post" action="([^"]+)"', page)}


def test_a_reviewer_on_another_machine_reviews_and_a_reader_is_refused(newsroom: Newsroom) -> None:
    anna = scanned(newsroom)
    name = case_id(newsroom, anna)
    boris, clara = newsroom.joined("boris", name), newsroom.joined("clara", name)
    newsroom.as_login("boris")
    with served(boris, run_jobs=False, actor="B. Б") as site:
        visitor = site.visitor("B. Б")
        assert 'action="/finding/f000001/review' in visitor.get("/finding/f000001").text
        assert 'action="/add"' not in visitor.get("/").text
        assert visitor.post("/finding/f000001/review", verdict="agree", reason="read the list").status == 200
        assert visitor.post("/people/name", name="A.").status == 403
        assert visitor.upload(b"sdk.h", b"enum {};").status == 403
        assert visitor.post("/fetch", url="https://example.org/", kind="page").status == 403
    newsroom.as_login("clara")
    with served(clara, run_jobs=False, actor="C.") as site:
        visitor = site.visitor("C.")
        page = visitor.get("/finding/f000001").text
        assert "read the list" in page
        # A reader's page has no form, and so no token to take from one; this is a request made by hand.
        (session,) = site.desk.sessions._sessions.values()
        assert 'action="/finding/f000001/review' not in page  # what the role does not allow is not offered
        assert "In this shared case you are C." in visitor.get("/people").text
        reply = visitor.post("/finding/f000001/review", csrf=session.csrf, verdict="agree", reason="me too")
        assert reply.status == 403
        assert "may not add an entry of the kind “reviewed”" in reply.text
    with newsroom.open("anna", anna) as case:
        assert [(event.actor.name, record.reason) for event, record in case.payloads(Review)] == [
            ("B. Б", "read the list")
        ]


def test_the_page_offers_what_the_role_allows_and_shows_who_is_at_work(newsroom: Newsroom) -> None:
    anna = scanned(newsroom)
    name = case_id(newsroom, anna)
    offered = {}
    for login, who in (("anna", "A."), ("boris", "B. Б"), ("clara", "C.")):
        path = anna if login == "anna" else newsroom.joined(login, name)
        newsroom.as_login(login)
        with served(path, run_jobs=False, actor=who) as site:
            visitor = site.visitor(who)
            offered[login] = {
                form
                for page in ("/", "/finding/f000001", "/screening", "/sealing", "/watching", "/people", "/graph")
                for form in forms(visitor.get(page).text)
            }
            people = re.sub(r"<[^>]+>", " ", visitor.get("/people").text)
    finding, note = "/finding/f000001/review", "/finding/f000001/note"
    assert {"/add", "/fetch", "/screening/ask", "/watching/add", "/sealing/export", note} <= offered["anna"]
    assert finding not in offered["anna"] and finding in offered["boris"]
    assert {"/add", "/fetch", "/screening/ask", "/watching/add"} & offered["boris"] == set()
    assert offered["clara"] == set()
    assert re.search(r"A\.\s+collector\s+\d{4}-", people)
    assert re.search(r"B\. Б\s+reviewer\s+–\s+–", people)
    assert re.search(r"C\.\s+reader\s+–\s+at work", people)


SERVE = """
import sys, time
from pathlib import Path
from web.served import served
with served(Path(sys.argv[1]), run_jobs=False, actor=sys.argv[2]) as site:
    print(site.port, site.desk.sessions.link(sys.argv[2]), flush=True)
    sys.stdin.read()
"""


def serving(login: str, path: Path, who: str) -> tuple[subprocess.Popen[str], Visitor]:
    """A server of this person in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(path), who],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PGUSER": login, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    port, token = process.stdout.readline().split()
    visitor = Visitor(port=int(port))
    assert visitor.get(f"/open?token={token}").status == 200
    return process, visitor


def test_two_people_review_at_once_each_on_their_own_page(newsroom: Newsroom) -> None:
    each = 25
    anna = scanned(newsroom, each)
    name = case_id(newsroom, anna)
    people = [
        (login, who, *serving(login, newsroom.joined(login, name), who))
        for login, who in (("boris", "B. Б"), ("dora", "D."))
    ]
    refused: list[str] = []

    def work(visitor: Visitor, verdict: str) -> None:
        visitor.get("/finding/f000000")
        for number in range(each):
            reply = visitor.post(f"/finding/f{number:06}/review", follow=False, verdict=verdict, reason="read it")
            if reply.status != 303:
                refused.append(reply.text)

    threads = [
        threading.Thread(target=work, args=(visitor, verdict))
        for (_, _, _, visitor), verdict in zip(people, ("agree", "disagree"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    sees = people[0][3].get("/finding/f000000").text
    for _, _, process, _ in people:
        process.communicate("", timeout=60)
    assert refused == []
    assert "B. Б" in sees and "<bdi>D.</bdi>" in sees  # each page shows what the other machine added
    with newsroom.open("anna", anna) as case:
        said = [(event.actor.name, review.finding) for event, review in case.payloads(Review)]
    assert sorted(said) == sorted((who, f"f{number:06}") for who in ("B. Б", "D.") for number in range(each))


def test_a_job_of_a_shared_case_survives_its_server_and_a_colleague_sees_what_it_found(newsroom: Newsroom) -> None:
    anna = newsroom.shared()
    newsroom.as_login("anna")
    with newsroom.open("anna", anna) as case:
        digest = case.add(FIRMWARE).outputs[0].digest
        name = case.head.id
    Jobs(anna).add(JobRequest(kind=JobKind.SCAN, actor="A.", digest=digest, name=FIRMWARE.name))
    program = "import sys, time\nfrom pathlib import Path\nfrom witnessmark.pipeline.jobs import Jobs\n"
    program += "jobs = Jobs(Path(sys.argv[1]))\njobs.start()\n"
    program += "while not (jobs.get(1).news.said or jobs.get(1).ended): time.sleep(0.01)\n"
    program += "print(jobs.get(1).state, flush=True)\ntime.sleep(300)\n"
    server = subprocess.Popen([sys.executable, "-c", program, str(anna)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "running\n"
    os.kill(server.pid, signal.SIGKILL)
    server.communicate()
    newsroom.as_login("anna")
    with served(anna, actor="A.") as site:
        site.settle()
        job = site.desk.jobs.get(1)
        assert job is not None and (job.state, job.news.error) == (JobState.DONE, "")
        assert job.news.findings > 0
    boris = newsroom.joined("boris", name)
    newsroom.as_login("boris")
    with served(boris, run_jobs=False, actor="B. Б") as site:
        page = site.visitor("B. Б").get("/findings").text
        assert len(re.findall(r'href="/finding/[^"]+"', page)) >= job.news.findings
        found = re.search(r'href="(/finding/[^"?]+)', page)
        assert found is not None
        # the bytes at the place, read again from the original, which this machine has to fetch first
        assert site.visitor("B. Б").get(f"{found.group(1)}/bytes").status == 200


@pytest.mark.programs("openssl", "ssh-keygen")
def test_a_shared_case_seals_into_a_bundle_like_any_other(newsroom: Newsroom) -> None:
    anna = scanned(newsroom)
    name = case_id(newsroom, anna)
    boris = newsroom.joined("boris", name)
    with newsroom.open("boris", boris) as case:  # has none of the blobs yet
        sealed = seal(case, newsroom.folder / "bundle", Sealing(signer=SIGNER))
        assert sealed.entries == 3  # opened, scanned, sealed
    assert verify_bundle(newsroom.folder / "bundle").holds
    for command in ([sys.executable, "verify.py"], ["sh", "verify.sh"]):
        done = subprocess.run(command, cwd=newsroom.folder / "bundle", capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
