"""Read the strings that stand next to a match in a binary file."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.read.source import Source, clip

REACH = 3_000  # bytes to either side
NEAR = 400  # matches this close share an observation
SPREAD = 12_000  # bytes that one observation may span
EACH_SIDE = 25
_UTF8 = rb"[\x20-\x7e\t]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
_PRINTABLE = re.compile(rb"(?:" + _UTF8 + rb"){2,2000}")
_DOUBLE = re.compile(rb"(?:[\x20-\x7e\t]|[\x81-\xfe][\x40-\x7e\x80-\xfe]){2,2000}")
_SINGLE = re.compile(rb"[\x20-\x7e\t\x80-\xff]{2,2000}")
_DOUBLE_CODECS = ("gb18030", "gbk", "gb2312", "big5", "big5hkscs", "cp932", "euc-jp", "cp949", "euc-kr")
# What a UTF-16 string does not hold: controls, surrogates, private use and specials.
_NOT_WIDE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]+")


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
    found = list(found_strings(source.blob.read(start, end - start), start, codec))
    own = [index for index, (at, size, _) in enumerate(found) if any(at <= match.offset < at + size for match in group)]
    first, last = (max(0, own[0] - EACH_SIDE), own[-1] + EACH_SIDE + 1) if own else (0, 2 * EACH_SIDE)
    members = tuple(_member(at, size, text, group) for at, size, text in found[first:last][:400])
    name = next((text for index, (_, _, text) in enumerate(found) if index in own), group[0].text)
    locator = msgspec.structs.replace(
        source.locator,
        offset=group[0].offset,
        length=group[-1].offset + group[-1].length - group[0].offset,
        encoding=group[0].encoding,
    )
    return Observation(
        shape=Shape.STRINGS,
        name=clip(name),
        locator=locator,
        language=source.language,
        text=clip("\n".join(found[index][2] for index in own) or group[0].text, 2_000),
        members=members,
        neighbours=tuple(member.name for member in members if not member.matched)[:48],
        matches=tuple(group),
        file_role=source.role or "binary",
    )


def _member(at: int, size: int, text: str, group: list[Match]) -> Member:
    inside = tuple(index for index, match in enumerate(group) if at <= match.offset < at + size)
    return Member(name=clip(text, 300), offset=at, length=size, matched=inside)


def found_strings(data: bytes, start: int, codec: str) -> Iterator[tuple[int, int, str]]:
    """Offset, length in bytes and text of every printable run."""
    if codec.startswith("utf-16"):
        yield from _wide_strings(data, start, codec)
        return
    pattern = _PRINTABLE if codec == "utf-8" else _DOUBLE if codec in _DOUBLE_CODECS else _SINGLE
    for run in pattern.finditer(data):
        text = run.group().decode(codec, "replace")
        if len(text.strip()) >= 2:
            yield start + run.start(), len(run.group()), text


def _wide_strings(data: bytes, start: int, codec: str) -> Iterator[tuple[int, int, str]]:
    """Strings of two-byte characters, in step with the match's own alignment (`start` has its parity)."""
    text = data[: len(data) - len(data) % 2].decode(codec, "surrogatepass")
    units = [2 if char <= "\uffff" else 4 for char in text]
    at, byte = 0, start
    for gap in (*_NOT_WIDE.finditer(text), None):
        stop = len(text) if gap is None else gap.start()
        size = sum(units[at:stop])
        if stop - at >= 2 and text[at:stop].strip():
            yield byte, size, text[at:stop]
        if gap is not None:
            byte += size + sum(units[stop : gap.end()])
            at = gap.end()


def outline(source: Source, most: int) -> Iterator[Observation]:
    """Every printable string of four characters and more, each once, in order of its first place."""
    seen: set[str] = set()
    for start, view in source.blob.windows(1 << 20, 4_000):
        for at, size, text in found_strings(bytes(view), start, "utf-8"):
            if len(text) < 4 or text in seen:
                continue
            if len(seen) >= most:
                return
            seen.add(text)
            locator = msgspec.structs.replace(source.locator, offset=at, length=size)
            yield Observation(
                shape=Shape.STRINGS,
                name=clip(text, 300),
                text=clip(text, 300),
                locator=locator,
                file_role=source.role or "binary",
            )


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
