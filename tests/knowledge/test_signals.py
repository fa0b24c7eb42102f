"""Rules, cues and conditions as data."""

from pathlib import Path

import pytest

from witnessmark.errors import KnowledgeError
from witnessmark.explain.rules import compiled
from witnessmark.explain.words import Vocabulary
from witnessmark.knowledge import Knowledge, load_knowledge
from witnessmark.knowledge.cues import load_cues
from witnessmark.knowledge.signals import load_conditions, load_signals
from witnessmark.model.fact import Kind
from witnessmark.pipeline.linting import lint


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


def test_every_rule_passes_its_own_examples(knowledge: Knowledge, tmp_path: Path) -> None:
    assert [f"{fault.rule}: {fault.what}" for fault in lint(knowledge, tmp_path)] == []


def test_every_rule_has_an_innocent_look_alike_that_says_why(knowledge: Knowledge) -> None:
    assert all(rule.examples.miss and all(each.why for each in rule.examples.miss) for rule in knowledge.signals)


def test_every_rule_and_cue_names_a_source(knowledge: Knowledge) -> None:
    assert all(rule.sources and all(source.title for source in rule.sources) for rule in knowledge.signals)
    assert all(cue.sources for cue in knowledge.cues)


def test_a_rule_that_knows_a_vendor_lies_with_the_vendors(knowledge: Knowledge) -> None:
    assert all(bool(rule.vendor) <= rule.id.startswith("vendors/") for rule in knowledge.signals)


def test_what_is_typed_in_or_read_from_a_document_is_never_a_finding(knowledge: Knowledge) -> None:
    areas = ("records/", "names/", "cosmetics/", "emotion/", "disability/")
    assert {rule.kind for rule in knowledge.signals if rule.id.startswith(areas)} == {Kind.ADJACENT}


def test_a_cue_finds_whole_words_and_parts_of_names_only(knowledge: Knowledge) -> None:
    vocabulary = Vocabulary(knowledge.cues)
    assert "face" in vocabulary.read("DEV_EVENT_FACEDETECT_INFO")
    assert "face" in vocabulary.read("抓拍人脸")
    assert "face" not in vocabulary.read("the user interface of a facet")
    assert "face" not in vocabulary.read("Hugging Face models")
    assert "suite/age" in vocabulary.read("byAge")
    assert "suite/age" not in vocabulary.read("package manager image")


def test_a_phrase_does_not_reach_over_punctuation(knowledge: Knowledge) -> None:
    vocabulary = Vocabulary(knowledge.cues)
    assert "contest" in vocabulary.read("a data race")
    assert "contest" not in vocabulary.read("faceData.race")


def test_a_rule_in_the_wrong_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "signals" / "here").mkdir(parents=True)
    text = Path(__file__).parents[2].joinpath("signals/names/inference-from-names.toml").read_text("utf-8")
    (tmp_path / "signals" / "here" / "rule.toml").write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match="place says"):
        load_signals(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        'id = "x"',
        'id = "x"\nabout = "a"\neffect = "for"\n',
        'id = "other"\nabout = "a"\neffect = "for"\nwords = ["w"]\n',
        'id = "x"\nabout = "a"\neffect = "for"\nwords = ["w"]\nsurprise = 1\n',
        "id = ",
        "\xff",
    ],
)
def test_a_malformed_cue_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "signals" / "cues"
    folder.mkdir(parents=True)
    (folder / "x.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(KnowledgeError, match=r"x\.toml"):
        load_cues(tmp_path)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ('"cue:no-such-cue@here"', "no cue"),
        ('"nonsense:x"', "not a feature"),
        ('"cue:face@nowhere"', "no scope"),
        ('"is:missing"', "no condition"),
        ('"hit:=missing"', "no set"),
        ('{ some = ["cue:face"] }', "exactly one"),
        ('{ all = "cue:face" }', "needs a list"),
        ('"is:round"', "circle"),
    ],
)
def test_a_condition_that_cannot_be_asked_is_refused(
    tmp_path: Path, knowledge: Knowledge, condition: str, message: str
) -> None:
    (tmp_path / "signals").mkdir()
    (tmp_path / "signals" / "conditions.toml").write_text(
        f'[round]\nsays = "round"\nany = ["is:round"]\n\n[bad]\nsays = "bad"\nany = [{condition}]\n', "utf-8"
    )
    conditions = load_conditions(tmp_path)
    rule = next(rule for rule in knowledge.signals if rule.id == "names/inference-from-names")
    broken = Knowledge(
        terms=(),
        cues=knowledge.cues,
        signals=(type(rule)(**{**_fields(rule), "require": ("is:bad",), "any": (), "none": ()}),),
        law=(),
        digest=knowledge.digest,
        conditions=conditions,
    )
    with pytest.raises(KnowledgeError, match=message):
        compiled(broken)


def _fields(rule: object) -> dict[str, object]:
    return {name: getattr(rule, name) for name in rule.__struct_fields__ if name != "trait"}  # type: ignore[attr-defined]
