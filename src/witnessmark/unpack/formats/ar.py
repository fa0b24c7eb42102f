"""Ar: static libraries and Debian packages."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, FormatError, Magic, Unpacked, Unpacker

MARK = b"!<arch>\n"
MAX_MEMBERS = 1_000_000


class Ar(Unpacker):
    """Common, GNU and BSD forms."""

    NAME = "ar"
    MAGIC = (Magic(data=MARK, offset=None), Magic(data=MARK))
    DOC = FormatDoc(
        title="ar: static library, Debian package",
        kind="archive",
        suffixes=(".a", ".lib", ".deb", ".udeb", ".ipk"),
        references=("https://man.freebsd.org/cgi/man.cgi?query=ar&sektion=5", "https://manpages.debian.org/deb.5"),
        limits=("Thin archives name files outside themselves; only the names are read.",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Empty, or a first header with its end mark."""
        return blob.size == 8 or blob.read(66, 2) == b"`\n"

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Members in order, each a slice; the symbol table is one of them."""
        at = 8
        long_names = b""
        yield Accounted(0, 8)
        for _ in range(MAX_MEMBERS):
            header = blob.read(at, 60)
            if len(header) < 60 or header[58:60] != b"`\n":
                if header.strip(b"\0\n") and at == blob.size:
                    raise FormatError("the archive ends inside a header", code=ProblemCode.TRUNCATED)
                return
            size = int(header[48:58])
            data = at + 60
            raw = header[:16].rstrip()
            if raw.startswith(b"#1/"):
                length = int(raw[3:])
                raw = blob.read(data, length).rstrip(b"\0")
                data, size = data + length, size - length
            elif raw == b"//":
                long_names = blob.read(data, size)
            elif raw[:1] == b"/" and raw[1:].isdigit():
                start = int(raw[1:])
                raw = long_names[start : start + 4096].split(b"\n")[0]
            if size < 0:
                raise FormatError("a size out of range")
            end = data + size + (data + size) % 2
            yield Accounted(at, end - at)
            yield Content(name=decode_name(raw.rstrip(b"/") or raw), blob=blob.part(data, size))
            if data + size > blob.size:
                raise FormatError("the archive ends inside a member", code=ProblemCode.TRUNCATED)
            at = end


UNPACKER = Ar()
