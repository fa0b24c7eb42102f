"""Structures are read around matches with exact places, whatever the encoding, and any bytes are survived."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match, TermRole
from witnessmark.model.observation import Observation, Shape
from witnessmark.read import observe, outline

NAMES = ("a.h", "b.py", "c.java", "d.json", "e.html", "f.yaml", "g.csv", "h.sql", "i.po", "j.txt", "k.ui", "l.js", "m")


def at(name: str) -> Locator:
    return Locator(path=(UntrustedText(name),))


def match(data: bytes, word: bytes, encoding: str = "utf-8") -> Match:
    offset = data.index(word)
    return Match(
        term="t",
        concept="trait:ethnicity",
        role=TermRole.TRAIT,
        text=UntrustedText(word.decode(encoding, "replace")),
        offset=offset,
        length=len(word),
        encoding=encoding,
    )


def read(name: str, text: str, word: str, encoding: str = "utf-8") -> tuple[Observation, bytes]:
    data = text.encode(encoding)
    (seen,), problems = observe(Blob.of_bytes(data), at(name), (match(data, word.encode(encoding), encoding),))
    assert problems == ()
    return seen, data


HEADER = """// 设备
typedef enum tagEM_NATION_TYPE
{
    EM_NATION_TYPE_UNKNOWN,          // 未知
    EM_NATION_TYPE_UYGUR = 1,        // 维族(新疆)
    EM_NATION_TYPE_OTHER,            // 其他
} EM_NATION_TYPE;
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_an_enum_is_read_with_members_values_comments_and_exact_places(encoding: str) -> None:
    seen, data = read("x.h", HEADER, "维族", encoding)
    assert (seen.shape, seen.name) == (Shape.ENUM, "EM_NATION_TYPE")
    assert [member.name for member in seen.members] == [f"EM_NATION_TYPE_{n}" for n in ("UNKNOWN", "UYGUR", "OTHER")]
    uygur = seen.members[1]
    assert (uygur.value, uygur.comment, uygur.line, uygur.matched) == ("1", "维族(新疆)", 5, (0,))
    assert uygur.offset is not None and data[uygur.offset :].decode(encoding).startswith("EM_NATION_TYPE_UYGUR")
    assert seen.matches[0].line == 5


