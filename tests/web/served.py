"""A real server on loopback, and a browser without a screen: cookies, forms, nothing else."""

import http.client
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from witnessmark.case import open_case
from witnessmark.model.artifact import Locator
from witnessmark.model.evidence import Actor
from witnessmark.model.fact import Capability, Grade, Kind, Sha256, Trait, UntrustedText
from witnessmark.model.finding import Coverage, Finding, KnowledgeStamp, ScanReport, ToolStamp
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.pipeline.jobs import Jobs
from witnessmark.seal.bundle import Sealing
from witnessmark.seal.signer import KeySigner
from witnessmark.web import desk as desk_module
from witnessmark.web.app import application
from witnessmark.web.desk import Desk
from witnessmark.web.listening import beside, listen
from witnessmark.web.replaying import Replays, replay_application
from witnessmark.web.sessions import Sessions

FIRMWARE = Path(__file__).parents[2] / "samples" / "built" / "examplia-firmware-1.0.bin"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass(kw_only=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass(kw_only=True)
class Visitor:
    """Keeps one cookie and the last form token."""

    port: int
    cookie: str = ""
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {"cookie": self.cookie, **self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request(method, path, body, {k: v for k, v in sent.items() if v})
        answer = connection.getresponse()
        reply = Reply(status=answer.status, headers={k.lower(): v for k, v in answer.getheaders()}, body=answer.read())
        connection.close()
        if "set-cookie" in reply.headers:
            self.cookie = reply.headers["set-cookie"].partition(";")[0]
        found = _CSRF.search(reply.body.decode("utf-8", "replace"))
        self.csrf = found.group(1) if found else self.csrf
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        return self.request("GET", path, **headers)

    def post(self, path: str, *, follow: bool = True, csrf: str | None = None, **fields: str) -> Reply:
        body = urlencode({"csrf": self.csrf if csrf is None else csrf, **fields}).encode()
        reply = self.request("POST", path, body, content_type="application/x-www-form-urlencoded")
        if follow and reply.status == 303:
            return self.get(reply.headers["location"])
        return reply

    def upload(self, name: bytes, data: bytes) -> Reply:
        edge = b"edge"
        parts = [
            b'--edge\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + self.csrf.encode(),
            b'--edge\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n' + data,
            b"--edge--\r\n",
        ]
        body = b"\r\n".join(parts)
        kind = f"multipart/form-data; boundary={edge.decode()}"
        reply = self.request("POST", "/add", body, content_type=kind)
        return self.get(reply.headers["location"]) if reply.status == 303 else reply


@dataclass(kw_only=True)
class Served:
    """A running server over one case."""

    desk: Desk
    port: int

    def visitor(self, actor: str = "B.") -> Visitor:
        """Somebody who has opened a link."""
        visitor = Visitor(port=self.port)
        reply = visitor.get(f"/open?token={self.desk.sessions.link(actor)}")
        assert reply.status == 200
        return visitor

    def settle(self, seconds: float = 90.0) -> None:
        """Wait until no job is left."""
        deadline = time.monotonic() + seconds
        while self.desk.jobs.active():
            assert time.monotonic() < deadline, self.desk.jobs.active()
            time.sleep(0.05)


@contextmanager
def served(path: Path, *, run_jobs: bool = True, actor: str = "A.") -> Iterator[Served]:
    """Serve a case until the block ends."""
    desk_module.PATIENCE = 30.0  # a busy machine must not make a test see half an index
    signer = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    desk = Desk(
        case=open_case(path, actor=Actor(name=actor)),
        sessions=Sessions(secrets.token_bytes),
        jobs=Jobs(path),
        watch_list=path.parent / "watch.sqlite",
        sealing=lambda passphrase, timestamp: Sealing(signer=signer),
        replays=Replays(secrets.token_hex(24)),
    )
    socket, other = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    port = socket.getsockname()[1]
    assert desk.replays is not None
    copies = replay_application(desk.replays, port=other.getsockname()[1])
    config = uvicorn.Config(
        application(desk, host="127.0.0.1", port=port), log_level="error", lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    if run_jobs:
        desk.jobs.start()
    try:
        with beside(copies, other):
            yield Served(desk=desk, port=port)
    finally:
        server.should_exit = True
        thread.join(20)
        socket.close()
        desk.close()


def a_finding(number: int, **changes: object) -> Finding:
    """A finding like those of a scan, made up."""
    values: dict[str, object] = {
        "id": f"f{number:06}",
        "kind": Kind.FINDING,
        "capability": Capability.ATTRIBUTE_CLASSIFICATION,
        "protected": (Trait.ETHNICITY,),
        "groups": ("uyghur",),
        "grade": Grade.WIRED,
        "rule": "attributes/one-group",
        "title": f"One group against the rest, number {number}",
        "rationale": "One group stands against the rest.",
        "innocent": "A list of languages.",
        "not_shown": "That the value is ever computed.",
        "locator": Locator(
            path=(UntrustedText("sdk.zip"), UntrustedText(f"include/face{number % 7}.h")),
            offset=number * 10,
            line=number,
            sha256=Sha256("1" * 64),
            top_sha256=Sha256("2" * 64),
        ),
        "excerpt": UntrustedText("enum { ETHNIC_UYGHUR = 1, // 维族 \n ETHNIC_OTHER };"),
        "marked": ((7, 20),),
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


def a_report(*findings: Finding, problems: tuple[Problem, ...] = ()) -> ScanReport:
    """A scan's answer with these findings."""
    return ScanReport(
        findings=findings,
        problems=problems,
        coverage=Coverage(members_seen=10, members_opened=9, members_unread=1, bytes_read=1000, containers=2),
        knowledge=KnowledgeStamp(digest=Sha256("0" * 64), terms=1, signals=1, provisions=0, date="2026-01-01"),
        tool=ToolStamp(name="witnessmark", version="0"),
    )


def a_gap(message: str) -> Problem:
    """Something that was not read."""
    return Problem(
        code=ProblemCode.ENCRYPTED,
        message=UntrustedText(message),
        consequence="This member was not read.",
        hint="Give its password.",
        locator=Locator(path=(UntrustedText("sdk.zip"), UntrustedText("secret.zip"))),
    )
