r"""Rich Text Format: text with its `\'xx` and `\u` escapes decoded, and the objects it carries in hexadecimal."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import decoded, derived_text
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?[0-9]{1,10})?[ ]?|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]{1,65536})"
)
_OBJECT = re.compile(rb"\\objdata[^0-9a-fA-F{}]{0,64}([0-9a-fA-F\r\n\t ]{16,67108864})")
_OBJECT_WORD = rb"\objdata"
_OBJECT_WORD_AT = re.compile(re.escape(_OBJECT_WORD))
_MOST_OBJECT = 65 << 20
_MAX_DEPTH = 10_000
_MAX_OBJECTS = 10_000
_MOST_RAW = 1 << 20
_KEPT = 16 << 20  # mapped bytes of the file that stay in memory behind the reader
_HELD = 1 << 16  # bytes of input after which the text so far is handed on
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_PAGES = {
    936: "gb18030",
    54936: "gb18030",
    950: "cp950",
    932: "cp932",
    949: "cp949",
    65001: "utf-8",
    10000: "mac_roman",
}
_BREAKS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"cell": "\t", b"tab": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•",
}  # fmt: skip
_SILENT = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"pict", b"objdata", b"themedata", b"colorschememapping", b"datastore",
     b"listtable", b"listoverridetable", b"rsidtbl", b"generator", b"latentstyles", b"fldinst", b"xmlnstbl"}
)  # fmt: skip


class Rtf(Unpacker):
    """Rich Text Format."""

    NAME = "rtf"
    MAGIC = (Magic(data=b"{\\rtf"),)
    DOC = FormatDoc(
        title="Rich Text Format (rtf, and .doc files that are rtf): text, embedded objects",
        kind="document",
        suffixes=(".rtf", ".doc"),
        references=("https://www.loc.gov/preservation/digital/formats/fdd/fdd000473.shtml",),
        limits=("Pictures and drawings are not read.",),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The text, then each object's bytes."""
        content = derived_text("text", _text(blob), context)
        if content is not None:
            yield content
        end = 0
        for count, at in enumerate(_objects(blob)):
            if count >= _MAX_OBJECTS:
                raise FormatError(f"more than {_MAX_OBJECTS} objects", code=ProblemCode.BOUND_STRUCTURE)
            found = _OBJECT.match(blob.view(at, _MOST_OBJECT)) if at >= end else None
            if found is not None:
                end = at + found.end()
                data = context.collect(iter((_from_hex(found[1]),)))
                yield Content(name=UntrustedText(f"object at {at}"), blob=data)


def _objects(blob: Blob) -> Iterator[int]:
    """Where the word for an object's data stands; windows overlap by just less than the word."""
    for start, view in blob.windows(_KEPT, len(_OBJECT_WORD) - 1):
        for found in _OBJECT_WORD_AT.finditer(view):
            yield start + found.start()