CASES = [
    ("a.py", "class EM_NATION_TYPE(IntEnum):\n    UNKNOWN = 0\n    UYGUR = 1  # 维族\n    OTHER = 2\n", "UYGUR", Shape.ENUM),
    ("a.py", "class F(Structure):\n    _fields_ = [('emAge', c_int),\n    ('emRace', c_int), # 种族\n    ]\n", "emRace", Shape.RECORD),
    ("A.java", "public class Face {\n  /** 民族 */\n  private String nation;\n  private int age;\n}\n", "nation", Shape.RECORD),
    ("a.go", "type Face struct {\n  Age int\n  Ethnicity string `json:\"ethnicity\"`\n}\n", "Ethnicity", Shape.RECORD),
    ("a.json", '{"face": {"age": 3, "ethnicity": "x", "sex": "f"}}', "ethnicity", Shape.KEY_PATH),
    ("a.json", '{"race": ["asian", "black", "white"]}', "asian", Shape.LABEL_LIST),
    ("a.yaml", "face:\n  age: int\n  ethnicity: string\n  sex: string\n", "ethnicity", Shape.KEY_PATH),
    ("a.properties", "face.age=Age\nface.race=Race\n", "race", Shape.TRANSLATION),
    ("a.csv", "name,race,age\nx,asian,3\n", "asian", Shape.ROW),
    ("a.sql", "CREATE TABLE face (\n  age INT,\n  ethnicity VARCHAR(20) COMMENT '民族'\n);\n", "ethnicity", Shape.RECORD),
    ("a.html", "<table><tr><th>Field</th><th>Text</th></tr><tr><td>race</td><td>x</td></tr></table>", "race", Shape.CELL),
    ("a.vue", '<div><el-select><option value="1">维族</option><option value="0">其他</option></el-select></div>', "维族", Shape.LABEL_LIST),
    ("a.xsd", '<xs:simpleType name="Race"><xs:enumeration value="Asian"/><xs:enumeration value="B"/></xs:simpleType>', "Asian", Shape.ENUM),
    ("a.txt", "First one. The camera tells ethnicity and age. Third one.", "ethnicity", Shape.SENTENCE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "word", "shape"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_each_kind_of_file_gives_its_structure(name: str, text: str, word: str, shape: Shape, encoding: str) -> None:
    seen, data = read(name, text, word, encoding)
    assert seen.shape is shape
    assert seen.matches[0].offset == data.index(word.encode(encoding))
    assert seen.locator.offset is not None and seen.locator.length is not None
    assert seen.locator.offset <= seen.matches[0].offset < seen.locator.offset + seen.locator.length
    if seen.members:
        (hit,) = [member for member in seen.members if member.matched]
        assert hit.offset is not None and hit.offset <= seen.matches[0].offset


def test_parents_and_siblings_tell_where_a_key_stands() -> None:
    seen, _ = read(
        "a.json", '{"components": {"Face": {"age": {"type": "int"}, "ethnicity": {"type": "string"}}}}', "ethnicity"
    )
    assert seen.parents == ("components", "Face") and [member.name for member in seen.members] == ["age", "ethnicity"]


def test_a_label_knows_the_other_labels_of_its_form() -> None:
    form = "<ui><widget name='face'><string>年龄:</string><rect>12</rect><string>种族:</string></widget></ui>"
    seen, _ = read("a.ui", form, "种族")
    assert seen.shape is Shape.UI_TEXT and "年龄:" in seen.neighbours and "12" not in seen.neighbours


def test_a_declaration_quoted_in_a_page_is_read_as_code() -> None:
    page = f"<html><h2>Types</h2><pre>{HEADER.replace('typedef', '<b>typedef</b>')}</pre></html>"
    seen, data = read("m.html", page, "维族", "gb18030")
    assert (seen.shape, seen.name, seen.parents[0]) == (Shape.ENUM, "EM_NATION_TYPE", "Types")
    assert seen.members[1].offset == data.index(b"EM_NATION_TYPE_UYGUR")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("shift", [0, 1])
def test_two_byte_strings_are_read_in_step_with_the_match(encoding: str, shift: int) -> None:
    words = "Face attributes\0年龄\0民族 ethnicity\0".encode(encoding)
    data = b"\x00" * 200 + b"\x01\x02\x03\x04\xff\xff" * 20 + b"\x00" * (8 + shift) + words + b"\x00\x00\x01\x02" * 30
    (seen,), _ = observe(Blob.of_bytes(data), at("x.doc"), (match(data, "ethnicity".encode(encoding), encoding),))
    names = [member.name for member in seen.members]
    assert "Face attributes" in names and "年龄" in names and seen.text == "民族 ethnicity"


def test_the_matches_decide_between_legacy_encodings() -> None:
    seen, _ = read("a.txt", "Детектор определяет пол, возраст и расу человека.", "расу", "cp1251")
    assert "определяет пол" in seen.text


def test_a_flow_list_and_its_name() -> None:
    seen, _ = read("a.yaml", "model: face\nlabels: [White, Black, Asian]\n", "Asian")
    assert (seen.shape, seen.name, len(seen.members)) == (Shape.LABEL_LIST, "labels", 3)


def test_an_object_in_a_list_knows_what_the_list_is_for() -> None:
    text = '{"topic": "alarm/face", "conditions": [{"field": "age"}, {"field": "isUyghur"}]}'
    seen, _ = read("a.json", text, "isUyghur")
    assert "topic = alarm/face" in seen.neighbours and "field = age" in seen.neighbours


def test_an_xml_element_stands_beside_the_other_elements_of_its_parent() -> None:
    text = "<Faces><Face><GenderCode>1</GenderCode><EthnicCode>05</EthnicCode><HairStyle>2</HairStyle></Face></Faces>"
    seen, _ = read("a.xml", text, "EthnicCode")
    assert (seen.shape, seen.name, seen.parents[:2]) == (Shape.KEY_PATH, "EthnicCode", ("Faces", "Face"))
    assert [(member.name, member.value) for member in seen.members] == [
        ("GenderCode", "1"), ("EthnicCode", "05"), ("HairStyle", "2"),
    ]  # fmt: skip


def test_an_end_tag_is_the_same_element_as_its_start_tag() -> None:
    data = b"<Face><Skin>1</Skin><Glasses>0</Glasses></Face>"
    end = msgspec.structs.replace(match(data, b"Skin"), offset=data.index(b"/Skin") + 1)
    (seen,), _ = observe(Blob.of_bytes(data), at("a.xml"), (end,))
    assert (seen.name, [member.name for member in seen.members]) == ("Skin", ["Skin", "Glasses"])


def test_a_file_of_short_lines_is_a_list_of_labels_and_prose_is_not() -> None:
    seen, _ = read("a.names", "hat\nglasses\nethnicity_asian\n", "ethnicity")
    assert (seen.shape, [member.name for member in seen.members]) == (
        Shape.LABEL_LIST, ["hat", "glasses", "ethnicity_asian"],
    )  # fmt: skip
    seen, _ = read("a.txt", "The hat is new. The ethnicity of a person is not read.\nGlasses: no.\n", "ethnicity")
    assert seen.shape is Shape.SENTENCE


def test_a_nested_list_knows_the_list_around_it() -> None:
    text = "const FILTERS = [\n { key: 'hat', options: ['yes'] },\n { key: 'race', options: ['Asian', 'White'] },\n];\n"
    seen, _ = read("a.js", text, "Asian")
    assert seen.shape is Shape.LABEL_LIST
    assert "FILTERS" in seen.parents
    assert any("hat" in beside for beside in seen.neighbours)


def test_a_method_of_go_has_its_own_name() -> None:
    seen, _ = read("a.go", "package a\n\nfunc (f *Face) Ethnicity() int { return 1 }\n", "Ethnicity")
    assert (seen.shape, seen.name) == (Shape.FUNCTION, "Ethnicity")


def test_code_in_a_page_is_read_as_code_with_its_places_in_the_page() -> None:
    text = "<template><p>x</p></template>\n<script>\nconst CHOICES = { hat: ['yes'], race: ['Asian', 'White'] };\n</script>"
    seen, data = read("a.vue", text, "Asian")
    assert [member.name for member in seen.members] == ["Asian", "White"]
    assert (seen.matches[0].line, seen.members[0].line) == (3, 3)
    assert seen.members[0].offset is not None and data[seen.members[0].offset :].lstrip(b"'").startswith(b"Asian")


def test_a_row_of_a_table_knows_the_other_rows() -> None:
    seen, _ = read("a.md", "| Name | About |\n|---|---|\n| Hat | worn |\n| Race | of the face |\n", "Race")
    assert seen.text.startswith("| Race")
    assert any("Hat" in row for row in seen.neighbours)


def test_strings_of_a_binary_keep_their_offsets() -> None:
    data = b"\x00\x01\x02" * 50 + b"byAge\x00byEthnic\x00bySex\x00" + b"\x03\x00\xff" * 50
    (seen,), _ = observe(Blob.of_bytes(data), at("x.bin"), (match(data, b"byEthnic"),))
    assert seen.shape is Shape.STRINGS and "byAge" in seen.neighbours
    (hit,) = [member for member in seen.members if member.matched]
    assert hit.offset == data.index(b"byEthnic")


def test_a_large_file_is_read_only_around_its_matches() -> None:
    data = (b"int filler;\n" * 200_000) + HEADER.encode() + (b"int filler;\n" * 200_000)
    (seen,), _ = observe(Blob.of_bytes(data), at("big.h"), (match(data, "维族".encode()),))
    assert (seen.shape, len(seen.members), seen.matches[0].line) == (Shape.ENUM, 3, 200_005)


def test_a_megabyte_on_one_line_is_bounded() -> None:
    data = b"var a=[" + b"1," * 2_000_000 + b"{ethnicity:1,age:2}," + b"1," * 2_000_000 + b"];"
    (seen,), _ = observe(Blob.of_bytes(data), at("min.js"), (match(data, b"ethnicity"),))
    assert len(seen.text) <= 2_000


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(NAMES),
    st.binary(max_size=600),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 40)), max_size=5),
)
def test_any_bytes_with_any_matches_are_survived(name: str, data: bytes, spans: list[tuple[int, int]]) -> None:
    matches = tuple(
        Match(
            term="t",
            concept="trait:race",
            role=TermRole.TRAIT,
            text=UntrustedText("x"),
            offset=o,
            length=n,
            encoding="utf-8",
        )
        for o, n in spans
        if o + n <= len(data)
    )
    seen, _ = observe(Blob.of_bytes(data), at(name), matches)
    for item in seen:
        assert item.locator.offset is not None and 0 <= item.locator.offset <= len(data)
        assert item.locator.offset + (item.locator.length or 0) <= len(data)
    outline(Blob.of_bytes(data), at(name))


