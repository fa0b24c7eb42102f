"""The process behind `replay`: confined, it unpacks one archive into files that can be served as they are."""

import hashlib
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import msgspec
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.pipeline.comparing_sides import streams
from witnessmark.pipeline.replay import Replay, Replayed, ReplayOrder
from witnessmark.pipeline.replay_pages import rewritten_css, rewritten_html, same_address
from witnessmark.sandbox import confine
from witnessmark.watch.page import read_page

MOST_ANSWERS = 20_000
MOST_BODY = 64 << 20
MOST_BYTES = 1 << 30
MOST_TEXT = 16 << 20
MOST_ABSENT = 500
MOST_HOPS = 10
MOST_BLOCKS = 2_000
LONGEST_BLOCK = 2_000
_PIECE = 1 << 20
_TORN = "the archive ends within a record: it is damaged, and what came before is shown"
_BUILT = re.compile(r"urn:witnessmark:dom:(?:\d+:)?(.*)", re.DOTALL)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252"}
_PAGES = ("text/html", "application/xhtml+xml")
_SERVED = {
    "image": re.compile(r"image/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)\Z"),
    "font": re.compile(r"(?:font/[\w.+-]+|application/(?:x-)?font-[\w-]+|application/vnd\.ms-fontobject)\Z"),
    "media": re.compile(r"(?:audio|video)/[\w.+-]+\Z"),
}


