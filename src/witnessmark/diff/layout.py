"""Where each field of a record lies, in bytes.

The ABI is a stated assumption, the same for both sides: natural alignment, 8-byte pointers, 4-byte `long` as on Windows
(vendors' SDKs are mostly built for it). What the file says of packing (`#pragma pack`, `__attribute__((packed))`,
`Pack = 1`) goes before it. An offset is given only as long as every size before it is known. Bit-fields share units of
their declared type; the offset is that of the unit, and no size is given.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from witnessmark.model.observation import Member, Observation, Shape

ABI = "natural alignment unless the file packs, 64-bit pointers, 32-bit long and enum (Windows x64)"
DEEPEST = 12

_ONE = """char uchar byte sbyte bool boolean int8 uint8 int8t uint8t unsignedchar signedchar i8 u8 cchar cbyte
cubyte cbool cint8 cuint8 shortint ansichar bool8 hbyte"""
_TWO = """short ushort word int16 uint16 int16t uint16t unsignedshort i16 u16 cshort cushort cwchar wchar wchart
smallint hword shortunsignedint unsignedshortint char16t cint16 cuint16"""
_FOUR = """int uint dword long ulong unsigned unsignedint unsignedlong signed signedint int32 uint32 int32t uint32t
i32 u32 float single real32 f32 float32 cint cuint clong culong cfloat cint32 cuint32 integer cardinal
longint longword lng bool32 enum cenum cdword hdword hlong hbool hint rune nativelong"""
_EIGHT = """double int64 uint64 int64t uint64t longlong unsignedlonglong ulonglong i64 u64 f64 float64 clonglong
culonglong cdouble cint64 cuint64 largeinteger qword size sizet intptr uintptr pointer cvoidp ccharp
cwcharp hwnd handle lpvoid pvoid pchar lpstr lpcstr object string"""
_SIZES = {word: size for size, words in ((1, _ONE), (2, _TWO), (4, _FOUR), (8, _EIGHT)) for word in words.split()}
# Upper case decides between Windows' BOOL (an int) and C++'s bool, so it is looked up before folding.
_CASED = {"BOOL": 4}
_BY_LANGUAGE = {
    "java": {"long": 8, "char": 2, "boolean": 4},  # JNA maps boolean to a C int
    "kotlin": {"long": 8, "char": 2},
    "csharp": {"long": 8, "ulong": 8, "char": 2},
    "c_sharp": {"long": 8, "ulong": 8, "char": 2},
    "go": {"int": 8, "uint": 8},
}
_NOISE = re.compile(
    r"\b(?:const|volatile|struct|union|public|private|protected|internal|static|final|readonly|unsafe|IN|OUT)\b"
)
_C = frozenset({"c", "cpp", "objc", ""})
_DIMENSION = re.compile(r"\[\s*([^\]]*)\s*\]")
_CTYPES_ARRAY = re.compile(r"^(?P<base>[\w.]+)\s*\*\s*\(?(?P<count>\w+)\)?$")
_JAVA_ARRAY = re.compile(r"new\s+(?P<base>[\w.]+)\s*\[\s*(?P<count>\w+)\s*\]")


def _count(text: str) -> int | None:
    try:
        value = int(text.strip() or "0", 0)
    except ValueError:
        return None
    return value if 0 < value < 1 << 24 else None


def _split(member: Member) -> tuple[str, int | None]:
    """The element type and how many there are; None where the count is a name we cannot resolve."""
    kind = _NOISE.sub(" ", member.type or "").strip()
    if made := _JAVA_ARRAY.search(member.value or ""):
        return made["base"], _count(made["count"])
    if array := _CTYPES_ARRAY.match(kind):
        return array["base"], _count(array["count"])
    total: int | None = 1
    for text in _DIMENSION.findall(kind) + _DIMENSION.findall(member.name):
        one = _count(text)
        total = None if one is None or total is None else total * one
    return _DIMENSION.sub("", kind).strip(), total


_PRAGMA = re.compile(
    r"#\s*pragma\s+pack\s*\(\s*([^)]*)\)|#\s*include\s*[<\"](?:\w+/)*(psh|pop)pack(\d*)\.h", re.IGNORECASE
)
_PACKED = re.compile(r"__attribute__\s*\(\(\s*packed|__packed\b|\bPack\s*=\s*(\d+)|_pack_\s*=\s*(\d+)|ALIGN_NONE")
_UNION = re.compile(r"^[^{;]{0,120}\bunion\b|^class\s+\w+\s*\([^)]*\bUnion\b|^[^{;]{0,200}\bextends\s+Union\b")
_BITS = re.compile(r":\s*(\d+)$")
_DEFAULT_PACK = 1 << 10

Packs = Sequence[tuple[int, int]]
"""From which byte of the file on which packing holds."""


def packing(lines: Iterable[tuple[int, str]]) -> Packs:
    """The `#pragma pack` regions of a C file from its lines with their offsets."""
    stack: list[int] = []
    now = _DEFAULT_PACK
    out: list[tuple[int, int]] = []
    for offset, text in lines:
        found = _PRAGMA.match(text)
        if not found:
            continue
        words = [word.strip() for word in (found[1] or "").split(",")]
        number = next((int(word) for word in words if word.isdigit() and int(word) in (1, 2, 4, 8, 16)), None)
        if found[2]:
            words, number = (["push"], int(found[3] or 0) or None) if found[2].lower() == "psh" else (["pop"], None)
        if "push" in words:
            stack.append(now)
        if "pop" in words:
            now = stack.pop() if stack else _DEFAULT_PACK
        elif number is not None:
            now = number
        elif words == [""]:
            now = _DEFAULT_PACK
        out.append((offset, now))
    return out


class Layouts:
    """Sizes and offsets of the records of one file or product."""

    def __init__(self, records: Mapping[str, Observation], packs: Packs = ()) -> None:
        self._records = records
        self._packs = packs
        self._inner: dict[tuple[str, str], Observation] = {
            (parent, item.name): item for item in records.values() for parent in item.parents[-1:] if item.name
        }

    def places(self, record: Observation) -> tuple[tuple[int | None, int | None], ...]:
        """Offset and size in bytes of each member; the offset is None from the first one whose place is not known."""
        if record.shape is not Shape.RECORD or _is_partial(record):
            return tuple((None, None) for _ in record.members)
        return self._walk(record, 0)[0]

    def _pack(self, record: Observation) -> int:
        """The greatest alignment that a field of this record may have."""
        if said := _PACKED.search(record.text[:400]):
            return int(said[1] or said[2] or 1) or _DEFAULT_PACK
        slot = bisect_right(self._packs, (record.locator.offset or 0, _DEFAULT_PACK)) - 1
        return self._packs[slot][1] if slot >= 0 and record.language in _C else _DEFAULT_PACK

    def _walk(
        self, record: Observation, depth: int
    ) -> tuple[tuple[tuple[int | None, int | None], ...], int | None, int]:
        places: list[tuple[int | None, int | None]] = []
        at: int | None = 0
        end: int | None = 0
        widest, pack = 1, self._pack(record)
        is_union = bool(_UNION.search(record.text[:400]))
        unit_at, unit, left = 0, 0, 0  # the bit-fields' unit that is open: its offset, size in bytes, and free bits
        for member in record.members:
            if member.type == "LayoutKind." or (member.type is None and member.name in ("Pack", "CharSet", "Size")):
                places.append((None, None))  # an attribute's argument, not a field
                continue
            size, align = self._measure(member, record, depth)
            align = min(align, pack)
            bits = _BITS.search(member.type or "")
            if bits and size and at is not None:
                if size != unit or int(bits[1]) > left:
                    unit_at, unit, left = at + -at % max(1, align), size, size * 8
                    at = unit_at + size
                left -= int(bits[1])
                places.append((unit_at, None))
            else:
                unit = 0
                if at is not None and align:
                    at += -at % align
                places.append((at, size))
                at = None if at is None or size is None else at + size
            widest = max(widest, align)
            if is_union:
                end = None if at is None or end is None else max(end, at)
                at, unit = 0 if end is not None else None, 0
        last = end if is_union else at
        whole = None if last is None or _is_partial(record) else last + -last % widest
        return tuple(places), whole, widest

    def _measure(self, member: Member, record: Observation, depth: int) -> tuple[int | None, int]:
        """Size and alignment of one field; size None and alignment 0 where its type is not known."""
        base, count = _split(member)
        base = _BITS.sub("", base).strip()
        if re.search(r"[*&^]\s*$", base) or base.startswith(("*", "^", "POINTER")):
            unit, align = 8, 8
        else:
            own = member.name.split("[")[0]
            names = (record.name, *record.aliases) if not base else ()
            inner = next((self._inner[name, own] for name in names if (name, own) in self._inner), None)
            found = self._whole(inner, depth) if inner is not None else self._unit(base, record.language, depth)
            if found is None:
                return None, 0
            unit, align = found
        return (None if count is None else unit * count), align

    def _whole(self, record: Observation, depth: int) -> tuple[int, int] | None:
        if depth >= DEEPEST:
            return None
        _, whole, widest = self._walk(record, depth + 1)
        return None if whole is None else (whole, widest)

    def _unit(self, base: str, language: str, depth: int) -> tuple[int, int] | None:
        last = re.split(r"::|\.", base)[-1].strip()
        folded = re.sub(r"[\W_]+", "", last).casefold()
        size = _CASED.get(last) or _BY_LANGUAGE.get(language, {}).get(folded) or _SIZES.get(folded)
        if size is not None:
            return size, size
        record = self._records.get(last)
        if record is None or depth >= DEEPEST:
            return None
        if record.shape is Shape.ENUM:
            return 4, 4
        return self._whole(record, depth)


def _is_partial(record: Observation) -> bool:
    return record.member_count is not None and record.member_count != len(record.members)
