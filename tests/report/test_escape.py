"""Nothing untrusted reaches a terminal, a page, a table or a file name as it is."""

import html.parser
import re

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.report import escape

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=80)
BAD = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\ud800-\udfff]")


@given(ANY_TEXT)
def test_terminal_text_is_one_visible_line(text: str) -> None:
    assert not BAD.search(escape.terminal(text))
    escape.terminal(text).encode()


@given(ANY_TEXT)
def test_html_text_stays_text(text: str) -> None:
    seen: list[str] = []

    class Parser(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            seen.append(tag)

    Parser().feed(f"<p>{escape.html(text)}</p>")
    assert seen == ["p"]


@given(ANY_TEXT)
def test_a_file_name_stays_in_its_folder_and_fits(text: str) -> None:
    name = escape.file_name(text)
    assert name not in {"", ".", ".."} and not re.search(r'[\\/:*?"<>|\x00-\x1f]', name)
    assert len(name.encode()) <= 120 and not name.startswith(".")


def test_joiners_inside_words_are_spelling_but_not_at_their_ends() -> None:
    assert escape.terminal("می\u200cخواهم") == "می\u200cخواهم"
    assert escape.terminal("a\u200c") == "a\\u200c"


def test_a_formula_is_disarmed() -> None:
    assert escape.csv_cell("=1+1") == "'=1+1"
    assert escape.csv_cell("維族") == "維族"
