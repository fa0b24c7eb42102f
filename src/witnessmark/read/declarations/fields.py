"""Split the body of an enum, record or parameter list into members with values, types and comments."""

import re

from witnessmark.read.masking import Masked, Span, comment_text, string_text
from witnessmark.read.source import Found

COLON_TYPED = frozenset({"typescript", "kotlin", "swift", "rust", "scala", "pascal"})
LINE_ENDED = frozenset({"kotlin", "swift", "go", "typescript", "javascript", "scala", "groovy", "python"})
_PIECES = 20_000
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]+")
_ATTRIBUTE = re.compile(
    r"\s*(?:@\w[\w.]*(?:\s*\((?:[^()]|\([^()]*\))*\))?|\[(?=\s*[A-Z])[^\[\]]*\](?=\s*[\w\[@])|#\[[^\]]*\])\s*"
)
_LABEL = re.compile(
    r"\s*(?:public|private|protected|signals|slots|Q_SIGNALS|Q_OBJECT|public slots|private slots|"
    r"@public|@private|@protected)\s*:(?!:)\s*"
)
_LEAD = re.compile(
    r"\s*(?:(?:public|private|protected|internal|static|final|abstract|readonly|const|volatile|transient|mutable|override|"
    r"virtual|required|optional|repeated|lateinit|val|var|let|pub(?:\([^)]*\))?|open|export|declare|new|unsafe|fixed|extern|"
    r"inline|weak|strong|lazy|async|get|set|fun|func|fn|function|abstract|case|IBOutlet|__block|register)\s+)+"
)
_SKIP = re.compile(
    r"^(?:typedef|using|import|package|return|if|for|while|switch|friend|template|throw|break|continue|goto|else|try)\b"
)
_CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def pieces(code: str, start: int, end: int, separators: str, *, angles: bool = False) -> list[Span]:
    """Split a range at separators that stand outside any bracket; bounded."""
    depth = 0
    out: list[Span] = []
    last = start
    marks = re.compile(r"[()\[\]{}" + ("<>" if angles else "") + re.escape(separators) + "]")
    for found in marks.finditer(code, start, end):
        char = found.group()
        if char in "([{<":
            depth += 1
        elif char in ")]}>":
            if char == ">" and code[found.start() - 1 : found.start()] in ("-", "="):
                continue
            depth = max(0, depth - 1)
        elif depth == 0:
            out.append((last, found.start()))
            last = found.end()
            if len(out) >= _PIECES:
                return out
    out.append((last, end))
    return out


def _end(code: str, left: int, right: int) -> int:
    """Where the code of a range ends, blanks after it left out."""
    return left + len(code[left:right].rstrip())


def attach(masked: Masked, founds: list[Found], start: int, end: int) -> list[str]:
    """Give each comment in a range to the member it describes; return those that belong to none.

    A comment that begins on the line where a member ends describes that member; any other describes the next one,
    unless it stands before the first member's line and more than one blank line away.
    """
    loose: list[str] = []
    text = masked.text
    turn = 0
    for left, right in masked.comments_in(start, end):
        words = comment_text(text[left:right])
        if not words:
            continue
        while turn < len(founds) and founds[turn].start < left:
            turn += 1
        before = founds[turn - 1] if turn else None
        after = founds[turn] if turn < len(founds) else None
        if before is not None and (
            left < before.end or "\n" not in text[before.end : left] or _continues(text, before, left)
        ):
            before.comments.append(words)
            before.extent = (before.extent[0], max(before.extent[1], right))
        elif after is not None and text[right : after.start].count("\n") <= 3:
            after.comments.append(words)
            after.extent = (min(after.extent[0], left), after.extent[1])
        else:
            loose.append(words)
    return loose


def _continues(text: str, before: Found, left: int) -> bool:
    """Whether a comment alone on its line stands in the same column as the trailing comment of the member above."""
    if not before.comments:
        return False
    line = text.rfind("\n", 0, left) + 1
    above = text.rfind("\n", 0, max(0, line - 1)) + 1
    column = len(text[line:left].expandtabs(4))
    earlier = text.find("//", above, line)
    if (
        text[line:left].strip()
        or column < 12
        or earlier < 0
        or (not text[above:earlier].strip() and before.end < above - 1)
    ):
        return earlier >= 0 and column >= 12 and abs(len(text[above:earlier].expandtabs(4)) - column) <= 2
    return abs(len(text[above:earlier].expandtabs(4)) - column) <= 2


def enum_members(masked: Masked, start: int, end: int, language: str) -> list[Found]:
    """The enumerators between two places; stops at a `;`, after which Java and Kotlin put methods."""
    code = masked.code
    stop = next((left for left, _ in _semicolons(code, start, end)), end) if language in ("java", "kotlin") else end
    separators = {"swift": ",;\n", "scala": ",;\n", "protobuf": ",;\n", "php": ",;"}.get(language, ",")
    out = []
    for left, right in pieces(code, start, stop, separators):
        found = _enumerator(masked, left, right, language)
        if found is not None:
            out.append(found)
    return out


