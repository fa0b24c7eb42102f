"""Whole comparisons of two versions: real files through unpacking, matching, reading and explaining."""

import gzip
import re
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from witnessmark.case import create_case
from witnessmark.knowledge import load_knowledge
from witnessmark.model.change import ChangeKind, DiffReport
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Trait
from witnessmark.model.problem import ProblemCode
from witnessmark.pipeline.comparing import Comparison
from witnessmark.pipeline.comparing_run import compare_versions
from witnessmark.pipeline.comparing_sides import copy_case, expand
from witnessmark.scan.matcher import Matcher
from witnessmark.unpack.scratch import Scratch

KNOWLEDGE = load_knowledge(None)
MATCHER = Matcher(KNOWLEDGE.terms)

HEADER = """\
typedef struct tagNET_FEATURE
{
    BYTE byAgeGroup;    //年龄段
    BYTE bySex;         //性别, 1-男, 2-女
    BYTE byEyeGlass;    //是否戴眼镜 1-不戴,2-戴
    BYTE byAge;         //年龄
    BYTE byRace;        //种族: 0-未知, 1-亚洲人, 2-黑人, 3-白人
    BYTE byMask;        //是否戴口罩
    BYTE bySmile;       //是否微笑
    BYTE byRes[9];      //保留
} NET_FEATURE;
typedef struct tagNET_TIME { DWORD dwYear; DWORD dwMonth; DWORD dwDay; } NET_TIME;
"""
FIELD = "    BYTE byRace;        //种族: 0-未知, 1-亚洲人, 2-黑人, 3-白人\n"
ENUM = """\
typedef enum tagEM_NATION_TYPE
{
    EM_NATION_UNKNOWN = -1,  // unknown
    EM_NATION_HAN = 1,       // 汉族
    EM_NATION_UYGUR = 2,     // 维吾尔族
    EM_NATION_TIBETAN = 3,   // 藏族
} EM_NATION_TYPE;
typedef struct tagFACE { int nAge; EM_NATION_TYPE emNation; char szName[32]; } FACE;
"""
BINDING = """\
from ctypes import *
class NET_FEATURE(Structure):
    _fields_ = [("byAgeGroup", c_byte), ("bySex", c_byte), ("byEyeGlass", c_byte), ("byAge", c_byte), REST]
class NET_TIME(Structure):
    _fields_ = [("dwYear", c_uint32), ("dwMonth", c_uint32), ("dwDay", c_uint32)]
"""
PAGE = """<html><body><h1>Face attributes</h1><p>The camera supports many attributes.</p>
<ul><li>Age recognition</li><li>Uyghur recognition</li><li>Smile detection</li></ul>
<table><tr><th>Attribute</th><th>Values</th></tr><tr><td>Age</td><td>0-100</td></tr>
<tr><td>Race</td><td>Asian, Black, White</td></tr><tr><td>Glasses</td><td>yes, no</td></tr></table></body></html>
"""
MANUAL = """\
openapi: 3.0.0
components:
  schemas:
    FaceAttributes:
      type: object
      properties:
        age:
          type: integer
        race:
          type: string
          description: Race of the face, one of asian, black, white
        glasses:
          type: boolean
"""


def run(tmp_path: Path, name: str, old: str | bytes, new: str | bytes, new_name: str = "") -> DiffReport:
    scratch = Scratch.create(tmp_path)
    try:
        sides = []
        for side, file, data in (("o", name, old), ("n", new_name or name, new)):
            folder = tmp_path / side
            folder.mkdir(exist_ok=True)
            (folder / file).write_bytes(data if isinstance(data, bytes) else data.encode())
            sides.append([str(folder / file)])
        return Comparison(KNOWLEDGE, scratch, MATCHER).run(sides[0], sides[1])
    finally:
        scratch.remove()


def scrubs(report: DiffReport) -> list[ChangeKind]:
    return [change.kind for change in report.changes if change.scrub]


