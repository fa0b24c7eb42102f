"""Offsets, alignment, names and lines: what holds for any input."""

import string
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.diff.align import align, placed
from witnessmark.diff.judge import Traits, blanked, numbers_kept
from witnessmark.diff.layout import Layouts
from witnessmark.diff.lines import Lines, lost_lines, still_lost
from witnessmark.diff.naming import canonical, common_prefix, is_number_label, is_placeholder, one_binding
from witnessmark.diff.said import read_said
from witnessmark.model.artifact import Locator
from witnessmark.model.change import ChangeKind
from witnessmark.model.fact import Trait, UntrustedText
from witnessmark.model.observation import Member, Observation, Shape
from witnessmark.pipeline.comparing_lines import read_lines
from witnessmark.read import outline

WHERE = Locator(path=(UntrustedText("a.h"),))


def layouts_of(text: str, name: str = "a.h") -> dict[str, dict[str, tuple[int | None, int | None]]]:
    where = Locator(path=(UntrustedText(name),))
    items = outline(Blob.of_bytes(text.encode()), where)[0]
    lines = read_lines(Blob.of_bytes(text.encode()), where, "c")
    layouts = Layouts(items, read_said((row.offset, row.text) for row in lines.rows))
    return {
        item.name: dict(zip((member.name for member in item.members), layouts.places(item), strict=True))
        for item in items
    }


def test_packing_unions_and_bit_fields_decide_offsets() -> None:
    found = layouts_of(
        "#pragma pack(push,1)\n"
        "typedef struct tagA { char a; unsigned int f:3; unsigned int g:5; union { int x; char y[8]; } u; int z; } A;\n"
        "#pragma pack(pop)\n"
        "typedef union tagU { int x; char b[8]; } U;\n"
        "struct __attribute__((packed)) P { char c; int i; };\n"
        "struct N { char c; U u; int z; short b:3; short d:14; char e; };\n"
    )
    assert found["A"] == {"a": (0, 1), "f": (1, None), "g": (1, None), "u": (5, 8), "z": (13, 4)}
    assert found["U"] == {"x": (0, 4), "b": (0, 8)} and found["P"]["i"] == (1, 4)
    assert found["N"] == {"c": (0, 1), "u": (4, 8), "z": (12, 4), "b": (16, None), "d": (18, None), "e": (20, 1)}


def test_a_pop_without_a_push_and_an_empty_pack_return_to_the_default() -> None:
    lines = ["#pragma pack(pop)", "#pragma pack(2)", "#pragma pack()", '#include "pshpack4.h"', "#include <poppack.h>"]
    assert [pack for _, pack in read_said(enumerate(lines)).packs] == [1024, 2, 1024, 4, 1024]


TYPES = st.sampled_from(["BYTE", "char", "short", "int", "DWORD", "double", "char[3]", "int:5", "void*", "foo_t"])


@given(st.lists(st.tuples(TYPES, st.text(string.ascii_lowercase, min_size=1, max_size=5)), max_size=20))
def test_offsets_rise_and_fields_do_not_overlap(rows: list[tuple[str, str]]) -> None:
    members = tuple(Member(name=UntrustedText(name), type=UntrustedText(kind)) for kind, name in rows)
    record = Observation(shape=Shape.RECORD, name=UntrustedText("R"), locator=WHERE, language="c", members=members)
    places = Layouts({}).places(record)
    assert len(places) == len(members)
    known = [(at, size) for at, size in places if at is not None and size is not None]
    assert all(at + size <= later for (at, size), (later, _) in pairwise(known))
    first_unknown = next((n for n, (at, _) in enumerate(places) if at is None), len(places))
    assert all(at is None for at, _ in places[first_unknown:])


@given(st.lists(TYPES, min_size=1, max_size=10), st.data())
def test_a_field_renamed_in_a_known_layout_is_aligned_with_itself(kinds: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(kinds) - 1))
    rows = [Member(name=UntrustedText(f"field{n}"), type=UntrustedText(kind)) for n, kind in enumerate(kinds)]
    other = [*rows[:at], Member(name=UntrustedText("byRes7"), type=rows[at].type), *rows[at + 1 :]]
    old, new = (
        Observation(shape=Shape.RECORD, name=UntrustedText("R"), locator=WHERE, language="c", members=tuple(members))
        for members in (rows, other)
    )
    layouts = Layouts({})
    pairs = [
        (row.old.index, row.new.index)
        for row in align(placed(old, layouts), placed(new, layouts), shape=Shape.RECORD)
        if row.old is not None and row.new is not None
    ]
    assert pairs == [(n, n) for n in range(len(kinds))]


