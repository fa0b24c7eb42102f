"""A moved page is not a removed page, a wall is not a removed page, and noise is no change."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.model.sighting import Cause, Check, CheckKind, Verdict
from witnessmark.watch.judgement import Seen
from witnessmark.watch.page import read_page, volatile_slots
from witnessmark.watch.verdict import confirm, judge

URL = "https://vendor.example/products/camera-7"
FILLER = "".join(f"<p>Paragraph {n} tells of lenses, mounts and power supplies in plain words.</p>" for n in range(12))
PAGE = f"""<html><head><title>Camera 7</title></head><body><h1>Camera 7</h1>{FILLER}
<h2>Analytics</h2><p>Face attributes: age, sex, glasses and ethnicity.</p><div class="ad-box">Buy 10 now!</div>
</body></html>"""


def seen(html: str, *, url: str = URL, final: str = "", status: int = 200) -> Seen:
    data = html.encode()
    return Seen(
        url=url,
        final_url=final or url,
        status=status,
        media_type="text/html",
        digest=Sha256(hashlib.sha256(data).hexdigest()),
        size=len(data),
        page=read_page(data),
    )


def test_the_exact_passage_that_went_is_named() -> None:
    now = PAGE.replace("<p>Face attributes: age, sex, glasses and ethnicity.</p>", "").replace("<h2>Analytics</h2>", "")
    found = judge(seen(PAGE), seen(now + " "))
    assert found.verdict is Verdict.SECTION_REMOVED
    assert [block.text for block in found.removed] == ["Analytics", "Face attributes: age, sex, glasses and ethnicity."]


def test_numbers_dates_and_advertisements_are_no_change() -> None:
    now = PAGE.replace("Buy 10 now!", "Win a trip!").replace("Camera 7</h1>", "Camera 8</h1>")
    assert judge(seen(PAGE), seen(now)).verdict is Verdict.SAME


def test_a_moved_page_is_not_a_removed_page() -> None:
    found = judge(seen(PAGE), seen(PAGE, final="https://vendor.example/archive/camera-7"))
    assert found.verdict is Verdict.MOVED


def test_one_404_is_a_suspicion_and_not_a_removal() -> None:
    found = judge(seen(PAGE), seen("<h1>Not found</h1>", status=404))
    assert (found.verdict, found.suspects) == (Verdict.UNCLEAR, Cause.NOT_FOUND)


def test_a_redirect_to_the_front_page_is_a_suspicion() -> None:
    home = "<html><body><h1>Welcome</h1><p>We make things for everyone, everywhere.</p></body></html>"
    found = judge(seen(PAGE), seen(home, final="https://vendor.example/"))
    assert found.suspects is Cause.REDIRECT_HOME


def test_a_wall_a_login_and_an_outage_are_not_removals() -> None:
    wall = "<html><body><p>Please verify you are human</p><iframe src='https://x.example/hcaptcha/1'></iframe></body></html>"
    login = "<html><title>Sign in</title><body><form><p>Login</p><input type=password></form></body></html>"
    assert judge(seen(PAGE), seen(wall)).cause is Cause.CAPTCHA
    assert judge(seen(PAGE), seen(login)).cause is Cause.LOGIN
    assert judge(seen(PAGE), seen("", status=503)).verdict is Verdict.UNREACHABLE
    assert judge(seen(PAGE), seen("", status=451)).cause is Cause.LEGAL


def test_a_removal_needs_repeats_and_every_check() -> None:
    says = UntrustedText("")
    good = [
        Check(kind=kind, supports=True, says=says) for kind in (CheckKind.CONTROL, CheckKind.SIBLING, CheckKind.BROWSER)
    ]
    assert confirm(Cause.NOT_FOUND, good, 3)
    assert not confirm(Cause.NOT_FOUND, good, 2)
    for missing in range(3):
        assert not confirm(Cause.NOT_FOUND, good[:missing] + good[missing + 1 :], 5)
    against = Check(kind=CheckKind.SECOND_NETWORK, supports=False, says=says)
    assert not confirm(Cause.NOT_FOUND, [*good, against], 5)


def test_what_changes_between_two_fetches_is_no_news_but_what_stands_beside_it_is() -> None:
    one, other = (
        f"<h1>Stays</h1><p>News: {word}</p>{FILLER}<p>Ethnicity is detected.</p>"
        for word in ("alpha wins", "beta loses")
    )
    slots = volatile_slots(seen(one).page, seen(other).page)  # type: ignore[arg-type]
    third = one.replace("alpha wins", "gamma draws")
    assert judge(seen(one), seen(third)).verdict is not Verdict.SAME
    assert judge(seen(one), seen(third), volatile=slots).verdict is Verdict.SAME
    gone = judge(seen(one), seen(third.replace("<p>Ethnicity is detected.</p>", "")), volatile=slots)
    assert [block.text for block in gone.removed] == ["Ethnicity is detected."]


@given(st.binary(max_size=400))
def test_any_bytes_make_a_page(data: bytes) -> None:
    page = read_page(data)
    assert (
        len(page.blocks) <= 400
        and judge(Seen(url=URL, status=200, page=page), Seen(url=URL, status=200, page=page)).verdict is Verdict.SAME
    )
