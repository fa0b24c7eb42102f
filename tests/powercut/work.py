"""What is cut off, and what must hold afterwards.

`python -m powercut.work NAME FOLDER [URL]` does the work and says on standard output what it acknowledges.
"""

import contextlib
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seal.small import SIGNER
from witnessmark.capture.download import capture_download
from witnessmark.capture.page import Request, capture_page
from witnessmark.case import create_case, open_case
from witnessmark.case.check import check_case
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.net import Policy
from witnessmark.net.client import utc_now
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.key import KeyRing
from witnessmark.seal.verify import verify_bundle

Judge = Callable[[Path, list[str]], list[str]]
_POLICY = Policy(allow_hosts=frozenset({"localhost"}), interval=0, offline=False)
_WORDS = ("correct horse", "battery staple")


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def do_case(folder: Path, _: str) -> None:
    """Make a case, keep blobs, append, work in a workspace, seal as a folder and as one file."""
    chance = random.Random(5)
    with create_case(folder / "case", title="cut") as case:
        say("made")
        for turn in range(2):
            say("blob", case.put(chance.randbytes(9_000 * turn + 700)))
            for size in (10, 6_000):
                event = case.append(EventKind.NOTE, text=UntrustedText("x" * size))
                say("event", event.seq, event.id)
            with case.workspace("capture") as place:
                (place / "part").write_bytes(chance.randbytes(5_000))
                say("blob", case.keep(place / "part"))
        for name in ("bundle", "bundle.zip"):
            seal(case, folder / name, Sealing(signer=SIGNER))
            say("bundle", name)
        event = case.append(EventKind.NOTE, text=UntrustedText("after"))
        say("event", event.seq, event.id)


def judge_case(folder: Path, said: list[str]) -> list[str]:
    """Everything that was acknowledged is there; nothing else is believed; work goes on."""
    try:
        case = open_case(folder / "case")
    except (CaseError, UsageError) as error:
        if said:
            return [f"does not open: {error}"]
        return _can_begin_again(folder)
    wrong = []
    with case:
        events = case.events()
        for line in said:
            kind, *words = line.split()
            if kind == "blob" and (
                not case.store.has(Sha256(words[0])) or case.blob(Sha256(words[0])).sha256() != words[0]
            ):
                wrong.append(f"lost {line}")
            if kind == "event" and (len(events) <= int(words[0]) or events[int(words[0])].id != words[1]):
                wrong.append(f"lost {line}")
            if kind == "bundle" and not (folder / words[0]).exists():
                wrong.append(f"lost {line}")
        case.append(EventKind.NOTE, text=UntrustedText("goes on"))
    wrong += [f"damage: {flaw}" for flaw in check_case(folder / "case")]
    for path in folder.iterdir():
        finished = path.name in ("bundle", "bundle.zip")
        if finished and not verify_bundle(path, signers=(SIGNER.public,)).holds:
            wrong.append(f"{path.name} has its name and does not hold")
        if path.name.endswith(".zip.sha256") and not path.read_bytes():
            wrong.append(f"{path.name} is empty")
    return wrong


def _can_begin_again(folder: Path) -> list[str]:
    try:
        create_case(folder / "case", title="again").close()
        open_case(folder / "case").close()
    except (CaseError, UsageError) as error:
        return [f"neither opens nor can be made again: {error}"]
    return []


def do_capture(folder: Path, url: str) -> None:
    """A download that breaks off once, and a document with its redirects."""
    capture_download(url + "/big", _POLICY, folder / "download", utc_now, random.Random(1).randbytes)
    say("captured download")
    request = Request(url=url + "/redirect/2", policy=_POLICY, without_browser=True)
    capture_page(request, folder / "page", utc_now, random.Random(2).randbytes)
    say("captured page")


def judge_capture(folder: Path, said: list[str]) -> list[str]:
    """What says that it is complete is; what was acknowledged is there and every digest holds."""
    wrong = []
    for name in ("download", "page"):
        record = folder / name / "capture.json"
        acknowledged = f"captured {name}" in said
        if not record.is_file():
            wrong += [f"{name}: acknowledged, and there is no record"] if acknowledged else []
            continue
        try:
            told = json.loads(record.read_bytes())
        except ValueError:
            wrong.append(f"{name}: the record cannot be read")
            continue
        ended = "had not ended when this was written" not in " ".join(p["message"] for p in told["problems"])
        if acknowledged and not ended:
            wrong.append(f"{name}: acknowledged, and the record calls it unfinished")
        for file in told["files"] if ended else ():
            path = folder / name / file["name"]
            if not path.is_file() or sha256(path.read_bytes()).hexdigest() != file["sha256"]:
                wrong.append(f"{name}: {file['name']} is not what the record says")
    return wrong


def do_keys(folder: Path, _: str) -> None:
    """Make a key, replace it twice."""
    number = iter(range(1, 9))
    ring = KeyRing(folder / "keys", lambda: Ed25519PrivateKey.from_private_bytes(bytes([next(number)]) * 32))
    say("key", ring.make(_WORDS[0]).public.hex(), 0)
    for turn in (1, 2):
        ring.rotate(_WORDS[(turn + 1) % 2], _WORDS[turn % 2], at="2026-01-02T03:04:05Z", reason="r")
        say("key", ring.load(_WORDS[turn % 2]).public.hex(), turn % 2)


def judge_keys(folder: Path, said: list[str]) -> list[str]:
    """The last key that was acknowledged can be used, and so can each before it; a key that is there is whole."""
    ring, wrong = KeyRing(folder / "keys"), []
    if ring.exists():
        opened = False
        for words in _WORDS:
            with contextlib.suppress(UsageError):
                ring.load(words)
                opened = True
        if not opened:
            wrong.append("the current key cannot be opened")
    elif said:
        wrong.append("there is no key any more")
    for line in said:
        _, public, number = line.split()
        try:
            ring.load_for(bytes.fromhex(public), _WORDS[int(number)])
        except UsageError as error:
            wrong.append(f"lost {line}: {error}")
    for name in ring.rotations().splitlines():
        try:
            json.loads(name)
        except ValueError:
            wrong.append("a line of the rotation log is torn")
    return wrong


WORKS: dict[str, tuple[Callable[[Path, str], None], Judge]] = {
    "case": (do_case, judge_case),
    "capture": (do_capture, judge_capture),
    "keys": (do_keys, judge_keys),
}


def again(folder: Path) -> None:
    """Forget a state that was looked at."""
    shutil.rmtree(folder)


if __name__ == "__main__":
    WORKS[sys.argv[1]][0](Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
