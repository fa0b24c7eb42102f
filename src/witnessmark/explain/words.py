"""Find the words of cues in names, comments and sentences, quickly and the same way everywhere."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from witnessmark.knowledge.cues import Cue

_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z](?!s\b)[a-z])")
_WORD = re.compile(r"[^\W\d_]+")
_BREAK = re.compile(r"[.,;:(){}\[\]=<>!?|\"]+")
_STOP = "."
_UNBROKEN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_REMEMBERED = 50_000
_LONGEST = 4_000


@lru_cache(maxsize=100_000)
def parts(text: str) -> tuple[str, ...]:
    """The lower-case words of a text or name: `EM_NATION_TYPE` and `emNationType` give the same but for the case."""
    return tuple(word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text)))


class Vocabulary:
    """All cue words, indexed so that one look at a text finds every cue in it.

    A found cue is named by its id, and a slot of a family by `id/slot`.
    """

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._words: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        self._strings: dict[str, dict[str, list[str]]] = defaultdict(dict)  # by first character
        self._not: dict[str, frozenset[str]] = {}
        self._labels: dict[str, dict[str, str]] = defaultdict(dict)
        self._known: dict[str, tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]] = {}
        self._seen: dict[str, Mapping[str, tuple[str, ...]]] = {}
        for cue in cues:
            self._not[cue.id] = frozenset(cue.but_not)
            for word in cue.words:
                self._add(cue.id, word)
            for slot, words in cue.slots.items():
                for word in words:
                    self._add(f"{cue.id}/{slot}", word)
                    self._labels[cue.id][" ".join(parts(word.rstrip("*"))) or word] = slot

        self._firsts = re.compile(f"[{re.escape(''.join(sorted(self._strings)))}]" if self._strings else "(?!)")

    def _add(self, name: str, word: str) -> None:
        if _UNBROKEN.search(word):
            self._strings[word[0].lower()].setdefault(word.lower(), []).append(name)
            return
        pieces = parts(word.rstrip("*")) if word.isascii() else tuple(word.rstrip("*").lower().split())
        if len(pieces) > 1:
            self._phrases[pieces[0]].append((pieces, name))
        elif word.endswith("*"):
            self._stems[pieces[0][:3]].append((pieces[0], name))
        else:
            self._words[pieces[0]].append(name)

    def label(self, family: str, text: str) -> str | None:
        """The slot of a family that the whole of `text` is a word of, or None."""
        known = self._labels.get(family, {})
        return known.get(" ".join(parts(text))) or known.get(text.strip())

    def read(self, text: str) -> Mapping[str, tuple[str, ...]]:
        """Which cues stand in the text, each with the words found. At most the first 4,000 characters are read."""
        if not text:
            return _NOTHING
        known = self._seen.get(text)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[text] = self._look(text[:_LONGEST])
        return known

    def _look(self, text: str) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        words = [word for piece in _BREAK.split(text) for word in (*parts(piece), _STOP)]
        for index, word in enumerate(words):
            alone, phrases = self._known.get(word) or self._learn(word)
            here = [(name, word) for name in alone]
            here += [(name, " ".join(p)) for p, name in phrases if tuple(words[index : index + len(p)]) == p]
            for name, what in here:
                if not self._excluded(name, words, index):
                    found[name][what] = None
        for name, string in () if text.isascii() else self._unbroken(text.lower()):
            found[name][string] = None
        return {name: tuple(each) for name, each in found.items()} if found else _NOTHING

    def _unbroken(self, lowered: str) -> Iterable[tuple[str, str]]:
        """Cues of scripts without word breaks: (cue, word) for each place."""
        for candidate in self._firsts.finditer(lowered):
            for string, names in self._strings[candidate.group()].items():
                if lowered.startswith(string, candidate.start()):
                    yield from ((name, string) for name in names)

    def _learn(self, word: str) -> tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]:
        """The cues that a word stands for by itself, and the phrases that begin with it; remembered."""
        stems = [name for stem, name in self._stems.get(word[:3], ()) if word.startswith(stem)]
        names = tuple(dict.fromkeys([*self._words.get(word, ()), *stems]))
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[word] = names, tuple(self._phrases.get(word, ()))
        return self._known[word]

    def _excluded(self, name: str, words: list[str], index: int) -> bool:
        """Whether a word is one that its cue does not mean: `facet`, or `face` in `hugging face`."""
        never = self._not[name.partition("/")[0]]
        if not never:
            return False
        around = (words[index], " ".join(words[max(0, index - 1) : index + 1]), " ".join(words[index : index + 2]))
        return any(each in never for each in around)
