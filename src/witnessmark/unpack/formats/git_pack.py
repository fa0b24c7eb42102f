"""Git pack files: every version of every file, differences put together, with the names that the trees give."""

import hashlib
import struct
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.git_delta import MAX_OBJECT, patched
from witnessmark.unpack.inflate import inflate_exact, inflated, inflated_size
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Passed, Unpacked, Unpacker

_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
_BY_OFFSET, _BY_HASH = 6, 7
_MAX_NAMES = 500_000
_MAX_OBJECTS = 700_000
_MAX_CHAIN = 4_096  # git itself makes none longer
_CACHE = 64 << 20
_KEPT = 32 << 20  # mapped bytes of the pack that stay in memory
_MAX_WORK = 64 << 30  # bytes unpacked in all, bases that were dropped from the cache counted again


class GitPack(Unpacker):
    """A file below `.git/objects/pack/`, or one that was sent over the network."""

    NAME = "git_pack"
    MAGIC = (Magic(data=b"PACK\0\0\0\x02", offset=None), Magic(data=b"PACK\0\0\0\x03", offset=None))
    DOC = FormatDoc(
        title="Git pack: every version of every file, messages, names",
        kind="app",
        suffixes=(".pack",),
        references=("https://git-scm.com/docs/pack-format",),
        limits=("Differences against objects outside the pack (thin packs) are counted, not read.",
                f"Objects above {MAX_OBJECT >> 20} MB that are kept as differences are reported, not read.",
            f"Packs with more than {_MAX_OBJECTS} objects are matched as they stand, which finds little."),
    )  # fmt: skip

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Commits and tags, then files, then what is kept as a difference against a hash, then all file names."""
        yield from _Pack(blob, context).members()


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    size: int
    body: int  # where the packed bytes start
    base: int | bytes | None  # an offset, or a hash


class _Pack:
    def __init__(self, blob: Blob, context: Context) -> None:
        self._blob = blob
        self._context = context
        self._view = blob.view()
        self._entries: dict[int, _Entry] = {}
        self._offsets: dict[bytes, int] = {}
        self._cache: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
        self._cached = 0
        self._names: dict[bytes, str] = {}
        self._work = 0

    def members(self) -> Iterator[Unpacked]:
        """See `GitPack.members`."""
        (count,) = struct.unpack(">L", self._blob.view(8, 4))
        if count > min(_MAX_OBJECTS, self._context.limits.members):
            raise FormatError(f"the pack says it has {count} objects", code=ProblemCode.BOUND_MEMBERS)
        at = 12
        kinds: dict[int, int] = {}
        for _ in range(count):
            entry, end = self._entry(at)
            self._entries[at] = entry
            kinds[at] = kinds[entry.base] if isinstance(entry.base, int) else entry.kind
            at = self._passed(at, end)
        # Trees first: they say what the files are called. Differences against a hash last: their base must be known.
        for group in ((1, 2, 4), (3,)):
            before = 0
            for at in [at for at, kind in kinds.items() if kind in group]:
                before = self._passed(before, at)
                yield from self._give(at)
        waiting = [at for at, kind in kinds.items() if kind == _BY_HASH]
        yield from self._late(waiting)
        content = derived_text("file names", (f"{name}\n" for name in sorted(set(self._names.values()))), self._context)
        if content is not None:
            yield content

    def _passed(self, at: int, following: int) -> int:
        """Give mapped bytes back to the system each time a border is crossed."""
        if at // _KEPT != following // _KEPT:
            self._blob.forget(following)
        return following

    def _late(self, waiting: list[int]) -> Iterator[Unpacked]:
        """Differences against a hash, for as long as more bases turn up."""
        while waiting:
            ready = [at for at in waiting if self._entries[at].base in self._offsets]
            if not ready:
                break
            taken = set(ready)
            waiting = [at for at in waiting if at not in taken]
            for at in ready:
                yield from self._give(at)
        for at in waiting:
            yield Passed(
                code=ProblemCode.UNREADABLE, name=UntrustedText(f"object at {at}"), message="its base is not here"
            )

    def _give(self, at: int) -> Iterator[Unpacked]:
        entry = self._entries[at]
        if entry.size > MAX_OBJECT and entry.kind in _KINDS:
            body = self._context.collect(inflated(self._view[entry.body :]), packed_size=self._blob.size)
            yield Content(name=UntrustedText(f"{_KINDS[entry.kind]} at {at}"), blob=body)
            return
        if self._too_large(entry):
            yield Passed(code=ProblemCode.BOUND_BYTES, name=UntrustedText(f"object at {at}"), message="too large")
            return
        kind, data = self._object(at)
        name = _KINDS[kind]
        digest = hashlib.sha1(b"%s %d\0%s" % (name.encode(), len(data), data), usedforsecurity=False).digest()
        self._offsets[digest] = at
        if kind == 2:
            self._tree(data)
            return
        label = f"{name} {digest.hex()}"
        if kind == 3 and digest in self._names:
            label = f"{digest.hex()[:12]}/{self._names[digest]}"
        yield Content(name=UntrustedText(label), blob=self._context.collect(iter((data,))))

    def _too_large(self, entry: _Entry) -> bool:
        """Whether an object or one that it is a difference to is above the bound; only whole objects are streamed."""
        for _ in range(_MAX_CHAIN + 2):
            if entry.size > MAX_OBJECT:
                return True
            if entry.kind in _KINDS:
                return False
            entry = self._entries[entry.base if isinstance(entry.base, int) else self._offsets[entry.base or b""]]
        return False  # too long a chain is told where it is followed

    def _tree(self, data: bytes) -> None:
        at = 0
        while at < len(data) and len(self._names) < _MAX_NAMES:
            end = data.index(b"\0", at)
            name = data[at:end].partition(b" ")[2]
            self._names.setdefault(data[end + 1 : end + 21], name.decode("utf-8", "replace"))
            at = end + 21

    def _entry(self, at: int) -> tuple[_Entry, int]:
        """The entry at an offset, and where the next one begins."""
        view = self._view
        start = at
        byte = view[at]
        kind, size, shift = byte >> 4 & 7, byte & 15, 4
        while byte & 0x80 and shift < 64:
            at += 1
            byte = view[at]
            size |= (byte & 0x7F) << shift
            shift += 7
        at += 1
        base: int | bytes | None = None
        if kind == _BY_OFFSET:
            distance, at = self._distance(at)
            base = start - distance
            if base not in self._entries:
                raise FormatError("a difference names a base that is not there")
        elif kind == _BY_HASH:
            base = bytes(view[at : at + 20])
            at += 20
        elif kind not in _KINDS:
            raise FormatError(f"an object of the unknown kind {kind}")
        entry = _Entry(kind, size, at, base)
        return entry, at + self._packed_size(start, entry)

    def _distance(self, at: int) -> tuple[int, int]:
        byte = self._view[at]
        distance = byte & 0x7F
        for _ in range(10):
            if not byte & 0x80:
                break
            at += 1
            byte = self._view[at]
            distance = (distance + 1) << 7 | byte & 0x7F
        return distance, at + 1

    def _packed_size(self, at: int, entry: _Entry) -> int:
        """Only unpacking tells where an object ends; a whole object is kept for what follows."""
        if entry.size > MAX_OBJECT:
            self._spend(entry.size)
            return inflated_size(self._view[entry.body :], entry.size)
        data, used = inflate_exact(self._view[entry.body :], entry.size)
        self._spend(entry.size)
        if entry.kind in _KINDS:
            self._keep(at, entry.kind, data)
        return used

    def _object(self, at: int) -> tuple[int, bytes]:
        """An object's kind and bytes, its chain of differences undone."""
        chain: list[_Entry] = []
        places: list[int] = []
        while at not in self._cache:
            entry = self._entries[at]
            if entry.kind in _KINDS:
                self._keep(at, entry.kind, self._inflated(entry))
                break
            chain.append(entry)
            places.append(at)
            if len(chain) > _MAX_CHAIN:
                raise FormatError(
                    f"more than {_MAX_CHAIN} differences on top of each other", code=ProblemCode.BOUND_DEPTH
                )
            at = entry.base if isinstance(entry.base, int) else self._offsets[entry.base or b""]
        kind, data = self._cache[at]
        self._cache.move_to_end(at)
        for entry, place in zip(reversed(chain), reversed(places), strict=True):
            data = patched(data, self._inflated(entry))
            self._spend(len(data))
            self._keep(place, kind, data)
        return kind, data

    def _inflated(self, entry: _Entry) -> bytes:
        self._spend(entry.size)
        return inflate_exact(self._view[entry.body :], entry.size)[0]

    def _spend(self, size: int) -> None:
        self._work += size
        if self._work > _MAX_WORK:
            raise FormatError("putting the objects together takes too much work", code=ProblemCode.BOUND_BYTES)

    def _keep(self, at: int, kind: int, data: bytes) -> None:
        """Remember an object; drop the oldest ones above the bound, but never this one."""
        if at in self._cache:
            return
        self._cache[at] = (kind, data)
        self._cached += len(data)
        while self._cached > _CACHE and len(self._cache) > 1:
            _, (_, dropped) = self._cache.popitem(last=False)
            self._cached -= len(dropped)


UNPACKER = GitPack()
