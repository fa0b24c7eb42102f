"""Which member of the old version is which member of the new one, across renames and repacking."""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Pair, Pairing
from witnessmark.model.fact import Record, Sha256

SKETCH = 256
SKETCH_BYTES = 8 << 20
ALIKE = 0.5
SAME_NAME_ALIKE = 0.2
MOST_CANDIDATES = 200


class MemberFile(Record, frozen=True, kw_only=True):
    """One leaf of one version: what pairing needs to know of it."""

    locator: Locator
    inner: tuple[str, ...]  # the path below what was named on the command line
    sha256: Sha256
    size: int
    sketch: frozenset[int] = frozenset()

    @property
    def base(self) -> str:
        """The last path component, folded, without version numbers."""
        last = self.locator.path[-1].replace("\\", "/").rsplit("/", 1)[-1].casefold()
        return re.sub(r"[-_.]?v?\d+(?:\.\d+)+", "", last)


def sketch(blob: Blob) -> frozenset[int]:
    """The lowest hashes of the blob's lines or NUL-delimited strings: equal content gives equal sketches, and the
    share that two sketches have in common estimates the share of content that two files have in common."""
    head = _eight_bit(blob.read(0, SKETCH_BYTES))
    hashes = {zlib.crc32(bare) for piece in re.split(rb"[\r\n\0]+", head) if len(bare := piece.strip()) >= 4}
    return frozenset(sorted(hashes)[:SKETCH])


def _eight_bit(head: bytes) -> bytes:
    """Text of two-byte characters as UTF-8, so that a file that was only stored otherwise is known again."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    sample = head[:4_096]
    for zeros, codec in ((sample[1::2], "utf-16-le"), (sample[::2], "utf-16-be")):
        if len(sample) >= 16 and zeros.count(0) > 0.6 * len(zeros) and sample.count(0) < 0.6 * len(sample):
            return head.decode(codec, "replace").encode("utf-8", "replace")
    return head.removeprefix(b"\xef\xbb\xbf")


def likeness(one: MemberFile, other: MemberFile) -> float:
    """0 to 1: the share of the lowest hashes of both that are in both (bottom-k estimate of the Jaccard index)."""
    if one.sha256 == other.sha256:
        return 1.0
    lowest = frozenset(sorted(one.sketch | other.sketch)[:SKETCH])
    if not lowest:
        return 0.0
    return round(len(lowest & one.sketch & other.sketch) / len(lowest), 3)


def _pair(pairing: Pairing, old: MemberFile | None, new: MemberFile | None, alike: float) -> Pair:
    return Pair(
        pairing=pairing,
        old=None if old is None else old.locator,
        new=None if new is None else new.locator,
        likeness=alike,
    )


def pair_members(old: Iterable[MemberFile], new: Iterable[MemberFile]) -> tuple[Pair, ...]:
    """Pair by path, then by digest, then by likeness. Every member of both sides is in exactly one pair."""
    left = {item.locator.order: item for item in sorted(old, key=lambda item: item.locator.order)}
    right = {item.locator.order: item for item in sorted(new, key=lambda item: item.locator.order)}
    if len(left) == len(right) == 1:
        (one,), (other,) = left.values(), right.values()
        how = Pairing.SAME if one.sha256 == other.sha256 else Pairing.CHANGED
        return (_pair(how, one, other, likeness(one, other)),)
    pairs = [*_by_path(left, right), *_by_digest(left, right), *_by_likeness(left, right)]
    pairs += _by_stem(left, right)
    pairs += [_pair(Pairing.GONE, item, None, 0.0) for item in left.values()]
    pairs += [_pair(Pairing.NEW, None, item, 0.0) for item in right.values()]
    return tuple(sorted(pairs, key=_order))


def _order(pair: Pair) -> tuple[object, ...]:
    where = pair.old or pair.new
    return (where.order if where is not None else ((), 0, 0), pair.pairing)


_Side = dict[tuple[tuple[str, ...], int, int], MemberFile]


def _take(left: _Side, right: _Side, one: MemberFile, other: MemberFile, how: Pairing, alike: float) -> Pair:
    del left[one.locator.order], right[other.locator.order]
    return _pair(how, one, other, alike)


def _by_path(left: _Side, right: _Side) -> list[Pair]:
    by_path = {item.inner: item for item in right.values()}
    pairs = []
    for one in list(left.values()):
        other = by_path.get(one.inner)
        if other is None or other.locator.order not in right or not one.inner:
            continue
        how = Pairing.SAME if one.sha256 == other.sha256 else Pairing.CHANGED
        pairs.append(_take(left, right, one, other, how, likeness(one, other)))
    return pairs


def _by_digest(left: _Side, right: _Side) -> list[Pair]:
    by_digest: dict[Sha256, list[MemberFile]] = defaultdict(list)
    for item in right.values():
        by_digest[item.sha256].append(item)
    pairs = []
    for one in list(left.values()):
        twins = by_digest.get(one.sha256)
        if twins:
            pairs.append(_take(left, right, one, twins.pop(0), Pairing.MOVED, 1.0))
    return pairs


_SOURCES = "h hpp hh c cpp cc cs java kt go py rs pas pp vb bas swift ts proto thrift m dart scala php"
_SOURCE = frozenset(_SOURCES.split())


def _by_stem(left: _Side, right: _Side) -> list[Pair]:
    """Bindings of one SDK: source files of one name in other languages, where each side has one such file left."""

    def by_stem(side: _Side) -> dict[str, list[MemberFile]]:
        out: dict[str, list[MemberFile]] = defaultdict(list)
        for item in side.values():
            stem, dot, suffix = item.base.rpartition(".")
            if dot and suffix in _SOURCE:
                out[re.sub(r"[\W_]+", "", stem)].append(item)
        return out

    there = by_stem(right)
    return [
        _take(left, right, here[0], there[stem][0], Pairing.RENAMED, likeness(here[0], there[stem][0]))
        for stem, here in sorted(by_stem(left).items())
        if len(here) == len(there.get(stem, ())) == 1
    ]


def _by_likeness(left: _Side, right: _Side) -> list[Pair]:
    """Best likeness first; members of one base name need less of it. Candidates share a name or a sketch hash."""
    by_hash: dict[int, list[MemberFile]] = defaultdict(list)
    by_base: dict[str, list[MemberFile]] = defaultdict(list)
    for item in right.values():
        by_base[item.base].append(item)
        for value in item.sketch:
            by_hash[value].append(item)
    scored: list[tuple[float, MemberFile, MemberFile]] = []
    for one in left.values():
        rare = sorted((len(by_hash[value]), value) for value in one.sketch if value in by_hash)
        near = {item.locator.order: item for item in by_base.get(one.base, ())[:MOST_CANDIDATES]}
        for _, value in rare[:16]:
            near |= {item.locator.order: item for item in by_hash[value][:MOST_CANDIDATES]}
        for other in near.values():
            alike = likeness(one, other)
            same_name = one.base == other.base
            lone = same_name and len(by_base[one.base]) == 1
            if alike >= (0.0 if lone else SAME_NAME_ALIKE if same_name else ALIKE):
                scored.append((alike + (0.25 if same_name else 0.0), one, other))
    scored.sort(key=lambda row: (-row[0], row[1].locator.order, row[2].locator.order))
    pairs = []
    for _, one, other in scored:
        if one.locator.order in left and other.locator.order in right:
            pairs.append(_take(left, right, one, other, Pairing.RENAMED, likeness(one, other)))
    return pairs
