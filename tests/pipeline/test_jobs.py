"""Jobs in real processes, against a real server that can be made to wait."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from witnessmark.case import create_case, open_case
from witnessmark.errors import UsageError
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.pipeline.jobs import Job, JobKind, JobRequest, Jobs, JobState

HEADER = b"enum FACE_NATION { NATION_OTHER = 0, NATION_UYGHUR = 1 };\n"


class _Slow(http.server.BaseHTTPRequestHandler):
    """Sends its head, then waits until it may go on."""

    def do_GET(self) -> None:
        self.server.asked.set()
        self.send_response(200)
        self.send_header("Content-Length", str(len(HEADER)))
        self.send_header("Content-Disposition", 'attachment; filename="face.h"')
        self.end_headers()
        self.wfile.flush()
        self.server.go.wait(60)
        try:
            self.wfile.write(HEADER)
        except OSError:
            self.close_connection = True  # whoever asked was killed

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def slow():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    server.asked, server.go = threading.Event(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.go.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    create_case(tmp_path / "case", title="T", actor=Actor(name="A.")).close()
    return tmp_path / "case"


def download(server) -> JobRequest:
    host = f"127.0.0.1:{server.server_address[1]}"
    return JobRequest(kind=JobKind.DOWNLOAD, actor="A.", url=f"http://{host}/face.h", allow_hosts=(host,))


def until(condition: Callable[[], object], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.03)


def job(jobs: Jobs, number: int) -> Job:
    found = jobs.get(number)
    assert found is not None
    return found


def ended(jobs: Jobs, number: int) -> Callable[[], bool]:
    return lambda: job(jobs, number).state not in (JobState.QUEUED, JobState.RUNNING)


def test_a_download_is_kept_and_scanned(case: Path, slow):
    slow.go.set()
    jobs = Jobs(case)
    jobs.start()
    number = jobs.add(download(slow))
    until(ended(jobs, number))
    done = job(jobs, number)
    jobs.close()
    assert (done.state, done.news.error) == (JobState.DONE, "")
    with open_case(case, read_only=True) as opened:
        kinds = [event.type for event in opened.events()]
    assert kinds == [EventKind.CASE_OPENED, EventKind.DOWNLOADED, EventKind.SCANNED]


def test_a_server_killed_in_mid_job_takes_it_up_again(case: Path, slow):
    number = 1
    request = download(slow)
    Jobs(case).add(request)
    program = "import sys, time\nfrom pathlib import Path\nfrom witnessmark.pipeline.jobs import Jobs\n"
    program += "Jobs(Path(sys.argv[1])).start()\ntime.sleep(300)\n"
    server = subprocess.Popen([sys.executable, "-c", program, str(case)])
    assert slow.asked.wait(60)
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    jobs = Jobs(case)
    assert job(jobs, number).state is JobState.RUNNING
    slow.go.set()
    jobs.start()
    until(ended(jobs, number))
    done = job(jobs, number)
    jobs.close()
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    with open_case(case) as opened:
        kinds = [event.type for event in opened.events()]
    assert kinds.count(EventKind.DOWNLOADED) == 1 and kinds[-1] in (EventKind.SCANNED, EventKind.RECOVERED)


def test_a_cancelled_job_ends_and_stays_ended(case: Path, slow):
    jobs = Jobs(case)
    jobs.start()
    first, second = jobs.add(download(slow)), jobs.add(download(slow))
    assert slow.asked.wait(60)
    jobs.cancel(second)
    jobs.cancel(first)
    assert job(jobs, first).state is JobState.CANCELLED
    with pytest.raises(UsageError):
        jobs.cancel(first)
    with pytest.raises(UsageError):
        jobs.cancel(99)
    jobs.close()
    again = Jobs(case)
    again.start()
    assert [row.state for row in again.latest()] == [JobState.CANCELLED] * 2
    again.close()


def test_what_cannot_be_done_is_told(case: Path):
    jobs = Jobs(case)
    jobs.start()
    number = jobs.add(JobRequest(kind=JobKind.SCAN, actor="A.", digest="0" * 64, name="x"))
    refused = jobs.add(JobRequest(kind=JobKind.DOWNLOAD, actor="A.", url="http://127.0.0.1:1/x"))
    until(ended(jobs, refused))
    failed = job(jobs, number)
    assert failed.state is JobState.FAILED and failed.news.error
    assert "could be fetched" in job(jobs, refused).news.said or job(jobs, refused).news.error
    jobs.close()