NOUNS = "1-亚洲人, 2-黑人, 3-白人"
SCRUBBED = {
    "a field called reserved": (
        "a.h",
        HEADER,
        HEADER.replace(FIELD, "    BYTE byRes2;\n"),
        ChangeKind.RENAMED_IN_PLACE,
    ),
    "a field absorbed with its neighbours": (
        "a.h",
        HEADER,
        re.sub(r"    BYTE byRace.*?byRes\[9\];", "    BYTE byRes[12];", HEADER, flags=re.S),
        ChangeKind.RENAMED_IN_PLACE,
    ),
    "a field behind a new one": (
        "a.h",
        HEADER,
        HEADER.replace("    BYTE byAgeGroup", "    DWORD dwSize;\n    BYTE byAgeGroup").replace(
            FIELD, "    BYTE byRes1;\n"
        ),
        ChangeKind.RENAMED_IN_PLACE,
    ),
    "nouns replaced by lines": ("a.h", HEADER, HEADER.replace(NOUNS, "1-_, 2-_, 3-_"), ChangeKind.COMMENT_EMPTIED),
    "nouns replaced by stars": ("a.h", HEADER, HEADER.replace(NOUNS, "1-**, 2-**, 3-**"), ChangeKind.COMMENT_EMPTIED),
    "nouns taken out": ("a.h", HEADER, HEADER.replace(NOUNS, "1, 2, 3"), ChangeKind.COMMENT_EMPTIED),
    "a comment that says reserved": (
        "a.h",
        HEADER,
        HEADER.replace("种族: 0-未知, " + NOUNS, "保留字段"),
        ChangeKind.COMMENT_EMPTIED,
    ),
    "a field removed": ("a.h", HEADER, HEADER.replace(FIELD, ""), ChangeKind.REMOVED),
    "a value that keeps the prefix only": (
        "e.h",
        ENUM,
        ENUM.replace("EM_NATION_UYGUR = 2,     // 维吾尔族", "EM_NATION_TYPE2 = 2,"),
        ChangeKind.RELABELLED,
    ),
    "a value removed": (
        "e.h",
        ENUM,
        ENUM.replace("    EM_NATION_UYGUR = 2,     // 维吾尔族\n", ""),
        ChangeKind.REMOVED,
    ),
    "a key of a description": (
        "api.yaml",
        MANUAL,
        re.sub(r"        race:.*?white\n", "", MANUAL, flags=re.S),
        ChangeKind.REMOVED,
    ),
    "an item of a page's list": (
        "p.html",
        PAGE,
        PAGE.replace("<li>Uyghur recognition</li>", ""),
        ChangeKind.REMOVED,
    ),
    "a row of a page's table": (
        "p.html",
        PAGE,
        PAGE.replace("<tr><td>Race</td><td>Asian, Black, White</td></tr>", ""),
        ChangeKind.REMOVED,
    ),
}


@pytest.mark.parametrize("case", SCRUBBED)
def test_a_place_that_lost_its_words_is_a_scrub(tmp_path: Path, case: str) -> None:
    name, old, new, kind = SCRUBBED[case]
    report = run(tmp_path, name, old, new)
    assert kind in scrubs(report)
    assert all(set(change.protected) & {Trait.RACE, Trait.ETHNICITY} for change in report.changes if change.scrub)


FRENCH = {
    "年龄段": "âge",
    "性别, 1-男, 2-女": "sexe",
    "是否戴口罩": "masque",
    "是否微笑": "sourire",
    "//年龄 ": "//âge ",
}


def french() -> str:
    text = HEADER.replace("种族: 0-未知, " + NOUNS, "type: 0-inconnu, 1-a, 2-n, 3-b").replace("保留", "réserve")
    for old, new in {**FRENCH, "是否戴眼镜 1-不戴,2-戴": "lunettes"}.items():
        text = text.replace(old, new)
    return text


