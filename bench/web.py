"""The case page over 100,000 made-up findings in scans of 1,000,000 members, against its own limits in milliseconds.

python -m bench.web [number of findings]
"""

import http.client
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from bench.rows import Row, table
from witnessmark.case import create_case
from witnessmark.model.artifact import Locator
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, Trait, UntrustedText
from witnessmark.model.finding import Coverage, Finding, KnowledgeStamp, ScanReport, ToolStamp
from witnessmark.model.problem import Problem, ProblemCode

FINDINGS, MEMBERS, SCANS = 100_000, 1_000_000, 100
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
    )


def make(folder: Path, findings: int) -> None:
    """Write the case."""
    chance = random.Random(1)
    stamp = KnowledgeStamp(digest=Sha256("0" * 64), terms=1, signals=1, provisions=0, date="2026-01-01")
    gap = Problem(
        code=ProblemCode.ENCRYPTED,
        message=UntrustedText("a password is needed"),
        consequence="This member was not read.",
        locator=Locator(path=(UntrustedText("sdk.zip"), UntrustedText("secret.zip"))),
    )
    per, members = findings // SCANS, MEMBERS // SCANS
    with create_case(folder, title="Bench", vendor="Examplia", actor=Actor(name="A.")) as case:
        for scan in range(SCANS):
            report = ScanReport(
                findings=tuple(made_up(scan * per + n, chance) for n in range(per)),
                problems=(gap,) * 100,
                coverage=Coverage(
                    members_seen=members, members_opened=members, members_unread=100, bytes_read=members, containers=9
                ),
                knowledge=stamp,
                tool=ToolStamp(name="witnessmark", version="0"),
            )
            case.record(EventKind.SCANNED, report)


class Visitor:
    """One kept connection, one session."""

    def __init__(self, link: str) -> None:
        parts = urlsplit(link)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._cookie = ""
        self.csrf = ""
        self.get(f"{parts.path}?{parts.query}")

    def get(self, path: str, body: bytes | None = None) -> str:
        """The page, or where a form leads to."""
        headers = {"cookie": self._cookie}
        if body is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
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
        yield "timeline", lambda: visitor.get("/timeline")
        yield "case", lambda: visitor.get("/")


def measure(link: str, findings: int) -> list[Row]:
    """Times in milliseconds."""
    visitor = Visitor(link)
    start = time.perf_counter()
    visitor.get("/")
    before_index = (time.perf_counter() - start) * 1000
    while f"{findings - findings // 5:,}</strong>" not in visitor.get("/"):
        time.sleep(1)
    indexed = time.perf_counter() - start
    times: dict[str, list[float]] = {}
    for name, visit in visits(random.Random(2), visitor, findings):
        begun = time.perf_counter()
        visit()
        times.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
    everything = sorted(value for values in times.values() for value in values)
    p95 = everything[int(len(everything) * 0.95)]
    first = times["list"][0]
    rows = [
        Row("first page, not indexed yet", before_index, FIRST, "ms", FIRST / before_index, 1.0),
        Row("first list, indexed", first, FIRST, "ms", FIRST / first, 1.0),
        Row("all, 95th percentile", p95, SLOWEST, "ms", SLOWEST / p95, 1.0, f"{len(everything)} requests"),
    ]
    for name, values in times.items():
        worst = sorted(values)[int(len(values) * 0.95)]
        note = f"median {sorted(values)[len(values) // 2]:.0f} ms"
        rows.append(Row(name, worst, SLOWEST, "ms", SLOWEST / worst, 1.0, note))
    print(f"index of {findings:,} findings made in {indexed:.1f} s", file=sys.stderr)
    return rows


def rows(findings: int = FINDINGS) -> list[Row]:
    """Make a case, serve it with the command line, measure."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder) / "case", findings)
        command = [sys.executable, "-m", "witnessmark.cli", "serve", f"{folder}/case", "--actor", "B."]
        command[1:3] = ["-c", "from witnessmark.cli import main; main()"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert server.stderr is not None
        try:
            return measure(server.stderr.readline().strip(), findings)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    print(table(rows(int(sys.argv[1]) if len(sys.argv) > 1 else FINDINGS)))
