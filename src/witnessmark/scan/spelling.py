"""The ways one term may be spelled: letter case, joined words, traditional and simplified characters."""

import functools
import unicodedata

import opencc

from witnessmark.model.match import Boundary, Term

APOSTROPHES = ("'", "’", "ʼ")
ZERO_WIDTH_NON_JOINER = "\u200c"
OPENCC_ROUTES = ("s2t", "t2s", "s2tw", "s2hk")


@functools.cache
def _converter(route: str) -> opencc.OpenCC:
    return opencc.OpenCC(route)


def is_han(text: str) -> bool:
    """Whether any character is a Chinese ideograph."""
    return any("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in text)


def spellings(term: Term) -> tuple[str, ...]:
    """The term's text and what counts as the same text, apart from letter case. The first is the text itself."""
    texts = [term.text]
    if is_han(term.text) and term.language.partition("-")[0] in ("zh", ""):
        texts += [_converter(route).convert(term.text) for route in OPENCC_ROUTES]
    for mark in APOSTROPHES:
        texts += [t.replace(mark, other) for t in texts if mark in t for other in APOSTROPHES]
    if ZERO_WIDTH_NON_JOINER in term.text:
        texts += [term.text.replace(ZERO_WIDTH_NON_JOINER, other) for other in ("", " ")]
    if " " in term.text and term.text.isascii() and term.boundary in (Boundary.PART, Boundary.WORD):
        texts += [term.text.replace(" ", joint) for joint in ("_", "-")]
    if "_" in term.text and term.text.isascii():
        texts += [term.text.replace("_", other) for other in ("-", r"\_")]  # the last is how Markdown and TeX write it
    return tuple(dict.fromkeys(texts))


def glued(term: Term) -> tuple[str, ...]:
    """For terms of several words: the forms without a joint, as names in programs have them."""
    if term.boundary is not Boundary.PART or " " not in term.text or not term.text.isascii():
        return ()
    words = term.text.lower().split(" ")
    title = "".join(word[:1].upper() + word[1:] for word in words)
    return tuple(dict.fromkeys((title, title[:1].lower() + title[1:], "".join(words), "".join(words).upper())))


def cases(text: str, *, cased: bool = False) -> tuple[str, ...]:
    """The letter cases in which the text is looked for, Turkish dotted and dotless i included."""
    if cased:
        return (text,)
    forms = [
        text,
        text.lower(),
        text.upper(),
        text[:1].upper() + text[1:],
        text[:1].upper() + text[1:].lower(),
        text.title(),
    ]
    if any(c in "ıİğşçöü" for c in text):
        forms.append(text.replace("i", "İ").upper())
        forms.append(text.replace("I", "ı").replace("İ", "i").lower())
    return tuple(dict.fromkeys(unicodedata.normalize("NFC", form) for form in forms if len(form) == len(text)))


def decomposed(text: str) -> str | None:
    """The text in normal form D, as some file systems write names, where that differs."""
    other = unicodedata.normalize("NFD", text)
    return None if other == text else other
