"""Mail and saved web pages (eml, mhtml): headers decoded, parts decoded."""

import re
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.derived import derived_text
from witnessmark.unpack.mime import Part, parts
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, Magic, Unpacked, Unpacker

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
        limits=("Mailboxes with several messages (mbox): the first message's parts; the rest is matched as it stands.",
                "Encrypted mail is not decrypted."),
        in_place=True,
    )  # fmt: skip

    def accepts(self, blob: Blob, name: str) -> bool:
        """Whether the first lines are a message's headers."""
        head = blob.read(0, 1 << 16).split(b"\r\n\r\n")[0].split(b"\n\n")[0]
        return bool(_IS_MESSAGE.search(head) and _HAS_SENDER.search(head))

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """The headers of each message, then every part whose bytes differ from what lies in the file."""
        for number, part in enumerate(parts(blob)):
            if number == 0 and part.headers:
                lines = (f"{name}: {value}\n" for name, value in part.headers)
                content = derived_text("headers", lines, context)
                if content is not None:
                    yield content
            if part.body.size and (part.encoding in ("base64", "quoted-printable") or "rfc822" in part.media_type):
                yield _decoded(number, part, context)


def _decoded(number: int, part: Part, context: Context) -> Content:
    """Bytes as the sender had them; the matcher knows the encodings of text."""
    data = context.collect(part.content(), packed_size=part.body.size)
    name = part.name or f"part {number} ({part.media_type})"
    return Content(name=UntrustedText(name), blob=data)


UNPACKER = Eml()
