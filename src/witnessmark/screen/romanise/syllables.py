"""The syllables of Standard Chinese in pinyin, their Russian (Palladius) and Wade-Giles spellings."""

from functools import cache, lru_cache

_FINALS = {
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan v ve ue",
    "l": "a o e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un v ve ue",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "i a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "i a e ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "i a e ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "i e ao ou an en ang eng ong u ua uo ui uan un",
    "z": "i a e ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "i a e ai ao ou an en ang eng ong u uo ui uan un",
    "s": "i a e ai ao ou an en ang eng ong u uo ui uan un",
    "y": "a o e ai ao ou an ang ong i in ing u ue uan un",
    "w": "a o ai ei an en ang eng u",
    "": "a o e ai ei ao ou an en ang er",
}
SYLLABLES = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split())

_PALLADIUS_INITIAL = {
    "b": "б", "p": "п", "m": "м", "f": "ф", "d": "д", "t": "т", "n": "н", "l": "л", "g": "г", "k": "к", "h": "х",
    "j": "цз", "q": "ц", "x": "с", "zh": "чж", "ch": "ч", "sh": "ш", "r": "ж", "z": "цз", "c": "ц", "s": "с",
}  # fmt: skip
_PALLADIUS_FINAL = {
    "a": "а", "o": "о", "e": "э", "ai": "ай", "ei": "эй", "ao": "ао", "ou": "оу", "an": "ань", "en": "энь",
    "ang": "ан", "eng": "эн", "ong": "ун", "i": "и", "ia": "я", "ie": "е", "iao": "яо", "iu": "ю", "ian": "янь",
    "in": "инь", "iang": "ян", "ing": "ин", "iong": "юн", "u": "у", "ua": "уа", "uo": "о", "uai": "уай", "ui": "уй",
    "uan": "уань", "un": "унь", "uang": "уан", "v": "юй", "ve": "юэ", "ue": "юэ",
}  # fmt: skip
_PALLADIUS_WHOLE = {
    "ya": "я", "ye": "е", "yai": "яй", "yao": "яо", "you": "ю", "yan": "янь", "yang": "ян", "yi": "и", "yin": "инь",
    "ying": "ин", "yong": "юн", "yu": "юй", "yue": "юэ", "yuan": "юань", "yun": "юнь", "wa": "ва", "wo": "во",
    "wai": "вай", "wei": "вэй", "wan": "вань", "wen": "вэнь", "wang": "ван", "weng": "вэн", "wu": "у", "er": "эр",
    "a": "а", "o": "о", "e": "э", "ai": "ай", "ei": "эй", "ao": "ао", "ou": "оу", "an": "ань", "en": "энь",
    "ang": "ан", "yo": "йо", "hui": "хуэй",
}  # fmt: skip


def _palladius(syllable: str) -> str:
    """The Russian spelling of one pinyin syllable."""
    if syllable in _PALLADIUS_WHOLE:
        return _PALLADIUS_WHOLE[syllable]
    initial = syllable[:2] if syllable[:2] in ("zh", "ch", "sh") else syllable[:1]
    final = syllable[len(initial) :]
    if initial in ("zh", "ch", "sh", "r", "z", "c", "s") and final == "i":
        return _PALLADIUS_INITIAL[initial] + ("ы" if initial in ("z", "c", "s") else "и")
    if initial in ("j", "q", "x") and final in ("u", "ue", "uan", "un"):
        return _PALLADIUS_INITIAL[initial] + {"u": "юй", "ue": "юэ", "uan": "юань", "un": "юнь"}[final]
    return _PALLADIUS_INITIAL[initial] + _PALLADIUS_FINAL[final]


@cache
def palladius_table() -> dict[str, tuple[str, ...]]:
    """Russian spelling to the pinyin syllables that are spelled so; soft signs are also accepted as left out."""
    table: dict[str, list[str]] = {}
    for syllable in sorted(SYLLABLES):
        russian = _palladius(syllable)
        for spelling in {russian, russian.replace("ё", "е")}:
            table.setdefault(spelling, []).append(syllable)
    return {spelling: tuple(found) for spelling, found in table.items()}


_WADE = (
    ("hs", "x"), ("tz'", "c"), ("ts'", "c"), ("ch'", "C"), ("k'", "K"), ("p'", "P"), ("t'", "T"), ("tz", "z"),
    ("ts", "z"), ("ch", "J"), ("k", "g"), ("p", "b"), ("t", "d"), ("j", "r"),
    ("K", "k"), ("P", "p"), ("T", "t"),
)  # fmt: skip


# Wade-Giles writes o where pinyin has e (after k, h) or uo (after other consonants).
_WADE_E = {"go": "ge", "ko": "ke", "ho": "he", "lo": "luo", "to": "tuo", "do": "duo", "no": "nuo", "so": "suo",
           "zo": "zuo", "co": "cuo", "ro": "ruo", "jo": "zhuo"}  # fmt: skip


def wade_to_pinyin(syllable: str) -> str | None:
    """One Wade-Giles syllable in pinyin, or None when it is not one."""
    if syllable in ("tzu", "tz'u", "ssu", "szu"):
        return {"tzu": "zi", "tz'u": "ci"}.get(syllable, "si")
    text = syllable
    for old, new in _WADE:
        if text.startswith(old):
            text = new + text[len(old) :]
            break
    text = text.replace("ü", "u").replace("ung", "ong") if not text.startswith("f") else text
    if text[:1] == "J":
        text = (
            "j" if text[1:2] in ("i", "u") and text[1:] not in ("u", "ui", "un", "ua", "uan", "uang") else "zh"
        ) + text[1:]
    elif text[:1] == "C":
        text = ("q" if text[1:2] == "i" and text[1:] != "ih" else "ch") + text[1:]
    if text[:1] in ("K", "P", "T"):
        text = text.lower()
    text = {"ih": "i"}.get(text[-2:], text[-2:]).join((text[:-2], "")) if text.endswith("ih") else text
    if text in _WADE_E:
        text = _WADE_E[text]
    text = text.replace("ieh", "ie").replace("ien", "ian").replace("yeh", "ye").replace("ehr", "er")
    if text.startswith("y") and text == "yen":
        text = "yan"
    return text if text in SYLLABLES else None


@lru_cache(maxsize=65536)
def split_pinyin(text: str) -> tuple[str, ...] | None:
    """Cut a run of letters into pinyin syllables, longest first; None when some letter is left over."""
    if not text or len(text) > 60:
        return None
    dead: set[int] = set()

    def walk(start: int) -> tuple[str, ...] | None:
        if start == len(text):
            return ()
        if start in dead:
            return None
        for size in range(min(6, len(text) - start), 0, -1):
            if text[start : start + size] in SYLLABLES:
                rest = walk(start + size)
                if rest is not None:
                    return (text[start : start + size], *rest)
        dead.add(start)
        return None

    return walk(0)
