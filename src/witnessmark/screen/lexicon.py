"""The typed parts of names (places, trades, legal forms, public bodies) as one lookup."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import pypinyin
from rapidfuzz import process
from rapidfuzz.distance import OSA

from witnessmark.knowledge.sanctions import NameParts
from witnessmark.screen.fold import Script, fold, script_of
from witnessmark.screen.romanise.syllables import split_pinyin


class Kind:
    """What a part of a name says; one letter each, as they appear in the index."""

    CORE = "c"  # who it is
    PLACE = "p"
    WORD = "w"  # trade, field, or another generic word
    ORGAN = "o"  # kind of public body or institution
    LEVEL = "l"  # group, municipal, prefecture …
    FORM = "f"  # legal form
    NUMBER = "n"


COMMON = "common"  # an everyday word inside a name: identifies, but weakly
CONSUMER = frozenset({"food", "leisure", "home", "culture", "finance", "travelservices"})
NEUTRAL = frozenset({"neutral", "trade", "research"})
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STOP = frozenset(
    (
        "the",
        "and",
        "of",
        "for",
        "in",
        "on",
        "at",
        "und",
        "et",
        "de",
        "la",
        "le",
        "del",
        "y",
        "e",
        "i",
        "ve",
        "и",
        "в",
        "по",
        "им",
        "imeni",
        "im",
        "named",
        "by",
        "after",
        "aka",
        "fka",
        "dba",
        "with",
        "to",
        "from",
        "its",
        "as",
        "или",
        "в",
        "на",
        "при",
        "في",
        "من",
        "و",
        "در",
        "或",
        "的",
    )
)


_AND = "与及和暨"
_NEVER = 1e9
_SHORT_FORMS = ("ltd", "llc", "inc", "gmbh", "ooo", "jsc", "corp", "pte", "plc", "fze", "co")


class Meaning(NamedTuple):
    """What the tables say about one spelling."""

    kind: str
    key: str
    field: str


_Cut = tuple[float, int, Meaning | None]
_ARABIC_FORMS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None}
)
_ARTICLE = re.compile("(?<![\\w])(?:ال|لل)(?=[\u0620-\u064a]{3})")
_CYRILLIC = re.compile("[а-яё]")
_ENDING = re.compile(
    "(?:ского|скому|ском|ским|ская|ской|скую|ское|ский|ские|ских|ого|его|ому|ему|ыми|ими|ами|ями|иями|ией|иям|иях|ая|яя|ое|ее|ые|ие|ый|ий|ой|ей|ом|ем|ах|ях|ов|ев|ую|юю|ия|ии|ию|ие|а|у|ы|и|е|о|ю|я|ь)$"
)


def stemmed(word: str) -> str:
    """A Russian word without its case ending, roughly; at least four letters stay."""
    if len(word) < 5 or not _CYRILLIC.match(word):
        return word
    cut = _ENDING.sub("", word)
    return cut if len(cut) >= 4 else word


def tokens(text: str) -> list[str]:
    """Cut folded text into words; apostrophes inside a word are dropped, scripts without spaces stay whole."""
    if not text.isascii():
        text = _ARTICLE.sub("", text.translate(_ARABIC_FORMS))
    return [
        found.replace("'", "").replace("’", "")
        for found in _TOKEN.findall(text.replace("&", " and ").replace("++", " plus plus"))
    ]


@lru_cache(maxsize=65536)
def _no_space_script(text: str) -> bool:
    return script_of(text[0]) in (Script.HAN, Script.KANA)


class Lexicon:
    """Longest-match lookup of parts: by words for scripts with spaces, by characters for Han and Kana."""

    def __init__(self, parts: NameParts) -> None:
        self.phrases: dict[str, Meaning] = {}
        self.roots: dict[str, Meaning] = {}
        self.signs: dict[str, Meaning] = {}
        self.starts: set[str] = set()
        self.longest_sign = 1
        self.pinyin: dict[str, Meaning] = {}
        self.common = frozenset(parts.common)
        self.towns = {
            "".join(tokens(fold(spelling).text)): Meaning(Kind.PLACE, key, "")
            for key, spellings in parts.towns
            for spelling in spellings
        }
        self.stems: list[tuple[str, Meaning]] = []
        self.within = dict(parts.within)
        self.field_of: dict[str, str] = {}
        for kind, field, key, spellings in _rows(parts):
            meaning = Meaning(kind, key, field)
            self.field_of.setdefault(kind + ":" + key, field)
            for spelling in spellings:
                self._add(spelling, meaning)
        for key, beginnings in parts.stems:
            self.stems.extend((beginning, self._of_key(key)) for beginning in beginnings)
        self.stems.sort(key=lambda pair: (-len(pair[0]), pair[0]))
        self._typos: dict[str, list[str]] | None = None
        self._stem_heads = {stem[:3] for stem, _ in self.stems}

    def _of_key(self, key: str) -> Meaning:
        for kind in (Kind.WORD, Kind.FORM, Kind.PLACE, Kind.ORGAN):
            if kind + ":" + key in self.field_of:
                return Meaning(kind, key, self.field_of[kind + ":" + key])
        return Meaning(Kind.WORD, key, "neutral")

    def _add(self, spelling: str, meaning: Meaning) -> None:
        text = fold(spelling).text
        if text and _no_space_script(text) and " " not in text:
            self.signs.setdefault(text, meaning)
            self._add_pinyin(text, meaning)
            self.longest_sign = max(self.longest_sign, len(text))
            return
        words = tokens(text)
        if not words:
            return
        self._phrase(words, meaning)
        kept = [word for word in words if word not in _STOP]
        if len(words) > 2 and len(words) > len(kept) > 1:
            self._phrase(kept, meaning)
        syllables = split_pinyin("".join(words)) if meaning.kind in (Kind.WORD, Kind.FORM) and len(words) <= 2 else None
        if syllables and len(syllables) > 1 and len("".join(words)) > 4:
            self._phrase(list(syllables), meaning)

    def _add_pinyin(self, text: str, meaning: Meaning) -> None:
        """The pinyin of a Han word of two signs and more, for names written in pinyin throughout."""
        if len(text) > 1 and script_of(text[0]) == Script.HAN:
            spelled = "".join(pypinyin.lazy_pinyin(text, errors="ignore"))
            if len(spelled) > 4:
                self.pinyin.setdefault(spelled, meaning)

    def _phrase(self, words: list[str], meaning: Meaning) -> None:
        self.phrases.setdefault(" ".join(words), meaning)
        roots = [stemmed(word) for word in words]
        if roots != words:
            self.roots.setdefault(" ".join(roots), meaning)
            if len(words) > 1:
                self.starts.add(roots[0])
        if len(words) > 1:
            self.starts.add(words[0])

    def stem(self, word: str) -> Meaning | None:
        """The meaning of a transliterated Russian word by its beginning."""
        if len(word) < 6 or word[:3] not in self._stem_heads:
            return None
        for beginning, meaning in self.stems:
            if word.startswith(beginning):
                return meaning
        return None

    def _typo_table(self) -> dict[str, list[str]]:
        if self._typos is None:
            table: dict[str, list[str]] = {}
            words = {
                word
                for phrase, meaning in self.phrases.items()
                for word in phrase.split(" ")
                if meaning.kind != Kind.PLACE or len(word) >= 6
            }
            for known in sorted(words):
                if known.isascii() and len(known) >= 5:
                    for shorter in (known, *(known[:i] + known[i + 1 :] for i in range(len(known)))):
                        table.setdefault(shorter, []).append(known)
            table[""] = [known for known in sorted(words) if known.isascii() and len(known) >= 7]
            self._typos = table
        return self._typos

    def nearest(self, word: str) -> str | None:
        """The one known generic word that a word is a letter (two, when long) away from; None when in doubt."""
        table = self._typo_table()
        found: dict[str, int] = {}
        for shorter in (word, *(word[:i] + word[i + 1 :] for i in range(len(word)))):
            for known in table.get(shorter, ()):
                distance = OSA.distance(word, known, score_cutoff=2)
                if distance == 1 or (distance == 2 and len(word) >= 8):
                    found[known] = distance
        if not found and len(word) >= 8:
            near = process.extract(word, table[""], scorer=OSA.distance, score_cutoff=2, limit=4)
            found = {known: int(distance) for known, distance, _ in near}
        if not found:
            return None
        least = min(found.values())
        best = [known for known, distance in found.items() if distance == least]
        meanings = {self.phrases.get(known) for known in best}
        return best[0] if len(meanings) == 1 else None

    def nearest_form(self, word: str) -> str | None:
        """The common legal form that a short word at the end of a name is a letter away from; None when in doubt."""
        near = {form for form in _SHORT_FORMS if OSA.distance(word, form, score_cutoff=1) <= 1}
        meanings = {self.phrases.get(form) for form in near}
        return min(near) if len(meanings) == 1 else None

    def cut_words(self, words: list[str]) -> Iterator[tuple[str, Meaning | None]]:
        """Cut words into known phrases and single unknown words, longest phrase first."""
        index, count = 0, len(words)
        while index < count:
            word = words[index]
            if word in self.starts or (not word.isascii() and stemmed(word) in self.starts):
                for size in range(min(7, count - index), 1, -1):
                    meaning = self._phrase_meaning(words[index : index + size])
                    if meaning is not None:
                        yield "".join(words[index : index + size]), meaning
                        index += size
                        break
                else:
                    yield from self._one(word)
                    index += 1
                continue
            yield from self._one(word)
            index += 1

    def _phrase_meaning(self, words: list[str]) -> Meaning | None:
        known = self.phrases.get(" ".join(words))
        if known is None and not words[0].isascii():
            known = self.roots.get(" ".join(stemmed(word) for word in words))
        if known is None and len(words) == 1 and (root := stemmed(words[0])).endswith("ск"):
            known = self.phrases.get(root[:-2])  # "тяньцзиньский": of Tianjin
            known = known if known is not None and known.kind == Kind.PLACE else None
        return known

    def _one(self, word: str) -> Iterator[tuple[str, Meaning | None]]:
        meaning = self._phrase_meaning([word]) or self.stem(word)
        if meaning is None and word in _STOP:
            return
        yield word, meaning

    def cut_signs(self, text: str) -> Iterator[tuple[str, Meaning | None]]:
        """Cut Han or Kana text into known parts and what is left between them: the fewest leftovers, longest parts."""
        end = len(text)
        # best[i]: cost, next cut and its meaning from i on, after a known part and after a leftover
        best: list[tuple[_Cut, _Cut]] = [((0.0, end, None), (0.0, end, None))] * (end + 1)
        for start in range(end - 1, -1, -1):
            known: _Cut = (_NEVER, start + 1, None)
            for size in range(min(self.longest_sign, end - start), 0, -1):
                meaning = self.signs.get(text[start : start + size])
                if meaning is not None and (size > 1 or start + size == end or meaning.kind == Kind.LEVEL):
                    cost = 0.2 + best[start + size][0][0]
                    known = min(known, (cost, start + size, meaning), key=lambda row: row[0])
            joins = text[start] in _AND and start > 0
            after_known = 0.1 if joins else 2.0
            left = best[start + 1][0 if joins else 1][0]
            best[start] = (
                min(known, (after_known + left, start + 1, None), key=lambda row: row[0]),
                min(known, (0.8 + best[start + 1][1][0], start + 1, None), key=lambda row: row[0]),
            )
        yield from self._follow(text, best)

    @staticmethod
    def _follow(text: str, best: "list[tuple[_Cut, _Cut]]") -> Iterator[tuple[str, Meaning | None]]:
        index, rest = 0, ""
        while index < len(text):
            _, cut, meaning = best[index][1 if rest else 0]
            if meaning is not None:
                if rest:
                    yield rest, None
                    rest = ""
                yield text[index:cut], meaning
            elif rest or not (text[index] in _AND and index):
                rest += text[index]
            index = cut
        if rest:
            yield rest, None


def _rows(parts: NameParts) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    for key, spellings in parts.groups:
        yield Kind.CORE, "", key, spellings
    for key, spellings in parts.organs:
        yield Kind.ORGAN, "", key, spellings
    for key, spellings in parts.forms:
        yield Kind.FORM, "", key, spellings
    for key, spellings in parts.levels:
        yield Kind.LEVEL, "", key, spellings
    for key, spellings in parts.places:
        yield Kind.PLACE, "", key, spellings
    for field, key, spellings in parts.words:
        yield Kind.WORD, field, key, spellings
