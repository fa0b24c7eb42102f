"""Russian letters: as the lists transliterate them, and as Chinese names are spelled in Russian (Palladius)."""

from witnessmark.screen.romanise.syllables import palladius_table

_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "i",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu",
    "я": "ya", "і": "i", "ї": "i", "є": "ye", "ґ": "g", "ў": "u", "ә": "a", "ғ": "g", "қ": "k", "ң": "ng", "ө": "o",
    "ұ": "u", "ү": "u", "һ": "h", "җ": "j",
}  # fmt: skip


def latin(text: str) -> str:
    """Letter by letter, in the style of the lists' own transliterations."""
    return "".join(_LETTERS.get(char, char) for char in text)


def pinyin_readings(text: str, limit: int = 6) -> tuple[str, ...]:
    """Pinyin spellings of a word written by the Palladius system; empty when it cannot be one."""
    table = palladius_table()
    plain = text.replace("ъ", "'").replace("-", "")
    found: list[str] = []

    def walk(start: int, done: str) -> None:
        if len(found) >= limit:
            return
        if start == len(plain):
            found.append(done)
            return
        if plain[start] == "'":
            walk(start + 1, done)
            return
        for size in range(min(6, len(plain) - start), 0, -1):
            for syllable in table.get(plain[start : start + size], ()):
                walk(start + size, done + syllable)

    if 1 < len(plain) <= 30:
        walk(0, "")
    return tuple(dict.fromkeys(found))
