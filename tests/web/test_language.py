import html
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from web.captured import archive, capture
from web.served import Served, a_finding, a_gap, a_report, served
from web.test_graph import TIE
from web.test_structures import a_structure
from witnessmark.case import create_case
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import Kind
from witnessmark.report import translation
from witnessmark.web.language import COOKIE, DOMAIN, LANGUAGES, LOCALE, messages, words_of

OTHERS = sorted(set(LANGUAGES) - {"en"})
_SLOT = re.compile(r"%\(\w+\)s")


@pytest.fixture
def site(tmp_path: Path):
    with create_case(tmp_path / "case", title="T", vendor="Examplia", actor=Actor(name="A.")) as case:
        findings = (
            a_finding(1, structure=a_structure("a", "EM_ETHNIC", "c")),
            a_finding(2),
            a_finding(3, kind=Kind.ADJACENT),
        )
        case.record(EventKind.SCANNED, a_report(*findings, problems=(a_gap("a password is needed"),)))
        capture(case, archive())
        capture(case, archive())
    with served(tmp_path / "case", run_jobs=False) as site:
        yield site


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_the_compiled_file_is_current(language: str):
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / f"{DOMAIN}.po").open("rb") as file:
        written = {message.id: message.string for message in read_po(file) if message.id}
    with (folder / f"{DOMAIN}.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert written == compiled
    assert all(written.values())
    needed = set(messages())
    assert needed - set(translation.messages()) <= set(written)
    assert set(written) <= needed  # what the page no longer says is taken out
    for text in needed:
        assert sorted(_SLOT.findall(text)) == sorted(_SLOT.findall(words_of(language).gettext(text))), text


def test_the_language_is_the_browser_s_until_one_is_chosen(site: Served):
    visitor = site.visitor()
    assert '<html lang="en">' in visitor.get("/").text
    assert '<html lang="zh">' in visitor.get("/", accept_language="de, zh-CN;q=0.9, fr;q=0.5").text
    assert '<html lang="ru">' in visitor.get("/", accept_language="zh;q=0.2,ru;q=0.8").text
    for odd in ("zh;q=x", ";;;", ",", "zh;q=0", "*", "\xff"):
        assert visitor.get("/", accept_language=odd.encode("latin-1").decode("latin-1")).status == 200, odd
    reply = visitor.get("/language/fr?to=/findings?q=x")
    assert (reply.status, reply.headers["location"]) == (303, "/findings?q=x")
    chosen = reply.headers["set-cookie"].partition(";")[0]
    fresh = site.visitor()
    assert '<html lang="fr">' in fresh.get("/", cookie=f"{fresh.cookie}; {chosen}", accept_language="zh").text


def test_choosing_a_language_leads_nowhere_else(site: Served):
    for where in ("//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", ""):
        visitor = site.visitor()
        assert visitor.get(f"/language/zh?to={where}").headers["location"] == "/", where
    assert "set-cookie" not in site.visitor().get("/language/tlh?to=/").headers


PAGES = (
    "/", "/findings", "/finding/f000001", "/finding/f000003", "/finding/f000001/beside/f000002", "/timeline", "/entry/1",
    "/coverage", "/coverage?code=encrypted", "/watching", "/screening", "/graph", "/sealing", "/people", "/replay/2",
    "/replay/2/beside/3", "/nothing", "/finding/nothing", "/entry/999",
)  # fmt: skip


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_in_the_page_s_own_words(site: Served, language: str):
    visitor = site.visitor("B.")
    visitor.get("/graph")
    visitor.post("/graph/enter", **TIE)
    keep = {"cookie": f"{visitor.cookie}; {COOKIE}={language}"}
    for path in PAGES:
        page = visitor.get(path, **keep).text
        assert f'<html lang="{language}">' in page, path
        assert english(page) == [], path


_OTHER = re.compile(
    r'<(?P<tag>\w+)[^>]*\blang="en"[^>]*>.*?</(?P=tag)>|<(pre|code|bdi|script|time|svg|option|small|kbd|q)\b.*?</\2>|'
    r'<nav aria-label="[^"]*"><ul><li><a href="/language.*?</ul>|<title>.*?</title>',
    re.DOTALL,
)


def english(page: str) -> list[str]:
    """English words, and what follows them, outside of what is marked as English, or as somebody else's text."""
    body = page.partition("<body")[2]
    before = None
    while before != body:
        before, body = body, _OTHER.sub(" ", body)
    text = html.unescape(re.sub(r"<[^>]*>", "\n", body))
    return re.findall(r"\b(?:the|of|is|was|not|and|that|from|this)\b[ \w]{0,40}", text)