def _semicolons(code: str, start: int, end: int) -> list[Span]:
    split = pieces(code, start, end, ";")
    return [(right, right) for _, right in split[:-1]]


def _enumerator(masked: Masked, left: int, right: int, language: str) -> Found | None:
    code = masked.code
    at = _after_directives(code, left, right)
    first = at
    at, notes = _attributes(masked, at, right)
    lead = re.compile(r"\s*(?:case|indirect)\s+").match(code, at, right)
    if language == "php" and lead is None:
        return None  # constants and methods follow the cases
    at = lead.end() if lead else at
    name = re.compile(r"\s*(?:\"|')?").match(code, at, right)
    at = name.end() if name else at
    found = _NAME.match(masked.text if masked.string_at(at) else code, at, right)
    if found is None:
        return None
    rest = found.end()
    end = max(rest, _end(code, rest, right))
    value = _value(masked, rest, end)
    return Found(found.group(), found.start(), max(end, rest), (first, right), value=value, comments=notes)


def _value(masked: Masked, start: int, end: int) -> str | None:
    raw = _bare(masked, start, end)
    raw = raw.lstrip("\"' ").lstrip()
    if raw.startswith(("=", ":")):
        raw = raw.lstrip("=: ")
    return raw or None


def _bare(masked: Masked, start: int, end: int) -> str:
    """Source text without comments, blanks joined."""
    out, last = [], start
    for left, right in masked.comments_in(start, end):
        out.append(masked.text[last:left])
        last = min(right, end)
    out.append(masked.text[last:end])
    return " ".join("".join(out).split())


def _after_directives(code: str, left: int, right: int) -> int:
    """Skip blanks and whole preprocessor lines."""
    directive = re.compile(r"\s*#[^\n\[]*(?:\\\n[^\n]*)*(?:\n|$)")
    for _ in range(64):
        found = directive.match(code, left, right)
        if found is None or found.end() == left:
            break
        left = found.end()
    blank = re.compile(r"\s*").match(code, left, right)
    return blank.end() if blank else left


def _attributes(masked: Masked, at: int, right: int) -> tuple[int, list[str]]:
    """Skip `@Annotation(…)`, `[Attribute(…)]`, `#[attr]`; their string arguments are the member's words."""
    notes: list[str] = []
    for _ in range(32):
        found = _ATTRIBUTE.match(masked.code, at, right) or _LABEL.match(masked.code, at, right)
        if found is None:
            break
        notes += [string_text(masked.text[a:b]) for a, b in masked.strings_in(at, found.end())]
        at = found.end()
    return at, [note for note in notes if note.strip()]


def record_fields(masked: Masked, start: int, end: int, language: str) -> list[Found]:
    """The fields, properties and methods between two braces (methods have the type `method`)."""
    separators = (
        ";,\n" if language in ("rust", "typescript", "javascript") else ";\n" if language in LINE_ENDED else ";"
    )
    out: list[Found] = []
    for left, right in _statements(masked.code, start, end, separators, language):
        out += field_of(masked, left, right, language)
        if len(out) >= _PIECES:
            break
    return out


def _statements(code: str, start: int, end: int, separators: str, language: str) -> list[Span]:
    """Split a body into declarations; a closed `{…}` of a method or property also ends one."""
    out: list[Span] = []
    for left, right in pieces(code, start, end, separators, angles=language in ("typescript", "rust")):
        while True:
            found = _body_end(code, left, right)
            if found is None:
                break
            out.append((left, found))
            left = found
        if code[left:right].strip():
            out.append((left, right))
    return out


def _body_end(code: str, left: int, right: int) -> int | None:
    """Where the first `{…}` of a range ends, if more than a declarator follows it."""
    open_ = code.find("{", left, right)
    if open_ < 0:
        return None
    depth = 0
    for found in re.compile(r"[{}]").finditer(code, open_, right):
        depth += 1 if found.group() == "{" else -1
        if depth == 0:
            rest = code[found.end() : right]
            return (
                found.end()
                if (rest.strip() and not re.match(r"\s*(?:[\w*,\[\]\s]*|=.*)$", rest, re.S))
                or (_is_body(code, left, open_) and rest.strip())
                else None
            )
    return None


def _is_body(code: str, left: int, open_: int) -> bool:
    header = code[left:open_].rstrip()
    return header.endswith((")", "const", "override")) or not re.search(r"\b(?:struct|union|enum)\b", header)