@given(st.text(max_size=40))
def test_names_are_folded_once(name: str) -> None:
    assert canonical(canonical(name)) in {canonical(name), canonical(canonical(canonical(name)))}
    is_placeholder(name)
    is_number_label(name, "UYGUR")


def test_the_shared_beginning_ends_at_a_separator() -> None:
    def enum(*names: str) -> Observation:
        members = tuple(Member(name=UntrustedText(name)) for name in names)
        return Observation(shape=Shape.ENUM, name=UntrustedText("E"), locator=WHERE, members=members)

    assert common_prefix(enum("EM_NATION_HAN", "EM_NATION_HUI", "EM_NATION_UYGUR")) == "EM_NATION_"
    assert common_prefix(enum("NationHan", "NationHui")) == "Nation"
    assert common_prefix(enum("HAN")) == "" and common_prefix(enum("Han", "Uygur")) == ""


def test_bindings_of_one_language_family_are_one() -> None:
    assert one_binding("c", "cpp") and one_binding("go", "go") and not one_binding("c", "python")


@given(st.lists(st.tuples(st.integers(0, 20), st.text("abcde", min_size=1, max_size=6)), min_size=1, max_size=6))
def test_labels_taken_out_are_seen_and_the_same_text_is_not(pairs: list[tuple[int, str]]) -> None:
    old = ",".join(f"{number}-{word}" for number, word in pairs)
    assert blanked(old, ",".join(f"{number}-_" for number, _ in pairs))
    assert not blanked(old, old)
    many = len(pairs) > 1
    assert numbers_kept(old, ",".join(str(number) for number, _ in pairs)) is many


def words(text: str) -> frozenset[str]:
    return frozenset({"group:uyghur"} if "uyghur" in text.lower() else ()) | frozenset(
        {"trait:ethnicity"} if "ethnic" in text.lower() else ()
    )


def traits(concepts: frozenset[str]) -> Traits:
    return frozenset({Trait.ETHNICITY}) if concepts else frozenset()


def lines_of(text: str, language: str = "js") -> Lines:
    return read_lines(Blob.of_bytes(text.encode()), WHERE, language)


def lost(old: str, new: str, language: str = "js") -> list[tuple[ChangeKind, str]]:
    found = lost_lines(lines_of(old, language), lines_of(new), words, traits, traits_everywhere, frozenset())
    return [(change.kind, change.record) for change in found]


def traits_everywhere(where: Locator) -> Traits:
    return frozenset({Trait.ETHNICITY})


SWITCH = "a();\nb();\ncase 1: label = 'han';\ncase 2: label = 'uyghur';\ncase 3: label = 'hui';\nc();\nd();\n"


def test_lines_without_a_reader_are_judged_by_their_gap() -> None:
    assert lost(SWITCH, SWITCH.replace("'uyghur'", "'type2'")) == [(ChangeKind.RELABELLED, "line 4")]
    assert lost(SWITCH, SWITCH.replace("case 2: label = 'uyghur';\n", "")) == [(ChangeKind.REMOVED, "line 4")]
    assert lost(SWITCH, SWITCH.replace("label = 'uyghur'", "show('Uyghur')")) == []
    assert lost(SWITCH, SWITCH.replace("uyghur", "other"), language="c") == []
    run = SWITCH.replace("case 3: label = 'hui';", "// uyghur")
    assert lost(run, run.replace("case 2: label = 'uyghur';\n// uyghur\n", "")) == [
        (ChangeKind.REMOVED, "lines 4 to 5")
    ]


def test_a_group_counts_for_itself_and_a_trait_for_its_words() -> None:
    both = frozenset({"group:uyghur", "trait:ethnicity"})
    assert still_lost(both, frozenset({"trait:ethnicity"}), traits) == {Trait.ETHNICITY}
    assert still_lost(frozenset({"identifier:ethnic"}), frozenset({"trait:ethnicity"}), traits) == frozenset()


@given(st.lists(st.sampled_from(["a", "uyghur x", "ethnic", "b", "c;", "{", "// uyghur"]), max_size=25), st.data())
def test_a_version_compared_with_itself_or_more_has_lost_nothing(rows: list[str], data: st.DataObject) -> None:
    more = list(rows)
    for word in data.draw(st.lists(st.sampled_from(["new", "uyghur y"]), max_size=4)):
        more.insert(data.draw(st.integers(0, len(more))), word)
    assert lost("\n".join(rows), "\n".join(more)) == []
