"""What a look saw, what was known before, and what it amounts to: the words that the verdict is put in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Verdict
from witnessmark.watch.notices import HOME
from witnessmark.watch.page import Block, Page


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
class Around:
    """The site around the page.

    `control` is its control page and `unknown` its answer to a random address, both as they were at the first look.
    `sibling` is the answer to a random address now, if that is still what it was: then it is how this site says that
    there is no such page, in whatever language.
    """

    control: Page | None = None
    unknown: Page | None = None
    sibling: Seen | None = None

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages that show what every page of this site has."""
        return tuple(page for page in (self.control, self.unknown) if page is not None)


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


def say(text: str) -> tuple[UntrustedText, ...]:
    """A reason."""
    return (UntrustedText(text),)


def suspect(cause: Cause, why: str, likeness: float | None = None, removed: Sequence[Block] = ()) -> Judgement:
    """It seems to be gone; checks and further looks must say so, too."""
    return Judgement(
        verdict=Verdict.UNCLEAR,
        cause=cause,
        suspects=cause,
        likeness=likeness,
        removed=tuple(removed),
        reasons=say(why),
    )


def elsewhere(before: Seen, now: Seen) -> bool:
    """Whether the answer came from another address; scheme, `www.` and a last slash do not count."""
    one, other = urlsplit(before.final_url or before.url), urlsplit(now.final_url or now.url)
    return (site(one.netloc), one.path.rstrip("/"), one.query) != (
        site(other.netloc),
        other.path.rstrip("/"),
        other.query,
    )


def upwards(before: Seen, now: Seen) -> bool:
    """Whether we were sent to a front page of the same site or to a page above this one."""
    there, here = urlsplit(now.final_url), urlsplit(before.final_url or before.url)
    path = there.path.rstrip("/").lower()
    above = HOME.match(there.path) is not None or here.path.lower().startswith(f"{path}/")
    return elsewhere(before, now) and site(there.netloc) == site(here.netloc) and above


def site(netloc: str) -> str:
    """A host's name without `www.` and the port that goes without saying."""
    return netloc.lower().removeprefix("www.").removesuffix(":443").removesuffix(":80")