def field_of(masked: Masked, left: int, right: int, language: str) -> list[Found]:
    """The members that one declaration makes (`int a, b;` makes two)."""
    code = masked.code
    at = _after_directives(code, left, right)
    first = at
    at, notes = _attributes(masked, at, right)
    lead = _LEAD.match(code, at, right)
    begin = lead.end() if lead else at
    body = code[begin:right]
    if not body.strip() or _SKIP.match(body.lstrip()):
        return []
    if language in COLON_TYPED:
        out = _colon_field(masked, begin, right)
    elif language == "go":
        out = _go_field(masked, begin, right)
    elif language == "protobuf":
        out = _proto_field(masked, begin, right)
    else:
        out = _c_field(masked, begin, right)
    for found in out:
        found.extent = (first, right)
        found.comments += notes
    return out


def _colon_field(masked: Masked, left: int, right: int) -> list[Found]:
    code = masked.code
    found = re.compile(r"\s*(?:readonly\s+)?[\"']?([\w$]+)[\"']?\s*([?!]?\s*:|\()").match(masked.text, left, right)
    if found is None:
        return _c_field(masked, left, right)
    end = _end(code, left, right)
    rest = _bare(masked, found.end(), end)
    if found.group(2) == "(":
        return [Found(found.group(1), found.start(1), end, (left, right), type="method")]
    kind, _, value = rest.partition("=")
    return [
        Found(
            found.group(1), found.start(1), end, (left, right), type=kind.strip() or None, value=value.strip() or None
        )
    ]


def _go_field(masked: Masked, left: int, right: int) -> list[Found]:
    found = re.compile(r"\s*(\w+)(?:\s*,\s*\w+)*\s*(\(|[\w.*\[\]{}]+)?").match(masked.code, left, right)
    if found is None:
        return []
    notes = [string_text(masked.text[a:b]) for a, b in masked.strings_in(left, right)]
    end = _end(masked.code, left, right)
    kind = "method" if found.group(2) == "(" else found.group(2)
    return [Found(found.group(1), found.start(1), end, (left, right), type=kind, comments=notes)]


def _proto_field(masked: Masked, left: int, right: int) -> list[Found]:
    found = re.compile(r"\s*(map\s*<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*(\d+)").match(masked.code, left, right)
    if found is None:
        return []
    end = _end(masked.code, left, right)
    return [Found(found.group(2), found.start(2), end, (left, right), type=found.group(1), value=found.group(3))]


def _c_field(masked: Masked, left: int, right: int) -> list[Found]:
    """`type name[dim] = value, other:3`, a property with accessors, a method, or a nested record's own name."""
    code = masked.code
    end = _end(code, left, right)
    brace = code.find("{", left, end)
    if brace >= 0:
        nested = _braced_field(masked, left, brace, end)
        if nested is not None:
            return nested
        end = _end(code, left, brace)
    parts = pieces(code, left, end, ",", angles=True)
    out: list[Found] = []
    kind = ""
    for number, (a, b) in enumerate(parts[:64]):
        made = _declarator(masked, a, b, kind)
        if made is None:
            return out
        if number == 0:
            kind = made.type or ""
            if made.type == "method":
                return [made]
        out.append(made)
    return out


def _braced_field(masked: Masked, left: int, brace: int, end: int) -> list[Found] | None:
    close = masked.code.rfind("}", brace, end)
    tail = masked.code[close + 1 : end] if close >= 0 else ""
    header = masked.code[left:brace]
    if re.search(r"\b(?:struct|union|enum)\b", header):
        names = list(_NAME.finditer(masked.code, close + 1, end)) if tail.strip() else []
        keyword = header.split()[0] if header.split() else "struct"
        return [Found(n.group(), n.start(), end, (left, end), type=keyword) for n in names[:4]]
    if re.search(r"\b(?:class|interface|enum|record|@interface)\s+\w+", header):
        return []
    return None


def _declarator(masked: Masked, left: int, right: int, kind: str) -> Found | None:
    code = masked.code
    end = _end(code, left, right)
    equal = re.compile(r"(?<![=!<>])=(?![=>])").search(code, left, end)
    stop = equal.start() if equal else end
    value = _bare(masked, equal.end(), end) if equal else None
    paren = code.find("(", left, stop)
    if paren >= 0 and not re.match(r"\(\s*\*", code[paren:stop]):
        name = re.compile(r"(~?[\w$]+)\s*$").search(code, left, paren)
        return Found(name.group(1), name.start(1), end, (left, right), type="method") if name else None
    names = list(_NAME.finditer(re.sub(r"\[[^\]]*\]|:\s*\d+\s*$", lambda m: " " * len(m.group()), code[left:stop])))
    if not names or (len(names) < 2 and not kind and not value and code[left:stop].strip() == names[-1].group()):
        return None
    name_found = names[1] if paren >= 0 and len(names) > 1 else names[-1]
    at = left + name_found.start()
    before = " ".join(code[left:at].split())
    dims = "".join(re.findall(r"\[[^\]]*\]", code[at:stop]))
    bits = re.search(r":\s*(\d+)\s*$", code[at:stop])
    written = (before or kind) + dims + (f":{bits.group(1)}" if bits else "")
    return Found(name_found.group(), at, end, (left, right), type=written or None, value=value or None)
