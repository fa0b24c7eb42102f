"""The case page over 100,000 made-up findings in scans of 1,000,000 members, against its own limits in milliseconds.

A case keeps a row for each finding and for each member that was not read, and figures for the rest: one member in ten
is unread here, so that the page has 200,000 rows to page through.

python -m bench.web [number of findings]
python -m bench.web --zip [number of members]   upload a real ZIP of so many members, and look at pages meanwhile
"""

import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from bench.rows import Row, table
from witnessmark.case import create_case
from witnessmark.model.artifact import Locator
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, Trait, UntrustedText
from witnessmark.model.finding import Coverage, Finding, KnowledgeStamp, ScanReport, ToolStamp
from witnessmark.model.observation import Shape
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.model.structure import Part, Structure

FINDINGS, MEMBERS, UNREAD, SCANS = 100_000, 1_000_000, 100_000, 100
FIRST, SLOWEST = 300.0, 500.0  # milliseconds: the first page; any page, 95 of 100
GROUPS = ("uyghur", "tibetan", "roma", "kazakh", "hui")
WORDS = (
    "维吾尔族人员识别",
    "ethnicity of the face",
    "IS_UYGUR",
    "藏族 面部属性",
    "национальность лица",
    "FaceRaceType",
)


def made_up(number: int, chance: random.Random) -> Finding:
    """A finding of ordinary length."""
    where = Locator(
        path=tuple(UntrustedText(t) for t in (f"sdk-{number % 400}.zip", "include", f"face{number % 9000}.h")),
        offset=number,
        line=number % 3000,
        sha256=Sha256(f"{number:064x}"),
    )
    return Finding(
        id=f"{number:016x}",
        kind=Kind.FINDING if number % 5 else Kind.ADJACENT,
        capability=chance.choice(list(Capability)),
        protected=(Trait.ETHNICITY,),
        groups=(chance.choice(GROUPS),),
        grade=chance.choice(list(Grade)[:4]),
        rule="attributes/one-group",
        title=f"One group against the rest in FACE_ATTRIBUTE_{number}",
        rationale="One group stands against the rest. " * 6,
        innocent="A list of languages or of documents that names many groups." * 2,
        not_shown="That the value is ever computed." * 3,
        locator=where,
        excerpt=UntrustedText(f"{chance.choice(WORDS)} field_{number} " * 4),
        marked=((0, 3),),
        structure=Structure(
            shape=Shape.RECORD,
            name=UntrustedText(f"FACE_ATTRIBUTE_{number % 30_000}"),
            parts=tuple(
                Part(name=UntrustedText(f"em{name}{number % 70_000}"), matched=name == "Race")
                for name in ("Sex", "Age", "Race", "Beard", "Glasses", "Mask")
            ),
            neighbours=(UntrustedText("FACE_RECT"),),
        ),
    )


def a_gap(number: int) -> Problem:
    """A member that was not read."""
    return Problem(
        code=(ProblemCode.ENCRYPTED, ProblemCode.CORRUPT, ProblemCode.TRUNCATED)[number % 3],
        message=UntrustedText("a password is needed"),
        consequence="This member was not read.",
        locator=Locator(path=(UntrustedText(f"sdk-{number % 400}.zip"), UntrustedText(f"secret{number}.zip"))),
    )


def make(folder: Path, findings: int) -> None:
    """Write the case."""
    chance = random.Random(1)
    stamp = KnowledgeStamp(digest=Sha256("0" * 64), terms=1, signals=1, provisions=0, date="2026-01-01")
    per, members, unread = findings // SCANS, MEMBERS // SCANS, UNREAD // SCANS
    with create_case(folder, title="Bench", vendor="Examplia", actor=Actor(name="A.")) as case:
        for scan in range(SCANS):
            report = ScanReport(
                findings=tuple(made_up(scan * per + n, chance) for n in range(per)),
                problems=tuple(a_gap(scan * unread + n) for n in range(unread)),
                coverage=Coverage(
                    members_seen=members,
                    members_opened=members,
                    members_unread=unread,
                    bytes_read=members,
                    containers=9,
                ),
                knowledge=stamp,
                tool=ToolStamp(name="witnessmark", version="0"),
            )
            case.record(EventKind.SCANNED, report)


