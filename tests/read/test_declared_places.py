"""Offsets and sizes of records in every language that is read, through the reader and the layout together."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.blob import Blob
from witnessmark.diff.layout import Layouts
from witnessmark.diff.said import read_said
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Shape
from witnessmark.pipeline.comparing_lines import read_lines
from witnessmark.read import outline

Places = dict[str, tuple[int | None, int | None]]


def places(name: str, text: str, record: str) -> Places:
    where = Locator(path=(UntrustedText(name),))
    blob = Blob.of_bytes(text.encode())
    items, problems = outline(blob, where)
    assert problems == ()
    lines = read_lines(blob, where, "")
    layouts = Layouts(items, read_said((row.offset, row.text) for row in lines.rows))
    (found,) = [item for item in items if item.shape is Shape.RECORD and item.name == record]
    return dict(zip((member.name for member in found.members), layouts.places(found), strict=True))


PASCAL = """\
unit U;
interface
{$Z4}
const
  MAX_LEN = $20;
type
  TRace = (rcUnknown, rcAsian, rcBlack); // {not a comment end}
  TFlags = set of (fOne, fTwo, fThree);
  TName = array[0..MAX_LEN - 1] of AnsiChar;
  PFace = ^TFace;
  TPoint = packed record X, Y: Word; Z: Byte; end;
  TFace = record
    dwSize: DWORD;
    byAge: Byte; { age }
    Race: TRace;
    Flags: set of 0..7;
    Name: TName;
    Where: TPoint;
    Next: PFace;
    Matrix: array[0..1, 1..3] of SmallInt;
    Title: string[15];
    Inner: record A: Byte; B: Int64; end;
    case Integer of
      0: (wLow: Word; byHigh: Byte);
      1: (dWhole: Double);
  end;
  TPacked = packed record
    A: Byte; B: LongInt;
    C: Double;
  end;
implementation
end.
"""


def test_delphi_records_have_places() -> None:
    assert places("u.pas", PASCAL, "TPoint") == {"X": (0, 2), "Y": (2, 2), "Z": (4, 1)}
    assert places("u.pas", PASCAL, "TPacked") == {"A": (0, 1), "B": (1, 4), "C": (5, 8)}
    face = places("u.pas", PASCAL, "TFace")
    assert face["Race"] == (8, 4) and face["Flags"] == (12, 1) and face["Name"] == (13, 32)
    assert face["Where"] == (45, 5) and face["Next"] == (56, 8) and face["Matrix"] == (64, 12)
    assert face["Title"] == (76, 16) and face["Inner"] == (96, 16)


def test_the_alternatives_of_a_variant_record_share_their_place() -> None:
    where = Locator(path=(UntrustedText("u.pas"),))
    items = outline(Blob.of_bytes(PASCAL.encode()), where)[0]
    layouts = Layouts(items, read_said([]))
    nameless = [item for item in items if item.shape is Shape.RECORD and not item.name and item.members]
    starts = {item.members[0].name: layouts.places(item)[0] for item in nameless}
    assert set(starts) == {"wLow", "dWhole"} and starts["wLow"][1] == 2 and starts["dWhole"][1] == 8


BASIC = """\
Public Const MAX_NAME As Long = 16
Private Type POINT
    x As Integer
    y As Long
End Type
Public Enum RaceType
    rtUnknown = 0 ' unknown
    rtAsian = 1
End Enum
Public Type FACE
    b As Byte ' age
    p As POINT
    race As RaceType  ' race
    name(0 To MAX_NAME - 1) As Byte
    score As Double
    text As String * 10
