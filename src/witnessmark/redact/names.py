"""Names of persons in comments and file headers: who wrote, changed, signed or is to be called.

A name is looked for only where the text says that one stands there: behind `@author`, `作者：`, `Signed-off-by:`, in
"created by NAME on DATE", beside a date at the start of a comment, before an e-mail address in brackets, in the columns
of `git blame`. Names of firms, teams, programs and peoples are left: they are what a finding is about.
"""

import re
from collections.abc import Iterator

from witnessmark.redact.vocabulary import (
    HAN_MARKERS,
    HAN_SURNAMES,
    LATIN_MARKERS,
    NO_NAME,
    NO_NAME_HAN,
    PEOPLES,
    PINYIN_SURNAMES,
)

MOST_LINE = 4_000
"""Characters of a line that are looked at; names stand near its start."""

_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĪŁŃŇŌŘŚŠŤŪŮŻŽА-ЯЁӘҒҚҢӨҰҮҺ"
_PART = rf"(?:(?!(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)(?:[{_UPPER}]\.|[{_UPPER}][^\W\d_]*(?:['’-][^\W\d_]+)*))"
_LATIN = rf"{_PART}(?:[ ]?(?:(?:van|von|de|der|den|di|da|dos|bin|ibn|al|el)[ ])?{_PART}){{0,3}}"
_ACCOUNT = r"(?:[A-Za-z][A-Za-z0-9_.-]{1,30}(?<![.-])|(?!(?:19|20)\d\d\b)\d{4,12})"
_SOMEBODY = re.compile(
    rf"(?P<han>{_HAN}{{2,4}}(?:·{_HAN}{{1,8}})?)(?!{_HAN})|(?P<hangul>[가-힣]{{2,4}})(?![가-힣])"
    rf"|(?P<latin>{_LATIN})(?![\w@]|[._-]\w)|(?P<account>{_ACCOUNT})(?![\w.+-]*@)(?!\w)"
)
# An account or a staff number, and another or a second name, as all that is said.
_TWO = re.compile(rf" {_ACCOUNT}(?=\s*(?:\*/)?\s*$)")
_ADDRESS = re.compile(r"(?i)^www\.|\.(?:com|net|org|io|cn|ru|de|js|py|exe|dll)$")
_DATE = (
    r"(?:(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}(?:\s?[-/.月]\s?\d{1,2}日?)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2,3})|(?:19|20)?\d{6}\b"
    r"|\d{1,2} [A-Z][a-z]{2,8}\.? \d{4}|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
)
_DATED = re.compile(_DATE)
_THEN_DATE = re.compile(rf"[\s,:;(]{{0,4}}(?:on|at|in|am|le)?[\s,:;(]{{0,4}}{_DATE}")
_COMMENT = r"^[\s/*#;!%|<>'\"-]*(?:REM\s|dnl\s)?"

# The word says that a person follows, whatever the name looks like.
_TAG = re.compile(
    r"[@\\](?:(?:authors?|creator|maintainer|developer)\b(?:\s+by\b)?|作者|创建人|修改人)[\s:：]*"
    r"|(?<![\w-])(?:original\s+)?(?:authors?|auteurs?|autor|maintainers?|programmers?|developers?|coder|ersteller|bearbeiter"
    r"|author-email|maintainer-email|author_name)['\"]?(?:\s*[:：]\s*|\s{2,})"
    r"|__author__\s*=\s*(?=['\"])|(?<![\w-])author\s*=\s*(?=['\"])"
    r"|(?<!\w)(?:作者|创建人|创建者|修改人|修改者|编写人|编写者|编写|维护人|维护者|负责人|联系人|开发者|开发人员|审核人|录入人|撰写人|姓名"
    r"|作成者|著者|担当者|작성자|담당자)\s*[:：]\s*"
    r"|(?<!\w)(?:автор(?:ы)?|разработчик|разработал|исполнитель|ответственный|контактное лицо)\s*[:：]\s*"
    r"|<(?:\w+:)?(?:author|creator|lastModifiedBy)(?:\s[^<>]{0,200})?>\s*"
    r"|/Author\s*\(",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"(?:signed-off|reviewed|acked|tested|reported|suggested|co-authored|co-developed|helped|mentored)-by:[ \t]*",
    re.IGNORECASE,
)
# The word says that somebody or something follows: the name has to look like one.
_BY = re.compile(
    r"\b(?P<verb>created?|written|rewritten|modified|modify|changed|edited|added|add|updated|fixed|coded|developed|"
    r"implemented|reviewed|maintained|designed|ported|contributed|revised|checked|authored|made)\s{1,3}by\b\s{0,3}:?\s{0,3}",
    re.IGNORECASE,
)
_BY_HAN = re.compile(rf"由\s?(?P<it>{_HAN}{{2,4}}?)\s?(?:于|在|{_DATE}|创建|修改|编写|添加|增加|新增|维护)")
_BEFORE_ADDRESS = re.compile(rf"(?P<it>{_LATIN}|{_HAN}{{2,4}})[ ]?<[\w.+-]{{1,64}}@[\w.-]{{1,120}}>")
_AFTER_ADDRESS = re.compile(rf"[\w.+-]{{1,64}}@[\w.-]{{1,120}} ?\((?P<it>{_LATIN}|{_HAN}{{2,4}})\)")
_BESIDE_DATE = re.compile(
    rf"(?:^|//|/\*)[\s/*#;!%|<>'\"-]*(?:REM\s|dnl\s)?(?:{_DATE}[\s,:：]+(?P<after>{_HAN}{{2,4}}?(?!{_HAN})|{_HAN}{{2,3}}(?=[\s:：,]|修改|添加|增加|新增|创建|删除)"
    rf"|{_PART} {_PART})|(?P<before>{_HAN}{{2,4}}|{_PART} {_PART})[\s,:：]+{_DATE})"
)
_BLAME = re.compile(r"^\^?[0-9a-f]{7,40} (?:\S{1,200} {1,40})?\((?P<it>\S.{0,60}?) {1,40}\d{4}-\d\d-\d\d \d\d:\d\d")
_SIGN = re.compile(
    r"(?i)author|auteur|autor|maintainer|programmer|developer|coder|ersteller|bearbeiter|creator|modifiedby"
    r"|by\b|@|由|作者|[建改写护责系发核入撰]人|[建改写护发]者|编写|姓名|人员|作成者|著者|担当|작성자|담당자|автор|разраб|исполн|ответств"
    r"|контактн|\d{4}\s?[-/.年]|\b(?:19|20)\d{6}\b"
)
_NEXT = re.compile(r"\s*(?:,|、|&|/|;|\band\b|\bund\b|\bet\b|\bи\b|和|及)\s*")
_BRACKET = re.compile(r"\s*(?:<[^<>]{0,200}>|\([^()]{0,200}\))")