def main() -> int:
    """One order in, one answer out."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=ReplayOrder)
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr
    confine.confine(readable=(Path(order.path),), writable=(Path(order.out),))
    sink.write(msgspec.msgpack.encode(_Unpacking(order).run()))
    sink.flush()
    return 0


class _Unpacking:
    """One archive: first all bodies go to files, then pages and styles are rewritten, since both name each other."""

    def __init__(self, order: ReplayOrder) -> None:
        self._order = order
        self._out = Path(order.out)
        self._answers: list[Replayed] = []
        self._locations: dict[int, str] = {}
        self._charsets: dict[int, str] = {}
        self._by_address: dict[str, int] = {}
        self._built: dict[str, int] = {}
        self._absent: dict[str, None] = {}
        self._cut = ""

    def run(self) -> Replay:
        """Everything; damage ends the reading and is told."""
        left = MOST_BYTES
        try:
            for record in self._records():
                if len(self._answers) >= MOST_ANSWERS or left <= 0:
                    self._cut = "the capture holds more than is replayed"
                    break
                left -= self._take(record)
        except (ArchiveLoadFailed, OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError, KeyError) as error:
            self._cut = f"the archive is damaged; what came before is shown: {str(error)[:200]}"
        self._index()
        done = [self._finished(answer) for answer in self._answers]
        absent = tuple(UntrustedText(url) for url in list(self._absent)[:MOST_ABSENT])
        return Replay(answers=tuple(done), absent=absent, cut=self._cut)

    def _records(self) -> Iterator[Any]:
        for file in streams(Path(self._order.path)):
            with file:
                yield from ArchiveIterator(file)

    def _take(self, record: Any) -> int:
        header = record.rec_headers.get_header
        if not header("Content-Length"):
            self._cut = _TORN
            return 0
        url = (header("WARC-Target-URI") or "").strip("<> ")[:8_000]
        built = _BUILT.fullmatch(url) if record.rec_type == "resource" else None
        http = record.http_headers
        if built is None and (record.rec_type != "response" or http is None or not url.startswith("http")):
            return 0
        number = len(self._answers)
        stated = (header("Content-Type") if built else http.get_header("Content-Type")) or ""
        code = "200" if built else str(http.get_statuscode() or "")
        status = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0
        size, digest, whole = self._store(record, number)
        if whole and getattr(record.raw_stream, "limit", 1) > 0:
            self._cut = _TORN
        media_type = stated.partition(";")[0].strip().lower()[:100]
        self._charsets[number] = stated.partition("charset=")[2].strip(" \"';")[:40]
        if not built and 300 <= status < 400 and http.get_header("Location"):
            self._locations[number] = _joined(url, http.get_header("Location"))
        self._answers.append(
            Replayed(
                number=number,
                url=UntrustedText(built[1] if built else url),
                kind="built page" if built else _kind(media_type),
                at=(header("WARC-Date") or "")[:40],
                status=status,
                media_type=UntrustedText(media_type),
                size=size,
                sha256=digest,
                file=str(number) if whole and size else None,
                why="" if whole else "larger than what is replayed; it is in the archive",
            )
        )
        return size

    def _store(self, record: Any, number: int) -> tuple[int, Sha256, bool]:
        stream, size, digest = record.content_stream(), 0, hashlib.sha256()
        path = self._out / str(number)
        with path.open("wb") as file:
            while piece := stream.read(_PIECE):
                size += len(piece)
                digest.update(piece)
                if size > MOST_BODY:
                    break
                file.write(piece)
        if size > MOST_BODY:
            path.unlink()
        return size, Sha256(digest.hexdigest()), size <= MOST_BODY

    def _index(self) -> None:
        """The first good answer of each address; an address asked for twice mostly answers the same."""
        for answer in self._answers:
            address = same_address(answer.url)
            if answer.kind == "built page":
                self._built.setdefault(address, answer.number)
                continue
            known = self._by_address.get(address)
            if known is None or (self._answers[known].status >= 300 > answer.status >= 200):
                self._by_address[address] = answer.number

    def _finished(self, answer: Replayed) -> Replayed:
        to = self._target(answer.number)
        if to is not None:
            return msgspec.structs.replace(answer, to=to, file=None, why="a redirect")
        if answer.file is None:
            return msgspec.structs.replace(answer, why=answer.why or "the answer has no body")
        if answer.kind in ("page", "built page", "style"):
            return self._rewritten(answer)
        if answer.kind == "text":
            return msgspec.structs.replace(answer, served_as="text/plain;charset=utf-8")
        if answer.kind == "other":
            return msgspec.structs.replace(answer, file=None, why="a script or a file that a page does not show")
        return msgspec.structs.replace(answer, served_as=answer.media_type)

    def _target(self, number: int) -> int | None:
        hops = 0
        while number in self._locations and hops < MOST_HOPS:
            following = self._by_address.get(same_address(self._locations[number]))
            if following is None:
                return None
            number, hops = following, hops + 1
        return number if hops else None

    def _rewritten(self, answer: Replayed) -> Replayed:
        path = self._out / str(answer.number)
        if path.stat().st_size > MOST_TEXT:
            return msgspec.structs.replace(answer, file=None, why="larger than what is rewritten; it is in the archive")
        text = _decoded(path.read_bytes(), self._charsets[answer.number])
        built = answer.kind == "built page"

        def place(url: str) -> str:
            address = same_address(url)
            number = self._built.get(address) if built else None
            number = self._by_address.get(address) if number is None else number
            if number is None:
                if url.startswith("http"):
                    self._absent.setdefault(url[:2_000])
                return f"{self._order.prefix}absent?{quote(url[:2_000], safe='')}"
            target = self._target(number)
            return f"{self._order.prefix}{number if target is None else target}"

        if answer.kind == "style":
            path.write_text(rewritten_css(text, answer.url, place), "utf-8", "replace")
            return msgspec.structs.replace(answer, served_as="text/css;charset=utf-8")
        blocks = read_page(text.encode("utf-8", "replace")).blocks[:MOST_BLOCKS]
        path.write_text(rewritten_html(text, answer.url, place), "utf-8", "replace")
        return msgspec.structs.replace(
            answer,
            served_as="text/html;charset=utf-8",
            blocks=tuple(UntrustedText(block.text[:LONGEST_BLOCK]) for block in blocks),
        )


def _kind(media_type: str) -> str:
    if media_type in _PAGES:
        return "page"
    if media_type == "text/css":
        return "style"
    for kind, pattern in _SERVED.items():
        if pattern.match(media_type):
            return kind
    return "text" if media_type in ("text/plain", "application/json") else "other"


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _decoded(data: bytes, stated: str) -> str:
    """The text, in the encoding that its mark, its header or its own beginning names; else UTF-8, else Latin-1."""
    named = _CHARSET.search(data[:4_096])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for name in (stated, named.group(1).decode("ascii") if named else "", "utf-8-sig"):
        codec = _WIDER.get(name.lower(), name)
        try:
            return data.decode(codec, "replace" if codec and codec != "utf-8-sig" else "strict")
        except (LookupError, UnicodeError):
            continue  # a name that nobody knows, or no UTF-8: the next guess
    return data.decode("cp1252", "replace")


if __name__ == "__main__":
    sys.exit(main())
