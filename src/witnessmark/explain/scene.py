"""One observation as the rules see it: which words stand in it, beside it, above it, and elsewhere in its file."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from witnessmark.explain.words import Vocabulary
from witnessmark.model.artifact import Locator
from witnessmark.model.match import Match
from witnessmark.model.observation import Member, Observation, Shape

Found = Mapping[str, tuple[str, ...]]

SCOPES = {
    "name": "its name",
    "member": "the names and values in it",
    "comment": "its comments",
    "text": "its text",
    "here": "the structure itself",
    "hit": "the very place of the match",
    "parents": "what encloses it",
    "beside": "what stands beside it",
    "near": "the structure, what encloses it and what stands beside it",
    "path": "the file's name and folders",
    "imports": "its package and what the file imports",
    "file": "the file",
    "product": "the product",
}
_SENTENCE_END = re.compile(r"[。！？!?\n]|\.(?=\s)")
_REACH = 240
_MOST_OTHERS = 400
_LONG_TEXT = 1_500
_LONG_VALUE = 300


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One match, and where it stands: `name`, `member`, `value`, `type`, `comment`, `text` or `parent`."""

    match: Match
    site: str
    member: Member | None = None

    @property
    def line(self) -> int | None:
        """The line of the match, or of the member that holds it."""
        return self.match.line if self.match.line is not None else (self.member.line if self.member else None)


@dataclass(kw_only=True)
class FileContext:
    """What all observations of one file say together."""

    path: tuple[str, ...]
    found: dict[str, tuple[str, ...]] = field(default_factory=dict)
    concepts: Counter[str] = field(default_factory=Counter)
    roles: set[str] = field(default_factory=set)
    names: Found = field(default_factory=dict)  # cues in the file's name and folders
    product: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Scene:
    """An observation with its surroundings, read lazily: most rules need little of it."""

    def __init__(self, observation: Observation, file: FileContext, vocabulary: Vocabulary) -> None:
        self.observation = observation
        self.file = file
        self.vocabulary = vocabulary
        self.hits = _hits(observation)
        self.concepts = frozenset(match.concept for match in observation.matches)
        self._found: dict[str, Found] = {}
        self.answers: dict[str, tuple[bool, tuple[str, ...]]] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def texts(self, scope: str) -> Iterable[str]:
        """The pieces of text that a scope covers."""
        seen = self.observation
        if scope == "name":
            yield from (seen.name, *seen.aliases, seen.type or "")
        elif scope == "member":
            for member in seen.members:
                yield from (member.name, self._near_hits(member.value or "", _LONG_VALUE), member.type or "")
        elif scope == "comment":
            yield from seen.comments
            yield from (member.comment or "" for member in seen.members)
        elif scope == "text":
            yield self._near_hits(seen.text, _LONG_TEXT)
        elif scope == "hit":
            yield from self._hit_texts()
        elif scope == "parents":
            yield from seen.parents
        elif scope == "imports":
            yield from seen.imports
        elif scope == "beside" and seen.shape is not Shape.STRINGS:  # whose members are its neighbours
            yield from seen.neighbours

    def _near_hits(self, text: str, longest: int) -> str:
        """The text, or of a long one (a word list, minified code) only what stands near the matches."""
        if len(text) <= longest:
            return text
        pieces = []
        for word in dict.fromkeys(match.text for match in self.observation.matches):
            at = text.find(word)
            if at >= 0:
                pieces.append(text[max(0, at - _REACH) : at + len(word) + _REACH])
        return " … ".join(pieces[:8]) or text[:_REACH]

    def _hit_texts(self) -> Iterable[str]:
        for hit in self.hits:
            if hit.member is not None:
                value = self._near_hits(hit.member.value or "", _LONG_VALUE)
                yield from (hit.member.name, value, hit.member.type or "", hit.member.comment or "")
            elif hit.site == "name":
                yield self.observation.name
                yield from self.observation.comments[:2]
            else:
                yield sentence(self.observation, hit.match)

    def found(self, scope: str) -> Found:
        """Which cues stand in a scope, with the words found."""
        known = self._found.get(scope)
        if known is None:
            known = self._found[scope] = self._read(scope)
        return known

    def _read(self, scope: str) -> Found:
        if scope == "path":
            return self.file.names
        if scope == "file":
            return self.file.found
        if scope == "product":
            return self.file.product
        if scope == "here":
            return join(self.found(each) for each in ("name", "member", "comment", "text"))
        if scope == "near":
            return join(self.found(each) for each in ("here", "parents", "beside"))
        return join(self.vocabulary.read(text) for text in self.texts(scope))