def spans(text: str) -> list[tuple[int, int]]:
    """Where names of persons stand, as characters from and to, in order and without overlap."""
    found: set[tuple[int, int]] = set()
    at = 0
    for line in text.split("\n"):
        start = line[:MOST_LINE]
        if _SIGN.search(start):
            found.update((at + begin, at + end) for begin, end in _line(start))
        at += len(line) + 1
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _line(line: str) -> Iterator[tuple[int, int]]:
    for pattern in (_TAG, _TRAILER):
        for tag in pattern.finditer(line):
            yield from _people(line, tag.end())
    for tag in _BY.finditer(line):
        yield from _done_by(line, tag)
    for pattern in (_BEFORE_ADDRESS, _AFTER_ADDRESS, _BLAME):
        for found in pattern.finditer(line):
            if not _is_other(found["it"], line, found.end("it")):
                yield found.span("it")
    yield from (found.span("it") for found in _BY_HAN.finditer(line) if _is_han_name(found["it"]))
    for beside in _BESIDE_DATE.finditer(line):
        group = "after" if beside["after"] else "before"
        if _is_known_name(beside[group]):
            yield beside.span(group)


def _people(line: str, at: int, *, numbered: bool = True) -> Iterator[tuple[int, int]]:
    """One name or several, from a place where the text says that persons follow; `numbered`: with staff numbers."""
    for count in range(12):
        while at < len(line) and line[at] in " \t'\"*\\[":
            at += 1
        one = _SOMEBODY.match(line, at)
        if one is None or len(one.group()) < 2:
            return
        at = one.end()
        wrong = count > 0 and one["han"] is not None and not _is_han_name(one.group())
        if not wrong and not _is_other(one.group(), line, at):
            second = _TWO.match(line, at) if one["account"] and numbered else None
            at = second.end() if second else at
            yield one.start(), at
        bracket = _BRACKET.match(line, at)
        at = bracket.end() if bracket else at
        following = _NEXT.match(line, at)
        if following is None:
            return
        at = following.end()


def _done_by(line: str, tag: re.Match[str]) -> Iterator[tuple[int, int]]:
    """`created by NAME`: a full name, or one word or an account beside a date or as all that the comment says."""
    one = _SOMEBODY.match(line, tag.end())
    if one is None or len(one.group()) < 2:
        return
    first = re.fullmatch(_COMMENT, line[: tag.start()]) is not None
    rest = line[one.end() :]
    alone = (first and not rest.strip(" \t*/.;-")) or (line[tag.start() - 1 : tag.start()] == "(" and rest[:1] == ")")
    dated = _THEN_DATE.match(line, one.end()) or _DATED.search(line, max(0, tag.start() - 24), tag.start())
    full = one["latin"] is not None and len(one.group().split()) > 1
    if one["han"] is not None:
        certain = _is_han_name(one.group()) or dated is not None
    else:
        # One capitalised word by itself may as well be a product.
        certain = full or (alone and one.group()[0].islower()) or dated is not None
    if certain:
        yield from _people(line, tag.end(), numbered=False)


def _is_other(name: str, line: str, end: int) -> bool:
    """Whether it is a firm, a team, a program, a people or a mere word."""
    folded = name.casefold()
    if PEOPLES.search(folded) or folded in NO_NAME or folded.split()[0] in NO_NAME:
        return True
    if HAN_MARKERS.search(name) or name in NO_NAME_HAN:
        return True
    if _ADDRESS.search(name):
        return True
    rest = re.match(r"[.\w-]*(?:[ ][\w.&-]+){0,4}", line[end : end + 80])
    return LATIN_MARKERS.search(f"{name}{rest.group() if rest else ''}") is not None


def _is_han_name(name: str) -> bool:
    if name in NO_NAME_HAN or name[:2] in NO_NAME_HAN or HAN_MARKERS.search(name) or PEOPLES.search(name):
        return False
    return (name[0] in HAN_SURNAMES and len(name) <= 3) or name[:2] in HAN_SURNAMES


def _is_known_name(name: str) -> bool:
    """Whether a name without any word before it is one: it begins or ends with a common surname."""
    words = name.casefold().split()
    if len(words) == 1:
        return _is_han_name(name)
    return (
        bool(PINYIN_SURNAMES & {words[0], words[-1]})
        and not PEOPLES.search(name.casefold())
        and not NO_NAME & set(words)
    )
