"""Where each field of a record lies, in bytes.

The ABI is a stated assumption, the same for both sides: natural alignment, 8-byte pointers, 4-byte `long` as on Windows
(vendors' SDKs are mostly built for it). What the file says of packing (`#pragma pack`, `__attribute__((packed))`,
`Pack = 1`, `packed record`) and of places (`FieldOffset`) goes before it. An offset is given only as long as every size
before it is known. Bit-fields share units of their declared type; the offset is that of the unit, and no size is given.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from witnessmark.diff.said import DEEPEST, DEFAULT_PACK, Attribute, Said
from witnessmark.diff.sizes import ENUM_SIZES, MARSHALLED, MAX_ALIGN, POINTER, SIZES, size_of_word
from witnessmark.model.observation import Member, Observation, Shape

ABI = (
    "natural alignment unless the file packs, 64-bit pointers, 32-bit long and enum (Windows x64); "
    "Delphi: 1-byte enumerations unless the file says otherwise, 2-byte Char; Visual Basic 6: 4-byte alignment"
)
_HEAD = 1_500

_NOISE = re.compile(
    r"\b(?:const|volatile|struct|union|public|private|protected|internal|static|final|readonly|unsafe|IN|OUT)\b"
)
_C = frozenset({"c", "cpp", "objc", "pascal", ""})
_DIMENSION = re.compile(r"\[\s*([^\]]*)\s*\]")
_CTYPES_ARRAY = re.compile(r"^(?P<base>[\w.]+)\s*\*\s*\(?(?P<count>\w[\w.+\-* ]*?)\)?$")
_KOTLIN_ARRAY = re.compile(r"(?P<base>Byte|Short|Int|Long|Float|Double)Array\((?P<count>\w+)\)")
_JAVA_ARRAY = re.compile(r"new\s+(?P<base>[\w.]+)\s*(?P<dims>(?:\[[^\]]*\]\s*)+)")
_RUST_ARRAY = re.compile(r"^\[\s*(?P<base>.+?)\s*;\s*(?P<count>[^;\[\]]+)\]$")
_PASCAL_ARRAY = re.compile(r"^(?:packed\s+)?array\s*\[(?P<bounds>[^\]]+)\]\s*of\s+(?P<base>.+)$", re.IGNORECASE)
_PASCAL_SET = re.compile(r"^(?:packed\s+)?set\s+of\s+(?P<base>.+)$", re.IGNORECASE)
_FIXED_STRING = re.compile(
    r"^(?:(?:short)?string\s*\[(?P<pascal>[^\]]+)\]|String\s*\*\s*(?P<basic>\w+))$", re.IGNORECASE
)
_PACKED = re.compile(
    r"__attribute__\s*\(\(\s*packed|__packed\b|\bPack\s*:?=\s*(\d+)|_pack_\s*=\s*(\d+)|ALIGN_NONE|\bpacked\s+record\b|"
    r"repr\(\s*C\s*,\s*packed(?:\(\s*(\d+)\s*\))?|repr\(\s*packed",
    re.IGNORECASE,
)
_UNION = re.compile(
    r"^[^{;]{0,400}\bunion\b|^class\s+\w+\s*\([^)]*\bUnion\b|^[^{;]{0,400}\bextends\s+Union\b|^variant\b", re.IGNORECASE
)
_BITS = re.compile(r":\s*(\d+)$")

Place = tuple[int | None, int | None]


@dataclass(frozen=True)
class _Walked:
    """A record's places, and the size and alignment of the whole."""

    places: tuple[Place, ...]
    inner: tuple[tuple[int, int | None], ...]  # where records without a name of their own begin
    whole: int | None
    widest: int