End Type
"""


def test_visual_basic_types_have_places() -> None:
    assert places("m.bas", BASIC, "FACE") == {
        "b": (0, 1), "p": (4, 8), "race": (12, 4), "name": (16, 16), "score": (32, 8), "text": (40, 10),
    }  # fmt: skip


def test_visual_basic_net_structures_have_places() -> None:
    text = (
        "<StructLayout(LayoutKind.Sequential, Pack:=1)> _\nPublic Structure FACE\n  Public a As Byte\n"
        "  <MarshalAs(UnmanagedType.ByValArray, SizeConst:=4)> Public r As Short()\n"
        "  Public b As Long ' eight bytes\n  Public c As Integer\nEnd Structure\n"
    )
    assert places("m.vb", text, "FACE") == {"a": (0, 1), "r": (1, 8), "b": (9, 8), "c": (17, 4)}


def test_c_sharp_says_its_places_itself() -> None:
    text = (
        "public const int LEN = 8;\n[StructLayout(LayoutKind.Explicit)]\npublic struct A {\n"
        "  [FieldOffset(0)] public int a;\n  [FieldOffset(0)] public float b;\n  [FieldOffset(0x10)]\n  public byte c;\n}\n"
        "[StructLayout(LayoutKind.Sequential)]\npublic struct B {\n  public byte a;\n"
        "  [MarshalAs(UnmanagedType.ByValTStr, SizeConst = LEN * 2)]\n  public string s;\n  public bool t;\n"
        "  [MarshalAs(UnmanagedType.I1)] public bool u;\n  public long v;\n}\n"
    )
    assert places("a.cs", text, "A") == {"a": (0, 4), "b": (0, 4), "c": (16, 1)} | {
        key: value for key, value in places("a.cs", text, "A").items() if value == (None, None)
    }
    found = places("a.cs", text, "B")
    assert (found["s"], found["t"], found["u"], found["v"]) == ((1, 16), (20, 4), (24, 1), (32, 8))


@pytest.mark.parametrize(
    ("name", "text", "record", "field", "place"),
    [
        ("a.h", "#define N (4+4)\ntypedef char NAME[N];\nstruct A { NAME n; int z; };", "A", "z", (8, 4)),
        ("a.h", "typedef unsigned short U;\ntypedef U V;\nstruct A { char c; V v; };", "A", "v", (2, 2)),
        ("a.h", "struct A { int a; union { int b; double c; }; char r; };", "A", "r", (16, 1)),
        ("a.h", "enum { N = 3 };\nstruct A { char c[N]; char r; };", "A", "r", (3, 1)),
        ("a.h", "typedef int (*CB)(int);\nstruct A { char c; CB f; char r; };", "A", "r", (16, 1)),
        ("a.py", "N = 5\nclass A(Structure):\n    _pack_ = 1\n    _fields_ = [('a', c_ubyte * N), ('r', c_int)]\n", "A", "r", (5, 4)),
        ("a.rs", "#[repr(C)]\npub struct A {\n  pub a: [u8; 3],\n  pub p: *const u8,\n  pub r: u16,\n}\n", "A", "r", (16, 2)),
        ("a.go", "const N = 6\ntype A struct {\n\ta [N]uint8\n\ts string\n\tr uint16\n}\n", "A", "r", (24, 2)),
        ("A.java", "class A extends Structure {\n public byte a;\n public byte[] n = new byte[3*2];\n public long r;\n}\n", "A", "r", (8, 8)),
    ],
)  # fmt: skip
def test_lengths_and_names_of_types_are_followed(
    name: str, text: str, record: str, field: str, place: tuple[int, int]
) -> None:
    assert places(name, text, record)[field] == place


def test_records_that_hold_each_other_have_no_size_and_end() -> None:
    text = "struct A { struct B b; int z; };\nstruct B { struct A a; int y; };\n"
    assert places("a.h", text, "A")["z"][0] is None
    deep = "\n".join(f"struct S{n} {{ struct S{n + 1} a, b, c, d, e, f, g, h; }};" for n in range(40))
    assert places("a.h", deep, "S0")["b"] == (None, None)


@given(st.text(string.ascii_letters + string.digits + " ;:=()[]{}'.,\n*^<>$&_", max_size=300))
def test_any_text_is_outlined_as_delphi_and_basic(text: str) -> None:
    for name in ("a.pas", "a.bas", "a.vb"):
        body = f"type T = record {text}\nPublic Type X\n{text}"
        items, _ = outline(Blob.of_bytes(body.encode()), Locator(path=(UntrustedText(name),)))
        layouts = Layouts(items, read_said(enumerate(body.split("\n"))))
        assert all(len(layouts.places(item)) == len(item.members) for item in items)


def test_a_byte_order_mark_does_not_hide_the_first_declaration() -> None:
    assert places("a.h", "\ufefftypedef struct tagA { int a; char r; } A;", "A")["r"] == (4, 1)
