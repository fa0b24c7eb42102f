"""Mail and saved web pages (eml, mhtml): headers decoded, parts decoded."""

import re
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.mime import Part, parts
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker

_STARTS = (
    b"From:", b"Received:", b"Return-Path:", b"MIME-Version:", b"Delivered-To:", b"Message-ID:", b"Date:", b"Subject:",
    b"Content-Type:", b"X-", b"To:", b"From ",
)  # fmt: skip
_IS_MESSAGE = re.compile(rb"^(?:MIME-Version|Content-Type|Content-Transfer-Encoding):", re.IGNORECASE | re.MULTILINE)
_HAS_SENDER = re.compile(rb"^(?:From|Received|Return-Path|Content-Location|Snapshot-Content-Location):", re.I | re.M)


class Eml(Unpacker):
    """Internet messages."""

    NAME = "eml"
    MAGIC = tuple(Magic(data=start) for start in _STARTS)
    DOC = FormatDoc(
        title="Mail and saved web pages (eml, mhtml, mht)",
        kind="document",
        suffixes=(".eml", ".mht", ".mhtml"),
        references=("https://www.rfc-editor.org/rfc/rfc2045", "https://www.rfc-editor.org/rfc/rfc2557"),
        limits=("Mailboxes with several messages (mbox): all is taken for one message.",
                "Encrypted mail is not decrypted."),
    )  # fmt: skip

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the first lines are a message's headers."""
        head = blob.read(0, 1 << 16).split(b"\r\n\r\n")[0].split(b"\n\n")[0]
        return bool(_IS_MESSAGE.search(head) and _HAS_SENDER.search(head))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The message's headers, then every part decoded; what lies between parts is matched as it stands."""
        for number, part in enumerate(parts(blob)):
            if part.headers:
                yield Accounted(part.start, part.offset - part.start)
                lines = (f"{name}: {value}\n" for name, value in part.headers)
                content = derived_text("headers" if number == 0 else f"headers of part {number}", lines, context)
                if content is not None:
                    yield content
            if part.body.size:
                yield Accounted(part.offset, part.body.size)
                yield _decoded(number, part, context)


def _decoded(number: int, part: Part, context: Context) -> Content:
    """Bytes as the sender had them; the matcher knows the encodings of text."""
    plain = part.encoding not in ("base64", "quoted-printable")
    data = part.body if plain else context.collect(part.content(), packed_size=part.body.size)
    name = part.name or f"part {number} ({part.media_type})"
    return Content(name=UntrustedText(name), blob=data)


UNPACKER = Eml()
