"""Provisions of law as data."""

from pathlib import Path

import pytest

from witnessmark.errors import KnowledgeError
from witnessmark.knowledge.law import Provision, load_law
from witnessmark.model.fact import Capability, Trait

ROOT = Path(__file__).parents[2]
ACCUSING = ("violates", "breaches", "illegal", "unlawful", "infringes")


@pytest.fixture(scope="module")
def law() -> tuple[Provision, ...]:
    return load_law(ROOT)


def test_every_provision_names_a_source_that_was_read(law: tuple[Provision, ...]) -> None:
    assert law
    assert all(each.source.title and each.source.url.startswith("http") and each.read_on for each in law)


def test_every_provision_says_what_it_does_not_cover(law: tuple[Provision, ...]) -> None:
    assert all(each.not_covered and each.applies_from for each in law)


def test_no_provision_says_that_it_is_broken(law: tuple[Provision, ...]) -> None:
    for each in law:
        text = f"{each.pointer().says} {each.pointer().caveats}".lower()
        assert text.startswith("may be relevant")
        assert not [word for word in ACCUSING if word in text]


def test_the_ban_on_categorisation_concerns_race_but_not_emotion(law: tuple[Provision, ...]) -> None:
    ban = next(each for each in law if each.id == "eu/ai-act-5-1-g")
    assert ban.applies_from == "2025-02-02"
    assert ban.concerns(Capability.ATTRIBUTE_CLASSIFICATION, (Trait.RACE,))
    assert not ban.concerns(Capability.EMOTION_INFERENCE, (Trait.EMOTION,))
    assert not ban.concerns(Capability.ATTRIBUTE_CLASSIFICATION, (Trait.DISABILITY,))


def test_a_provision_without_its_caveats_is_refused(tmp_path: Path) -> None:
    (tmp_path / "law" / "eu").mkdir(parents=True)
    (tmp_path / "law" / "eu" / "x.toml").write_text('id = "eu/x"\nprovision = "Art. 1"\n', "utf-8")
    with pytest.raises(KnowledgeError, match=r"x\.toml"):
        load_law(tmp_path)