VEHICLES = "#define EVENT_VEHICLE_RACE 0x309 // street racing\nstruct tagDEV_RACE { int nRace; int lap; };\n"
INNOCENT: dict[str, tuple[str, str, str | bytes]] = {
    "the same in another encoding": ("a.h", HEADER, HEADER.replace("\n", "\r\n").encode("gb18030")),
    "another word for the trait": ("a.h", HEADER, HEADER.replace("byRace", "byEthnicity")),
    "all comments stripped": ("a.h", HEADER, re.sub(r"\s*//[^\n]*", "", HEADER)),
    "all comments translated": ("a.h", HEADER, french()),
    "another order": (
        "a.h",
        HEADER,
        HEADER.replace(FIELD, "").replace("    BYTE byRes[9]", FIELD + "    BYTE byRes[9]"),
    ),
    "a field added before it": (
        "a.h",
        HEADER,
        HEADER.replace("    BYTE byAge;", "    DWORD dwScore;\n    BYTE byAge;"),
    ),
    "a value added": ("e.h", ENUM, ENUM.replace("} EM_NATION", "    EM_NATION_HUI = 4,\n} EM_NATION")),
    "a longer prefix": ("e.h", ENUM, ENUM.replace("EM_NATION_", "NET_EM_NATION_")),
    "another spelling": ("e.h", ENUM, ENUM.replace("UYGUR", "UYGHUR")),
    "a race of cars beside it": ("a.h", HEADER + "int x;\n" * 60 + VEHICLES, HEADER + "int x;\n" * 60),
    "a field for citizenship": (
        "a.h",
        HEADER + "struct A { char szNationality[3]; /* 国籍 */ int x; int y; };\n",
        HEADER + "struct A { char szArea[3]; int x; int y; };\n",
    ),
    "another mark-up": ("p.html", PAGE, PAGE.replace("<h1>", "<h2 class='x'>").replace("</h1>", "</h2>")),
}


@pytest.mark.parametrize("case", INNOCENT)
def test_a_place_that_kept_its_meaning_is_no_scrub(tmp_path: Path, case: str) -> None:
    name, old, new = INNOCENT[case]
    assert scrubs(run(tmp_path, name, old, new)) == []


def test_a_binding_that_keeps_a_block_free_never_mapped_it(tmp_path: Path) -> None:
    whole = BINDING.replace("REST", '("byRes", c_byte * 12)')
    report = run(tmp_path, "a.h", HEADER, whole, "a.py")
    assert scrubs(report) == []
    (change,) = [item for item in report.changes if item.old is not None and item.old.name == "byRace"]
    assert "may not map these fields" in change.rationale and change.protected


def test_a_binding_that_frees_one_field_only_is_a_scrub(tmp_path: Path) -> None:
    rest = '("byRes2", c_byte), ("byMask", c_byte), ("bySmile", c_byte), ("byRes", c_byte * 9)'
    assert scrubs(run(tmp_path, "a.h", HEADER, BINDING.replace("REST", rest), "a.py")) == [ChangeKind.RENAMED_IN_PLACE]


def test_an_identity_card_field_is_told_apart(tmp_path: Path) -> None:
    old = (
        "typedef struct tagIDCARD_INFO\n{\n    char szName[32];  // 姓名\n    BYTE byNation;  // 民族\n"
        "    char szBirth[16];  // 出生日期\n    char szIDNum[20];  // 身份证号\n} IDCARD_INFO;\n"
    )
    report = run(tmp_path, "i.h", old, old.replace("byNation;  // 民族", "byRes1;"))
    (change,) = [item for item in report.changes if item.scrub]
    assert "related material, not a finding" in change.rationale


