import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.knowledge.sanctions import load_name_parts
from witnessmark.screen.fold import LIMIT, fold
from witnessmark.screen.lexicon import Lexicon
from witnessmark.screen.parts import Channel, readings, spelled_out
from witnessmark.screen.romanise import cyrillic, letters, sound
from witnessmark.screen.romanise.syllables import SYLLABLES, palladius_table, split_pinyin, wade_to_pinyin


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon(load_name_parts())


def tokens(name, lexicon, channel=None):
    return next([part.token for part in row.parts] for row in readings(name, lexicon) if channel in (None, row.channel))


@given(st.text(max_size=500))
def test_folding_twice_changes_nothing_more_and_stays_bounded(text):
    once = fold(text).text
    assert len(once) <= LIMIT
    assert fold(once).text == once or not once.isascii()


def test_parts_are_typed_in_every_language(lexicon):
    assert tokens("浙江大华技术股份有限公司", lexicon) == ["p:zhejiang", "c:大华", "w:technology", "f:ltd"]
    assert tokens("Zhejiang Dahua Technology Co., Ltd.", lexicon) == ["p:zhejiang", "c:dahua", "w:technology", "f:ltd"]
    assert tokens("АО Научно-производственное объединение Волна", lexicon)[0] == "f:jsc"
    assert tokens("خوتەن ۋىلايەتلىك جامائەت خەۋپسىزلىكى ئىدارىسى", lexicon) == ["p:hotan", "l:prefecture", "o:psb"]
    assert tokens("Yi Xin Keji", lexicon) == ["c:yi", "c:xin", "w:technology"]


def test_han_is_read_as_pinyin_and_traditional_as_simplified(lexicon):
    assert "c:haikangweishi" in tokens("海康威視", lexicon, Channel.PINYIN)


def test_palladius_covers_all_of_pinyin_and_reads_back():
    spelled = {syllable for row in palladius_table().values() for syllable in row}
    assert spelled == SYLLABLES
    assert cyrillic.pinyin_readings("сюньфэй") == ("xunfei",)
    assert "dahua" in cyrillic.pinyin_readings("дахуа")


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=6))
def test_joined_syllables_can_always_be_cut_again(syllables):
    cut = split_pinyin("".join(syllables))
    assert cut is not None
    assert "".join(cut) == "".join(syllables)


@given(st.text(max_size=80))
def test_cutting_pinyin_never_hangs(text):
    cut = split_pinyin(text)
    assert cut is None or "".join(cut) == text


@pytest.mark.parametrize(
    ("wade", "pinyin"),
    [("ch'ing", "qing"), ("hsin", "xin"), ("chung", "zhong"), ("shih", "shi"), ("t'ang", "tang"), ("kuo", "guo")],
)
def test_wade_giles_is_read_as_pinyin(wade, pinyin):
    assert wade_to_pinyin(wade) == pinyin


@pytest.mark.parametrize(
    ("latin", "other"),
    [("hikvision", letters.arabic("هيكفيشن")), ("hikvision", letters.kana("ハイクビジョン")), ("hikvision", letters.hangul("하이크비전")),
     ("megvii", letters.arabic("ميغفي")), ("sensetime", cyrillic.latin("сенстайм"))],
)  # fmt: skip
def test_names_that_crossed_scripts_by_ear_share_their_consonants(latin, other):
    assert sound.skeleton(latin) == sound.skeleton(other)


def test_look_alike_letters_are_unmasked_but_honest_cyrillic_stays():
    assert fold("Нikvisiоn").text == "hikvision"
    assert fold("Дахуа").text == "дахуа"


def test_brackets_give_names_of_their_own_unless_they_are_places():
    assert spelled_out("Semiconductor Manufacturing International Corporation (SMIC)")[-1] == "SMIC"
    assert spelled_out("ComNet (USA) LLC") == ("ComNet (USA) LLC",)
    assert "Feodosia Plant" in spelled_out("State Optical Plant (f.k.a. Feodosia Plant)")
