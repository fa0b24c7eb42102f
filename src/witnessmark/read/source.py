"""One file under reading: its parts, the matches in them, and the making of observations with exact places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.read.decoding import Text

TEXT_LIMIT = 2_000  # characters of source text that an observation carries
MEMBER_LIMIT = 400
LIST_LIMIT = 48


def clip(text: str, limit: int = 400) -> UntrustedText:
    """Text of a bounded length, with lone surrogates (undecodable bytes) replaced; an ellipsis says it was cut."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return UntrustedText(short if short.isascii() else short.encode("utf-8", "replace").decode("utf-8"))


@dataclass(frozen=True)
class Hit:
    """One match as a span of characters of the decoded part."""

    start: int
    end: int
    match: Match


@dataclass
class Source:
    """A file: where it lies, what it is, and which language it is written in."""

    blob: Blob
    locator: Locator
    name: str
    language: str
    role: str
    imports: tuple[str, ...] = ()  # lines at its head that name its package or what it imports


@dataclass
class Part:
    """A decoded stretch of a file with the matches in it."""

    source: Source
    body: Text
    hits: list[Hit] = field(default_factory=list)
    whole: bool = True  # reaches from the start to the end of the file
    outline: bool = False  # report every structure, not only those with matches

    @property
    def text(self) -> str:
        """The decoded characters."""
        return self.body.text

    def place(self, start: int, end: int, line_at: int | None = None) -> Locator:
        """A locator for the characters from `start` to `end`."""
        first = self.body.byte(start)
        return msgspec.structs.replace(
            self.source.locator,
            offset=first,
            length=max(0, self.body.byte(end) - first),
            line=self.body.line(start if line_at is None else line_at),
            encoding=self.body.encoding,
        )

    def member(
        self,
        name: str,
        start: int,
        end: int,
        *,
        value: str | None = None,
        type: str | None = None,
        comment: str | None = None,
    ) -> Member:
        """A member whose name stands at `start` and whose own text ends at `end`."""
        first = self.body.byte(start)
        return Member(
            name=clip(name),
            value=None if value is None else clip(value),
            type=None if type is None else clip(type),
            comment=None if not comment else clip(comment, 800),
            offset=first,
            length=max(0, self.body.byte(end) - first),
            line=self.body.line(start),
        )


@dataclass
class Found:
    """A member under construction: `extent` is everything that belongs to it, comments and attributes included."""

    name: str
    start: int
    end: int
    extent: tuple[int, int]
    value: str | None = None
    type: str | None = None
    comments: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """An observation under construction, in characters of one part."""

    shape: Shape
    name: str
    start: int
    end: int
    name_at: int
    members: list[Found] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    parents: Sequence[str] = ()
    neighbours: Sequence[str] = ()
    uses: Iterable[str] = ()
    aliases: Sequence[str] = ()
    type: str | None = None
    text: str | None = None
    language: str | None = None


def finish(part: Part, draft: Draft, hits: Sequence[Hit]) -> Observation:
    """Turn a draft into an observation: places in the original, bounded members around the matches."""
    kept = _kept(draft.members, hits)
    members = []
    for found in kept:
        made = part.member(
            found.name, found.start, found.end, value=found.value, type=found.type, comment=" ".join(found.comments)
        )
        inside = tuple(i for i, hit in enumerate(hits) if found.extent[0] <= hit.start < found.extent[1])
        members.append(msgspec.structs.replace(made, matched=inside) if inside else made)
    text = draft.text if draft.text is not None else _around_hits(part.text, draft.start, draft.end, hits)
    return Observation(
        shape=draft.shape,
        name=clip(draft.name),
        locator=part.place(draft.start, draft.end, draft.name_at),
        language=draft.language or part.source.language,
        text=clip(text, TEXT_LIMIT),
        members=tuple(members),
        comments=tuple(clip(c, 800) for c in draft.comments[:LIST_LIMIT] if c),
        parents=tuple(clip(p, 200) for p in draft.parents if p)[-12:],
        neighbours=tuple(clip(n, 300) for n in list(draft.neighbours)[:LIST_LIMIT] if n),
        uses=tuple(clip(u, 200) for u in sorted(set(draft.uses))[:200] if u),
        aliases=tuple(clip(a, 200) for a in draft.aliases[:16] if a and a != draft.name),
        type=None if draft.type is None else clip(draft.type),
        member_count=len(draft.members) if len(kept) < len(draft.members) else None,
        matches=tuple(located(part, hit) for hit in hits),
        file_role=part.source.role,
        imports=tuple(clip(line, 160) for line in part.source.imports),
    )


def located(part: Part, hit: Hit) -> Match:
    """The match with the line it stands on in the original file."""
    if hit.match.line is not None:
        return hit.match
    return msgspec.structs.replace(hit.match, line=part.body.line(hit.start))


def _kept(members: list[Found], hits: Sequence[Hit]) -> list[Found]:
    if len(members) <= MEMBER_LIMIT:
        return members
    wanted = set(range(8))
    starts = [hit.start for hit in hits]
    for number, found in enumerate(members):
        if any(found.extent[0] <= start < found.extent[1] for start in starts[:64]):
            wanted.update(range(number - 24, number + 25))
        if len(wanted) > MEMBER_LIMIT:
            break
    rest = (number for number in range(len(members)) if number not in wanted)
    chosen = {n for n in wanted if 0 <= n < len(members)}
    for number in rest:
        if len(chosen) >= MEMBER_LIMIT:
            break
        chosen.add(number)
    return [members[number] for number in sorted(chosen)[:MEMBER_LIMIT]]


def _around_hits(text: str, start: int, end: int, hits: Sequence[Hit]) -> str:
    if end - start <= TEXT_LIMIT or not hits:
        return text[start:end]
    first = max(start, hits[0].start - TEXT_LIMIT // 3)
    return text[first : min(end, first + TEXT_LIMIT)]
