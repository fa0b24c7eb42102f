"""Read JSON around matches: the key path, the other keys of the same object, the labels of the same list."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from witnessmark.model.observation import Observation, Shape
from witnessmark.read.options import REACH, options
from witnessmark.read.source import Draft, Found, Hit, Part, finish

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"?|\'(?:\\.|[^\'\\\n])*\'?|[{}\[\]:,]|[^\s{}\[\]:,"\']+')
_MOST_TOKENS = 4_000_000
_SNIPPET = 300
_MOST_ENTRIES = 400


@dataclass
class Entry:
    """One key with its value, or one item of a list."""

    key: str
    start: int
    end: int
    value: str = ""


@dataclass
class Container:
    """One object or array: where it lies, what holds it, and its entries."""

    kind: str
    start: int
    parent: int
    key: str
    end: int = 0
    entries: list[Entry] = field(default_factory=list)


class DataReader:
    """The objects and lists of one decoded part of a JSON file. A part may start and end anywhere."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.cut = False
        self.containers = [Container("{", 0, -1, "", end=len(part.text))]
        self._options: dict[int, list[Found]] = {}
        self._parse()
        self._starts = [item.start for item in self.containers]

    def _parse(self) -> None:
        text = self.part.text
        stack = [0]
        key: Entry | None = None
        last: Entry | None = None
        for count, found in enumerate(_TOKEN.finditer(text)):
            if count >= _MOST_TOKENS:
                self.cut = True
                break
            token = found.group()
            top = self.containers[stack[-1]]
            if token in "{[":
                name = key.key if key is not None else ""
                self.containers.append(Container(token, found.start(), stack[-1], name, end=len(text)))
                if key is None and top.kind == "[":
                    top.entries.append(Entry("", found.start(), found.start() + 1))
                stack.append(len(self.containers) - 1)
                key = last = None
            elif token in "}]":
                if len(stack) > 1:
                    closed = self.containers[stack.pop()]
                    closed.end = found.end()
                    owner = self.containers[stack[-1]]
                    if owner.entries and owner.entries[-1].start <= closed.start:
                        owner.entries[-1].value = text[closed.start : min(closed.end, closed.start + _SNIPPET)]
                        owner.entries[-1].end = closed.end
                key = last = None
            elif token == ":":
                key = last
            elif token == ",":
                key = last = None
            else:
                last = self._scalar(top, found, key)
                key = None if key is not None else key

    def _scalar(self, top: Container, found: re.Match[str], key: Entry | None) -> Entry | None:
        word = _plain(found.group())
        if key is not None:
            key.value = f"{key.value} {word}".strip()[:_SNIPPET]
            key.end = found.end()
            return None
        entry = Entry(word, found.start(), found.end())
        top.entries.append(entry)
        return entry

    def observations(self) -> Iterator[Observation]:
        """One observation for each object or list that matches stand in directly."""
        grouped: dict[int, list[Hit]] = {}
        for hit in self.part.hits:
            grouped.setdefault(self._owner(hit.start), []).append(hit)
        for number, hits in sorted(grouped.items()):
            yield finish(self.part, self._draft(number, hits), hits)

    def _owner(self, at: int) -> int:
        """The object or list around a place; of a list of choices, the whole list."""
        number = self._innermost(at)
        outer = self.containers[number].parent
        return outer if outer > 0 and self._choices(outer) else number

    def _choices(self, number: int) -> list[Found]:
        known = self._options.get(number)
        if known is None:
            list_ = self.containers[number]
            wanted = list_.kind == "[" and list_.end - list_.start <= REACH
            known = options(self.part.text, list_.start, list_.end - 1) if wanted else []
            self._options[number] = known
        return known

    def outline(self) -> Iterator[Observation]:
        """Every object and list that holds anything."""
        for number, container in enumerate(self.containers):
            if container.entries:
                yield finish(self.part, self._draft(number, []), [])

    def _innermost(self, at: int) -> int:
        number = bisect_right(self._starts, at) - 1
        while number > 0 and self.containers[number].end <= at:
            number = self.containers[number].parent
        return max(0, number)

    def _path(self, number: int) -> list[str]:
        out: list[str] = []
        while number > 0:
            out.append(self.containers[number].key)
            number = self.containers[number].parent
        return [name for name in reversed(out) if name]

    def _around(self, number: int, container: Container) -> list[str]:
        """The scalars of the enclosing object (`form = resident register`) and of the objects beside this one."""
        if container.parent < 0:
            return []
        outer = self.containers[container.parent]
        out = [f"{e.key} = {e.value}" if _is_plain(e.value) else e.key for e in outer.entries if e.key]
        near = range(max(1, number - 24), min(len(self.containers), number + 24))
        for other in (self.containers[n] for n in near if n != number):
            if other.parent == container.parent and outer.kind == "[":
                out += [f"{e.key} = {e.value}" for e in other.entries if e.value and e.value[0] not in "{["]
        if outer.kind == "[" and outer.parent >= 0:
            above = self.containers[outer.parent]
            out += [f"{e.key} = {e.value}" for e in above.entries if e.value and e.value[0] not in "{["]
        return out[:40]

    def _draft(self, number: int, hits: list[Hit]) -> Draft:
        container = self.containers[number]
        path = self._path(number)
        entries = _near(container.entries, hits)
        choices = self._choices(number)
        members = choices or [Found(e.key, e.start, e.end, (e.start, e.end), value=e.value or None) for e in entries]
        scalars = bool(choices) or (container.kind == "[" and all(e.key for e in container.entries))
        name, name_at = (path[-1] if path else ""), container.start
        if hits and not scalars:
            own = next((m for m in members if m.extent[0] <= hits[0].start < m.extent[1]), None)
            if own is not None:
                name, name_at = own.name, own.start
        around = self._around(number, container)
        if choices and container.parent >= 0:  # what they are choices of, and on which page
            around = [*around, *self._around(container.parent, self.containers[container.parent])]
        return Draft(
            Shape.LABEL_LIST if scalars else Shape.KEY_PATH, name, container.start, container.end, name_at,
            members=members,
            parents=path,
            neighbours=around,
            language=self.part.source.language or "json",
        )  # fmt: skip


def _is_plain(value: str) -> bool:
    """Whether a value is a scalar or a short list of scalars, which may stand beside a name in one line."""
    return bool(value) and (value[0] not in "{[" or (value[0] == "[" and len(value) <= 120 and "{" not in value))


def _near(entries: list[Entry], hits: list[Hit]) -> list[Entry]:
    """The entries around the matches of a very long list, and its first ones; all of a shorter one."""
    if len(entries) <= _MOST_ENTRIES or not hits:
        return entries[: 10 * _MOST_ENTRIES]
    wanted = set(range(8))
    starts = [entry.start for entry in entries]
    for hit in hits[:64]:
        at = bisect_right(starts, hit.start) - 1
        wanted.update(range(max(0, at - 24), min(len(entries), at + 25)))
    return [entries[number] for number in sorted(wanted)]


def _plain(token: str) -> str:
    if token[:1] not in "\"'":
        return token[:_SNIPPET]
    body = token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    if "\\" in body:
        body = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), body)
        body = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), body)
    return body[: 4 * _SNIPPET]