def folder(path: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_words_that_new_keeps_elsewhere_are_named(tmp_path: Path) -> None:
    old = folder(tmp_path / "v1", {"a.h": HEADER, "demo/e.h": ENUM})
    new = folder(tmp_path / "v2", {"a.h": HEADER.replace(FIELD, "    BYTE byRes2;\n"), "demo/e.h": ENUM + "int z;\n"})
    report = compare_versions(old, new)
    (change,) = [item for item in report.changes if item.scrub]
    assert "Other members of NEW still have findings" in change.rationale and "demo/e.h" in change.rationale


def warc(path: Path, body: str) -> Path:
    answer = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}".encode()
    )
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
        "WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Target-URI: http://vendor.example/../p%2F..%2Fq/a.html?x=1\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    ).encode()
    path.write_bytes(gzip.compress(head + answer + b"\r\n\r\n", mtime=0))
    return path


def test_two_captures_are_compared_by_address(tmp_path: Path) -> None:
    old = warc(tmp_path / "one.warc.gz", PAGE)
    new = warc(tmp_path / "two.warc.gz", PAGE.replace("<li>Uyghur recognition</li>", ""))
    report = compare_versions(old, new)
    assert ChangeKind.REMOVED in scrubs(report)
    assert all(pair.old is not None and pair.old.path[0].startswith("vendor.example/") for pair in report.pairs)


def test_a_wacz_is_read_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    for name in ("good", "bad"):
        inner = warc(tmp_path / f"{name}.warc.gz", PAGE).read_bytes()
        with zipfile.ZipFile(tmp_path / f"{name}.wacz", "w") as package:
            package.writestr("datapackage.json", "{}")
            package.writestr("archive/data.warc.gz", inner if name == "good" else b"\x1f\x8bnot gzip at all")
    good, none = expand(tmp_path / "good.wacz", tmp_path / "out")
    bad, told = expand(tmp_path / "bad.wacz", tmp_path / "out2")
    assert none == () and [file.read_text() for file in good.rglob("*.*") if file.is_file()] == [PAGE]
    assert told and not any(file.is_file() for file in bad.rglob("*"))


def test_a_case_is_compared_by_what_came_in(tmp_path: Path) -> None:
    sides = []
    for name, text in (("one", HEADER), ("two", HEADER.replace(FIELD, "    BYTE byRes2;\n"))):
        with create_case(tmp_path / name, title="t", actor=Actor(name="A")) as case:
            item = case.item(case.put(text.encode()), name="sdk/../a.h", role="original")
            case.append(EventKind.IMPORTED, inputs=(item,))
        sides.append(tmp_path / name)
    copy_case(sides[0], tmp_path / "copy")
    assert [file.relative_to(tmp_path / "copy").as_posix() for file in (tmp_path / "copy").rglob("*.h")] == ["sdk/a.h"]
    assert scrubs(compare_versions(sides[0], sides[1])) == [ChangeKind.RENAMED_IN_PLACE]


def test_the_same_versions_give_the_same_report(tmp_path: Path) -> None:
    first = run(tmp_path, "a.h", HEADER + ENUM, HEADER.replace(FIELD, "") + ENUM.replace("UYGUR", "TYPE2"))
    assert first == run(tmp_path, "a.h", HEADER + ENUM, HEADER.replace(FIELD, "") + ENUM.replace("UYGUR", "TYPE2"))


KILLER = """
import os, signal
from witnessmark.pipeline import comparing, comparing_run
real = comparing.outline
def outline(blob, locator):
    if locator.path[-1].endswith("deadly.h"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if locator.path[-1].endswith("broken.h"):
        raise ValueError("broken")
    return real(blob, locator)
comparing.outline = outline
comparing_run.main()
"""