TOKENS = ["{", "}", "[", "]", "<p>", "</p>", "<td ", '"', "'", ",", ":", "=", "race", "enum X", "class A:", "\n", "  ", "//", "/*", "*/", "#", "(", ")", "民族", ";"]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.lists(st.sampled_from(TOKENS), max_size=60))
def test_broken_structure_never_loses_a_match(name: str, tokens: list[str]) -> None:
    data = " ".join([*tokens, "ethnicity"]).encode()
    seen, _ = observe(Blob.of_bytes(data), at(name), (match(data, b"ethnicity"),))
    assert [hit.offset for item in seen for hit in item.matches] == [data.index(b"ethnicity")]
    outline(Blob.of_bytes(data), at(name))


def test_nesting_without_end_costs_no_more_than_its_length() -> None:
    data = b"struct a { int ethnicity;\n" * 4_000
    matches = tuple(
        Match(
            term="t",
            concept="trait:ethnicity",
            role=TermRole.TRAIT,
            text=UntrustedText("ethnicity"),
            offset=n * 26 + 15,
            length=9,
            encoding="utf-8",
        )
        for n in range(4_000)
    )
    seen, problems = observe(Blob.of_bytes(data), at("half.h"), matches)
    assert len(seen) == 2_000 and problems[0].code == "bound-observations"
    assert max(len(item.parents) for item in seen) <= 12


