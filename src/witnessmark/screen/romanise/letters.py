"""Arabic, Persian, Uyghur and Hebrew letters, Kana and Hangul in Latin letters, for comparing by sound."""

_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ء": "", "ئ": "", "ؤ": "u", "ب": "b", "ت": "t", "ث": "s", "ج": "j",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "z", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t",
    "ظ": "z", "ع": "a", "غ": "g", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w",
    "ي": "y", "ى": "a", "ة": "a", "پ": "p", "چ": "ch", "ژ": "zh", "گ": "g", "ک": "k", "ی": "y", "ۋ": "w", "ۇ": "u",
    "ۆ": "o", "ۈ": "u", "ې": "e", "ە": "e", "ھ": "h", "ڭ": "ng", "ڤ": "v",
}  # fmt: skip
_UYGHUR = {"ى": "i", "ئ": "", "ي": "y", "و": "o"}
_HEBREW = {
    "א": "a", "ב": "b", "ג": "g", "ד": "d", "ה": "h", "ו": "v", "ז": "z", "ח": "h", "ט": "t", "י": "y", "כ": "k",
    "ך": "k", "ל": "l", "מ": "m", "ם": "m", "נ": "n", "ן": "n", "ס": "s", "ע": "a", "פ": "p", "ף": "f", "צ": "ts",
    "ץ": "ts", "ק": "k", "ר": "r", "ש": "sh", "ת": "t",
}  # fmt: skip
_KANA = {
    "ア": "a", "イ": "i", "ウ": "u", "エ": "e", "オ": "o", "カ": "ka", "キ": "ki", "ク": "ku", "ケ": "ke", "コ": "ko",
    "サ": "sa", "シ": "shi", "ス": "su", "セ": "se", "ソ": "so", "タ": "ta", "チ": "chi", "ツ": "tsu", "テ": "te",
    "ト": "to", "ナ": "na", "ニ": "ni", "ヌ": "nu", "ネ": "ne", "ノ": "no", "ハ": "ha", "ヒ": "hi", "フ": "fu",
    "ヘ": "he", "ホ": "ho", "マ": "ma", "ミ": "mi", "ム": "mu", "メ": "me", "モ": "mo", "ヤ": "ya", "ユ": "yu",
    "ヨ": "yo", "ラ": "ra", "リ": "ri", "ル": "ru", "レ": "re", "ロ": "ro", "ワ": "wa", "ヲ": "o", "ン": "n",
    "ガ": "ga", "ギ": "gi", "グ": "gu", "ゲ": "ge", "ゴ": "go", "ザ": "za", "ジ": "ji", "ズ": "zu", "ゼ": "ze",
    "ゾ": "zo", "ダ": "da", "ヂ": "ji", "ヅ": "zu", "デ": "de", "ド": "do", "バ": "ba", "ビ": "bi", "ブ": "bu",
    "ベ": "be", "ボ": "bo", "パ": "pa", "ピ": "pi", "プ": "pu", "ペ": "pe", "ポ": "po", "ヴ": "vu", "ー": "", "ッ": "",
}  # fmt: skip
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "a", "ュ": "u", "ョ": "o"}
_LEAD = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
_VOWEL = ("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu",
          "eu", "ui", "i")  # fmt: skip
_TAIL = ("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng",
         "t", "t", "k", "t", "p", "t")  # fmt: skip


def arabic(text: str) -> str:
    """Arabic, Persian or Uyghur letters; the article is dropped, Uyghur vowels are told by its own letters."""
    uyghur = any(char in "ۇۆۈېەڭۋ" for char in text)
    table = {**_ARABIC, **_UYGHUR} if uyghur else _ARABIC
    plain = text[2:] if not uyghur and text.startswith("ال") and len(text) > 4 else text
    return "".join(table.get(char, "") for char in plain)


def hebrew(text: str) -> tuple[str, ...]:
    """Hebrew letters, with vav as a consonant, then as a vowel; a final he is a vowel."""
    plain = text[:-1] + "א" if text.endswith("ה") and len(text) > 2 else text
    consonant = "".join(_HEBREW.get(char, "") for char in plain)
    vowel = "".join("u" if char == "ו" else _HEBREW.get(char, "") for char in plain.replace("וו", "ו"))
    return tuple(dict.fromkeys((consonant, vowel)))


def kana(text: str) -> str:
    """Katakana or hiragana, by syllable; small vowels replace the vowel before them."""
    out = ""
    for char in text:
        code = ord(char)
        sign = chr(code + 0x60) if 0x3041 <= code <= 0x3096 else char
        if sign in _SMALL and out:
            out = out.rstrip("aiueo") + _SMALL[sign] if out[-1:] in "aiueo" else out + _SMALL[sign]
        else:
            out += _KANA.get(sign, "")
    return out


def hangul(text: str) -> str:
    """Korean syllables by their letters."""
    out = ""
    for char in text:
        code = ord(char) - 0xAC00
        if 0 <= code < 11172:
            out += _LEAD[code // 588] + _VOWEL[code % 588 // 28] + _TAIL[code % 28]
    return out