@pytest.fixture
def deadly_reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reading process that dies of a real signal at one member and fails at another."""
    script = tmp_path / "deadly_reader.py"
    script.write_text(KILLER)

    def start(module: str, scratch: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    monkeypatch.setattr("witnessmark.pipeline.comparing_run.start_worker", start)


@pytest.mark.usefixtures("deadly_reader")
def test_a_member_that_ends_the_process_costs_that_member(tmp_path: Path) -> None:
    bad = {"deadly.h": "int a;\n", "broken.h": "int b;\n"}
    old = folder(tmp_path / "v1", {"a.h": HEADER, **bad})
    new = folder(
        tmp_path / "v2",
        {"a.h": HEADER.replace(FIELD, "    BYTE byRes2;\n"), **{name: text + "int c;\n" for name, text in bad.items()}},
    )
    report = compare_versions(old, new)
    assert scrubs(report) == [ChangeKind.RENAMED_IN_PLACE]
    died = [problem for problem in report.problems if problem.code is ProblemCode.WORKER_DIED]
    assert {problem.locator.path for problem in died if problem.locator} == {("deadly.h",), ("broken.h",)}
    assert str(-signal.SIGSEGV) in died[0].message


def test_a_type_that_moved_to_another_file_is_no_scrub(tmp_path: Path) -> None:
    old = folder(
        tmp_path / "v1", {"a.h": HEADER + ENUM, "b.h": "struct B { int b; };\n", "c.h": "struct C { int c; };\n"}
    )
    new = folder(
        tmp_path / "v2", {"a.h": HEADER, "b.h": "struct B { int b; };\n" + ENUM, "c.h": "struct C { int c; };\n"}
    )
    report = compare_versions(old, new)
    assert not any(change.scrub for change in report.changes)
    assert any(change.kind is ChangeKind.MOVED and "b.h" in change.rationale for change in report.changes)


def test_a_member_with_findings_that_is_gone_while_the_others_stayed_is_a_removal(tmp_path: Path) -> None:
    rest = {f"x{number}.h": f"struct X{number} {{ int a; }};\n" for number in range(4)}
    old = folder(tmp_path / "v1", {"a.h": HEADER, **rest})
    new = folder(tmp_path / "v2", rest)
    (change,) = [item for item in compare_versions(old, new).changes if item.scrub]
    assert change.kind is ChangeKind.REMOVED and "a.h" in change.record and change.new is None
    none = compare_versions(old, folder(tmp_path / "v3", {"y.h": "struct Y { int y; };\n"}))
    assert not any(item.scrub for item in none.changes)


def test_a_header_stored_as_utf_16_meets_its_version_in_utf_8(tmp_path: Path) -> None:
    old = folder(tmp_path / "v1", {"inc/a.h": HEADER, "r.txt": "one\n", "s.txt": "two\n"})
    new = folder(tmp_path / "v2", {"r.txt": "one\n", "s.txt": "two\n"})
    (new / "deep").mkdir()
    (new / "deep" / "face_types.h").write_bytes(HEADER.replace(FIELD, "    BYTE byRes2;\n").encode("utf-16"))
    kinds = [item.kind for item in compare_versions(old, new).changes if item.scrub]
    assert kinds == [ChangeKind.RENAMED_IN_PLACE]


def test_bindings_of_one_name_meet_in_folders(tmp_path: Path) -> None:
    rest = '("byRes2", c_byte), ("byMask", c_byte), ("bySmile", c_byte), ("byRes", c_byte * 9)'
    old = folder(tmp_path / "v1", {"inc/face_sdk.h": HEADER})
    new = folder(tmp_path / "v2", {"python/FaceSdk.py": BINDING.replace("REST", rest), "python/z.txt": "z\n"})
    assert [item.kind for item in compare_versions(old, new).changes if item.scrub] == [ChangeKind.RENAMED_IN_PLACE]


def test_a_freed_name_counts_though_its_comment_still_says_it(tmp_path: Path) -> None:
    new = HEADER.replace("byRace", "byRes2")
    report = run(tmp_path, "a.h", HEADER, new)
    (change,) = [item for item in report.changes if item.scrub]
    assert change.kind is ChangeKind.RENAMED_IN_PLACE and "still says" in change.rationale
