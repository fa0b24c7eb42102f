"""Read the strings that stand next to a match in a binary file."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.read.source import Source, clip

REACH = 3_000  # bytes to either side
NEAR = 400  # matches this close share an observation
SPREAD = 12_000  # bytes that one observation may span
EACH_SIDE = 25
_FIRST_LOOK = 800  # most often holds EACH_SIDE strings
_UTF8 = rb"[\x20-\x7e\t]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
_PRINTABLE = re.compile(rb"(?:" + _UTF8 + rb"){2,2000}")
_DOUBLE = re.compile(rb"(?:[\x20-\x7e\t]|[\x81-\xfe][\x40-\x7e\x80-\xfe]){2,2000}")
_SINGLE = re.compile(rb"[\x20-\x7e\t\x80-\xff]{2,2000}")
_DOUBLE_CODECS = ("gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp932", "euc-jp", "cp949", "euc-kr")
# What a UTF-16 string does not hold: controls, surrogates, private use and specials.
_WIDE = re.compile("[^\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]{2,}")


def _groups(matches: Sequence[Match]) -> Iterator[list[Match]]:
    group: list[Match] = []
    for match in matches:
        if group and (
            match.offset - group[-1].offset > NEAR
            or match.offset - group[0].offset > SPREAD
            or _codec(match) != _codec(group[0])
        ):
            yield group
            group = []
        group.append(match)
    if group:
        yield group


def _codec(match: Match) -> str:
    name = match.encoding.lower().replace("_", "-")
    return "utf-8" if name in ("ascii", "utf-8", "binary", "latin-1") or name.startswith("utf-32") else name


def strings(source: Source, matches: Sequence[Match]) -> Iterator[Observation]:
    """One observation for each neighbourhood of matches, with the strings around them and their byte offsets."""
    for group in _groups(matches):
        yield _observe(source, group)


def _observe(source: Source, group: list[Match]) -> Observation:
    codec = _codec(group[0])
    start = max(0, group[0].offset - REACH)
    if codec.startswith("utf-16"):
        start += (group[0].offset - start) % 2
    end = min(source.blob.size, group[-1].offset + group[-1].length + REACH)
    data = source.blob.read(start, end - start)
    runs: _Runs = _WideRuns(data, codec) if codec.startswith("utf-16") else _Runs(data, codec)
    chosen, own = _near(runs, [runs.index(match.offset - start) for match in group])
    offsets = [match.offset for match in group]
    members = tuple(
        _member(start + runs.byte(first), start + runs.byte(end), text, offsets) for first, end, text in chosen[:400]
    )
    locator = msgspec.structs.replace(
        source.locator,
        offset=group[0].offset,
        length=group[-1].offset + group[-1].length - group[0].offset,
        encoding=group[0].encoding,
    )
    return Observation(
        shape=Shape.STRINGS,
        name=clip(own[0] if own else group[0].text),
        locator=locator,
        language=source.language,
        text=clip("\n".join(own) or group[0].text, 2_000),
        members=members,
        neighbours=tuple(member.name for member in members if not member.matched)[:48],
        matches=tuple(group),
        file_role=source.role or "binary",
    )


def _member(at: int, end: int, text: str, offsets: list[int]) -> Member:
    inside = tuple(range(bisect_left(offsets, at), bisect_left(offsets, end)))
    return Member(name=clip(text, 300), offset=at, length=end - at, matched=inside)


_Run = tuple[int, int, str]  # first and end, in the units of `_Runs`, and the text


class _Runs:
    """Printable runs in bytes; places are bytes. Runs are decoded when asked for: most never are."""

    def __init__(self, data: bytes, codec: str) -> None:
        self._data = data
        self._codec = codec
        self._pattern = _PRINTABLE if codec == "utf-8" else _DOUBLE if codec in _DOUBLE_CODECS else _SINGLE

    def index(self, byte: int) -> int:
        """The place of a byte."""
        return byte

    def byte(self, place: int) -> int:
        """The first byte of a place."""
        return place

    def around(self, first: int, last: int) -> tuple[int, int]:
        """Places before and after which no run goes on: zero bytes, or the ends."""
        after = self._data.find(b"\0", last)
        return self._data.rfind(b"\0", 0, max(0, first)) + 1, len(self._data) if after < 0 else after

    def spans(self, first: int, end: int) -> list[tuple[int, int]]:
        """Where runs stand."""
        return [run.span() for run in self._pattern.finditer(self._data, first, end)]

    def text(self, first: int, end: int) -> str | None:
        """A run's text, or None when it is blank."""
        text = self._data[first:end].decode(self._codec, "replace")
        return text if len(text.strip()) >= 2 else None


