"""What a source file says of itself at its head: its package, and what it imports.

A list of races says nothing of faces; the package that it belongs to, or the library that the file imports, often does.
"""

import re

HEAD = 16 << 10
"""Bytes at the start of a file that are looked at."""
_MOST = 60
_LINE = re.compile(
    r"^[ \t]*\"?[ \t]*("
    r"(?:package|namespace|using|import|from|use|library|require|require_once|include_once|include|load|mod|open)\b"
    r"[ \t(]+[\"'<]?[A-Za-z_\\@.][^\n]{1,160}|"
    r"#[ \t]*(?:include|import)[^\n]{1,160}|"
    r"(?:local|const|var|let)\s[^\n=]{1,80}=\s*require[ (][^\n]{1,120}|"
    r"(?:option\s+)?(?:go|java)_package\s*=[^\n]{1,160})",
    re.M,
)
# Java Server Faces, a social network and a model hub have nothing to do with faces.
_NOT_FACES = re.compile(r"\b(?:javax|jakarta|prime|my|rich)\W?faces\b|facebook|hugging.?face|surface|interface", re.I)


def preamble(head: str) -> tuple[str, ...]:
    """The lines of a file's head that name its package or what it imports, at most 60."""
    found = []
    for line in _LINE.finditer(head):
        text = line[1].strip().rstrip(",;\\n\"'{ ")
        if text and not _NOT_FACES.search(text):
            found.append(text)
        if len(found) >= _MOST:
            break
    return tuple(dict.fromkeys(found))
