"""What the matcher must find, must not find, and must never lose."""

import base64
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.knowledge.lexicon import load_terms
from witnessmark.model.match import Boundary, Match, Term, TermRole
from witnessmark.model.problem import ProblemCode
from witnessmark.scan import matcher as matcher_module
from witnessmark.scan.encodings import disguises, plain
from witnessmark.scan.matcher import Matcher

ROOT = Path(__file__).resolve().parents[2]
LEXICON = load_terms(ROOT)


def term(
    text: str, concept: str, boundary: Boundary = Boundary.PART, language: str = "en", role: str = "group"
) -> Term:
    return Term(
        id=f"{concept}/{text}", text=text, concept=concept, role=TermRole(role), boundary=boundary, language=language
    )


TERMS = (
    term("Uyghur", "group:uyghur"),
    term("维吾尔", "group:uyghur", Boundary.SUBSTRING, "zh"),
    term("维族", "group:uyghur", Boundary.SUBSTRING, "zh"),
    term("уйгур", "group:uyghur", Boundary.STEM, "ru"),
    term("ئۇيغۇر", "group:uyghur", Boundary.WORD, "ug"),
    term("race", "trait:race", role="trait"),
    term("nation", "trait:nation", role="trait"),
    term("skin color", "trait:skin_colour", role="trait"),
    term("raza", "trait:race", Boundary.WORD, "es", role="trait"),
    term("ırk", "trait:race", Boundary.WORD, "tr", role="trait"),
    term("肤色", "trait:skin_colour", Boundary.SUBSTRING, "zh", role="trait"),
    term("EM_NATION_TYPE", "identifier:em-nation-type", role="identifier"),
    term("byRace", "identifier:by-race", role="identifier"),
)


@pytest.fixture(scope="module")
def small() -> Matcher:
    return Matcher(TERMS)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(LEXICON, tmp_path_factory.getbasetemp().parent / "patterns")


def found(matcher: Matcher, data: bytes) -> tuple[Match, ...]:
    matches, problems = matcher.scan(Blob.of_bytes(data), name="test")
    assert problems == ()
    return matches


def concepts(matcher: Matcher, data: bytes | str) -> set[str]:
    return {m.concept for m in found(matcher, data.encode() if isinstance(data, str) else data)}


@pytest.mark.parametrize(
    "text",
    [
        "printStackTrace(); traceback; brace; Grace; TRACE_LEVEL; DeepTrace",
        "combination destination international combiNATION illumiNATION",
        "diSKINfo maSKINg isKindOfClass UIGestureRecognizer",
        "recuYGurzt0tfn",
        "terrace races2go",
    ],
)
def test_words_inside_other_words_do_not_count(small: Matcher, text: str) -> None:
    assert concepts(small, text) == set()


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("emRace", "trait:race"),
        ("EM_RACE_TYPE", "trait:race"),
        ("m_race2", "trait:race"),
        ("race-type", "trait:race"),
        ("RACEType", "trait:race"),
        ("XMLRaceNode", "trait:race"),
        ('"\\nrace"', "trait:race"),
        ("a%2Crace", "trait:race"),
        ("getByRace(", "identifier:by-race"),
        ("tagEM_NATION_TYPE", "identifier:em-nation-type"),
        ("em_nation_type", "identifier:em-nation-type"),
        (r"`EM\_NATION\_TYPE\_UYGUR`", "identifier:em-nation-type"),
        ("skinColor", "trait:skin_colour"),
        ("faceSkinColorType", "trait:skin_colour"),
        ("SKIN_COLOR", "trait:skin_colour"),
        ("Skin Color:", "trait:skin_colour"),
        ("la raza.", "trait:race"),
        ("LA RAZA", "trait:race"),
        ("IRK: ", "trait:race"),
        ("Irk: ", "trait:race"),
        ("уйгурский", "group:uyghur"),
        ("УЙГУРЫ", "group:uyghur"),
        ("維吾爾", "group:uyghur"),
    ],
)
def test_parts_of_names_and_letter_cases_count(small: Matcher, text: str, concept: str) -> None:
    assert concept in concepts(small, text)


def test_a_stem_needs_the_beginning_of_a_word(small: Matcher) -> None:
    assert concepts(small, "неуйгур") == set()


def test_arabic_article_and_conjunction_do_not_hide_a_word(small: Matcher) -> None:
    assert concepts(small, "والئۇيغۇر") == {"group:uyghur"}


