import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

DAHUA, HIK, SENSE, URUMQI, KASHGAR, XUAR = (f"bis-entity-list:{n}" for n in range(1, 7))


@pytest.mark.parametrize(
    "name",
    [
        "Dahua Technology", "DAHUA TECHNOLOGY CO., LTD.", "Dahua Technology Company Limited", "Dauha Technology", "Technology Dahua",
        "Zhejiang Dahua Technology", "大华技术", "大華技術", "浙江大华技术股份有限公司", "Da Hua Ji Shu", "Dà huá jì shù", "Дахуа Технолоджи",
        "داهوا تكنولوجي", "Dahua Technologgy", "D\u200bahua Technology", "Dаhua Technology",
    ],
)  # fmt: skip
def test_a_firm_is_found_in_every_spelling(found, name):
    assert DAHUA in found(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dahua Cinema", "Dahua Garden Villas", "大华影院", "Li Dahua", "大华会计师事务所", "Hikvision Golf Club", "SenseTime Yoga",
        "Hangzhou Digital Technology Co., Ltd.", "Information Technology Co., Ltd.", "信息技术有限公司", "Technology", "Co., Ltd.", "Beijing",
        "Shanghai Municipal Public Security Bureau", "上海市公安局", "Urumqi Municipal Education Bureau", "乌鲁木齐市教育局", "Wang Jun",
        "Zhu Hailin", "Zhu", "Hailun", "CETC 55", "Votkinsk Tea House",
    ],
)  # fmt: skip
def test_an_innocent_name_finds_nobody(found, name):
    assert found(name) == []


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Urumqi PSB", URUMQI), ("乌鲁木齐市公安局", URUMQI), ("Ürümchi Sheherlik Jama'et Xewpsizliki Idarisi", URUMQI), ("УОБ Урумчи", URUMQI),
        ("ئۈرۈمچى شەھەرلىك جامائەت خەۋپسىزلىكى ئىدارىسى", URUMQI), ("Public Security Bureau of Kashi", KASHGAR), ("喀什地区公安局", KASHGAR),
        ("Wu Lu Mu Qi Shi Gong An Ju", URUMQI), ("新疆维吾尔自治区公安厅", XUAR),
        ("Управление общественной безопасности Синьцзян-Уйгурского автономного района", XUAR),
    ],
)  # fmt: skip
def test_a_bureau_is_found_with_its_own_place_only(found, name, entry):
    assert found(name) == [entry]


def test_a_numbered_institute_is_not_another_number(found):
    assert found("中国电子科技集团公司第五十四研究所") == ["bis-entity-list:8"]
    assert found("CETC 54th Research Institute") == ["bis-entity-list:8"]
    assert found("China Electronics Technology Group Corporation 55th Research Institute") == []


def test_a_brand_leads_to_every_list_on_which_the_firm_stands(found):
    assert set(found("海康威视")) == {HIK, "ndaa-889:10"}


def test_a_tie_is_shown_as_a_tie_with_its_days(screener):
    (row,) = screener.screen("Lorex", as_of="2026-01-01").candidates
    assert row.entry == DAHUA
    assert row.reasons[0] == "linked to a listed firm; the name asked about is not itself on the list"
    assert "was a subsidiary of Dahua [2018-02 to 2023-02]" in row.reasons[1]
    assert (row.hops[0].since, row.hops[0].until) == ("2018-02", "2023-02")


def test_half_ownership_is_called_derived(screener):
    row = screener.screen("Sample Holdings", as_of="2026-01-01").candidates[0]
    assert any("60 % owned (50 % or more: derived, not listed) by" in reason for reason in row.reasons)


def test_a_known_look_alike_is_not_the_firm(found):
    assert found("Dahua Group") == []
    assert found("大华集团") == []


def test_the_day_decides_whether_an_entry_was_listed(screener):
    def listed(name, day):
        return {row.entry: row.listed for row in screener.screen(name, as_of=day).candidates}

    assert listed("Dahua Technology", "2019-10-08")[DAHUA] is False
    assert listed("Dahua Technology", "2019-10-09")[DAHUA] is True
    assert listed("Institute of Forensic Science", "2022-01-01")["bis-entity-list:7"] is True
    assert listed("Institute of Forensic Science", "2023-11-16")["bis-entity-list:7"] is False
    assert listed("Undated Works", "2020-01-01")["bis-entity-list:14"] is None


def test_a_person_is_not_found_on_one_part_of_the_name(found):
    assert found("Zhu Hailun") == ["eu-hr-2020-1998:9"]
    assert found("朱海仑") == ["eu-hr-2020-1998:9"]
    assert found("Zhu Wei") == []


def test_every_feature_prints_its_share_and_the_shares_make_the_score(screener):
    row = screener.screen("Sence Time", as_of="2026-01-01").candidates[0]
    odds = screener.model.intercept + sum(feature.contribution for feature in row.features)
    assert row.score == pytest.approx(1 / (1 + 2.718281828**-odds), abs=0.002)
    assert all(feature.says for feature in row.features)


def test_two_ways_of_naming_a_firm_count_together(found):
    assert HIK in found("Hikvision 海康威视")


def test_removed_characters_are_reported(screener):
    answer = screener.screen("Hik\u202evision\u200b", as_of="2026-01-01")
    assert any("invisible" in remark for remark in answer.remarks)
    assert answer.candidates[0].entry == HIK


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer(screener, text):
    answer = screener.screen(text, as_of="2026-01-01", threshold=0.0)
    scores = [row.score for row in answer.candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a",
        "x" * 10_240,
        "海" * 10_240,
        "'; DROP TABLE entries; --",
        "🙂🙂",
        "\x00\x1b[2J",
        "\u202e\u202d",
        "1" * 500,
    ],
)
def test_hostile_names_find_nobody(found, name):
    assert found(name) == []


def test_the_order_of_the_lists_changes_no_answer(screener, backwards):
    for name in ("Hikvision", "大华技术", "Sence Time"):
        assert backwards.screen(name, as_of="2026-01-01") == screener.screen(name, as_of="2026-01-01")
