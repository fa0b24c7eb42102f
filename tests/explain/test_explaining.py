"""What a finding carries, and what it never carries."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witnessmark.explain import explain
from witnessmark.explain.cards import finding_card, rule_card
from witnessmark.explain.claims import MOST_PLACES
from witnessmark.explain.linking import linked
from witnessmark.knowledge import Knowledge, load_knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Capability, Grade, Kind, Trait, UntrustedText
from witnessmark.model.finding import Finding, Reason, ReasonKind
from witnessmark.model.match import Match, TermRole
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.pipeline.linting import Bench

HEADER = """
typedef enum tagQX_FOLK_TYPE {
    QX_FOLK_UNKNOWN = 0,
    QX_FOLK_UYGUR,          // 维族
    QX_FOLK_OTHER,
    QX_FOLK_UNIDENTIFIED    // 设备未识别
} QX_FOLK_TYPE;

typedef struct tagQX_FACE_EVENT {
    int           nAge;
    int           emGlasses;
    int           emMask;
    QX_FOLK_TYPE  emFolk;   // 民族, QX_FOLK_TYPE
} QX_FACE_EVENT;
"""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def bench(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(knowledge, tmp_path_factory.mktemp("patterns"))


def of_text(bench: Bench, text: str, name: str = "sdk.h", encoding: str = "utf-8") -> tuple[Finding, ...]:
    return bench.findings(name, text.encode(encoding))


def leaves(reasons: tuple[Reason, ...]) -> list[Reason]:
    return [leaf for reason in reasons for leaf in (leaves(reason.parts) if reason.parts else [reason])]


def test_one_group_against_the_rest_is_found_without_the_famous_string(bench: Bench) -> None:
    found = next(f for f in of_text(bench, HEADER) if f.rule == "attributes/one-group-against-the-rest")
    assert found.kind is Kind.FINDING
    assert found.capability is Capability.ATTRIBUTE_CLASSIFICATION
    assert found.groups == ("uyghur",)
    assert Trait.ETHNICITY in found.protected
    assert found.grade is Grade.WIRED
    assert found.locator.line == 4
    assert "UYGUR" in found.excerpt


def test_the_place_is_the_same_in_gb18030(bench: Bench) -> None:
    plain = [(f.rule, f.locator.line) for f in of_text(bench, HEADER)]
    assert [(f.rule, f.locator.line) for f in of_text(bench, HEADER, encoding="gb18030")] == plain


def test_a_finding_says_why_what_else_it_could_be_and_what_it_does_not_show(bench: Bench) -> None:
    for found in of_text(bench, HEADER):
        assert found.rationale and found.innocent and found.not_shown and found.sources
        assert any(reason.kind is ReasonKind.COUNTER and not reason.held for reason in leaves(found.reasons))
        cautions = [reason for reason in found.reasons if reason.kind is ReasonKind.CAUTION]
        assert any(reason.text.startswith("Not reached") for reason in cautions)
        assert "vendor does" not in found.rationale and "violat" not in found.rationale


def test_the_gloss_renders_the_foreign_words(bench: Bench) -> None:
    assert any("维族 = " in found.gloss for found in of_text(bench, HEADER))


def test_marks_cover_what_matched(bench: Bench) -> None:
    for found in of_text(bench, HEADER):
        assert found.marked
        assert all(0 <= start < end <= len(found.excerpt) for start, end in found.marked)
        assert len(found.excerpt) <= 400


def test_findings_are_the_same_each_time_and_whatever_the_order(knowledge: Knowledge, bench: Bench) -> None:
    first = of_text(bench, HEADER)
    assert msgspec.json.encode(of_text(bench, HEADER)) == msgspec.json.encode(first)
    assert [found.id for found in first] == sorted({f.id: f for f in first}, key=[f.id for f in first].index)


def test_a_planted_string_alone_is_graded_named(bench: Bench) -> None:
    found = of_text(bench, "EM_NATION_TYPE_UYGUR\n", "notes.txt")
    assert [each.grade for each in found] == [Grade.NAMED]


def test_personal_data_never_reaches_a_finding(bench: Bench) -> None:
    text = "('320102198204022439', '13912345678', 'a.b@example.org', '是否维族：查无记录，人脸抓拍')\n" * 3
    for name in ("dump.sql", "dump.txt", "dump.py"):
        encoded = msgspec.json.encode(of_text(bench, text, name)).decode()
        assert "320102198204022439" not in encoded
        assert "13912345678" not in encoded
        assert "a.b@example.org" not in encoded


def test_words_blanked_out_of_comments_are_a_scrub_artefact_that_blames_nobody(bench: Bench) -> None:
    text = """