class Visitor:
    """One kept connection, one session."""

    def __init__(self, link: str, server: int) -> None:
        self._server = server
        parts = urlsplit(link)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._cookie = ""
        self.csrf = ""
        self.get(f"{parts.path}?{parts.query}")

    def cpu(self) -> float:
        """Processor time that the server has used, in milliseconds: what a busy machine does not change."""
        fields = Path(f"/proc/{self._server}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def get(self, path: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> str:
        """The page, or where a form leads to."""
        headers = {"cookie": self._cookie}
        if body is not None:
            headers["content-type"] = kind
        self._connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 303), (path, answer.status, text[-300:])
        self._cookie = (answer.getheader("set-cookie") or self._cookie).partition(";")[0]
        found = re.search(r'name="csrf" value="(\w+)"', text)
        self.csrf = found.group(1) if found else self.csrf
        return text


def visits(chance: random.Random, visitor: Visitor, findings: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """What people do, with the name of each."""
    for _ in range(40):
        number = chance.randrange(findings)
        name = f"{number:016x}"
        yield "list", lambda: visitor.get("/findings")
        yield "list, deep", lambda: visitor.get(f"/findings?after={findings}:{chance.randrange(4, 9)}sdk-2")
        yield "filters", lambda: visitor.get(f"/findings?group={chance.choice(GROUPS)}&grade=wired&verdict=none")
        yield "search", lambda: visitor.get(f"/findings?q={quote(chance.choice(WORDS))}")
        yield "search, rare", lambda n=number: visitor.get(f"/findings?q=field_{n}")  # type: ignore[misc]
        yield "search, short", lambda: visitor.get(f"/findings?q={quote('族')}&kind=all")
        yield "finding", lambda n=name: visitor.get(f"/finding/{n}?q={quote('维族')}&kind=all")  # type: ignore[misc]
        body = {"verdict": "agree", "reason": "read it", "csrf": visitor.csrf}
        yield (
            "review",
            lambda n=name, b=body: visitor.get(  # type: ignore[misc]
                f"/finding/{n}/review", urlencode({**b, "csrf": visitor.csrf}).encode()
            ),
        )
        yield "coverage", lambda: visitor.get("/coverage?code=encrypted")
        yield "coverage, by path", lambda n=number: visitor.get(f"/coverage?q=secret{n % UNREAD}.")  # type: ignore[misc]
        yield "coverage, deep", lambda: visitor.get(f"/coverage?code=corrupt&after={UNREAD // 2}")
        yield "graph", lambda: visitor.get("/graph")
        yield "export list", lambda: visitor.get("/sealing")
        yield "timeline", lambda: visitor.get("/timeline")
        yield "case", lambda: visitor.get("/")


def measure(visitor: Visitor, findings: int) -> list[Row]:
    """Times in milliseconds."""
    start = time.perf_counter()
    visitor.get("/")
    before_index = (time.perf_counter() - start) * 1000
    while f"{findings - findings // 5:,}</strong>" not in visitor.get("/"):
        time.sleep(1)
    indexed = time.perf_counter() - start
    times: dict[str, list[float]] = {}
    used: dict[str, list[float]] = {}
    for name, visit in visits(random.Random(2), visitor, findings):
        begun, before = time.perf_counter(), visitor.cpu()
        visit()
        times.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        used.setdefault(name, []).append(visitor.cpu() - before)
    everything = sorted(value for values in times.values() for value in values)
    p95 = everything[int(len(everything) * 0.95)]
    first = times["list"][0]
    worked = sorted(value for values in used.values() for value in values)
    busiest = worked[int(len(worked) * 0.95)]
    rows = [
        Row("first page, not indexed yet", before_index, FIRST, "ms", FIRST / before_index, 1.0),
        Row("first list, indexed", first, FIRST, "ms", FIRST / first, 1.0),
        Row("all, 95th percentile", p95, SLOWEST, "ms", SLOWEST / p95, 1.0, f"{len(everything)} requests"),
        Row("all, 95th percentile, CPU", busiest, SLOWEST, "ms", SLOWEST / max(busiest, 1), 1.0, "server's CPU time"),
    ]
    for name, values in times.items():
        worst = sorted(values)[int(len(values) * 0.95)]
        note = f"median {sorted(values)[len(values) // 2]:.0f} ms, CPU {sum(used[name]) / len(values):.0f} ms"
        rows.append(Row(name, worst, SLOWEST, "ms", SLOWEST / worst, 1.0, note))
    print(f"index of {findings:,} findings made in {indexed:.1f} s", file=sys.stderr)
    return rows


def export_list(visitor: Visitor) -> Row:
    """How long the export list takes to be worked out anew after an entry in the journal."""
    visitor.get("/people")
    body = urlencode({"purpose": "harm check", "text": "nothing", "csrf": visitor.csrf}).encode()
    visitor.get("/sealing/check", body)
    start = time.perf_counter()
    while "Missing:" not in visitor.get("/sealing"):
        time.sleep(0.05)
    took = (time.perf_counter() - start) * 1000
    return Row("export list, worked out anew", took, 2000.0, "ms", 2000.0 / took, 1.0)


def many(path: Path, members: int) -> None:
    """A ZIP of so many small headers, one in a thousand with a list that names one group."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as package:
        for number in range(members):
            words = "enum FACE_ETHNIC { ETHNIC_UYGHUR, ETHNIC_OTHER };" if number % 1000 == 0 else "int camera(int a);"
            package.writestr(f"include/{number % 1000}/face{number}.h", f"/* {number} */ {words}\n")


def upload(visitor: Visitor, path: Path) -> None:
    """What the form of the first page sends; from memory, since the archives are small."""
    visitor.get("/")
    edge = b"edge-of-the-bench"
    data = b"".join(
        (
            b"--" + edge + b'\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + visitor.csrf.encode() + b"\r\n",
            b"--" + edge + b'\r\nContent-Disposition: form-data; name="file"; filename="many.zip"\r\n\r\n',
            path.read_bytes(),
            b"\r\n--" + edge + b"--\r\n",
        )
    )
    visitor.get("/add", data, f"multipart/form-data; boundary={edge.decode()}")


def rows_of_zip(members: int) -> list[Row]:
    """Upload, look at pages while the scan runs, and once it has ended."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        create_case(path / "case", title="Bench", vendor="Examplia", actor=Actor(name="A.")).close()
        many(path / "many.zip", members)
        with served(path / "case") as visitor:
            upload(visitor, path / "many.zip")
            start, meanwhile = time.perf_counter(), []
            while '"active":0' not in visitor.get("/jobs.json"):
                for place in ("/", "/findings", "/jobs.json", "/coverage"):
                    begun = time.perf_counter()
                    visitor.get(place)
                    meanwhile.append((time.perf_counter() - begun) * 1000)
                time.sleep(0.5)
            took = time.perf_counter() - start
            page = visitor.get("/coverage")
            assert f"{members + 1:,} of {members + 1:,} members read" in page, page[-2000:]
        slow = sorted(meanwhile)[int(len(meanwhile) * 0.95)]
        print(f"scan of {members:,} members through the page: {took:.0f} s", file=sys.stderr)
        return [
            Row("pages during the scan, 95th percentile", slow, SLOWEST, "ms", SLOWEST / slow, 1.0, f"{took:.0f} s")
        ]


@contextmanager
def served(case: Path) -> Iterator[Visitor]:
    """The page as the command line serves it, and somebody who has opened its link."""
    command = [sys.executable, "-c", "from witnessmark.cli import main; main()", "serve", str(case), "--actor", "B."]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        yield Visitor(server.stderr.readline().strip(), server.pid)
    finally:
        server.terminate()
        server.wait(30)


def rows(findings: int = FINDINGS) -> list[Row]:
    """Make a case, serve it with the command line, measure."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "case", findings)
        with served(Path(folder) / "case") as visitor:
            return [*measure(visitor, findings), export_list(visitor)]


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["--zip"]:
        print(table(rows_of_zip(int(given[1]) if given[1:] else MEMBERS)))
    else:
        print(table(rows(int(given[0]) if given else FINDINGS)))
