"""The lexicon is data: it is checked as strictly as code."""

import re
from pathlib import Path

import pytest

from witnessmark.errors import KnowledgeError
from witnessmark.knowledge.lexicon import load_files, load_terms
from witnessmark.model.match import TermRole

ROOT = Path(__file__).resolve().parents[2]
FILES = load_files(ROOT)
TERMS = load_terms(ROOT)

GOOD = """
name = "Example"
role = "group"
concept = "group:example"

[[terms]]
texts = ["Examplian"]
boundary = "part"
source = ["book"]
"""


def folder(tmp_path: Path, text: str, sources: str = '[sources.book]\ntitle = "A book"\n') -> Path:
    (tmp_path / "lexicon").mkdir()
    (tmp_path / "lexicon" / "sources.toml").write_text(sources)
    (tmp_path / "lexicon" / "example.toml").write_text(text)
    return tmp_path


def test_a_good_file_becomes_terms(tmp_path: Path) -> None:
    (term,) = load_terms(folder(tmp_path, GOOD))
    assert (term.text, term.concept, term.role, term.gloss) == ("Examplian", "group:example", TermRole.GROUP, "Example")
    assert term.source[0].title == "A book"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("boundary", "bondary"), "bondary"),
        (('role = "group"', 'role = "people"'), "people"),
        (('concept = "group:example"', ""), "no concept"),
        (('concept = "group:example"', 'concept = "example"'), "no concept"),
        (('["book"]', "[]"), "may not be empty"),
        (('["book"]', '["film"]'), "'film' is not in lexicon/sources.toml"),
        (('["Examplian"]', "[]"), "may not be empty"),
        (('["Examplian"]', '["Ex"]'), "too short"),
        (('["Examplian"]', '[" Examplian"]'), "not trimmed"),
        (('["Examplian"]', '["Examplian", "examplian"]'), "already"),
        (('["Examplian"]', '["Examplian"'), "example.toml"),
        (('name = "Example"', "name = 3"), "name"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_reason(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    with pytest.raises(KnowledgeError) as caught:
        load_terms(folder(tmp_path, GOOD.replace(*change)))
    assert "example.toml" in str(caught.value)
    assert says in str(caught.value)


def test_a_short_word_may_be_known_without_being_searched(tmp_path: Path) -> None:
    (term,) = load_terms(folder(tmp_path, GOOD.replace('"Examplian"', '"Ex"') + "searched = false\n"))
    assert not term.searched


def test_a_folder_without_lexicon_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError):
        load_terms(tmp_path)


def test_the_order_of_terms_is_fixed() -> None:
    assert [t.id for t in TERMS] == sorted(t.id for t in TERMS)
    assert load_terms(ROOT) == TERMS


@pytest.mark.parametrize("name", sorted(FILES))
def test_each_file_stands_in_the_folder_of_its_role_and_explains_itself(name: str) -> None:
    file = FILES[name]
    place = {"groups": "group", "identifiers": "identifier", "proxies": "proxy", "phrases": "phrase"}
    assert file.role.value == place.get(name.partition("/")[0], "trait")
    assert file.about, "one sentence in `about`"
    assert re.fullmatch(r"[a-z_]+/[a-z0-9_]+\.toml", name)
    concepts = {entry.concept or file.concept for entry in file.terms}
    assert all(re.fullmatch(r"[a-z]+:[a-z0-9_-]+", concept) for concept in concepts)
    if file.role is TermRole.GROUP:
        assert concepts == {f"group:{Path(name).stem}"}


@pytest.mark.parametrize("name", sorted(n for n in FILES if n.startswith("identifiers/")))
def test_each_interface_name_has_a_gloss(name: str) -> None:
    for entry in FILES[name].terms:
        assert entry.gloss, entry.texts


def test_every_source_is_used_and_names_something_a_reader_can_find() -> None:
    used = {key for file in FILES.values() for entry in file.terms for key in entry.source}
    known = set(re.findall(r"^\[sources\.([a-z0-9-]+)\]", (ROOT / "lexicon" / "sources.toml").read_text(), re.M))
    assert used == known


def test_all_56_peoples_of_the_chinese_standard_are_there() -> None:
    numbers = {code for file in FILES.values() for code in file.codes.get("GB/T 3304", ()) if code.isdigit()}
    assert numbers == {f"{n:02d}" for n in range(1, 57)}


def test_words_that_are_everywhere_are_not_searched() -> None:
    everywhere = {"black", "white", "han", "hui", "skin", "indian", "arab", "yellow"}
    assert everywhere <= {t.text.lower() for t in TERMS if not t.searched}
    assert not everywhere & {t.text.lower() for t in TERMS if t.searched}
