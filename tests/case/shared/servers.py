"""A real PostgreSQL server and a server that speaks S3, for one test run."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import closing
from pathlib import Path

from witnessmark.net.postgres import Database

LOGINS = ("owner", "anna", "boris", "clara", "dora", "stranger")


def binaries() -> Path | None:
    """The folder of the newest server's programs."""
    if (there := shutil.which("initdb")) is not None:
        return Path(there).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=Path()).parent if os.name == "posix" else None


class Postgres:
    """A cluster in a folder of its own, with fsync as it comes; started as an unprivileged user where we are root."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self._programs = folder, programs
        self.port = free_port()
        self._as = {"user": "nobody"} if os.geteuid() == 0 else {}
        folder.mkdir(parents=True)
        if self._as:
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "root_of_all", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8"
        )
        self.start()
        with closing(self.database("root_of_all", "postgres")) as database:
            for login in LOGINS:
                database.run(f"CREATE ROLE {login} LOGIN {'CREATEROLE' if login == 'owner' else ''}")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=40"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def database(self, login: str, name: str) -> Database:
        return Database(self.address(name), {"PGUSER": login}, timeout=20)

    def address(self, name: str) -> str:
        return f"postgresql://127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        done = subprocess.run(
            [self._programs / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # pg_ctl's child would keep a pipe open
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            cwd="/",
            env=environment,
            check=False,
            timeout=120,
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {(done.stderr or b'').decode()} {self._log()}")

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2000:] if log.exists() else ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")