def join(parts: Iterable[Found]) -> Found:
    """The cues of several texts together."""
    together: dict[str, dict[str, None]] = defaultdict(dict)
    for part in parts:
        for name, words in part.items():
            together[name].update(dict.fromkeys(words))
    return {name: tuple(words) for name, words in together.items()}


def sentence(observation: Observation, match: Match) -> str:
    """The sentence or line of the observation's text in which the match stands, at most 480 characters."""
    text = observation.text or " ".join(observation.comments)
    at = text.find(match.text)
    if at < 0:
        return text[: 2 * _REACH]
    start, end = max(0, at - _REACH), min(len(text), at + len(match.text) + _REACH)
    before = [found.end() for found in _SENTENCE_END.finditer(text, start, at)]
    after = _SENTENCE_END.search(text, at + len(match.text), end)
    return text[before[-1] if before else start : after.start() if after else end]


def _hits(observation: Observation) -> tuple[Hit, ...]:
    owner: dict[int, Member] = {}
    for member in observation.members:
        for index in member.matched:
            owner.setdefault(index, member)
    return tuple(
        Hit(match=match, member=owner.get(index), site=_site(observation, match, owner.get(index)))
        for index, match in enumerate(observation.matches)
    )


def _site(observation: Observation, match: Match, member: Member | None) -> str:
    wanted = match.text.lower()
    if member is not None:
        for exact in (match.text, wanted):
            for site, text in (("member", member.name), ("value", member.value), ("type", member.type)):
                if text and exact in (text if exact is match.text else text.lower()):
                    return site
        return "comment"
    if wanted in observation.name.lower() or any(wanted in alias.lower() for alias in observation.aliases):
        return "name"
    if any(wanted in comment.lower() for comment in observation.comments):
        return "comment"
    if wanted in observation.text.lower():
        return "text"
    return "parent" if any(wanted in parent.lower() for parent in observation.parents) else "text"


def scenes(observations: Iterable[Observation], vocabulary: Vocabulary) -> list[Scene]:
    """All observations of a product as scenes that know their files."""
    files: dict[tuple[str, ...], FileContext] = {}
    by_file: dict[tuple[str, ...], list[Scene]] = defaultdict(list)
    result = []
    for observation in observations:
        path: tuple[str, ...] = tuple(observation.locator.path)
        if path not in files:
            files[path] = FileContext(path=path, names=vocabulary.read(" / ".join(path_words(observation.locator))))
        scene = Scene(observation, files[path], vocabulary)
        by_file[path].append(scene)
        result.append(scene)
    products: dict[str, list[FileContext]] = defaultdict(list)
    for path, group in by_file.items():
        context = files[path]
        context.found.update(
            join([context.names, group[0].found("imports"), *(scene.found("near") for scene in group[:_MOST_OTHERS])])
        )
        context.roles.update(scene.observation.file_role for scene in group)
        for scene in group:
            context.concepts.update(scene.concepts)
        products[path[0] if path else ""].append(context)
    for group_of_files in products.values():
        together = dict(join(context.found for context in group_of_files))
        for context in group_of_files:
            context.product = together
    return result


def path_words(locator: Locator) -> tuple[str, ...]:
    """The file's own name and its last folders, which often say what it is about."""
    last = locator.path[-1] if locator.path else ""
    pieces = [piece for piece in last.replace("\\", "/").split("/") if piece]
    return tuple(pieces[-4:])
