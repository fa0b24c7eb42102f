"""Xar: macOS installer packages; the table of contents names each member's place and coding."""

import bz2
import struct
from collections.abc import Iterator
from lzma import LZMADecompressor
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from isal import isal_zlib

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack import codecs
from witnessmark.unpack.names import storable
from witnessmark.unpack.unpacker import (
    Accounted,
    Content,
    Context,
    FormatDoc,
    FormatError,
    Magic,
    Passed,
    Unpacked,
    Unpacker,
)

MARK = b"xar!"
MAX_CONTENTS = 64 << 20
MAX_DEPTH = 128


class Xar(Unpacker):
    """The eXtensible ARchive."""

    NAME = "xar"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="xar, macOS .pkg",
        kind="archive",
        suffixes=(".xar", ".pkg"),
        references=("https://github.com/apple-oss-distributions/xar",),
        limits=("Payloads in Apple's pbzx form come out as they are and are carved for XZ.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Version 1 and a table of contents within the file."""
        head = blob.read(0, 28)
        if len(head) < 28:
            return False
        size, version, packed, plain = struct.unpack_from(">HHQQ", head, 4)
        return bool(version == 1 and size >= 28 and size + packed <= blob.size and plain <= MAX_CONTENTS)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The table of contents itself, then each file."""
        size, _, packed, plain = struct.unpack_from(">HHQQ", blob.read(0, 28), 4)
        contents = isal_zlib.decompressobj().decompress(blob.read(size, packed), plain)
        yield Accounted(0, size + packed)
        yield Content(name=UntrustedText("[table of contents].xml"), blob=Blob.of_bytes(contents))
        try:
            root = fromstring(contents, forbid_dtd=True)
        except (ParseError, DefusedXmlException) as error:
            raise FormatError(f"the table of contents is not XML: {error}") from error
        checksum = root.find("toc/checksum")
        if checksum is not None:
            yield Accounted(size + packed + _number(checksum, "offset"), _number(checksum, "size"))
        for path, file in _files(root.find("toc"), "", 0):
            kind = (file.findtext("type") or "").strip()
            data = file.find("data")
            if kind == "directory":
                yield Passed(name=storable(f"{path}/"))
            elif kind in ("symlink", "hardlink") and data is None:
                yield Passed(code=ProblemCode.LINK, name=storable(f"{path} -> {file.findtext('link')}"))
            elif data is not None:
                place, length = size + packed + _number(data, "offset"), _number(data, "length")
                part = blob.part(place, length)
                yield Accounted(place, length)
                yield Content(name=storable(path), blob=_decoded(part, data, context))


def _files(parent: Element | None, path: str, depth: int) -> Iterator[tuple[str, Element]]:
    if depth > MAX_DEPTH:
        raise FormatError("folders nested too deep", code=ProblemCode.BOUND_DEPTH)
    for file in parent.findall("file") if parent is not None else ():
        name = path + (file.findtext("name") or "")
        yield name, file
        yield from _files(file, f"{name}/", depth + 1)


def _number(element: Element, tag: str) -> int:
    return int(element.findtext(tag) or "0")


def _decoded(part: Blob, data: Element, context: Context) -> Blob:
    encoding = data.find("encoding")
    style = encoding.get("style", "") if encoding is not None else ""
    if "gzip" in style:
        return context.collect(codecs.Stream(part, codecs.zlib_stream).chunks(), packed_size=part.size)
    if "bzip2" in style:
        return context.collect(codecs.Stream(part, bz2.BZ2Decompressor).chunks(), packed_size=part.size)
    if "lzma" in style or "xz" in style:
        return context.collect(codecs.Stream(part, LZMADecompressor).chunks(), packed_size=part.size)
    return part


UNPACKER = Xar()
