"""A name as typed parts: who it is (core), where, in which trade, in which legal form."""

import re
from functools import lru_cache
from itertools import product
from typing import NamedTuple

import opencc
import pypinyin

from witnessmark.screen.fold import Script, fold, script_of
from witnessmark.screen.lexicon import COMMON, Kind, Lexicon, Meaning, tokens
from witnessmark.screen.romanise import cyrillic, letters
from witnessmark.screen.romanise.syllables import split_pinyin, wade_to_pinyin


class Channel:
    """By which way a part came into Latin letters; the further, the weaker."""

    SAME = "same"
    PINYIN = "pinyin"
    PALLADIUS = "palladius"
    LETTERS = "letters"  # letter by letter: Cyrillic
    SOUND = "sound"  # only the sound survives: Arabic, Hebrew, Kana, Hangul
    WADE = "wade"
    RARE = "rare"  # a less likely pinyin reading of a character
    KNOWN = "known"  # a distinctive part given in Latin letters by a known name of the firm


class Part(NamedTuple):
    """One part. `token` is what the index holds: the kind and the key."""

    kind: str
    key: str
    text: str
    field: str

    @property
    def token(self) -> str:
        """The part's name in the index."""
        return f"{self.kind}:{self.key}"


class Reading(NamedTuple):
    """One way to read a name."""

    channel: str
    parts: tuple[Part, ...]
    folded: str


_PAREN = re.compile(r"[(（【\[]([^)）】\]]*)[)）】\]]")
_NUMBER = re.compile(r"(\d+)(?:st|nd|rd|th)?\Z")
_ALIAS_CUE = re.compile(
    r"\b(?:a\.?k\.?a\.?|f\.?k\.?a\.?|formerly|d\.?b\.?a\.?|also known as|formerly known as)\b[,.:]*"
)
READINGS = 8
_NOT_ALIAS = frozenset(
    ("USA", "PRC", "DPRK", "UAE", "LLC", "JSC", "GROUP", "LTD", "OAO", "OOO", "CHINA", "INDIA", "ASIA", "EUROPE")
)


@lru_cache(maxsize=1)
def _simplify() -> "opencc.OpenCC":
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional Han characters in their simplified form."""
    return _simplify().convert(text) if any(script_of(char) == Script.HAN for char in text) else text


@lru_cache(maxsize=65536)
def _pinyin(text: str) -> tuple[str, ...]:
    """Up to four pinyin spellings of Han characters, the likeliest first."""
    first = "".join(pypinyin.lazy_pinyin(text, errors="ignore"))
    if len(text) > 6:
        return (first,)
    options = [
        tuple(dict.fromkeys(row)) or ("",)
        for row in pypinyin.pinyin(text, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    ]
    many = ["".join(row) for row, _ in zip(product(*options), range(4), strict=False)]
    plain = [first, *many]
    plain += [spelling.replace("lv", "lu").replace("nv", "nu") for spelling in plain if "v" in spelling]
    return tuple(dict.fromkeys(spelling for spelling in plain if spelling))[:4]


def _typed(text: str, meaning: Meaning) -> Part:
    return Part(meaning.kind, meaning.key, text, meaning.field)


def _plain(word: str, lexicon: Lexicon | None = None) -> Part:
    number = _NUMBER.match(word)
    if number is not None:
        return Part(Kind.NUMBER, number.group(1).lstrip("0") or "0", word, "")
    return Part(Kind.CORE, word, word, COMMON if lexicon is not None and word in lexicon.common else "")


def _split_scripts(text: str) -> list[tuple[str, str]]:
    """Cut text into runs of sign scripts (Han, Kana) and of everything else."""
    runs: list[tuple[str, str]] = []
    for char in text:
        script = script_of(char)
        group = "signs" if script in (Script.HAN, Script.KANA) else "words"
        if runs and (runs[-1][0] == group or char == "·"):
            runs[-1] = (runs[-1][0], runs[-1][1] + char)
        else:
            runs.append((group, char))
    return runs


def typed_parts(folded: str, lexicon: Lexicon) -> tuple[Part, ...]:
    """Cut folded text into typed parts in its own script."""
    if folded.isascii():
        plain = [
            _plain(word, lexicon) if meaning is None else _typed(word, meaning)
            for word, meaning in lexicon.cut_words(tokens(folded))
        ]
        return _with_towns(plain, lexicon)
    out: list[Part] = []
    text = simplified(folded)
    for group, run in _split_scripts(text):
        if group == "signs":
            cut = lexicon.cut_signs(
                run.strip("·・ー") if set(run) <= set("·・ー") else run.replace("·", "").replace("・", "")
            )
        else:
            cut = lexicon.cut_words(tokens(run))
        out.extend(_plain(word, lexicon) if meaning is None else _typed(word, meaning) for word, meaning in cut)
    return _with_towns(out, lexicon)


_ADMINISTRATIVE = frozenset({"municipal", "prefecture", "autonomous", "county", "province", "region", "ethnic"})


def _with_towns(parts: list[Part], lexicon: Lexicon) -> tuple[Part, ...]:
    """Towns as places where an administrative level or a public body stands beside them."""

    def beside(number: int) -> bool:
        near = (parts[at] for at in (number - 1, number + 1) if 0 <= at < len(parts))
        return any(part.kind == Kind.ORGAN or part.key in _ADMINISTRATIVE for part in near)

    return tuple(
        _typed(part.text, lexicon.towns[part.key])
        if part.kind == Kind.CORE and part.key in lexicon.towns and beside(number)
        else part
        for number, part in enumerate(parts)
    )


def _core_script(part: Part) -> str:
    return Script.LATIN if part.kind != Kind.CORE or part.text.isascii() else script_of(part.text[0])


def _respelled(part: Part, channel: str) -> tuple[str, ...]:
    """The part's Latin spellings by one channel; itself when the channel does not concern it."""
    script = _core_script(part)
    if script == Script.HAN:
        return _pinyin(part.text)
    if script == Script.CYRILLIC:
        if channel == Channel.PALLADIUS:
            return cyrillic.pinyin_readings(part.text)[:3] or (cyrillic.latin(part.text),)
        return (cyrillic.latin(part.text),)
    if script == Script.ARABIC:
        return (letters.arabic(part.text),)
    if script == Script.HEBREW:
        return letters.hebrew(part.text)
    if script == Script.KANA:
        return tuple(dict.fromkeys((letters.kana(part.text), letters.kana(part.text.replace("ー", "ル")))))
    if script == Script.HANGUL:
        return (letters.hangul(part.text),)
    return (part.key,)


