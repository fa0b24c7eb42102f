"""Compressed rich text in Outlook messages ([MS-OXRTFCP])."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096


class RtfPacked(Unpacker):
    """The body of an Outlook message."""

    NAME = "rtf_packed"
    MAGIC = (Magic(data=b"LZFu", offset=8),)
    DOC = FormatDoc(
        title="Outlook's compressed rich text (in msg)",
        kind="document",
        suffixes=(".msg",),
        references=("https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxrtfcp/",),
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The RTF document."""
        packed_size, size = struct.unpack("<LL", blob.view(0, 8))
        packed = blob.read(16, max(0, packed_size - 12))
        yield Content(
            name=UntrustedText("body.rtf"), blob=context.collect(_unpacked(packed, size), packed_size=len(packed))
        )


def _unpacked(packed: bytes, size: int) -> Iterator[bytes]:
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write = len(_DICTIONARY)
    at = given = 0
    out = bytearray()
    while at < len(packed) and given < size:
        control = packed[at]
        at += 1
        for bit in range(8):
            if at >= len(packed):
                break
            if not control >> bit & 1:
                piece, at = packed[at : at + 1], at + 1
                window[write] = piece[0]
                write = (write + 1) % _WINDOW
                out += piece
                continue
            if at + 2 > len(packed):
                raise FormatError("the compressed text ends inside a reference")
            reference = packed[at] << 8 | packed[at + 1]
            at += 2
            if reference >> 4 == write:  # a reference to here is the end
                yield bytes(out[: size - given])
                return
            for step in range((reference & 15) + 2):
                byte = window[((reference >> 4) + step) % _WINDOW]
                window[write] = byte
                write = (write + 1) % _WINDOW
                out.append(byte)
        if len(out) >= 1 << 16:
            yield bytes(out[: size - given])
            given += len(out)
            out.clear()
    yield bytes(out[: max(0, size - given)])


UNPACKER = RtfPacked()