ONE_STRUCTURE = [
    ("a.h", "#define R_ASIAN 1\n#define R_BLACK 2\n#define R_WHITE 3\n", Shape.ENUM, "R"),
    ("a.c", 'static const char *kRace[] = {"ASIAN", "BLACK", "WHITE"};\n', Shape.LABEL_LIST, "kRace"),
    ("a.js", 'const groups = ["ASIAN", "BLACK", "WHITE"];\n', Shape.LABEL_LIST, "groups"),
    ("a.py", 'groups = ["ASIAN", "BLACK",\n    "WHITE"]\n', Shape.LABEL_LIST, "groups"),
]


@pytest.mark.parametrize(("name", "text", "shape", "called"), ONE_STRUCTURE, ids=[case[0] for case in ONE_STRUCTURE])
def test_matches_in_one_list_give_one_structure(name: str, text: str, shape: Shape, called: str) -> None:
    data = text.encode()
    words = (b"groups", b"ASIAN", b"BLACK", b"WHITE") if name == "a.py" else (b"ASIAN", b"BLACK", b"WHITE")
    (seen,), problems = observe(Blob.of_bytes(data), at(name), tuple(match(data, word) for word in words))
    assert (seen.shape, seen.name, len(seen.members), problems) == (shape, called, 3, ())
    first = len(words) - 3
    assert [member.matched for member in seen.members] == [(first,), (first + 1,), (first + 2,)]
