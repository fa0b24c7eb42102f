"""Personal data is masked, lengths are kept, and the log proves what stood there."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.redact import MASK, PersonalData, is_id_number, redact

# Invented numbers; the first has a right check character.
ID = "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"身份证 {ID}, 是否维族", PersonalData.ID_NUMBER),
        ("call 13800138000 now", PersonalData.PHONE),
        ("+49 30 901820 00", PersonalData.PHONE),
        ("mail zhang.san@example.org!", PersonalData.EMAIL),
        ("车牌 新A12345", PersonalData.PLATE),
        ("номер А123ВС77", PersonalData.PLATE),
        ("旧身份证 110105491231002", PersonalData.ID_NUMBER),
        ("паспорт 45 10 123456", PersonalData.ID_NUMBER),
        ("СНИЛС 112-233-445 95", PersonalData.ID_NUMBER),
        ("ИНН 500100732259", PersonalData.ID_NUMBER),
        ("护照号 E12345678", PersonalData.ID_NUMBER),
        ("SSN 078-05-1120", PersonalData.ID_NUMBER),
        ("주민등록번호 900101-1234567", PersonalData.ID_NUMBER),
        ("HKID A123456(3)", PersonalData.ID_NUMBER),
        ("тел. 8 (495) 123-45-67", PersonalData.PHONE),
        ("电话 0571-88061234", PersonalData.PHONE),
        ("call +74951234567", PersonalData.PHONE),
    ],
)
def test_personal_data_is_masked_and_logged(text: str, kind: PersonalData) -> None:
    result = redact(text)
    (removed,) = result.removed
    original = text[removed.start : removed.start + removed.length]
    assert removed.kind is kind and MASK in result.text and original not in result.text
    assert removed.sha256 == hashlib.sha256(original.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "EM_NATION_TYPE_UYGUR = 1",
        "version 1.2.3.4",
        "0x4a10 84 FR 54002",
        "维族(新疆)",
        "1920*1080@12.5fps",
        "ИНН 7707083893",
        "US\t+340308-1181434\tAmerica/Los_Angeles",
        "x+1099511627776*y",
        "4294967296",
        "2019-03-02 12:00:00",
        "#define A 1181434",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text).text == text and not redact(text).removed


def test_the_check_character_is_computed() -> None:
    assert is_id_number(ID) and not is_id_number(ID[:-1] + "1") and not is_id_number("x")


@given(st.text(max_size=200))
def test_masks_keep_every_position(text: str) -> None:
    assert len(redact(text).text) == len(text)