public struct HUMAN_FEATURE
{
    public byte byAge;
    public byte bySex;
    public byte byEyeGlass;
    public byte byMask;
    public byte byRes2; //_, 0-不支持，1-亚洲人，2-_，3-_
}
"""
    found = next(f for f in of_text(bench, text, "Sdk.cs") if f.capability is Capability.SCRUB_ARTEFACT)
    assert "Who" in found.not_shown


def test_an_enum_knows_the_record_that_uses_it(bench: Bench) -> None:
    enum = Observation(
        shape=Shape.ENUM,
        name=UntrustedText("QX_FOLK_TYPE"),
        locator=Locator(path=(UntrustedText("a.zip"), UntrustedText("a.h"))),
    )
    record = Observation(
        shape=Shape.RECORD,
        name=UntrustedText("QX_FACE_EVENT"),
        locator=Locator(path=(UntrustedText("a.zip"), UntrustedText("b.h"))),
        members=(Member(name=UntrustedText("emFolk"), type=UntrustedText("QX_FOLK_TYPE")),),
    )
    elsewhere = msgspec.structs.replace(
        record, locator=Locator(path=(UntrustedText("other.zip"), UntrustedText("b.h")))
    )
    first, *_ = linked((enum, record, elsewhere))
    assert [(each.name, each.how) for each in first.referred_by] == [("QX_FACE_EVENT", "field of that type")]


def test_many_places_of_one_claim_are_one_finding(bench: Bench) -> None:
    text = "".join(f"struct FaceResult{n} {{ int age; int glasses; int mask; int ethnicity; }};\n" for n in range(100))
    found = of_text(bench, text)
    assert len([f for f in found if f.rule == "attributes/trait-field"]) == 1
    assert all(len(f.also_at) <= MOST_PLACES for f in found)


def test_stuffing_a_file_with_innocent_words_does_not_hide_an_enum(bench: Bench) -> None:
    stuffing = "// locale font keyboard timezone race condition dictionary recipe festival\n" * 50
    rules = {f.rule for f in of_text(bench, stuffing + "int a;\n" * 20 + HEADER + "int b;\n" * 20 + stuffing)}
    assert "attributes/one-group-against-the-rest" in rules


def test_a_very_long_line_is_read_in_its_own_encoding(bench: Bench) -> None:
    found = of_text(bench, "维族人脸识别预警 " * 40_000, "one-line.txt")
    assert {each.rule for each in found} == {"alarms/group-alarm"}


def test_cards_are_plain_lines(knowledge: Knowledge, bench: Bench) -> None:
    for rule in knowledge.signals:
        card = rule_card(rule, knowledge)
        assert card[0] == rule.title
        assert all("\n" not in line for line in card)
    for found in of_text(bench, HEADER):
        text = "\n".join(finding_card(found))
        assert "What it does not show" in text and "How far it reaches" in text


TEXTS = st.text(alphabet=st.sampled_from(list("aA_-0 .,/{}()|=：，族维民是否\n\u202e\x00🙂")), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.sampled_from(list(Shape)),
    name=TEXTS,
    text=TEXTS,
    names=st.lists(TEXTS, max_size=6),
    concept=st.sampled_from(["group:uyghur", "trait:race", "identifier:by-ethnic", "proxy:veil", "odd"]),
    matched=st.integers(-3, 9),
)
def test_no_observation_breaks_it(
    knowledge: Knowledge, shape: Shape, name: str, text: str, names: list[str], concept: str, matched: int
) -> None:
    match = Match(
        term="t",
        concept=concept,
        role=TermRole.GROUP,
        text=UntrustedText(name[:5]),
        offset=0,
        length=1,
        encoding="utf-8",
    )
    members = tuple(
        Member(name=UntrustedText(each), value=UntrustedText(text), comment=UntrustedText(each), matched=(matched,))
        for each in names
    )
    observation = Observation(
        shape=shape,
        name=UntrustedText(name),
        text=UntrustedText(text),
        members=members,
        neighbours=tuple(UntrustedText(each) for each in names),
        locator=Locator(path=(UntrustedText("x"),)),
        matches=(match,),
    )
    findings, problems = explain((observation, observation), knowledge)
    assert len(findings) <= 1
    assert not problems
    assert msgspec.json.decode(msgspec.json.encode(findings), type=tuple[Finding, ...]) == findings


def test_a_use_in_an_event_of_another_file_makes_a_declaration_wired_and_is_named(knowledge: Knowledge) -> None:
    word = Match(
        term="t", concept="trait:race", role=TermRole.TRAIT, text=UntrustedText("RACE"), offset=0, length=4,
        encoding="ascii",
    )  # fmt: skip
    enum = Observation(
        shape=Shape.ENUM,
        name=UntrustedText("QX_FACE_RACE"),
        locator=Locator(path=(UntrustedText("sdk/types.h"),)),
        members=tuple(Member(name=UntrustedText(f"QX_RACE_{n}"), matched=(0,)) for n in ("YELLOW", "BLACK", "WHITE")),
        matches=(word,),
    )
    record = Observation(
        shape=Shape.RECORD,
        name=UntrustedText("QX_GATE_ALARM"),
        locator=Locator(path=(UntrustedText("sdk/alarm.h"),), line=7),
        members=(Member(name=UntrustedText("kind"), type=UntrustedText("QX_FACE_RACE"), matched=(0,)),),
        matches=(word,),
    )
    (alone,), _ = explain((enum,), knowledge)
    together, _ = explain((enum, record), knowledge)
    used = next(f for f in together if f.locator.path == enum.locator.path)
    assert (alone.grade, used.grade) == (Grade.REFERENCED, Grade.WIRED)
    assert any("QX_GATE_ALARM in sdk/alarm.h line 7" in leaf.text for leaf in leaves(used.reasons))
    elsewhere = msgspec.structs.replace(record, locator=Locator(path=(UntrustedText("other/alarm.h"),)))
    apart, _ = explain((enum, elsewhere), knowledge)
    assert next(f for f in apart if f.locator.path == enum.locator.path).grade is Grade.REFERENCED


def test_a_blanked_label_beside_attributes_of_a_face_is_called_a_trace_of_editing(bench: Bench) -> None:
    shown = """
void show(FaceInfo face) {
    ageTextField.setText(String.valueOf(face.age));
    glassesTextField.setText(Res.getGlasses(face.glasses));
    raceTextField.setText(Res.string().getRC(0));
}
"""
    assert "scrub/neutral-label" in {f.rule for f in of_text(bench, shown, "View.java")}
    cleared = shown.replace("Res.string().getRC(0)", '""')
    assert "scrub/neutral-label" not in {f.rule for f in of_text(bench, cleared, "View.java")}