def _from_hex(text: bytes) -> bytes:
    digits = b"".join(text.split())
    return binascii.unhexlify(digits[: len(digits) // 2 * 2])


@dataclass(frozen=True)
class _Group:
    """What holds until the group's closing brace."""

    encoding: str
    silent: bool = False
    skip: int = 1  # characters that stand in for one `\\u`


@dataclass(kw_only=True)
class _Reader:
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0
    default: str = "cp1252"
    groups: list[_Group] = field(default_factory=lambda: [_Group("cp1252")])
    raw: bytearray = field(default_factory=bytearray)
    units: list[int] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    to_skip: int = 0
    in_fonts: int = 0

    def flush(self) -> None:
        """Decode the bytes and UTF-16 units gathered so far: a character may be spread over several escapes."""
        if self.raw:
            self.out.append(decoded(bytes(self.raw), self.groups[-1].encoding))
            self.raw.clear()
        if self.units:
            packed = b"".join(unit.to_bytes(2, "little") for unit in self.units)
            self.out.append(packed.decode("utf-16-le", "replace"))
            self.units.clear()

    def byte(self, data: bytes) -> None:
        """Plain characters or one escaped byte."""
        skipped = min(self.to_skip, len(data))
        self.to_skip -= skipped
        data = data[skipped:]
        if data and not self.groups[-1].silent:
            if self.units:
                self.flush()
            self.raw += data
            if len(self.raw) > _MOST_RAW:
                self.flush()

    def unit(self, value: int) -> None:
        r"""One `\u`."""
        if not self.groups[-1].silent:
            if self.raw:
                self.flush()
            self.units.append(value & 0xFFFF)
        self.to_skip = self.groups[-1].skip

    def encoding(self, encoding: str) -> None:
        """The code page of the characters that follow in this group."""
        self.flush()
        self.groups[-1] = replace(self.groups[-1], encoding=encoding)

    def brace(self, brace: bytes) -> None:
        """A group begins or ends."""
        self.flush()
        self.to_skip = 0
        if brace == b"{":
            if len(self.groups) >= _MAX_DEPTH:
                raise FormatError(f"groups nest deeper than {_MAX_DEPTH}", code=ProblemCode.BOUND_STRUCTURE)
            self.groups.append(self.groups[-1])
        elif len(self.groups) > 1:
            self.groups.pop()
            if len(self.groups) < self.in_fonts:
                self.in_fonts = 0

    def word(self, word: bytes, value: int | None) -> None:
        """One control word."""
        if word == b"u" and value is not None:
            self.unit(value)
        elif word in _BREAKS:
            self.flush()
            if not self.groups[-1].silent:
                self.out.append(_BREAKS[word])
        elif word in _SILENT:
            self.flush()
            self.groups[-1] = replace(self.groups[-1], silent=True)
            self.in_fonts = len(self.groups) if word == b"fonttbl" else self.in_fonts
        elif word == b"uc" and value is not None:
            self.flush()
            self.groups[-1] = replace(self.groups[-1], skip=max(0, min(value, 16)))
        elif value is not None:
            self._charset(word, value)

    def _charset(self, word: bytes, value: int) -> None:
        if word == b"ansicpg":
            self.default = _PAGES.get(value, f"cp{value}")
            self.encoding(self.default)
        elif word == b"f" and self.in_fonts:
            self.font = value
        elif word == b"f":
            self.encoding(self.fonts.get(value, self.default))
        elif word == b"fcharset" and self.in_fonts and len(self.fonts) < 65_536:
            self.fonts[self.font] = self.default if value in (0, 1, 2) else _CHARSETS.get(value, self.default)


def _text(blob: Blob) -> Iterator[str]:
    reader = _Reader()
    dropped = held = 0
    for found in _TOKEN.finditer(blob.view()):
        if found.start() > dropped + _KEPT:
            dropped = found.start()
            blob.forget(dropped)
        escaped, word, value, symbol, brace, plain = found.groups()
        if plain is not None:
            reader.byte(plain)
        elif escaped is not None:
            reader.byte(binascii.unhexlify(escaped))
        elif word is not None:
            reader.word(word, int(value) if value else None)
        elif brace is not None:
            reader.brace(brace)
        elif symbol is not None:
            _symbol(reader, symbol)
        held += found.end() - found.start()
        if held > _HELD:
            yield "".join(reader.out)
            reader.out.clear()
            held = 0
    reader.flush()
    yield "".join(reader.out)


def _symbol(reader: _Reader, symbol: bytes) -> None:
    r"""`\\`, `\{`, `\}`, `\~` and so on. `\*` marks a destination that a reader may not know; its text is kept."""
    if symbol in b"\\{}":
        reader.byte(symbol)
    elif symbol == b"~":
        reader.byte(b" ")
    elif symbol == b"_":
        reader.byte(b"-")
    elif symbol in b"\r\n":
        reader.flush()
        reader.out.append("\n")


UNPACKER = Rtf()
