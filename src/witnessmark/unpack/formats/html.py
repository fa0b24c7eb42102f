"""Web pages: the passages in which a tag cuts a word in two. Everything else is matched as it stands."""

import html
import re
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.derived import decoded, derived_text
from witnessmark.unpack.unpacker import Context, FormatDoc, FormatError, Unpacked, Unpacker

_MOST = 8 << 20
_MARK = "\x01"
_INLINE = "a|abbr|b|bdi|bdo|big|code|em|font|i|kbd|mark|nobr|s|samp|small|span|strong|sub|sup|tt|u|var|wbr"
_INSIDE_WORD = re.compile(
    rf"(?<=[^\W])(?:</?(?:{_INLINE})(?:\s[^<>]{{0,2000}})?/?>|&shy;|&#8203;|\u00ad|\u200b)+(?=\w)", re.I
)
_OTHER_TAG = re.compile(rf"<(?!/?(?:{_INLINE})[\s/>])[^<>]{{0,4000}}>|[\r\n]+", re.I)
_TAG = re.compile(r"<[^<>]{0,4000}>")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.I)


class Html(Unpacker):
    """HTML and XHTML."""

    NAME = "html"
    MAGIC = ()
    DOC = FormatDoc(
        title="Web page (html, xhtml): matched as it stands; words that a tag cuts in two are put together",
        kind="document",
        suffixes=(".html", ".htm", ".xhtml", ".shtml"),
        references=("https://html.spec.whatwg.org/",),
        limits=(f"Pages above {_MOST >> 20} MB are only matched as they stand.", "Scripts are not run."),
        in_place=True,
    )

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """One text with the passages that read differently once their tags are gone."""
        if blob.size > _MOST:
            raise FormatError(f"the page is larger than {_MOST} bytes", code=ProblemCode.BOUND_BYTES)
        content = derived_text("joined words", _joined(text_of_page(blob.read())), context)
        if content is not None:
            yield content


def text_of_page(data: bytes) -> str:
    """The page's characters, by its byte order mark, its own word, or as UTF-8 or GB18030."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if data.startswith(mark):
            return decoded(data[len(mark) :], encoding)
    declared = _CHARSET.search(data[:4096])
    if declared:
        name = declared[1].decode("ascii").lower()
        return decoded(data, "gb18030" if name in ("gb2312", "gbk", "x-gbk") else name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _joined(text: str) -> Iterator[str]:
    marked = _INSIDE_WORD.sub(_MARK, text.replace(_MARK, ""))
    if _MARK not in marked:
        return
    for passage in _OTHER_TAG.split(marked):
        if _MARK in passage:
            plain = html.unescape(_TAG.sub("", passage.replace(_MARK, "")))
            yield " ".join(plain.split()) + "\n"


UNPACKER = Html()
