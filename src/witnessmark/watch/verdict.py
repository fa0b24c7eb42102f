"""From what was seen before and what is seen now to a verdict; pure, so that it can be judged on labelled pairs.

One look alone never says `removed`: it names a suspicion, which `confirm` turns into the word only when every check
that was asked for supports it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.watch.page import Block, Page, missing, share_kept

ALIKE = 0.6  # of the old text: still that page
GONE = 0.25  # of the old text: not that page any more
SAME_TEMPLATE = 0.8  # likeness to the site's own not-found page
EMPTY = 40  # characters of text
CONFIRMATIONS = 3

_NOT_FOUND = re.compile(
    r"\b404\b|not\s+found|no longer (?:available|exists?)|page (?:has been |was )?(?:removed|deleted)|does ?n.t exist|"
    r"页面不存在|找不到|未找到|已删除|已下架|不存在|頁面不存在|не найден|удален|nicht gefunden|introuvable|"
    r"no encontrad|não encontrad|見つかりません|찾을 수 없|bulunamad|غير موجود|یافت نشد",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"captcha|verify (?:that )?you are (?:a )?human|are you a robot|checking your browser|unusual traffic|"
    r"access denied|request (?:was )?blocked|enable javascript and cookies|验证码|安全验证|滑动验证|人机验证|"
    r"проверк\w+ (?:браузера|что вы)|attention required|ddos protection|bot detection",
    re.IGNORECASE,
)
_WALL_NAMES = re.compile(
    r"captcha|recaptcha|hcaptcha|turnstile|challenge-platform|cf-chl|geetest|incapsula|datadome|px-captcha"
)
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|passwor[dt]|anmelden|connexion|войти|пароль)\b|登录|登入|登錄|密码|ログイン|로그인", re.I
)
_MAINTENANCE = re.compile(
    r"maintenance|be (?:right )?back (?:soon|shortly)|temporarily unavailable|upgrading|系统维护|维护中|升级中|"
    r"технически\w+ работ|wartungsarbeiten|en mantenimiento|メンテナンス|점검",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look brought: an answer, or the way it failed."""

    url: str
    final_url: str = ""
    status: int | None = None
    failure: Cause | None = None
    media_type: str = ""
    digest: Sha256 | None = None
    size: int = 0
    complete: bool = True
    page: Page | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What one look amounts to. `suspects` names a removal that is not confirmed yet."""

    verdict: Verdict
    cause: Cause = Cause.NONE
    suspects: Cause | None = None
    likeness: float | None = None
    removed: tuple[Block, ...] = ()
    added: tuple[Block, ...] = ()
    reasons: tuple[UntrustedText, ...] = field(default=())


def _say(text: str) -> tuple[UntrustedText, ...]:
    return (UntrustedText(text),)


_STATUS = {
    401: (Verdict.BLOCKED, Cause.LOGIN),
    403: (Verdict.BLOCKED, Cause.FORBIDDEN),
    429: (Verdict.BLOCKED, Cause.RATE_LIMIT),
    451: (Verdict.BLOCKED, Cause.LEGAL),
}


def judge(before: Seen, now: Seen, *, volatile: frozenset[str] = frozenset(), sibling: Seen | None = None) -> Judgement:
    """Compare a look with the reference look. `sibling` is the answer to a random address beside it, if asked for."""
    if now.failure is not None:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=now.failure, reasons=_say(f"no answer: {now.failure}"))
    status = now.status or 0
    if status in (404, 410):
        cause = Cause.NOT_FOUND if status == 404 else Cause.GONE
        return _suspect(cause, f"the server answers {status}")
    if status in _STATUS:
        verdict, cause = _STATUS[status]
        return Judgement(verdict=verdict, cause=cause, reasons=_say(f"the server answers {status}"))
    if status >= 500:
        cause = Cause.MAINTENANCE if status == 503 else Cause.SERVER_ERROR
        return Judgement(verdict=Verdict.UNREACHABLE, cause=cause, reasons=_say(f"the server answers {status}"))
    if not 200 <= status < 300:
        return Judgement(
            verdict=Verdict.UNCLEAR, cause=Cause.OTHER_STATUS, reasons=_say(f"the server answers {status}")
        )
    if not now.complete:
        return Judgement(verdict=Verdict.UNREACHABLE, cause=Cause.CUT, reasons=_say("the answer was cut short"))
    if now.digest == before.digest and now.digest is not None and not _elsewhere(before, now):
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    if before.page is None:
        return _judge_file(before, now)
    if now.page is None:
        return Judgement(
            verdict=Verdict.CHANGED,
            cause=Cause.BYTES,
            reasons=_say(f"the page answers with {now.media_type or 'another kind of file'}"),
        )
    return _judge_page(before, before.page, now, now.page, volatile, sibling)


def _suspect(cause: Cause, why: str, likeness: float | None = None, removed: Sequence[Block] = ()) -> Judgement:
    return Judgement(
        verdict=Verdict.UNCLEAR,
        cause=cause,
        suspects=cause,
        likeness=likeness,
        removed=tuple(removed),
        reasons=_say(why),
    )


def _judge_file(before: Seen, now: Seen) -> Judgement:
    if now.page is not None:
        wall = _wall(now.page)
        if wall is not None:
            return wall
        return _suspect(Cause.WITHDRAWN, "a web page stands where the file was")
    if now.size == 0:
        return _suspect(Cause.EMPTIED, "the file is empty now")
    if _elsewhere(before, now):
        if now.digest == before.digest:
            return Judgement(
                verdict=Verdict.MOVED, cause=Cause.REDIRECT, reasons=_say("the same bytes at another address")
            )
        return Judgement(verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=_say("another file at another address"))
    return Judgement(verdict=Verdict.CHANGED, cause=Cause.REPLACED, reasons=_say("other bytes under the same address"))


def _judge_page(
    before: Seen, old: Page, now: Seen, new: Page, volatile: frozenset[str], sibling: Seen | None
) -> Judgement:
    mine, theirs = old.keys(volatile), new.keys(volatile)
    kept = round(share_kept(mine, theirs), 3)
    if kept < ALIKE:
        other = _not_that_page(before, old, now, new, sibling, kept)
        if other is not None:
            return other
    gone = missing(old.blocks, theirs, volatile)
    come = missing(new.blocks, mine, volatile)
    if _elsewhere(before, now):
        return Judgement(
            verdict=Verdict.MOVED,
            cause=Cause.REDIRECT,
            likeness=kept,
            removed=tuple(gone),
            added=tuple(come),
            reasons=_say(f"redirected; {kept:.0%} of the old text is at the new address"),
        )
    return _judge_text(gone, come, kept)


def _judge_text(gone: Sequence[Block], come: Sequence[Block], kept: float) -> Judgement:
    """Same address, still that page: nothing, something reworded, or something taken out."""
    if not gone and not come:
        return Judgement(verdict=Verdict.SAME, likeness=1.0)
    taken = [block for block in gone if not _has_like(block, come)]
    weight = sum(len(block.text) for block in taken)
    if taken and (weight >= 12 or len(taken) >= 2):
        return Judgement(
            verdict=Verdict.SECTION_REMOVED,
            cause=Cause.TEXT,
            likeness=kept,
            removed=tuple(taken),
            added=tuple(come),
            reasons=_say(f"{len(taken)} passages are gone and nothing like them took their place"),
        )
    return Judgement(
        verdict=Verdict.CHANGED,
        cause=Cause.TEXT,
        likeness=kept,
        removed=tuple(gone),
        added=tuple(come),
        reasons=_say(f"{len(gone)} passages reworded or gone, {len(come)} new"),
    )


def _has_like(block: Block, others: Sequence[Block]) -> bool:
    return any(fuzz.ratio(block.key, other.key) >= 75 for other in others[:2_000])


def _wall(page: Page) -> Judgement | None:
    short = len(page.text) < 3_000
    head = f"{page.title}\n{page.text[:2_000]}"
    if short and (_WALL_NAMES.search(page.names) or _WALL.search(head)):
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.CAPTCHA, reasons=_say("a check for robots stands there"))
    if page.password and _LOGIN.search(head):
        return Judgement(verdict=Verdict.BLOCKED, cause=Cause.LOGIN, reasons=_say("a login form stands there"))
    if short and _MAINTENANCE.search(head) and not _NOT_FOUND.search(head):
        return Judgement(verdict=Verdict.UNREACHABLE, cause=Cause.MAINTENANCE, reasons=_say("a maintenance notice"))
    return None


def _not_that_page(
    before: Seen, old: Page, now: Seen, new: Page, sibling: Seen | None, kept: float
) -> Judgement | None:
    """What stands there instead, when little of the old text is left."""
    wall = _wall(new)
    if wall is not None:
        return wall
    if sibling is not None and sibling.page is not None and sibling.status == 200:
        alike = share_kept(new.keys(), sibling.page.keys())
        if alike >= SAME_TEMPLATE and kept < GONE:
            return _suspect(Cause.SOFT_404, "the site answers a random address with the same page", kept, old.blocks)
    if _elsewhere(before, now) and kept < GONE:
        if urlsplit(now.final_url).path.rstrip("/") in _HOMES:
            return _suspect(Cause.REDIRECT_HOME, "redirected to the site's front page", kept, old.blocks)
        if _NOT_FOUND.search(f"{new.title}\n{new.text[:600]}"):
            return _suspect(Cause.SOFT_404, "redirected to a page that says it was not found", kept, old.blocks)
        return Judgement(
            verdict=Verdict.UNCLEAR, cause=Cause.REDIRECT, likeness=kept, reasons=_say("redirected to another page")
        )
    if kept < GONE and _NOT_FOUND.search(f"{new.title}\n{new.text[:600]}"):
        return _suspect(Cause.SOFT_404, "the page says that it was not found", kept, old.blocks)
    if len(new.text) < EMPTY and len(old.text) >= 4 * EMPTY:
        return _suspect(Cause.EMPTIED, "hardly any text is left", kept, old.blocks)
    return None


_HOMES = frozenset(
    {"", "/index.html", "/index.htm", "/index.php", "/home", "/en", "/cn", "/zh", "/ru", "/zh-cn", "/default.aspx"}
)


def _elsewhere(before: Seen, now: Seen) -> bool:
    one, other = urlsplit(before.final_url or before.url), urlsplit(now.final_url or now.url)
    return (one.netloc.lower().removeprefix("www."), one.path.rstrip("/"), one.query) != (
        other.netloc.lower().removeprefix("www."),
        other.path.rstrip("/"),
        other.query,
    )


def confirm(suspicion: Cause, checks: Sequence[Check], confirmations: int, *, needed: int = CONFIRMATIONS) -> bool:
    """Whether a suspicion may be called a removal: enough repeats, and no check missing or against it."""
    if confirmations < needed or not suspicion:
        return False
    asked = {check.kind: check.supports for check in checks}
    required = {CheckKind.CONTROL, CheckKind.SIBLING, CheckKind.BROWSER} | (asked.keys() & {CheckKind.SECOND_NETWORK})
    return all(asked.get(kind) is True for kind in required)