_CHANNELS = {
    Script.HAN: (Channel.PINYIN,),
    Script.CYRILLIC: (Channel.PALLADIUS, Channel.LETTERS),
    Script.ARABIC: (Channel.SOUND,),
    Script.HEBREW: (Channel.SOUND,),
    Script.KANA: (Channel.SOUND,),
    Script.HANGUL: (Channel.SOUND,),
}


def _latin_readings(parts: tuple[Part, ...], folded: str, lexicon: Lexicon) -> list[Reading]:
    """Readings in Latin letters of a name that has core parts in another script."""
    scripts = dict.fromkeys(_core_script(part) for part in parts)
    channels = dict.fromkeys(channel for script in scripts for channel in _CHANNELS.get(script, ()))
    out: list[Reading] = []
    for channel in channels:
        options = [_respelled(part, channel) if part.kind == Kind.CORE else (part.key,) for part in parts]
        for turn, (choice, _) in enumerate(zip(product(*options), range(READINGS // 2), strict=False)):
            spelled = tuple(
                _relabel(part, text, lexicon) if part.kind == Kind.CORE and text != part.key else part
                for part, text in zip(parts, choice, strict=True)
                if text
            )
            out.append(Reading(Channel.RARE if turn and channel == Channel.PINYIN else channel, spelled, folded))
    return out


def _relabel(part: Part, spelled: str, lexicon: Lexicon) -> Part:
    """A respelled core part, unless the spelling is a known word (a transliterated "Tekhnologii")."""
    if _core_script(part) == Script.CYRILLIC:
        meaning = lexicon.phrases.get(spelled) or lexicon.stem(spelled)
        if meaning is not None:
            return _typed(spelled, meaning)
    return Part(Kind.CORE, spelled, spelled, "")


_HYPHENED = re.compile(r"[a-z']+(?:-[a-z']+)+")


def _wade_words(folded: str) -> str:
    """Hyphenated Wade-Giles ("Wu-lu-mu-ch'i", "Ta-hua") as pinyin words; other words stay."""

    def convert(found: re.Match[str]) -> str:
        syllables = [wade_to_pinyin(syllable.strip("'") or "-") for syllable in found.group().split("-")]
        return found.group() if None in syllables else "".join(s for s in syllables if s)

    return _HYPHENED.sub(convert, folded)


def _wade_reading(parts: tuple[Part, ...], folded: str, lexicon: Lexicon) -> list[Reading]:
    """A reading of Wade-Giles leftovers, only when the spelling is not pinyin already."""
    words = _wade_words(folded)
    if words != folded:
        return [Reading(Channel.WADE, _pinyin_typed(typed_parts(words, lexicon), lexicon), words)]
    raw = [word for word in re.findall(r"[a-z']+", folded)]
    if not any("'" in word or word.startswith(("hs", "ts")) for word in raw):
        return []
    spelled: list[Part] = []
    changed = False
    for part in parts:
        if part.kind == Kind.CORE and part.text.isascii() and split_pinyin(part.key) is None:
            whole = next((word for word in raw if word.replace("'", "") == part.key), part.key)
            new = wade_to_pinyin(whole)
            if new is not None:
                spelled.append(Part(Kind.CORE, new, new, ""))
                changed = True
                continue
        spelled.append(part)
    return [Reading(Channel.WADE, tuple(spelled), folded)] if changed else []


_SPACED_LEVELS = {"shi": "municipal", "sheng": "province", "qu": "prefecture", "zhou": "prefecture", "jituan": "group"}


def _pinyin_typed(parts: tuple[Part, ...], lexicon: Lexicon) -> tuple[Part, ...]:
    """Distinctive parts that are the pinyin of a known Han word, typed as that word."""
    return tuple(
        _typed(part.text, lexicon.pinyin[part.key]) if part.kind == Kind.CORE and part.key in lexicon.pinyin else part
        for part in parts
    )


def _spaced_reading(parts: tuple[Part, ...], folded: str, lexicon: Lexicon) -> list[Reading]:
    """A reading of pinyin, whole words or syllable by syllable ("Wu Lu Mu Qi Shi"), with its places and words found."""
    words = tokens(folded)
    if any(split_pinyin(word) is None and word not in lexicon.phrases for word in words if word.isalpha()):
        return []
    out: list[Part] = []
    start = 0
    while start < len(words):
        for size in range(min(9, len(words) - start), 0, -1):
            run = words[start : start + size]
            joined = "".join(run)
            meaning = lexicon.phrases.get(" ".join(run)) or lexicon.pinyin.get(joined)
            meaning = meaning or (lexicon.phrases.get(joined) if size > 1 else None)
            if meaning is not None and (size > 1 or len(run[0]) > 3):
                out.append(_typed("".join(run), meaning))
                start += size
                break
        else:
            level = _SPACED_LEVELS.get(words[start])
            known = level is not None and bool(out) and out[-1].kind == Kind.PLACE
            word = words[start]
            single = (
                None if split_pinyin(word) and len(words) > start + 1 and len(word) <= 4 else lexicon.phrases.get(word)
            )
            if known:
                out.append(Part(Kind.LEVEL, level or "", word, ""))
            else:
                out.append(_plain(word, lexicon) if single is None else _typed(word, single))
            start += 1
    return [Reading(Channel.PINYIN, tuple(out), folded)] if tuple(out) != parts else []


_WADE_SIGN = re.compile(r"['-]|hs|ts")


def readings(raw: str, lexicon: Lexicon) -> tuple[Reading, ...]:
    """Every way to read a name, the plain one first; at most eight."""
    folded = fold(raw).text
    parts = typed_parts(folded, lexicon)
    if not parts:
        return ()
    out = [Reading(Channel.SAME, parts, folded)]
    if folded.isascii():
        out += _wade_reading(parts, folded, lexicon) if _WADE_SIGN.search(folded) else []
        out += _spaced_reading(parts, folded, lexicon) if " " in folded else []
    elif any(_core_script(part) != Script.LATIN for part in parts):
        out += _latin_readings(parts, folded, lexicon)
    return tuple(out[:READINGS])


def is_short_for(short: str, name: str) -> bool:
    """Whether a word is made of the first letters of the words of a name, in order; small words may be left out."""
    letters = short.replace("-", "").replace(".", "").lower()
    if not 2 <= len(letters) <= 10 or " " in short.strip():
        return False
    firsts = [word[0] for word in tokens(fold(name).text)]
    at = 0
    for first in firsts:
        if at < len(letters) and first == letters[at]:
            at += 1
    return at == len(letters)


def spelled_out(raw: str) -> tuple[str, ...]:
    """The name, and what stands in brackets or after a.k.a. when it is a name of its own (an acronym or alias)."""
    if "(" not in raw and "（" not in raw and "k" not in raw:
        return (raw,)
    found: list[str] = []
    inner = [piece.strip() for piece in _PAREN.findall(raw)]
    outer = _PAREN.sub(" ", raw).strip()
    pieces = [raw]
    for piece in inner:
        cue = _ALIAS_CUE.search(piece.lower())
        if cue is not None:
            pieces = [outer]
            found.append(piece[cue.end() :].strip(" ,.“”\"'"))
        elif (
            piece.isupper()
            and 2 < len(piece) <= 12
            and piece.replace("-", "").isalnum()
            and not piece.isdigit()
            and piece not in _NOT_ALIAS
        ):
            pieces = [outer]
            if raw.rstrip(" .,").endswith((")", "）")):  # elsewhere it is short for the words before it only
                found.append(piece)
        elif len(piece.split()) > 2 and raw.rstrip(" .,").endswith((")", "）")) and outer and raw.count("(") == 1:
            pieces = [raw, outer]
    whole = [half for piece in pieces for half in _ALIAS_CUE.split(piece)] if _ALIAS_CUE.search(raw.lower()) else pieces
    return tuple(dict.fromkeys(piece.strip(" ,") for piece in (*whole, *found) if piece.strip(" ,")))[:6]