class Layouts:
    """Sizes and offsets of the records of one file."""

    def __init__(self, items: Sequence[Observation], said: Said | None = None) -> None:
        self._records: dict[str, Observation] = {
            name: item for item in items for name in (item.name, *item.aliases) if name
        }
        self._said = said or Said()
        self._inner: dict[tuple[str, str], Observation] = {}
        self._nameless: dict[int, list[Observation]] = defaultdict(list)
        self._owners: dict[int, Observation] = {}
        self._known: dict[int, _Walked | None] = {}
        self._index(items)
        self._enums: dict[str, str] = {
            member.name: member.value
            for item in items
            if item.shape is Shape.ENUM
            for member in item.members
            if member.value
        }

    def _index(self, items: Sequence[Observation]) -> None:
        """Which record lies inside which: by name, and by place for those without a name."""
        for item in items:
            for parent in item.parents[-1:]:
                if item.name:
                    self._inner[parent, item.name] = item
        spans = sorted(
            ((item.locator.offset or 0, -(item.locator.length or 0), number) for number, item in enumerate(items))
        )
        stack: list[tuple[int, Observation]] = []
        for start, length, number in spans:
            item = items[number]
            while stack and start >= stack[-1][0]:
                stack.pop()
            if stack and not item.name and item.shape is Shape.RECORD and stack[-1][1].shape is Shape.RECORD:
                self._nameless[id(stack[-1][1])].append(item)
                self._owners[id(item)] = stack[-1][1]
            stack.append((start - length, item))

    def places(self, record: Observation) -> tuple[Place, ...]:
        """Offset and size in bytes of each member; the offset is None from the first one whose place is not known."""
        if record.shape is not Shape.RECORD or _is_partial(record):
            return tuple((None, None) for _ in record.members)
        walked = self._walk(record, 0)
        if walked is None:
            return tuple((None, None) for _ in record.members)
        base = self._base(record)
        if base == 0:
            return walked.places
        return tuple((None if at is None else at + base, size) for at, size in walked.places)

    def _base(self, record: Observation) -> int:
        """Where a record without a name begins in the named record around it."""
        base, depth = 0, 0
        while (owner := self._owners.get(id(record))) is not None and depth < DEEPEST:
            walked = self._walk(owner, 0)
            at = next((at for key, at in walked.inner if key == id(record)), None) if walked else None
            base, record, depth = base + (at or 0), owner, depth + 1
        return base

    def _pack(self, record: Observation) -> int:
        """The greatest alignment that a field of this record may have."""
        head = record.text[:_HEAD]
        if said := _PACKED.search(head):
            number = next((int(group) for group in said.groups() if group), 1)
            return number or DEFAULT_PACK
        if record.language in _C:
            return self._said.pack_at(record.locator.offset or 0)
        return MAX_ALIGN.get(record.language, DEFAULT_PACK)

    def _walk(self, record: Observation, depth: int) -> _Walked | None:
        """None while the record is being walked already: one that contains itself has no size."""
        if id(record) not in self._known:
            self._known[id(record)] = None
            self._known[id(record)] = self._laid_out(record, depth)
        return self._known[id(record)]

    def _laid_out(self, record: Observation, depth: int) -> _Walked:
        run = _Run(self._pack(record), is_union=bool(_UNION.search(record.text[:_HEAD])))
        inner: list[tuple[int, int | None]] = []
        nameless = sorted(self._nameless.get(id(record), ()), key=lambda item: item.locator.offset or 0)
        last = record.locator.offset or 0
        for member in record.members:
            while nameless and (nameless[0].locator.offset or 0) < (member.offset or 0):
                inner.append(self._nested(nameless.pop(0), run, depth))
            if _is_no_field(member):
                run.places.append((None, None))
                continue
            attribute = None if member.offset is None else self._said.attribute(last, member.offset)
            last = member.offset or last
            size, align = self._measure(member, record, depth, attribute)
            said = attribute.place if attribute is not None else None
            run.put(size, align, bits=_BITS.search(member.type or ""), at=None if said is None else self._number(said))
        inner += [self._nested(item, run, depth) for item in nameless]
        whole = None if _is_partial(record) else run.whole()
        return _Walked(tuple(run.places), tuple(inner), whole, run.widest)

    def _nested(self, item: Observation, run: "_Run", depth: int) -> tuple[int, int | None]:
        walked = self._walk(item, depth + 1) if depth < DEEPEST else None
        run.put(None if walked is None else walked.whole, 0 if walked is None else walked.widest)
        return id(item), run.places.pop()[0]

    def _number(self, text: str) -> int | None:
        value = self._said.number(text)
        if value is None and (said := self._enums.get(text.strip())):
            value = self._said.number(said)
        return value

    def _count(self, text: str) -> int | None:
        value = self._number(text) if text.strip() else None
        return value if value is not None and 0 < value < 1 << 24 else None

    def _product(self, dimensions: Sequence[str]) -> int | None:
        counts = [self._count(text) for text in dimensions]
        return None if None in counts else prod(one for one in counts if one is not None)

    def _measure(
        self, member: Member, record: Observation, depth: int, attribute: Attribute | None = None
    ) -> tuple[int | None, int]:
        """Size and alignment of one field; size None and alignment 0 where its type is not known."""
        kind = _NOISE.sub(" ", member.type or "").strip()
        if made := _JAVA_ARRAY.search(member.value or ""):
            kind = made["base"] + made["dims"]
        elif made := _KOTLIN_ARRAY.search(member.value or ""):
            kind = f"{made['base']}[{made['count']}]"
        if attribute is not None and (attribute.kind or attribute.count):
            return self._marshalled(kind, attribute, record, depth)
        own = member.name.split("[")[0]
        if not kind or kind.casefold() in ("enum", "class", "record", "packed record"):
            names = (record.name, *record.aliases)
            inner = next((self._inner[name, own] for name in names if (name, own) in self._inner), None)
            found = self._whole(inner, depth) if inner is not None else None
        else:
            found = self._kind(kind, record, depth)
        if found is None:
            return None, 0
        count = self._product(_DIMENSION.findall(member.name))
        return (None if count is None or found[0] is None else found[0] * count), found[1]

    def _marshalled(self, kind: str, attribute: Attribute, record: Observation, depth: int) -> tuple[int | None, int]:
        """A field whose form outside .NET an attribute states."""
        form = (attribute.kind or "").casefold()
        element = re.sub(r"\[[^\]]*\]|\(\)", "", kind).strip()
        if form == "byvaltstr":
            unit: tuple[int | None, int] | None = (1, 1)
        elif form in MARSHALLED:
            unit = (MARSHALLED[form], MARSHALLED[form])
        else:
            unit = self._kind(element, record, depth)
        if unit is None or unit[0] is None:
            return None, unit[1] if unit else 0
        if attribute.count is None:
            return unit
        count = self._count(attribute.count)
        return (None if count is None else unit[0] * count), unit[1]

    def _kind(self, kind: str, record: Observation, depth: int) -> tuple[int | None, int] | None:
        """Size and alignment of a type as it is written; None where it is not known."""
        kind = _BITS.sub("", kind).strip()
        if depth >= DEEPEST or not kind:
            return None
        for read in (self._array, self._fixed):
            if (found := read(kind, record, depth)) is not None:
                return found
        if (simple := _reference(kind, record.language)) is not None:
            return simple
        if dims := _DIMENSION.findall(kind):
            return self._times(self._unit(_DIMENSION.sub("", kind).strip(), record, depth), self._product(dims))
        return self._unit(kind, record, depth)

    def _array(self, kind: str, record: Observation, depth: int) -> tuple[int | None, int] | None:
        """Arrays of ctypes, Rust and Delphi."""
        for pattern, language in ((_CTYPES_ARRAY, "python"), (_RUST_ARRAY, "rust")):
            if record.language == language and (array := pattern.match(kind)):
                unit = self._kind(array["base"], record, depth + 1)
                return self._times(unit, self._count(array["count"])) or (None, 0)
        if array := _PASCAL_ARRAY.match(kind):
            counts = [self._bounds(bounds) for bounds in array["bounds"].split(",")]
            whole = None if None in counts else prod(one for one in counts if one is not None)
            return self._times(self._kind(array["base"], record, depth + 1), whole) or (None, 0)
        return None

    def _fixed(self, kind: str, _record: Observation, _depth: int) -> tuple[int | None, int] | None:
        """Sets and strings of a fixed length."""
        if found := _PASCAL_SET.match(kind):
            return self._set(found["base"])
        if text := _FIXED_STRING.match(kind):
            length = self._count(text["pascal"] or text["basic"])
            return (None if length is None else length + bool(text["pascal"])), 1
        return None

    @staticmethod
    def _times(unit: tuple[int | None, int] | None, count: int | None) -> tuple[int | None, int] | None:
        if unit is None:
            return None
        return (None if count is None or unit[0] is None else unit[0] * count), unit[1]

    def _bounds(self, text: str) -> int | None:
        """How many elements `0..MAX - 1`, `15` (0 to 15), `TColour` or `Boolean` make."""
        low, dots, high = text.partition("..")
        if dots:
            first, last = self._number(low), self._number(high)
            return None if first is None or last is None or last < first else last - first + 1
        known = {"boolean": 2, "byte": 256, "ansichar": 256}.get(text.strip().casefold())
        item = self._records.get(text.strip())
        return known or (len(item.members) if item is not None and item.shape is Shape.ENUM else None)

    def _set(self, base: str) -> tuple[int | None, int]:
        """A Delphi set: one bit a value, in 1, 2, 4 or more bytes."""
        if base.strip().startswith("("):
            count: int | None = base.count(",") + 1
        else:
            count = self._bounds(base)
        if count is None:
            return None, 0
        need = (count + 7) // 8
        return (4 if need == 3 else need), (need if need in (1, 2, 4) else 4 if need == 3 else 1)

    def _whole(self, record: Observation, depth: int) -> tuple[int | None, int] | None:
        walked = self._walk(record, depth + 1) if depth < DEEPEST else None
        return None if walked is None or walked.whole is None else (walked.whole, walked.widest)

    def _unit(self, base: str, record: Observation, depth: int) -> tuple[int | None, int] | None:
        last = re.split(r"::|\.", base)[-1].strip()
        item = self._records.get(last) or self._records.get(base.strip())
        if item is not None and last not in SIZES:
            if item.shape is Shape.ENUM:
                size = self._said.enum_size_at(item.locator.offset or 0) or self._enum_size(item)
                return size, size
            return self._whole(item, depth)
        if (basic := size_of_word(last, record.language)) is not None:
            return basic
        alias = self._said.aliases.get(last)
        return None if alias is None or alias == base else self._kind(alias, record, depth + 1)

    @staticmethod
    def _enum_size(item: Observation) -> int:
        """What an enumeration takes; its base type where it names one (`enum E : byte`)."""
        based = re.match(r":?\s*([\w:]+)$", (item.type or "").strip())
        if based and (size := size_of_word(based[1].split("::")[-1], item.language)) is not None:
            return size[0]
        return ENUM_SIZES.get(item.language, 4)


