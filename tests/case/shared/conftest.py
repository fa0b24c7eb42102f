import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from case.shared.servers import Postgres, binaries, free_port, wait_for
from witnessmark.case import Case, create_case, open_case
from witnessmark.case.shared.ledger import add_person, prepare
from witnessmark.case.shared.sharing import join, share
from witnessmark.model.evidence import Actor
from witnessmark.model.newsroom import Person, Role
from witnessmark.net.objects import Objects

PEOPLE = (
    Person(login="anna", name="A.", roles=(Role.COLLECTOR,)),
    Person(login="boris", name="B. Б", roles=(Role.REVIEWER,)),
    Person(login="clara", name="C.", roles=(Role.READER,)),
    Person(login="dora", name="D.", roles=(Role.REVIEWER,)),
)


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"CI must have {what}", pytrace=False)
    pytest.skip(f"not on this machine: {what}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    pytest.importorskip("pg8000") if not os.environ.get("CI") else __import__("pg8000")
    programs = binaries()
    if programs is None or not (programs / "initdb").is_file():
        missing("a PostgreSQL server (apt install postgresql)")
    # Not pytest's own folder: the server's unprivileged user could not enter that.
    folder = Path(tempfile.mkdtemp(prefix="witnessmark-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder / "server", programs)
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3; WITNESSMARK_TEST_S3 names another (key and secret: test)."""
    if given := os.environ.get("WITNESSMARK_TEST_S3"):
        yield given
        return
    pytest.importorskip("moto.server") if not os.environ.get("CI") else __import__("moto.server")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(port)
    yield f"http://127.0.0.1:{port}"
    server.kill()
    server.wait()


@dataclass
class Newsroom:
    """A prepared database and a bucket; `as_login` acts as somebody."""

    server: Postgres
    journal: str
    blobs: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def as_login(self, login: str) -> None:
        self.monkeypatch.setenv("PGUSER", login)

    def shared(self) -> Path:
        """Anna's case, shared."""
        self.as_login("anna")
        path = self.folder / "anna"
        with create_case(path, title="Shared", actor=Actor(name="A.")) as case:
            case.put(b"an original")
            share(case, self.journal, self.blobs)
        return path

    def joined(self, login: str, case: str, *, cache: int | None = None) -> Path:
        self.as_login(login)
        path = self.folder / f"{login}-{uuid.uuid4().hex[:6]}"
        join(path, self.journal, self.blobs, case, cache_bytes=cache).close()
        return path

    def open(self, login: str, path: Path, **options: object) -> Case:
        self.as_login(login)
        return open_case(path, **options)

    def objects(self, case: str) -> Objects:
        return Objects(f"{self.blobs}/{case}", os.environ)


@pytest.fixture
def newsroom(postgres: Postgres, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    name = f"room_{uuid.uuid4().hex[:12]}"
    with closing(postgres.database("root_of_all", "postgres")) as database:
        database.run(f"CREATE DATABASE {name} OWNER owner")
    with closing(postgres.database("owner", name)) as database:
        prepare(database)
        for person in PEOPLE:
            add_person(database, person)
    for key, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": s3,
        "AWS_DEFAULT_REGION": "us-east-1",
        "WITNESSMARK_JOURNAL": postgres.address(name),
        "WITNESSMARK_BLOBS": f"s3://{name.replace('_', '-')}/cases",
    }.items():
        monkeypatch.setenv(key, value)
    files = Objects(os.environ["WITNESSMARK_BLOBS"], os.environ)
    files._files.mkdir(name.replace("_", "-"))
    return Newsroom(
        server=postgres,
        journal=os.environ["WITNESSMARK_JOURNAL"],
        blobs=os.environ["WITNESSMARK_BLOBS"],
        folder=tmp_path,
        monkeypatch=monkeypatch,
    )
