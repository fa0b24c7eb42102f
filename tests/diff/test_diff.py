"""Layout, alignment and judgement of two versions of one structure."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.diff.align import align, placed
from witnessmark.diff.compare import compare
from witnessmark.diff.judge import Traits, blanked
from witnessmark.diff.layout import Layouts
from witnessmark.diff.naming import canonical, is_number_label, is_placeholder
from witnessmark.diff.pairing import MemberFile, pair_members, sketch
from witnessmark.diff.texts import focus
from witnessmark.model.artifact import Locator
from witnessmark.model.change import Change, ChangeKind, Confidence, Pairing
from witnessmark.model.fact import Sha256, Trait, UntrustedText
from witnessmark.model.observation import Member, Observation, Shape

Row = tuple[str, str] | tuple[str, str, str]


def recognise(text: str) -> Traits:
    words = {
        "race": Trait.RACE,
        "ethnic": Trait.ETHNICITY,
        "uygur": Trait.ETHNICITY,
        "种族": Trait.RACE,
        "黑人": Trait.RACE,
    }
    return frozenset(trait for word, trait in words.items() if word in text.lower())


def all_flagged(where: Locator) -> Traits:
    return frozenset({Trait.RACE, Trait.ETHNICITY})


def none_flagged(where: Locator) -> Traits:
    return frozenset()


def record(*rows: Row, name: str = "tagNET_FACE_INFO", shape: Shape = Shape.RECORD, language: str = "c") -> Observation:
    members = tuple(
        Member(
            type=UntrustedText(row[0]) if shape is Shape.RECORD else None,
            value=UntrustedText(row[0]) if shape is Shape.ENUM else None,
            name=UntrustedText(row[1]),
            comment=UntrustedText(row[2]) if len(row) > 2 else None,
            line=number,
        )
        for number, row in enumerate(rows, 1)
    )
    where = Locator(path=(UntrustedText("a.h"),), offset=0, length=1000, line=1)
    return Observation(shape=shape, name=UntrustedText(name), locator=where, language=language, members=members)


def changes(old: Observation, new: Observation) -> list[Change]:
    return compare([old], [new], recognise, all_flagged)


OLD = record(
    ("DWORD", "dwSize"), ("BYTE", "byAge"), ("BYTE", "byRace", "// 种族"), ("BYTE", "bySex"), ("DWORD", "dwId")
)


def test_a_field_renamed_in_place_is_found_at_its_offset() -> None:
    new = record(("DWORD", "dwSize"), ("BYTE", "byAge"), ("BYTE", "byRes2"), ("BYTE", "bySex"), ("DWORD", "dwId"))
    (change,) = changes(OLD, new)
    assert (change.kind, change.scrub, change.grade) == (ChangeKind.RENAMED_IN_PLACE, True, Confidence.STRONG)
    assert change.old is not None and change.new is not None
    assert (change.old.offset, change.new.offset, change.protected) == (5, 5, (Trait.RACE,))
    assert "byRes2" in change.rationale and "not shown" in change.innocent


def test_a_field_absorbed_into_reserved_bytes_is_found() -> None:
    new = record(("DWORD", "dwSize"), ("BYTE", "byAge"), ("BYTE", "byRes[2]"), ("DWORD", "dwId"))
    kinds = {(item.old.name, item.kind, item.scrub) for item in changes(OLD, new) if item.old is not None}
    assert ("byRace", ChangeKind.RENAMED_IN_PLACE, True) in kinds


def test_a_new_name_with_the_same_meaning_is_no_scrub() -> None:
    new = record(("DWORD", "dwSize"), ("BYTE", "byAge"), ("BYTE", "byRaceType"), ("BYTE", "bySex"), ("DWORD", "dwId"))
    (change,) = changes(OLD, new)
    assert change.kind is ChangeKind.RENAMED_IN_PLACE and not change.scrub


def test_words_that_no_finding_explained_are_no_scrub() -> None:
    new = record(("DWORD", "dwSize"), ("BYTE", "byAge"), ("BYTE", "byRes2"), ("BYTE", "bySex"), ("DWORD", "dwId"))
    (change,) = compare([OLD], [new], recognise, none_flagged)
    assert not change.scrub


def test_a_comment_that_kept_its_numbers_and_lost_its_nouns_is_emptied() -> None:
    old = record(("BYTE", "byA", "0-未知,1-黑人,2-白人"), ("BYTE", "byB", "// other"))
    new = record(("BYTE", "byA", "0-未知,1-_,2-_"), ("BYTE", "byB", "// other"))
    (change,) = changes(old, new)
    assert (change.kind, change.scrub) == (ChangeKind.COMMENT_EMPTIED, True)


def test_a_header_stripped_of_all_comments_is_not_a_scrub() -> None:
    old = record(("BYTE", "byA", "// 种族"), ("BYTE", "byB", "// b"), ("BYTE", "byC", "// c"))
    new = record(("BYTE", "byA"), ("BYTE", "byB"), ("BYTE", "byC"))
    assert not any(change.scrub for change in changes(old, new))


def test_a_label_that_became_a_number_is_relabelled() -> None:
    old = record(("0", "UNKNOWN"), ("1", "UYGUR"), ("2", "OTHER"), shape=Shape.ENUM, name="EM_NATION_TYPE")
    new = record(("0", "UNKNOWN"), ("1", "TYPE_1"), ("2", "OTHER"), shape=Shape.ENUM, name="EM_NATION_TYPE")
    (change,) = changes(old, new)
    assert (change.kind, change.scrub, change.grade) == (ChangeKind.RELABELLED, True, Confidence.STRONG)


def test_a_structure_that_is_gone_is_removed_with_its_words() -> None:
    other = record(("DWORD", "dwSize"), name="tagOTHER")
    found = compare([OLD, other], [other], recognise, all_flagged)
    assert [(item.kind, item.scrub, item.grade) for item in found] == [(ChangeKind.REMOVED, True, Confidence.FAIR)]


def test_bindings_of_one_sdk_align_by_name() -> None:
    java = record(
        ("int", "dwSize"), ("byte", "byAge"), ("byte", "byRes2"), ("byte", "bySex"), ("int", "dwId"),
        name="NET_FACE_INFO", language="java",
    )  # fmt: skip
    (change,) = [item for item in changes(OLD, java) if item.scrub]
    assert change.grade is Confidence.FAIR or change.grade is Confidence.STRONG


def test_offsets_follow_alignment_arrays_and_nested_records() -> None:
    inner = record(("BYTE", "a"), ("int", "b"), name="INNER")
    outer = record(("char", "name[3]"), ("INNER", "x"), ("unknown_t", "y"), ("int", "z"), name="OUTER")
    layouts = Layouts([inner, outer])
    assert [place[0] for place in layouts.places(outer)] == [0, 4, 12, None]
    assert layouts.places(inner) == ((0, 1), (4, 4))


@pytest.mark.parametrize("name", ["byRes", "byRes2", "szReserved", "bReserved1", "dwRsv", "_", "reserve", "byUnused"])
def test_placeholders_are_known(name: str) -> None:
    assert is_placeholder(name)


@pytest.mark.parametrize("name", ["byRace", "resolution", "result", "response", "byResult", "padlock", "dwRestTime"])
def test_names_that_look_like_placeholders_are_not(name: str) -> None:
    assert not is_placeholder(name)


def test_number_labels_and_blanks() -> None:
    assert is_number_label("TYPE_1", "UYGUR") and not is_number_label("UYGUR2", "UYGUR")
    assert blanked("1-亚洲人,2-黑人", "1-_,2-_") and not blanked("1-亚洲人", "1-亚洲人") and not blanked("abc", "xyz")


def test_canonical_names_agree_across_bindings() -> None:
    names = {
        canonical(name)
        for name in ("tagNET_FACE_ATTRIBUTE", "NET_FACE_ATTRIBUTE", "NetFaceAttribute", "_NET_FACE_ATTRIBUTE")
    }
    assert names == {"netfaceattribute"}


NAMES = st.lists(st.text(string.ascii_letters, min_size=1, max_size=6), max_size=12, unique_by=str.lower)


@given(NAMES, NAMES)
def test_every_member_is_aligned_once(one: list[str], other: list[str]) -> None:
    old, new = record(*[("BYTE", n) for n in one]), record(*[("BYTE", n) for n in other])
    layouts = Layouts([])
    rows = align(placed(old, layouts), placed(new, layouts), shape=Shape.RECORD)
    assert sorted(row.old.member.name for row in rows if row.old) == sorted(one)
    shown = [row.new.member.name for row in rows if row.new and not row.absorbed]
    assert sorted(shown) == sorted(other)


def test_a_structure_compared_with_itself_has_no_change() -> None:
    assert changes(OLD, OLD) == []


def _member(path: str, data: bytes) -> MemberFile:
    blob = Blob.of_bytes(data)
    inner = tuple(path.split("!"))
    where = Locator(path=tuple(UntrustedText(step) for step in inner))
    return MemberFile(locator=where, inner=inner, sha256=Sha256(blob.sha256()), size=blob.size, sketch=sketch(blob))


def test_members_pair_across_renames_and_repacking() -> None:
    text = "\n".join(f"line number {n}" for n in range(200)).encode()
    old = [
        _member("a.h", text),
        _member("b.bin", b"same bytes"),
        _member("gone.txt", b"only here once"),
        _member("k", b"k k k"),
    ]
    new = [
        _member("inc!a_v2.h", text + b"\nmore"),
        _member("x!b.bin", b"same bytes"),
        _member("new.c", b"int z;"),
        _member("k", b"k k k"),
    ]
    how = {
        (p.old.path[-1] if p.old else None, p.new.path[-1] if p.new else None): p.pairing
        for p in pair_members(old, new)
    }
    assert how == {
        ("a.h", "a_v2.h"): Pairing.RENAMED,
        ("b.bin", "b.bin"): Pairing.MOVED,
        ("k", "k"): Pairing.SAME,
        ("gone.txt", None): Pairing.GONE,
        (None, "new.c"): Pairing.NEW,
    }


def test_a_reworded_sentence_that_keeps_the_trait_is_no_scrub() -> None:
    def sentence(text: str) -> Observation:
        where = Locator(path=(UntrustedText("m.txt"),), offset=0, length=len(text), line=1)
        return Observation(shape=Shape.SENTENCE, name=UntrustedText(""), locator=where, text=UntrustedText(text))

    old = sentence("The camera reports age, sex and race of each face.")
    kept = sentence("The camera reports the age, sex and race of every face.")
    lost = sentence("The camera reports the age and sex of each face.")
    assert [item.scrub for item in compare([old], [kept], recognise, all_flagged)] == [False]
    (change,) = compare([old], [lost], recognise, all_flagged)
    assert change.scrub and change.kind is ChangeKind.RELABELLED


def test_enums_that_only_share_their_colours_are_not_one_enum() -> None:
    race = record(
        ("0", "UNKNOWN"), ("1", "YELLOW"), ("2", "BLACK"), ("3", "WHITE"), shape=Shape.ENUM, name="EM_RACE_TYPE"
    )
    smoke = record(
        ("0", "UNKNOWN"), ("1", "YELLOW"), ("2", "BLACK"), ("3", "WHITE"), shape=Shape.ENUM, name="EM_SMOKE_COLOR"
    )  # fmt: skip
    assert {item.kind for item in changes(race, smoke)} == {ChangeKind.REMOVED, ChangeKind.ADDED}


def test_a_type_whose_own_name_lost_the_word_is_followed() -> None:
    members = [
        (str(n), f"CARD_ETHNICITY_{name}")
        for n, name in enumerate(["Han", "Hui", "Zang", "Miao", "Yi", "Dai", "Li", "She"])
    ]
    old = record(*members, shape=Shape.ENUM, name="EM_CARD_ETHNICITY_TYPE")
    new = record(*[(v, n.replace("ETHNICITY", "EC")) for v, n in members], shape=Shape.ENUM, name="EM_CARD_EC_TYPE")
    first = changes(old, new)[0]
    assert first.kind is ChangeKind.RENAMED_IN_PLACE and first.scrub and first.new is not None


def test_only_the_part_that_differs_is_shown_of_a_long_text() -> None:
    long = "word " * 100
    shown = focus(f"{long}race and age {long}", f"{long}age {long}")
    assert "race and" in shown and len(shown) < 160 and shown.startswith("… ")
