"""Walk from one blob to every leaf in it, however deep, in one fixed order."""

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode, Severity
from witnessmark.unpack import carve, media, registry
from witnessmark.unpack.bounds import DAMAGE, Working, damage_problem
from witnessmark.unpack.names import clipped, inner_name, is_unsafe
from witnessmark.unpack.unpacker import Accounted, Content, Exhausted, Passed, Unpacked, Unpacker

LISTING = UntrustedText("[member names]")
LISTING_VIA = "listing"
GAP_VIA = "bytes"
CARVE_VIA = "carve"
AT_LEAF = -1


@dataclass(frozen=True, kw_only=True)
class UnpackedLeaf:
    """Bytes to match. `text=True`: derived text, not bytes as they lie in a file."""

    locator: Locator
    blob: Blob
    name: UntrustedText
    media_type: str
    text: bool = False


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A container was opened; for the coverage figures."""

    locator: Locator
    unpacker: str
    size: int


Walked = UnpackedLeaf | Opened | Problem


def step_into(locator: Locator, name: str, via: str) -> Locator:
    """The locator of a member."""
    return Locator(path=(*locator.path, UntrustedText(name)), via=(*locator.via, via), top_sha256=locator.top_sha256)


def walk(blob: Blob, locator: Locator, context: Working) -> Iterator[Walked]:
    """Yield every leaf and every Problem below `blob`, itself included, in file order. Never raises for bad bytes."""
    context.root = locator.path
    try:
        yield from _walk(blob, locator, context)
    except Exhausted as bound:
        yield Problem(
            code=bound.code,
            message=UntrustedText(str(bound)),
            severity=Severity.LOST,
            consequence="The scan of this file stopped here; what comes after was not read.",
            hint="Raise the bound if you trust the file.",
            locator=locator,
        )


def _walk(blob: Blob, locator: Locator, context: Working) -> Iterator[Walked]:
    name = locator.path[-1]
    context.seen += 1
    if context.skip.get(locator.path) == AT_LEAF:
        context.unread += 1
        return
    context.entered(locator, AT_LEAF)
    chosen = registry.choose(blob, name)
    if chosen and len(locator.path) > context.limits.depth:
        yield Problem(
            code=ProblemCode.BOUND_DEPTH,
            message=UntrustedText(f"a {chosen[0].NAME} container at depth {len(locator.path)}"),
            consequence="The container was matched as it stands, not opened.",
            locator=locator,
        )
        chosen = ()
    if chosen and context.root != locator.path and context.offload is not None and context.offload(blob, locator):
        context.seen -= 1  # it is counted where it is walked
        return
    whole = True
    for unpacker in chosen:
        gaps = yield from _open(unpacker, blob, locator, context)
        if not unpacker.DOC.in_place:
            whole = False
            for offset, length in gaps:
                yield from _gap(blob, offset, length, locator, context)
    if whole:
        yield UnpackedLeaf(locator=locator, blob=blob, name=name, media_type=media.guess(blob, name))
        yield from _carved(blob, locator, context)


def _open(
    unpacker: Unpacker, blob: Blob, locator: Locator, context: Working
) -> Generator[Walked, None, list[tuple[int, int]]]:
    """Walk the members; then report what was passed over, and list the names as one more leaf.

    Returns the byte ranges that no member accounts for and that are to be matched as they stand.
    """
    yield Opened(locator=locator, unpacker=unpacker.NAME, size=blob.size)
    opening = _Opening(unpacker, locator, context)
    stop_after = context.skip.get(locator.path)
    context.entered(locator, 0)
    failed = False
    try:
        for item in unpacker.members(blob, context):
            if stop_after is not None and len(opening.names) >= stop_after:
                break
            yield from opening.take(item)
            context.entered(locator, len(opening.names))
    except DAMAGE as error:
        failed = True
        context.unread += 1
        yield _placed(damage_problem(error), locator)
    yield from opening.close()
    if not opening.contents:
        return [(0, blob.size)]  # nothing came out: the container is matched as it stands
    if opening.covered:
        return _complement(opening.covered, blob.size)
    return [(0, blob.size)] if failed else []


class _Opening:
    """One container while its members come out."""

    def __init__(self, unpacker: Unpacker, locator: Locator, context: Working) -> None:
        self._unpacker = unpacker
        self._locator = locator
        self._context = context
        self.names: list[str] = []
        self.contents = 0
        self.named = False  # whether any name is the container's own word, not derived from the file's name
        self.covered: list[tuple[int, int]] = []
        self._seen: Counter[str] = Counter()
        self._passed: dict[ProblemCode, list[Passed]] = {}

    def take(self, item: Unpacked) -> Iterator[Walked]:
        """One thing that the unpacker yielded."""
        if isinstance(item, Content):
            yield from self._content(item)
        elif isinstance(item, Passed):
            self.names.append(item.name)
            self.named = True
            if item.code is not None:
                self._passed.setdefault(item.code, []).append(item)
        elif isinstance(item, Accounted):
            self.covered.append((item.offset, item.length))
        else:
            yield _placed(item, self._locator)

    def _content(self, item: Content) -> Iterator[Walked]:
        context = self._context
        context.next_member()
        self.contents += 1
        name, cut = clipped(item.name or inner_name(self._locator.path[-1]), context.limits)
        self._seen[name] += 1
        self.names.append(name)
        self.named = self.named or bool(item.name)
        child = step_into(self._locator, _numbered(name, self._seen[name]), self._unpacker.NAME)
        if cut:
            yield _path_cut(child, context)
        for problem in context.take_problems():
            yield _placed(problem, child)
        if item.text:
            context.seen += 1
            yield UnpackedLeaf(locator=child, blob=item.blob, name=name, media_type="text/plain", text=True)
        else:
            yield from _walk(item.blob, child, context)

    def close(self) -> Iterator[Walked]:
        """What is to be said about the container as a whole."""
        for problem in self._context.take_problems():
            yield _placed(problem, self._locator)
        yield from _passed_problems(self._passed, self._locator, self._context)
        yield from _name_problems(self._seen, self._locator)
        if self.named:
            yield UnpackedLeaf(
                locator=step_into(self._locator, LISTING, LISTING_VIA),
                blob=Blob.of_bytes("\n".join(self.names).encode()),
                name=LISTING,
                media_type="text/plain",
                text=True,
            )


def _numbered(name: UntrustedText, count: int) -> str:
    """Duplicate names stay apart in locators."""
    return name if count == 1 else f"{name} [{count}]"


def _placed(problem: Problem, locator: Locator) -> Problem:
    if problem.locator is not None:
        return problem
    return Problem(
        code=problem.code,
        message=problem.message,
        severity=problem.severity,
        consequence=problem.consequence,
        hint=problem.hint,
        locator=locator,
    )


def _path_cut(locator: Locator, context: Working) -> Problem:
    return Problem(
        code=ProblemCode.BOUND_PATH,
        message=UntrustedText(f"a member name longer than {context.limits.path_length} characters"),
        severity=Severity.NOTE,
        consequence="The name is shortened in this report; the member was read.",
        locator=locator,
    )


CONSEQUENCES = {
    ProblemCode.LINK: (Severity.NOTE, "Links were not followed; their names were matched."),
    ProblemCode.DEVICE: (Severity.NOTE, "Device files have no bytes; their names were matched."),
    ProblemCode.ENCRYPTED: (Severity.LOST, "The content of these members was not read."),
}


def _passed_problems(passed: dict[ProblemCode, list[Passed]], locator: Locator, context: Working) -> Iterator[Problem]:
    for code, items in sorted(passed.items()):
        context.seen += len(items)
        context.unread += 0 if code in (ProblemCode.LINK, ProblemCode.DEVICE) else len(items)
        severity, consequence = CONSEQUENCES.get(code, (Severity.PARTIAL, "These members were not read."))
        first = ", ".join(item.name + (f" ({item.message})" if item.message else "") for item in items[:3])
        more = f" and {len(items) - 3} more" if len(items) > 3 else ""
        hint = "Give the password with --password." if code is ProblemCode.ENCRYPTED else ""
        yield Problem(
            code=code,
            message=UntrustedText(f"{len(items)} member(s): {first}{more}"),
            severity=severity,
            consequence=consequence,
            hint=hint,
            locator=locator,
        )


def _name_problems(seen: Counter[str], locator: Locator) -> Iterator[Problem]:
    unsafe = [name for name in seen if is_unsafe(name)]
    if unsafe:
        yield Problem(
            code=ProblemCode.UNSAFE_NAME,
            message=UntrustedText(
                f"{len(unsafe)} member name(s) that lead outside or deceive, first: {unsafe[0][:200]}"
            ),
            severity=Severity.NOTE,
            consequence="The members were read; nothing was written under these names.",
            locator=locator,
        )
    repeated = [name for name, count in seen.items() if count > 1]
    if repeated:
        yield Problem(
            code=ProblemCode.DUPLICATE_NAME,
            message=UntrustedText(f"{len(repeated)} member name(s) stand more than once, first: {repeated[0][:200]}"),
            severity=Severity.NOTE,
            consequence="Each was read; later ones carry a number in this report.",
            locator=locator,
        )


def _complement(covered: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """The ranges of 0..size that no pair covers."""
    gaps: list[tuple[int, int]] = []
    end = 0
    for offset, length in sorted(covered):
        if offset > end:
            gaps.append((end, min(offset, size) - end))
        end = max(end, min(size, offset + length))
    if end < size:
        gaps.append((end, size - end))
    return [gap for gap in gaps if gap[1] > 0]


def _gap(blob: Blob, offset: int, length: int, locator: Locator, context: Working) -> Iterator[Walked]:
    """Match bytes that no member covers; open what was appended there."""
    part = blob.part(offset, length)
    if offset == 0 and length == blob.size:  # the container itself, unopened
        yield UnpackedLeaf(
            locator=locator, blob=blob, name=locator.path[-1], media_type=media.guess(blob, locator.path[-1])
        )
        return
    if is_padding(part):
        return
    child = step_into(locator, f"[bytes {offset}-{offset + length}]", GAP_VIA)
    if len(child.path) <= context.limits.depth:
        yield from _walk(part, child, context)
    else:
        yield UnpackedLeaf(locator=child, blob=part, name=child.path[-1], media_type="application/octet-stream")


ZEROS = bytes(1 << 20)
ONES = b"\xff" * (1 << 20)


def is_padding(blob: Blob) -> bool:
    """Whether all bytes are zero, or all are 0xff as erased flash is."""
    first = blob.read(0, 1)
    fill = ZEROS if first == b"\0" else ONES if first == b"\xff" else b""
    return bool(fill) and all(bytes(view) == fill[: len(view)] for _, view in blob.windows(len(fill)))


def _carved(blob: Blob, locator: Locator, context: Working) -> Iterator[Walked]:
    """Open containers that lie at an offset inside other bytes. The bytes around them were matched already."""
    if len(locator.path) > context.limits.depth:
        return
    end = 0
    for found in carve.find(blob):
        if found.offset < end:
            continue
        part = blob.part(found.offset, blob.size - found.offset)
        unpacker = registry.unpackers()[found.unpacker]
        child = step_into(locator, f"[{found.unpacker} at {found.offset}]", CARVE_VIA)
        inner = Carving(unpacker, part, child)
        yield from _if_anything_came_out(inner.walk(context))
        end = found.offset + inner.length


def _if_anything_came_out(items: Iterator[Walked]) -> Iterator[Walked]:
    """A signature that stands there by chance opens into problems alone: then there was no container."""
    held: list[Walked] = []
    for item in items:
        held.append(item)
        if isinstance(item, UnpackedLeaf) and item.blob.size:
            yield from held
            yield from items
            return


class Carving:
    """Walk a carved container whose end is not known before it is read."""

    def __init__(self, unpacker: Unpacker, blob: Blob, locator: Locator) -> None:
        self._unpacker = unpacker
        self._blob = blob
        self._locator = locator
        self.length = 1

    def walk(self, context: Working) -> Iterator[Walked]:
        """As `recurse.walk`, but what follows the container is not matched again."""
        gaps = yield from _open(self._unpacker, self._blob, self._locator, context)
        tail = gaps[-1] if gaps and sum(gaps[-1]) == self._blob.size else None
        self.length = max(1, tail[0]) if tail else self._blob.size
