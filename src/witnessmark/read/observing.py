"""Choose the reader for a file, decode only what stands around the matches, and keep every bound."""

from collections.abc import Callable, Iterator, Sequence

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match
from witnessmark.model.observation import Observation
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.read import strings
from witnessmark.read.binary.tables import observations, problem, read_tables
from witnessmark.read.data import DataReader
from witnessmark.read.declarations.brace import BraceReader
from witnessmark.read.declarations.lined import LinedReader, is_lined
from witnessmark.read.declarations.python import PythonReader
from witnessmark.read.decoding import decode, sniff
from witnessmark.read.filetype import BRACES, language_of, role_of
from witnessmark.read.lines import LineReader
from witnessmark.read.markup import MarkupReader
from witnessmark.read.preamble import HEAD, preamble
from witnessmark.read.source import Hit, Part, Source
from witnessmark.read.text import TextReader

WHOLE = 512 << 10  # files up to this size are decoded at once
REACH = 24 << 10  # bytes to either side of a match in larger ones
WIDER = 256 << 10  # when a structure did not end within that
MOST_DECODED = 48 << 20
MOST_OBSERVATIONS = 2_000
MOST_STRINGS = 200_000
MOST_OUTLINE = 100_000

Result = tuple[tuple[Observation, ...], tuple[Problem, ...]]
Reader = BraceReader | PythonReader | TextReader | DataReader | LineReader | MarkupReader | LinedReader
_IMPORTING = frozenset({"python", "lines", "json"})  # scripts are read by lines, notebooks are JSON
_BY_LANGUAGE: dict[str, Callable[[Part], Reader]] = {
    "python": PythonReader,
    "json": DataReader,
    "markup": MarkupReader,
    "lines": LineReader,
}


def observe(blob: Blob, locator: Locator, matches: Sequence[Match]) -> Result:
    """The structures around the matches, in order of place. Never raises for what the bytes are."""
    ordered = sorted(matches, key=lambda match: (match.offset, match.length, match.term))
    codec, is_text = sniff(blob, ordered)
    source = _source(blob, locator, is_text=is_text)
    if not is_text:
        return _bounded(strings.strings(source, ordered), locator)
    return _bounded(_text_observations(source, codec, ordered), locator)


def outline(blob: Blob, locator: Locator) -> Result:
    """Every structure of one file: enums, records, functions, sentences, strings."""
    codec, is_text = sniff(blob)
    source = _source(blob, locator, is_text=is_text)
    if not is_text:
        return _binary_outline(source)
    part = _part(source, codec, 0, min(blob.size, MOST_DECODED), [])
    part.outline = True
    return _bounded(_reader(part).outline(), locator, MOST_OUTLINE)


def _binary_outline(source: Source) -> Result:
    """The tables of a program first; then every string that none of them holds."""
    read = read_tables(source.blob)
    found = [] if read is None else list(observations(source, read))
    known = {item.name for item in found} | {member.name for item in found for member in item.members}
    rest, gaps = _bounded(strings.outline(source, MOST_STRINGS, known), source.locator, MOST_STRINGS)
    more = () if read is None else problem(source, read)
    return tuple(sorted([*found, *rest], key=lambda item: (item.locator.order, item.shape, item.name))), (*more, *gaps)


def _source(blob: Blob, locator: Locator, *, is_text: bool) -> Source:
    name = locator.path[-1] if locator.path else ""
    language = language_of(name, blob) if is_text else ""
    role = role_of("/".join(locator.path[-3:]).replace("\\", "/"), language, text=is_text)
    code = is_text and (language in BRACES or language in _IMPORTING)
    imports = preamble(blob.read(0, HEAD).decode("utf-8", "replace")) if code else ()
    return Source(blob=blob, locator=locator, name=name, language=language, role=role, imports=imports)


def _reader(part: Part) -> Reader:
    if is_lined(part.source.name) and part.source.language in ("lines", ""):
        return LinedReader(part)
    made = _BY_LANGUAGE.get(part.source.language)
    if made is not None:
        return made(part)
    return BraceReader(part) if part.source.language in BRACES else TextReader(part)