_POINTER = re.compile(
    r"[*&^]|POINTER|Option<|.*(?:[*&^]\s*$|\(\s*\*|\(\)$)|"
    r"(?:reference to\s+)?(?:function|procedure)\b|func\b|array\s+of\b",
    re.IGNORECASE | re.DOTALL,
)


def _reference(kind: str, language: str) -> tuple[int, int] | None:
    """Size and alignment of pointers, references to functions, slices, and enumerations that are declared in place."""
    if language == "go" and kind.startswith("[]"):
        return 24, 8
    if language == "pascal" and kind.startswith("("):
        return 1, 1
    return (POINTER, POINTER) if _POINTER.match(kind) else None


class _Run:
    """The fields of one record while they are laid out."""

    def __init__(self, pack: int, *, is_union: bool) -> None:
        self.places: list[Place] = []
        self.widest = 1
        self._pack = pack
        self._is_union = is_union
        self._at: int | None = 0
        self._end: int | None = 0
        self._unit_at, self._unit, self._left = 0, 0, 0  # the open unit of bit-fields: offset, bytes, free bits

    def put(self, size: int | None, align: int, *, bits: "re.Match[str] | None" = None, at: int | None = None) -> None:
        """Place one field. `at`: where the file itself says that it lies."""
        align = min(align, self._pack)
        if at is not None:
            self.places.append((at, size))
            self._at = None if size is None else at + size
        elif bits and size and self._at is not None:
            if size != self._unit or int(bits[1]) > self._left:
                self._unit_at, self._unit, self._left = self._at + -self._at % max(1, align), size, size * 8
                self._at = self._unit_at + size
            self._left -= int(bits[1])
            self.places.append((self._unit_at, None))
        else:
            self._unit = 0
            if self._at is not None and align:
                self._at += -self._at % align
            self.places.append((self._at, size))
            self._at = None if self._at is None or size is None else self._at + size
        self.widest = max(self.widest, align)
        self._close()

    def _close(self) -> None:
        self._end = None if self._at is None or self._end is None else max(self._end, self._at)
        if self._is_union:
            self._at, self._unit = 0, 0

    def whole(self) -> int | None:
        """The size of the record, padding at its end included."""
        return None if self._end is None else self._end + -self._end % self.widest


def _is_no_field(member: Member) -> bool:
    """Whether a member takes no bytes: a method, an attribute's argument, `_pack_` of ctypes."""
    return member.type in ("method", "LayoutKind.") or (
        member.type is None
        and member.name in ("Pack", "CharSet", "Size", "_pack_", "_anonymous_", "_align_", "_layout_")
    )


def _is_partial(record: Observation) -> bool:
    return record.member_count is not None and record.member_count != len(record.members)
