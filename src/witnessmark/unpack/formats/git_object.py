"""One loose git object."""

import re
import zlib
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.inflate import inflated
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Unpacked, Unpacker

_HEADER = re.compile(rb"(blob|tree|commit|tag) [0-9]{1,20}\0")


class GitObject(Unpacker):
    """A file below `.git/objects/`."""

    NAME = "git_object"
    MAGIC = (Magic(data=b"x\x01"), Magic(data=b"x\x9c"), Magic(data=b"x^"), Magic(data=b"x\xda"))
    DOC = FormatDoc(
        title="Loose git object",
        kind="app",
        suffixes=(),
        references=("https://git-scm.com/book/en/v2/Git-Internals-Git-Objects",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the first bytes unpack to an object's header."""
        try:
            return _HEADER.match(zlib.decompressobj().decompress(blob.read(0, 128), 64)) is not None
        except zlib.error:
            return False

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The object without its header."""
        chunks = inflated(blob.view())
        first = next(chunks)
        found = _HEADER.match(first)
        kind = found[1].decode() if found else "object"

        def body() -> Iterator[bytes]:
            yield first[found.end() if found else 0 :]
            yield from chunks

        yield Content(name=UntrustedText(kind), blob=context.collect(body(), packed_size=blob.size))


UNPACKER = GitObject()