def _text_observations(source: Source, codec: str, matches: Sequence[Match]) -> Iterator[Observation]:
    left = MOST_DECODED
    for start, end, inside in _windows(source, matches, WHOLE, REACH):
        if left <= 0:
            for match in inside:
                around = source.blob.read(max(0, match.offset - 200), match.length + 400)
                yield strings.plain(source, match, around.decode("utf-8", "replace"))
            continue
        left -= end - start
        part = _part(source, codec, start, end - start, inside)
        reader = _reader(part)
        found = list(reader.observations())
        if reader.cut and (start > 0 or end < source.blob.size) and end - start < 4 * WIDER:
            low, high = _lines(source.blob, start - WIDER, end + WIDER)
            found = list(_reader(_part(source, codec, low, high - low, inside)).observations())
        yield from found


def _windows(
    source: Source, matches: Sequence[Match], whole: int, reach: int
) -> Iterator[tuple[int, int, list[Match]]]:
    """Stretches of whole lines that hold all matches; the whole file when it is small."""
    size = source.blob.size
    if not matches:
        return
    if size <= whole or (source.language == "python" and size <= 4 * whole):
        yield 0, size, list(matches)
        return
    start, end = 0, -1
    inside: list[Match] = []
    for match in matches:
        low, high = match.offset - reach, match.offset + match.length + reach
        if inside and (low > end or high - start > 8 * WIDER):
            yield (*_lines(source.blob, start, end), inside)
            inside = []
        if not inside:
            start = max(0, low)
        end = min(size, high)
        inside.append(match)
    yield (*_lines(source.blob, start, end), inside)


def _lines(blob: Blob, start: int, end: int) -> tuple[int, int]:
    """Widen to line ends, by at most 8 KiB to either side."""
    start, end = max(0, start), min(blob.size, end)
    before = blob.read(max(0, start - 8_192), start - max(0, start - 8_192))
    cut = before.rfind(b"\n")
    start = start - (len(before) - cut - 1) if cut >= 0 else start
    after = blob.read(end, 8_192).find(b"\n")
    return start, end + after + 1 if after >= 0 else end


def _part(source: Source, codec: str, start: int, length: int, matches: Sequence[Match]) -> Part:
    if codec.startswith("utf-16"):
        start -= start % 2
    body = decode(source.blob, start, length, codec)
    body.first_line = _line_number(source.blob, start, codec)
    part = Part(source=source, body=body, whole=start == 0 and length >= source.blob.size)
    part.hits = [
        Hit(body.char(match.offset), max(body.char(match.offset) + 1, body.char(match.offset + match.length)), match)
        for match in matches
    ]
    return part


def _line_number(blob: Blob, offset: int, codec: str) -> int | None:
    """The line that a byte offset stands on; None past a bound, where counting would cost more than it tells."""
    if offset > 1 << 30:
        return None
    newline = "\n".encode(codec) if codec.startswith(("utf-16-", "utf-32-")) else b"\n"
    count, at = 1, 0
    while at < offset:
        step = min(offset - at, 1 << 22)
        count += blob.read(at, step).count(newline)
        at += step
    return count


def _bounded(items: Iterator[Observation], locator: Locator, most: int = MOST_OBSERVATIONS) -> Result:
    out: list[Observation] = []
    for item in items:
        if len(out) >= most:
            return tuple(out), (_too_many(locator, most),)
        out.append(item)
    return tuple(sorted(out, key=lambda item: (item.locator.order, item.shape, item.name))), ()


def _too_many(locator: Locator, most: int) -> Problem:
    return Problem(
        code=ProblemCode.BOUND_OBSERVATIONS,
        message=UntrustedText(f"more than {most:,} structures hold matches"),
        severity=Severity.PARTIAL,
        consequence="The structures after these were not read; the matches before them were.",
        locator=locator,
    )
