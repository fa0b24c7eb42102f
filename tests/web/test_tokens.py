import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.web.tokens import question, searchable


def found(text: str, asked: str) -> bool:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='unicode61 remove_diacritics 2')")
    base.execute("INSERT INTO words VALUES (?)", (searchable(text),))
    expression = question(asked)
    hit = bool(expression) and base.execute("SELECT 1 FROM words WHERE words MATCH ?", (expression,)).fetchone()
    base.close()
    return bool(hit)


def test_two_chinese_characters_are_found_inside_a_sentence():
    assert found("设备支持识别维吾尔族人员", "吾尔")
    assert found("设备支持识别维族", "维族")
    assert found("设备支持识别维族", "族")
    assert not found("设备支持识别汉族", "维族")
    assert not found("维护民族", "维族")


def test_parts_of_identifiers_are_found():
    assert found("emEthnicType = IS_UYGUR", "ethnic")
    assert found("emEthnicType = IS_UYGUR", "uygur")
    assert found("emEthnicType", "emEthnicType")
    assert found("Ouïgour", "ouigour")


def test_all_words_must_be_there():
    assert found("face attribute list", "attribute face")
    assert not found("face attribute list", "attribute beard")


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_question_is_a_syntax_error(text: str, asked: str):
    found(text, asked)


@given(st.text(alphabet="维吾尔族汉民", min_size=1, max_size=12), st.data())
def test_every_part_of_a_packed_text_is_found(text: str, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert found(f"前文 {text} 后文", text[start:end])
