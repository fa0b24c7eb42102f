"""Every state in which a power cut may leave a folder, from the system calls of a program that wrote to it.

`strace` logs what the program did. Of that, only what was flushed is certain: the bytes of a file by `fsync` of the file, a
name by `fsync` of its folder. All else may be on the disk or not, in any combination and by single pages; a file may have
grown without its bytes (then they are zero). This is the model of ALICE (Pillai et al., OSDI 2014) without any promise
of a particular file system; what it lets pass holds on kinder ones too.
"""

import hashlib
import os
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "openat,open,creat,write,pwrite64,writev,pwritev,lseek,ftruncate,truncate,fallocate,fsync,fdatasync,rename,renameat,"
    "renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,sendfile,copy_file_range,splice,mmap"
)
PAGE = 4096
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>)?(.*)", re.DOTALL)
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|\?)[^)]*$", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_HANDLE = re.compile(r"(-?\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)>")


class NotModelled(Exception):
    """The program used a call that this model does not know on a file it follows."""


@dataclass(eq=False)
class File:
    """The bytes of one file: writes and cuts by the moment they happened."""

    changes: list[tuple[int, str, int, bytes]] = field(default_factory=list)  # moment, what, offset or size, bytes
    flushed: list[tuple[int, int]] = field(default_factory=list)  # moment of return, everything up to here is certain
    size: int = 0


@dataclass(eq=False)
class Folder:
    """A folder: its names are in the trace's list of moves."""

    flushed: list[tuple[int, int]] = field(default_factory=list)


Node = File | Folder


@dataclass(frozen=True)
class Move:
    """A name that came, went or changed places. `certain` is the folder whose flush makes it certain."""

    moment: int
    certain: Folder
    gone: tuple[Folder, str, Node] | None = None
    come: tuple[Folder, str, Node] | None = None


@dataclass
class Trace:
    """What a program did below one folder, and what it said on its standard output."""

    root: Path
    top: Folder = field(default_factory=Folder)
    files: list[File] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    moment: int = 0


def record(command: Sequence[str], root: Path, log: Path) -> Trace:
    """Run a program under strace and follow what it does below `root`, an existing empty folder."""
    done = subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(log), *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the program failed: {done.stderr[-2000:]}")
    return _Reader(Trace(root=root.resolve())).read(log)


