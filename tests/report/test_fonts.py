"""Fonts in a report: only free ones that allow it, cut to the letters, the same bytes each time, and named."""

import base64
import io
import os
import re
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.report.fonts.embed import lettering, scripts
from witnessmark.report.fonts.shelf import faces, system_folders

OFL = "This Font Software is licensed under the SIL Open Font License, Version 1.1. This Font Software is distributed"


def a_font(path: Path, letters: str, *, family: str = "Made Up Sans", licence: str = OFL, fs_type: int = 0) -> Path:
    """A real font file with boxes for letters."""
    pen = TTGlyphPen(None)
    for at, point in enumerate([(0, 0), (400, 0), (400, 700), (0, 700)]):
        (pen.moveTo if at == 0 else pen.lineTo)(point)
    pen.closePath()
    box = pen.glyph()
    names = [".notdef", *(f"uni{ord(char):04X}" for char in letters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(char): f"uni{ord(char):04X}" for char in letters})
    builder.setupGlyf({name: box for name in names})
    builder.setupHorizontalMetrics({name: (500, 0) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(
        {"familyName": family, "styleName": "Regular", "licenseDescription": licence, "version": "Version 1"}
    )
    builder.setupOS2(fsType=fs_type)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 3_000_000_000
    builder.font.recalcTimestamp = False
    builder.save(path)
    return path


def test_only_the_letters_used_are_in_the_page_and_the_font_is_named(tmp_path: Path) -> None:
    a_font(tmp_path / "MadeUp-Regular.ttf", "维族中文ئ")
    letters = lettering("维族 A", faces((tmp_path,)))
    (font,) = letters.fonts
    data = re.search(r"base64,([^)]+)\)", letters.style)
    assert data is not None
    inside = TTFont(io.BytesIO(base64.b64decode(data[1])))
    assert set(inside.getBestCmap()) == {ord("维"), ord("族")}
    assert (font.family, font.letters, font.licence) == ("Made Up Sans", 2, "SIL Open Font License, Version 1.1")
    assert letters.scripts == ("Han",) and letters.uncovered == ()


def test_the_same_fonts_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    results = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        a_font(tmp_path / name / "B-Regular.ttf", "维中", family="B")
        a_font(tmp_path / name / "A-Regular.ttf", "维族", family="A")
        results.append(lettering("维族中", faces((tmp_path / name,))))
    assert results[0] == results[1] and [font.family for font in results[0].fonts] == ["A", "B"]


@pytest.mark.parametrize(
    ("licence", "fs_type"),
    [("All rights reserved.", 0), ("", 0), (OFL, 0x0002), (OFL, 0x0100), (OFL, 0x0200), (OFL, 0x0004)],
)
def test_a_font_that_does_not_allow_it_is_not_embedded(tmp_path: Path, licence: str, fs_type: int) -> None:
    a_font(tmp_path / "No-Regular.ttf", "维族", licence=licence, fs_type=fs_type)
    letters = lettering("维族", faces((tmp_path,)))
    assert letters.fonts == () and letters.style == "" and letters.uncovered == ("Han",)


def test_a_file_that_is_no_font_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a-broken.ttf").write_bytes(b"\0\1\0\0" + bytes(40))
    (tmp_path / "b-broken.ttc").write_bytes(b"ttcf" + b"\xff" * 40)
    (tmp_path / "c-empty.otf").write_bytes(b"")
    a_font(tmp_path / "d-Regular.ttf", "维")
    assert [face.family for face in faces((tmp_path,))] == ["Made Up Sans"]


def test_without_fonts_the_scripts_are_named_and_nothing_is_embedded() -> None:
    letters = lettering("a ئۇيغۇر 维 조 བོ я א か", None)
    assert letters.scripts == ("Arabic", "Cyrillic", "Han", "Hangul", "Hebrew", "Kana", "Tibetan")
    assert letters.style == "" and letters.fonts == ()


@settings(deadline=None)
@given(st.text())
def test_any_text_has_scripts(text: str) -> None:
    assert list(scripts(text)) == sorted(set(scripts(text)))


def test_the_fonts_of_a_real_machine_cover_the_scripts_of_our_subject() -> None:
    text = "维吾尔族 Uyghur ئۇيغۇر уйгур אויגור ウイグル 위구르 ཡུ་གུར"
    letters = lettering(text, faces(system_folders()))
    if letters.uncovered:
        assert "CI" not in os.environ, "CI has to install free fonts for every script"
        pytest.skip(
            f"no free font here for {', '.join(letters.uncovered)}; `apt install fonts-noto-core fonts-noto-cjk`"
        )
    assert {"Han", "Arabic", "Tibetan"} <= set(letters.scripts) and sum(font.size for font in letters.fonts) < 200_000
