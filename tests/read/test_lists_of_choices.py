"""Choices, label maps and what a file imports."""

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.explain.words import parts
from witnessmark.knowledge import load_knowledge
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Observation, Shape
from witnessmark.read import observe
from witnessmark.read.labelmap import label_map
from witnessmark.read.options import options
from witnessmark.read.preamble import preamble
from witnessmark.scan.matcher import Matcher

MATCHER = Matcher(load_knowledge().terms)


def read(name: str, text: str) -> tuple[Observation, ...]:
    blob = Blob.of_bytes(text.encode())
    matches, _ = MATCHER.scan(blob, name=name)
    return observe(blob, Locator(path=(UntrustedText(name),)), matches)[0]


def test_choices_in_code_are_one_list_with_all_labels() -> None:
    text = "const o = [{ value: 0, label: '全部' },\n  // two\n  { value: 1, label: '维族' }, { value: 2, label: '非维族' }];\n"
    (seen,) = [each for each in read("a.ts", text) if each.shape is Shape.LABEL_LIST]
    assert [(m.name, m.value, m.line) for m in seen.members] == [("全部", "0", 1), ("维族", "1", 3), ("非维族", "2", 3)]
    assert seen.matches[0].text == "维族"


def test_choices_in_json_are_one_list_that_knows_its_page() -> None:
    text = (
        '{"page": "faces", "all": [{"key": "x", "options": [{"id": 1, "name": "Uyghur"}, {"id": 2, "name": "Other"}]}]}'
    )
    (seen,) = read("a.json", text)
    assert (seen.shape, seen.name) == (Shape.LABEL_LIST, "options")
    assert [m.name for m in seen.members] == ["Uyghur", "Other"]
    assert "page = faces" in seen.neighbours


def test_records_are_not_taken_for_choices() -> None:
    text = '[{"id": 1, "name": "Uyghur", "tags": ["a"]}, {"id": 2, "name": "Other", "tags": ["b"]}]'
    assert all(each.shape is Shape.KEY_PATH for each in read("a.json", text))
    assert options("[{a: 1}, 2]", 0, 10) == []


def test_a_label_map_is_one_list_of_its_names() -> None:
    text = 'item {\n  id: 1\n  name: "a"\n  display_name: "Uyghur"\n}\nitem { id: 2 name: "b" }\n'
    (seen,) = read("map.pbtxt", text)
    assert (seen.shape, [m.name for m in seen.members]) == (Shape.LABEL_LIST, ["a", "Uyghur", "b"])
    assert label_map('item { id: 1 name: "alone" }') == []


@given(st.text(alphabet="[]{},:'\"itemnalbv \n1é维", max_size=200))
def test_lists_lie_within_the_text_and_say_what_stands_there(text: str) -> None:
    for found in (*options(text, 0, len(text) - 1), *label_map(text)):
        assert text[found.start : found.end] == found.name
        assert 0 <= found.extent[0] <= found.start <= found.end <= found.extent[1] <= len(text)


def test_the_preamble_is_package_and_imports() -> None:
    head = "namespace Examplia\\Faces\\Enums;\nuse A\\B;\nimport javax.faces.bean.X;\nint x = 1;\n#include <cv.h>\n"
    assert preamble(head) == ("namespace Examplia\\Faces\\Enums", "use A\\B", "#include <cv.h>")
    assert preamble('  "import cv2\\n",\n  "x = 1"\n') == ("import cv2",)
    assert preamble("from the start to the end of it all\n" * 3) == ("from the start to the end of it all",)


def test_every_structure_of_a_file_knows_what_the_file_imports() -> None:
    (seen,) = read("a.py", "import cv2\n\nrace = 1\n")
    assert seen.imports == ("import cv2",)
    assert read("a.txt", "import of the Uyghur language\n")[0].imports == ()


def test_cases_of_a_php_enum_are_its_members() -> None:
    text = "<?php\nenum Race: string {\n  case ASIAN = 'asian';\n  case BLACK = 'black';\n  public function f(): int { return 1; }\n}\n"
    seen = next(each for each in read("Race.php", text) if each.shape is Shape.ENUM)
    assert [(m.name, m.value) for m in seen.members] == [("ASIAN", "'asian'"), ("BLACK", "'black'")]


def test_plural_acronyms_are_one_word() -> None:
    assert parts("CNNs and APIs of HTTPServer") == ("cnns", "and", "apis", "of", "http", "server")
