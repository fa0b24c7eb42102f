"""Reads what stands where a page was: a wall, a login, an outage, a notice that the page is gone.

Only what is new there counts. Words that the site's frame has on every page (a login link, a line about cookies, a form
with a captcha) say nothing about this page.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from witnessmark.watch import wording
from witnessmark.watch.page import Page

SHORT = 3_000  # characters of new text: more is a page of its own, not a gate
BRIEF = 1_500  # a notice; in a longer text only title and headings speak for the page
TINY = 800  # words that pages of any kind have, too, count only in less than this
_HEAD = 1_200

# Arabic and Persian yeh and kaf, alef maksura and teh marbuta are typed one for another; so are the quotation marks.
_SAME_LETTERS = {
    "ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe",
    "\u064a": "\u06cc", "\u0649": "\u06cc", "\u0643": "\u06a9", "\u0629": "\u0647",
    **dict.fromkeys("\u2019\u2018\u02bb\u02bc`\u00b4", "'"),
}  # fmt: skip
_UNSEEN = "\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_LETTERS = str.maketrans({**_SAME_LETTERS, **dict.fromkeys(_UNSEEN, "")})


def plain(text: str) -> str:
    """Lower case without accents, with Arabic letters unified and one blank between words: for comparing wordings."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS).casefold()).translate(_LETTERS)
    return " ".join("".join(char for char in apart if unicodedata.category(char) != "Mn").split())


def _any_of(table: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    # Patterns go through the same mill as the text. They hold no upper-case escapes, so case folding is safe.
    return re.compile("|".join(f"(?:{plain(line)})" for lines in table.values() for line in lines))


class Notice(StrEnum):
    """What stands there says."""

    ROBOT = "robot"
    REGION = "region"
    LOGIN = "login"
    PARKED = "parked"
    GONE = "gone"
    MAINTENANCE = "maintenance"
    CONSENT = "consent"
    UNAVAILABLE = "unavailable"


_WORDS = {
    Notice.ROBOT: _any_of(wording.WALL),
    Notice.REGION: _any_of(wording.REGION),
    Notice.LOGIN: _any_of(wording.LOGIN),
    Notice.PARKED: _any_of(wording.PARKED),
    Notice.GONE: _any_of(wording.GONE),
    Notice.MAINTENANCE: _any_of(wording.MAINTENANCE),
    Notice.CONSENT: _any_of(wording.CONSENT),
    Notice.UNAVAILABLE: _any_of(wording.UNAVAILABLE),
}

# Parts and addresses of checks for robots, by who makes them. Matched against ids, sources and small scripts.
WALL_NAMES = re.compile(
    r"captcha|turnstile|challenge-platform|cf-chl|cf-error|geetest|_?incapsula|datadome|captcha-delivery|px-captcha|"
    r"perimeterx|awswaf|aws-waf|acw_sc__v2|aliyun_?waf|awsc\.js|nc_\d+_wrapper|baxia|punish|_jsl_clearance|yunsuo|safedog|"
    r"safeline|jiasule|yundun|waf_?block|waf-nc|sec-if-cpt|sec-cpt|bm-verify|edgesuite|ddos-guard|qrator|imunify360|"
    r"wordfence|sucuri|stackpath|distil|kasada|kpsdk|arkose|funcaptcha|anubis|botdetect|botmanager|shieldon|siteguard|"
    r"within\.website|vercel/security|stormcaster|reblaze|radware|cloudprotector|gcaptcha|wappass|checkcaptcha"
)

# Words of addresses that stand before a page, not in its place.
GATE = re.compile(
    r"(?:^|[/._-])(?:log-?in|log-?on|sign-?in|signup|register|sso|oauth\d?|auth|authorize|passport|cas|idp|saml|captcha|"
    r"challenge|verify|blocked?|denied|consent|cookies?|age-?check|age-?gate|age-?verification|wayf|session|subscribe|paywall|"
    r"country|countries|region|location|locale|select-?(?:country|region|language)|geo|welcome|splash|maintenance|waiting-?room|queue)"
    r"(?:$|[/._-])",
    re.IGNORECASE,
)
# A query that carries the way back: whoever sends there means to send back.
WAY_BACK = re.compile(
    r"(?:^|&)(?:return|back|next|redirect|continue|from|ref|goto|target|url|orig|dest)\w*=", re.IGNORECASE
)
_LOCALE = r"[a-z]{2}(?:[-_][a-z]{2,4})?"
HOME = re.compile(rf"^(?:/{_LOCALE})?(?:/(?:index|home|default|main)(?:\.\w{{2,5}})?)?/?$", re.IGNORECASE)
_LOCALE_PART = re.compile(rf"^{_LOCALE}$", re.IGNORECASE)


def without_locale(path: str) -> str:
    """A path without the part that names a language or country, if its first part does."""
    first, _, rest = path.lstrip("/").partition("/")
    return f"/{rest}" if _LOCALE_PART.match(first) else path


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """What a page has that others did not: the text (plain), what its title and headings say, new parts."""

    head: str
    text: str
    password: bool
    wall_parts: bool

    def says(self, notice: Notice, *, within: int = BRIEF) -> bool:
        """Whether a short text says so at its beginning, or the title or a heading of any text."""
        words = _WORDS[notice]
        return words.search(self.head) is not None or (
            len(self.text) <= within and words.search(self.text[:_HEAD]) is not None
        )


def fresh(new: Page, frame: Sequence[Page], parts: Sequence[Page]) -> Fresh:
    """What `new` has that no page of `frame` has; parts of checks for robots count unless one of `parts` has them."""
    known = frozenset(block.key for page in frame for block in page.whole)
    mine = [block for block in new.whole if block.key not in known]
    titles = {page.title for page in frame}
    heads = [block.text for block in mine if re.search(r"/h[1-4](?:#|/|$)", block.path)]
    title = "" if new.title in titles else new.title
    found = set(WALL_NAMES.findall(new.names)) - {name for page in parts for name in WALL_NAMES.findall(page.names)}
    return Fresh(
        head=plain("\n".join([title, *heads[:10]]))[:2_000],
        text=plain("\n".join([title, *(block.text for block in mine)])),
        password=new.password and not any(page.password for page in frame),
        wall_parts=bool(found),
    )


def notice_of(seen: Fresh) -> Notice | None:
    """What the page says, the more guarded reading first; None when nothing known is said."""
    short = len(seen.text) < SHORT
    if short and (seen.wall_parts or seen.says(Notice.ROBOT)):
        return Notice.ROBOT
    if seen.password:
        return Notice.LOGIN
    gone = seen.says(Notice.GONE)
    if short and seen.says(Notice.PARKED):
        return Notice.PARKED
    if short and seen.says(Notice.REGION):
        return Notice.REGION
    if gone:
        return Notice.GONE
    if short:
        for notice in (Notice.MAINTENANCE, Notice.LOGIN, Notice.CONSENT, Notice.UNAVAILABLE):
            if seen.says(notice, within=TINY):
                return notice
    return None
