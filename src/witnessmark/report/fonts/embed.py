"""Cut fonts to the letters of one page and put them into its style sheet."""

import base64
import hashlib
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from fontTools import subset
from fontTools.ttLib import TTFont

from witnessmark.model.fact import Record, Sha256
from witnessmark.report.fonts.shelf import Face

_MONO = '"Noto Sans Mono",Consolas,monospace'
MOST_FACES = 24
_SCRIPTS = {"CJK": "Han", "KANGXI": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana", "KATAKANA-HIRAGANA": "Kana"}
# Letters that every system shows.
_PLAIN = frozenset({"LATIN", "DIGIT"})


class EmbeddedFont(Record, frozen=True, kw_only=True):
    """A font that a report carries, cut to the letters it uses; `sha256` is of the whole font file it was cut from."""

    family: str
    version: str
    licence: str
    sha256: Sha256
    letters: int
    size: int


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """How the letters of a page show: the style sheet to add, its fonts, all scripts, and those that no font covers."""

    style: str = ""
    fonts: tuple[EmbeddedFont, ...] = ()
    scripts: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()


def scripts(letters: Iterable[str]) -> tuple[str, ...]:
    """The writing systems of letters, sorted, without the Latin one."""
    found = set()
    for char in letters:
        if not char.isalpha():
            continue
        name = unicodedata.name(char, "").partition(" ")[0]
        if name and name not in _PLAIN:
            found.add(_SCRIPTS.get(name, name.capitalize()))
    return tuple(sorted(found))


def lettering(text: str, shelf: Iterable[Face] | None) -> Lettering:
    """Fonts for every letter of `text` from the shelf, first come first served; no shelf: nothing is embedded."""
    letters = {char for char in set(text) if ord(char) > 0x20}
    if shelf is None:
        return Lettering(scripts=scripts(letters))
    left = {ord(char) for char in letters}
    chosen: list[tuple[Face, set[int]]] = []
    for face in shelf:
        new = left & face.covers
        if new and ("Symbols" in face.family or any(chr(code).isalnum() for code in new)):
            chosen.append((face, new | (face.covers & {0x20, 0x200C, 0x200D, 0x25CC})))
            left -= new
        if not left or len(chosen) >= MOST_FACES:
            break
    cut = [_cut(face, sorted(codes)) for face, codes in chosen]
    return Lettering(
        style=_style([data for data, _ in cut]),
        fonts=tuple(font for _, font in cut),
        scripts=scripts(letters),
        uncovered=scripts(chr(code) for code in left),
    )


def _cut(face: Face, codes: list[int]) -> tuple[bytes, EmbeddedFont]:
    options = subset.Options(
        flavor="woff2",
        layout_features=["*"],
        hinting=False,
        name_IDs=[0, 5, 13, 14],
        name_languages=["*"],
        notdef_outline=True,
        drop_tables=["DSIG", "FFTM", "meta"],
    )
    out = io.BytesIO()
    with face.path.open("rb") as file:
        font = TTFont(file, fontNumber=face.index, lazy=True, recalcTimestamp=False)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=codes)
        cutter.subset(font)
        font.flavor = "woff2"
        font.save(out)
    data = out.getvalue()
    return data, EmbeddedFont(
        family=face.family,
        version=face.version,
        licence=face.licence.partition(". This Font")[0].removeprefix("This Font Software is licensed under the ")[
            :120
        ],
        sha256=Sha256(hashlib.sha256(face.path.read_bytes()).hexdigest()),
        letters=len(codes),
        size=len(data),
    )


def _style(fonts: list[bytes]) -> str:
    if not fonts:
        return ""
    rules = [
        f'@font-face{{font-family:"wm{number}";src:url(data:font/woff2;base64,{base64.b64encode(data).decode()})'
        ' format("woff2")}'
        for number, data in enumerate(fonts)
    ]
    names = ",".join(f'"wm{number}"' for number in range(len(fonts)))
    rules.append(f"body{{font-family:{names},system-ui,sans-serif}}")
    rules.append(f"pre,code,.hash{{font-family:ui-monospace,{_MONO},{names}}}")
    return "\n".join(rules)