class _WideRuns(_Runs):
    """Strings of two-byte characters, in step with the match's own alignment; places are characters."""

    def __init__(self, data: bytes, codec: str) -> None:
        super().__init__(data, codec)
        self._text = data[: len(data) - len(data) % 2].decode(codec, "surrogatepass")
        # Only where a character takes four bytes do places need a table.
        astral = 2 * len(self._text) < len(data) - 1
        self._bytes = [0, *accumulate(2 if c <= "\uffff" else 4 for c in self._text)] if astral else None

    def index(self, byte: int) -> int:
        """The character that a byte belongs to."""
        return byte // 2 if self._bytes is None else bisect_right(self._bytes, byte) - 1

    def byte(self, place: int) -> int:
        """The first byte of a character."""
        return 2 * place if self._bytes is None else self._bytes[place]

    def around(self, first: int, last: int) -> tuple[int, int]:
        """As for bytes."""
        after = self._text.find("\0", last)
        return self._text.rfind("\0", 0, max(0, first)) + 1, len(self._text) if after < 0 else after

    def spans(self, first: int, end: int) -> list[tuple[int, int]]:
        """Where runs stand."""
        return [run.span() for run in _WIDE.finditer(self._text, first, end)]

    def text(self, first: int, end: int) -> str | None:
        """A run's text, or None when it is blank."""
        text = self._text[first:end]
        return text if text.strip() else None


def _near(runs: _Runs, spots: list[int]) -> tuple[list[_Run], list[str]]:
    """The runs that hold a spot with EACH_SIDE more on either side, and the texts of those that do.

    A small neighbourhood is looked at first, the whole only where it has too few. Where no run holds a spot: the first
    runs of the whole.
    """
    low, high = min(spots), max(spots)
    narrow = runs.around(low - _FIRST_LOOK, high + _FIRST_LOOK)
    for first, end in (narrow, runs.around(-1, 1 << 62)):
        spans = runs.spans(first, end)
        found = _own(runs, spans, spots)
        if not found:
            continue
        before = _some(runs, spans[found[0][0] - 1 :: -1] if found[0][0] else [], EACH_SIDE)[::-1]
        after = _some(runs, spans[found[-1][0] + 1 :], EACH_SIDE)
        if len(before) == len(after) == EACH_SIDE or (first, end) != narrow:
            break
    if not found:
        return _some(runs, spans, 2 * EACH_SIDE), []
    return before + _some(runs, spans[found[0][0] : found[-1][0] + 1]) + after, [text for _, text in found]


def _own(runs: _Runs, spans: list[tuple[int, int]], spots: list[int]) -> list[tuple[int, str]]:
    """Number and text of every run that holds a spot."""
    numbers = set()
    for spot in spots:
        number = bisect_right(spans, (spot, 1 << 62)) - 1
        if number >= 0 and spot < spans[number][1]:
            numbers.add(number)
    return [(number, text) for number in sorted(numbers) if (text := runs.text(*spans[number])) is not None]


def _some(runs: _Runs, spans: Sequence[tuple[int, int]], most: int = 1 << 62) -> list[_Run]:
    """The first runs that are not blank."""
    chosen: list[_Run] = []
    for first, end in spans:
        if len(chosen) >= most:
            break
        text = runs.text(first, end)
        if text is not None:
            chosen.append((first, end, text))
    return chosen


_WIDE_RUN = re.compile(rb"(?:[\x20-\x7e]\0){4,1000}|(?<=\0\0)(?:[\x20-\x7e]\0|[\x00-\xff][\x4e-\x9f]){2,1000}(?=\0\0)")
_GBK_RUN = re.compile(rb"(?<=\0)(?:[\xb0-\xf7][\xa1-\xfe]|[\x20-\x7e]){2,400}(?=\0)")
_HAN = re.compile("[\u4e00-\u9fff]{2}")


def outline(source: Source, most: int, known: Collection[str] = ()) -> Iterator[Observation]:
    """Every printable string of four characters and more, each once, in order of its first place in each encoding.

    In UTF-8 and UTF-16; in GB 18030 where Han characters stand between zero bytes. `known` are left out.
    """
    seen: set[str] = set(known)
    limit = len(seen) + most
    for start, view in source.blob.windows(1 << 20, 4_000):
        data = bytes(view)
        for first, end, text, encoding in _texts(data):
            if text in seen:
                continue
            if len(seen) >= limit:
                return
            seen.add(text)
            locator = msgspec.structs.replace(
                source.locator, offset=start + first, length=end - first, encoding=encoding
            )
            yield Observation(
                shape=Shape.STRINGS,
                name=clip(text, 300),
                text=clip(text, 300),
                locator=locator,
                file_role=source.role or "binary",
            )


def _texts(data: bytes) -> Iterator[tuple[int, int, str, str]]:
    runs = _Runs(data, "utf-8")
    for first, end in runs.spans(0, len(data)):
        text = runs.text(first, end) or ""
        if len(text) >= 4:
            yield first, end, text, "utf-8"
    for codec, pattern in (("utf-16-le", _WIDE_RUN), ("gb18030", _GBK_RUN)):
        for found in pattern.finditer(data):
            text = found.group().decode(codec, "replace").strip("\0")
            if len(text.strip()) >= 2 and ((text.isascii() and codec == "utf-16-le") or _HAN.search(text)):
                yield found.start(), found.end(), text, codec


def plain(source: Source, match: Match, text: str) -> Observation:
    """The least that can be said of a match: the text around it."""
    locator = msgspec.structs.replace(
        source.locator, offset=match.offset, length=match.length, line=match.line, encoding=match.encoding
    )
    return Observation(
        shape=Shape.SENTENCE,
        name=UntrustedText(match.text),
        locator=locator,
        text=clip(text, 600),
        matches=(match,),
        file_role=source.role,
    )