class _Reader:
    """Follows the names and handles of one process with any number of threads."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.names: dict[Folder, dict[str, Node]] = {trace.top: {}}
        self.places: dict[int, int] = {}  # handle to offset; -1 appends
        self.begun: dict[str, tuple[str, int]] = {}
        self.output = ""

    def read(self, log: Path) -> Trace:
        with log.open() as lines:
            for line in lines:
                match = _LINE.match(line.rstrip("\n"))
                assert match is not None, line
                thread, _, text = match.groups()
                since = self.trace.moment
                if text.endswith("<unfinished ...>"):
                    self.begun[thread] = (text.removesuffix("<unfinished ...>").rstrip(), since)
                    continue
                if match[2]:
                    before, since = self.begun.pop(thread)
                    text = before + text
                call = _CALL.match(text)
                if call is not None and not call[3].startswith(("-", "?")):
                    self.trace.moment += 1
                    self.step(call[1], call[2], int(call[3]), since)
        return self.trace

    def step(self, name: str, arguments: str, result: int, since: int) -> None:
        """One call that succeeded."""
        handler = getattr(self, f"_{name}", None)
        if handler is not None:
            handler(arguments, result, since)
        elif name != "mmap" and any(self._inside(path) for path in self._paths(arguments)):
            raise NotModelled(f"{name}({arguments[:200]})")

    def _inside(self, path: str) -> bool:
        return path == str(self.trace.root) or path.startswith(f"{self.trace.root}/")

    def _paths(self, arguments: str) -> list[str]:
        """The paths of a call: each text, joined to the folder handle before it."""
        found, base = [], Path.cwd()
        for part in re.finditer(rf"{_HANDLE.pattern}|{_TEXT.pattern}", arguments):
            if part[2] is not None:
                base = Path(_plain(part[2]).decode("utf-8", "replace"))
            elif part[3] is not None:
                found.append(os.path.normpath(base / _plain(part[3]).decode("utf-8", "replace")))
        return found

    def _find(self, path: str) -> tuple[Folder, str] | None:
        """Parent folder and name, or None outside the root."""
        if not self._inside(path) or path == str(self.trace.root):
            return None
        at: Node | None = self.trace.top
        *parents, name = Path(path).relative_to(self.trace.root).parts
        for part in parents:
            at = self.names[at].get(part) if isinstance(at, Folder) else None
        return (at, name) if isinstance(at, Folder) else None

    def _node(self, path: str) -> Node | None:
        if path == str(self.trace.root):
            return self.trace.top
        place = self._find(path)
        return self.names[place[0]].get(place[1]) if place else None

    def _handle(self, arguments: str) -> tuple[int, Node | None]:
        match = _HANDLE.match(arguments)
        if match is None or match[1] == "AT_FDCWD":
            return -1, None
        return int(match[1]), self._node(_plain(match[2]).decode("utf-8", "replace"))

    def _move(self, move: Move) -> None:
        self.trace.moves.append(move)
        if move.gone is not None:
            self.names[move.gone[0]].pop(move.gone[1], None)
        if move.come is not None:
            self.names[move.come[0]][move.come[1]] = move.come[2]

    # One method for each call

    def _openat(self, arguments: str, result: int, since: int) -> None:
        (path, *_) = self._paths(arguments) or [""]
        place = self._find(path)
        if place is None:
            self.places.pop(result, None)
            return
        node = self._node(path)
        if node is None and "O_CREAT" in arguments:
            node = File()
            self.trace.files.append(node)
            self._move(Move(self.trace.moment, place[0], come=(*place, node)))
        elif isinstance(node, File) and "O_TRUNC" in arguments:
            node.changes.append((self.trace.moment, "cut", 0, b""))
            node.size = 0
        self.places[result] = -1 if "O_APPEND" in arguments else 0

    def _write(self, arguments: str, result: int, since: int) -> None:
        number, node = self._handle(arguments)
        data = b"".join(_plain(text) for text, _ in _TEXT.findall(arguments))[:result]
        if number == 1:
            self.output += data.decode()
            *lines, self.output = self.output.split("\n")
            self.trace.said += [(self.trace.moment, line) for line in lines]
        if isinstance(node, File):
            assert len(data) == result, "strace cut a write short"
            at = node.size if self.places[number] < 0 else self.places[number]
            self._put(node, at, data)
            if self.places[number] >= 0:
                self.places[number] += result

    _writev = _write

    def _pwrite64(self, arguments: str, result: int, since: int) -> None:
        _, node = self._handle(arguments)
        if isinstance(node, File):
            data = b"".join(_plain(text) for text, _ in _TEXT.findall(arguments))[:result]
            self._put(node, int(arguments.rpartition(",")[2]), data)

    def _put(self, node: File, at: int, data: bytes) -> None:
        node.changes.append((self.trace.moment, "write", at, data))
        node.size = max(node.size, at + len(data))

    def _lseek(self, arguments: str, result: int, since: int) -> None:
        number, _ = self._handle(arguments)
        if self.places.get(number, -1) >= 0:
            self.places[number] = result

    def _ftruncate(self, arguments: str, result: int, since: int) -> None:
        _, node = self._handle(arguments)
        if isinstance(node, File):
            node.size = int(arguments.rpartition(",")[2])
            node.changes.append((self.trace.moment, "cut", node.size, b""))

    def _fsync(self, arguments: str, result: int, since: int) -> None:
        _, node = self._handle(arguments)
        if node is not None:
            node.flushed.append((self.trace.moment, since))

    _fdatasync = _fsync

    def _mkdir(self, arguments: str, result: int, since: int) -> None:
        if (place := self._find(self._paths(arguments)[0])) is not None:
            folder = Folder()
            self.names[folder] = {}
            self._move(Move(self.trace.moment, place[0], come=(*place, folder)))

    _mkdirat = _mkdir

    def _unlink(self, arguments: str, result: int, since: int) -> None:
        path = self._paths(arguments)[0]
        place, node = self._find(path), self._node(path)
        if place is not None and node is not None:
            self._move(Move(self.trace.moment, place[0], gone=(*place, node)))

    _unlinkat = _rmdir = _unlink

    def _rename(self, arguments: str, result: int, since: int) -> None:
        old, new = self._paths(arguments)
        node, source, target = self._node(old), self._find(old), self._find(new)
        if node is not None and source is not None and target is not None:
            self._move(Move(self.trace.moment, target[0], gone=(*source, node), come=(*target, node)))

    _renameat = _renameat2 = _rename

    def _link(self, arguments: str, result: int, since: int) -> None:
        old, new = self._paths(arguments)
        node, target = self._node(old), self._find(new)
        if node is not None and target is not None:
            self._move(Move(self.trace.moment, target[0], come=(*target, node)))

    _linkat = _link


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


MODES = ("nothing more", "all", "names only", "bytes only", "some", "few", "most")


@dataclass(frozen=True)
class Crash:
    """One state: at which moment, and how much of what was not certain the disk has."""

    moment: int
    mode: str
    seed: int


def crashes(trace: Trace, *, each: int, chance: random.Random) -> Iterator[Crash]:
    """At every moment from the first name on, `each` ways."""
    first = trace.moves[0].moment if trace.moves else 0
    for moment in range(first, trace.moment + 1):
        for mode in chance.sample(MODES, each):
            yield Crash(moment, mode, chance.randrange(1 << 30))


def state(trace: Trace, crash: Crash) -> dict[str, bytes | None]:
    """Path to bytes, or None for a folder."""
    chance = random.Random(crash.seed)
    share = {
        "nothing more": 0.0,
        "all": 1.0,
        "names only": 1.0,
        "bytes only": 0.0,
        "some": 0.5,
        "few": 0.15,
        "most": 0.85,
    }
    names: dict[Folder, dict[str, Node]] = {trace.top: {}}
    for move in trace.moves:
        if move.moment > crash.moment:
            break
        if _certain(move.certain, crash.moment) < move.moment and chance.random() >= share[crash.mode]:
            continue
        if move.gone is not None:
            folder, name, node = move.gone
            if names.setdefault(folder, {}).get(name) is node:
                del names[folder][name]
        if move.come is not None:
            folder, name, node = move.come
            names.setdefault(folder, {})[name] = node
    bytes_share = {**share, "names only": 0.0, "bytes only": 1.0}[crash.mode]
    found: dict[str, bytes | None] = {}
    _walk(trace.top, "", names, found, crash, bytes_share, chance)
    return found


def _walk(
    folder: Folder,
    prefix: str,
    names: dict[Folder, dict[str, Node]],
    found: dict[str, bytes | None],
    crash: Crash,
    share: float,
    chance: random.Random,
) -> None:
    for name, node in sorted(names.get(folder, {}).items()):
        if isinstance(node, Folder):
            found[prefix + name] = None
            _walk(node, f"{prefix}{name}/", names, found, crash, share, chance)
        else:
            found[prefix + name] = _content(node, crash.moment, share, chance)


def _certain(node: Node, moment: int) -> int:
    return max((up_to for when, up_to in node.flushed if when <= moment), default=-1)


def _content(file: File, moment: int, share: float, chance: random.Random) -> bytes:
    data, certain = bytearray(), _certain(file, moment)
    for when, what, at, piece in file.changes:
        if when > moment:
            break
        if what == "cut":
            if when <= certain or chance.random() < share:
                del data[at:]
                data.extend(bytes(at - len(data)))
            continue
        if when <= certain:
            _overlay(data, at, piece)
            continue
        for start in _pages(at, len(piece)):
            part = piece[start - at : min(start - start % PAGE + PAGE, at + len(piece)) - at]
            if chance.random() < share:
                _overlay(data, start, part)
            elif share and chance.random() < 0.3:
                _overlay(data, start, bytes(len(part)) if start >= len(data) else data[start : start + len(part)])
    return bytes(data)


def _pages(at: int, length: int) -> Iterator[int]:
    start = at
    while start < at + length:
        yield start
        start = start - start % PAGE + PAGE


def _overlay(data: bytearray, at: int, piece: bytes | bytearray) -> None:
    if len(data) < at:
        data.extend(bytes(at - len(data)))
    data[at : at + len(piece)] = piece


def lay_out(found: dict[str, bytes | None], target: Path) -> None:
    """Make a state real."""
    target.mkdir()
    for path, data in found.items():
        if data is None:
            (target / path).mkdir()
        else:
            (target / path).write_bytes(data)


def digest(found: dict[str, bytes | None]) -> bytes:
    """To tell states apart."""
    whole = hashlib.sha256()
    for path, data in sorted(found.items()):
        whole.update(path.encode() + b"\0" + (b"/" if data is None else hashlib.sha256(data).digest()))
    return whole.digest()


def on_disk(root: Path) -> dict[str, bytes | None]:
    """A real folder in the same form: what the model must come to when nothing is lost."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))
    }