def test_strings_with_their_length_in_front_end_where_the_length_says(small: Matcher) -> None:
    assert concepts(small, b"\xe9\x00\x00\xda\x0eEM_NATION_TYPEu\x17\x00") >= {"identifier:em-nation-type"}
    assert concepts(small, b"\x01\x00\x00\xda\x06byRacer\x05\x00") >= {"identifier:by-race"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030", "big5"])
def test_chinese_comment_is_found_in_each_encoding(small: Matcher, encoding: str) -> None:
    text = "// 膚色類型" if encoding == "big5" else "EM_X = 1, // 维族(新疆)\r\n"
    hits = found(small, text.encode(encoding))
    assert [m.encoding.replace("hkscs", "") for m in hits] == [encoding]
    assert hits[0].text in ("维族", "膚色")


def test_a_gb18030_hit_in_the_middle_of_a_character_is_no_hit(small: Matcher) -> None:
    inner = "维族".encode("gb18030")
    lead, trail = b"\xb0", b"\xa1"
    text = "中文说明".encode("gb18030") + lead + inner + trail + "，文字文字".encode("gb18030")
    text.decode("gb18030")
    assert concepts(small, b"// " + text) == set()


def test_short_legacy_forms_do_not_fire_in_random_bytes(full: Matcher) -> None:
    data = random.Random(7).randbytes(8 << 20)
    assert len(found(full, data)) <= 2


def test_utf16_is_reported_in_its_own_byte_order(small: Matcher) -> None:
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        hits = found(small, mark + "ab Uyghur cd".encode(encoding))
        assert [(m.encoding, m.offset) for m in hits] == [(encoding, 8)]


def test_a_longer_word_in_one_byte_order_is_no_match_in_the_other(small: Matcher) -> None:
    text = b"\0\0" + "Uyghurš Emirates".encode("utf-16-le") + b"\0\0"
    assert concepts(small, text) == set()


def test_lines_count_from_one_and_utf16_is_understood(small: Matcher) -> None:
    assert [m.line for m in found(small, b"race\nrace\n\nrace")] == [1, 2, 4]
    text = b"\xff\xfe" + "x\nUyghur\n一上\nUyghur".encode("utf-16-le")
    assert [m.line for m in found(small, text)] == [2, 4]
    assert [m.line for m in found(small, b"\0\0\nrace ")] == [None]


@pytest.mark.parametrize("text", ["Uyghur", "维吾尔", "维族", "EM_NATION_TYPE", "уйгур", "ئۇيغۇر"])
def test_disguises_are_seen_through(small: Matcher, text: str) -> None:
    for disguise, encoding, data in disguises(text):
        if disguise.startswith("base64"):
            continue
        wrapped = (
            b'x = "' + data.upper().replace(b"\\U", b"\\u").replace(b"\\X", b"\\x").replace(b"&#X", b"&#x") + b'";'
        )
        hits = [m for m in found(small, wrapped) if m.text.casefold() == text.casefold()]
        assert hits, (disguise, encoding, wrapped)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("lead", ["", "a", "ab", "abc", "说明"])
def test_base64_is_read_at_every_alignment(small: Matcher, lead: str, encoding: str) -> None:
    for text in ("Uyghur", "维吾尔"):
        packed = base64.b64encode(f"{lead} {text} 人员 abc".encode(encoding))
        assert [(m.text, m.disguise) for m in found(small, b'{"d":"' + packed + b'"}')] == [(text, "base64")]


def test_a_word_that_floods_a_file_is_bounded_and_hides_nothing(
    small: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matcher_module, "MOST_A_CONCEPT", 100)
    matches, problems = small.scan(Blob.of_bytes(b"race " * 50_000 + b"Uyghur"), name="flood.txt")
    assert [p.code for p in problems] == [ProblemCode.BOUND_MATCHES]
    assert len(matches) == 101
    assert matches[-1].concept == "group:uyghur"


def test_the_cache_survives_damage_and_gives_the_same_matches(tmp_path: Path) -> None:
    data = "EM_NATION_TYPE 维族 race".encode()
    first = found(Matcher(TERMS, tmp_path), data)
    (path,) = tmp_path.iterdir()
    assert found(Matcher(TERMS, tmp_path), data) == first
    for damage in (b"", b"rubbish", path.read_bytes()[:-1], path.read_bytes().replace(b"\xdb\xdb", b"\xdb\xda", 1)):
        path.write_bytes(damage)
        assert found(Matcher(TERMS, tmp_path), data) == first
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_read_only_cache_folder_does_not_stop_a_scan(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    assert concepts(Matcher(TERMS, blocked / "below"), "race") == {"trait:race"}


def test_nothing_to_look_for_finds_nothing() -> None:
    assert found(Matcher(()), b"race") == ()


def test_terms_marked_as_not_searched_are_left_alone() -> None:
    hidden = Term(
        id="x", text="black", concept="group:black", role=TermRole.GROUP, boundary=Boundary.PART, searched=False
    )
    assert concepts(Matcher((hidden, TERMS[0])), "black Uyghur") == {"group:uyghur"}


PLANTED = [t for t in LEXICON if t.searched]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_planted_term_is_found_at_any_offset_in_any_encoding(full: Matcher, data: st.DataObject) -> None:
    planted = data.draw(st.sampled_from(PLANTED))
    encoding, raw = data.draw(st.sampled_from(list(plain(planted.text, planted.language))))
    offset = data.draw(st.integers(0, 40))
    mark = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n", "utf-32-le": b"\n\0\0\0"}.get(encoding, b"\n")
    hits = found(full, b"." * offset + mark + raw + mark + b"." * 9)
    assert planted.concept in {m.concept for m in hits if m.length == len(raw)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TERMS), st.integers(0, 700)), max_size=60), st.integers(0, 2**32))
def test_windows_find_what_one_look_finds(pieces: list[tuple[Term, int]], seed: int) -> None:
    noise = random.Random(seed)
    parts = []
    for planted, gap in pieces:
        parts += [bytes(noise.choices(b" \n.,;(ab01", k=gap)), noise.choice([b" ", b"_", b""]), planted.text.encode()]
    data = b"".join(parts)
    assert SMALL_WINDOWS.scan(Blob.of_bytes(data)) == ONE_WINDOW.scan(Blob.of_bytes(data))


SMALL_WINDOWS = Matcher(TERMS, window=1)
ONE_WINDOW = Matcher(TERMS, window=1 << 30)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_can_be_scanned_and_matches_lie_inside(data: bytes) -> None:
    seeded = data[:100] + "维族".encode("gb18030") + data[100:200] + b"race" + data[200:] + b"57u05peP" + data
    for match in ONE_WINDOW.scan(Blob.of_bytes(seeded))[0]:
        assert 0 <= match.offset < match.offset + match.length <= len(seeded)
