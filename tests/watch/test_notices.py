"""What a page says is read in many languages, and only where it is new."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchsite import FILLER
from witnessmark.watch.notices import HOME, Notice, fresh, notice_of, plain, without_locale
from witnessmark.watch.page import Page, read_page


def page(html: str) -> Page:
    return read_page(f"<html><body>{html}</body></html>".encode())


def read(html: str, *frame: Page) -> Notice | None:
    return notice_of(fresh(page(html), frame, frame))


GONE = {
    "en": "We could not find the product you asked for.", "en2": "This model has been discontinued.",
    "en3": "Sorry, that item is no longer part of our range.", "zh": "抱歉，该商品已下架", "zh2": "您查找的页面走丢了",
    "zh-Hant": "很抱歉，您要的頁面不存在或已被刪除", "ru": "Запрашиваемая страница удалена или никогда не существовала",
    "ru2": "Этот товар снят с производства", "fr": "La page demandée n'existe plus", "de": "Diese Seite gibt es leider nicht mehr",
    "de2": "Der Artikel wurde aus dem Sortiment entfernt oder eingestellt", "es": "Este producto ha sido descatalogado",
    "pt": "A página não foi encontrada", "it": "Il contenuto è stato rimosso", "ja": "お探しの商品は販売を終了しました",
    "ko": "요청하신 페이지를 찾을 수 없습니다", "ar": "تم حذف هذه الصفحة", "tr": "Bu ürün yayından kaldırılmıştır",
    "fa": "صفحهٔ مورد نظر حذف شده است", "kk": "Сұралған бет табылмады", "uz": "Sahifa topilmadi", "he": "הדף המבוקש לא נמצא",
    "vi": "Trang này không còn tồn tại", "id": "Halaman tidak ditemukan", "pl": "Strona została usunięta",
    "nl": "De pagina bestaat niet meer", "uk": "Сторінку не знайдено", "cs": "Stránka nebyla nalezena", "sv": "Sidan finns inte",
    "el": "Η σελίδα δεν βρέθηκε", "th": "ไม่พบหน้าที่คุณต้องการ", "hi": "पृष्ठ नहीं मिला", "ug": "بۇ بەت تېپىلمىدى",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(GONE))
def test_a_notice_that_the_page_is_gone_is_understood(language: str) -> None:
    assert read(f"<h1>{GONE[language]}</h1>") is Notice.GONE


OTHER = {
    "We are upgrading our website. Please come back later.": Notice.MAINTENANCE,
    "系统维护中，请稍后再试": Notice.MAINTENANCE,
    "Сайт временно недоступен, ведутся технические работы": Notice.MAINTENANCE,
    "This page is temporarily unavailable": Notice.MAINTENANCE,
    "El servicio no está disponible": Notice.MAINTENANCE,
    "This product is not available in your country": Notice.REGION,
    "您所在的地区无法访问此页面": Notice.REGION,
    "Please verify you are human to continue": Notice.ROBOT,
    "您的访问过于频繁，请完成验证": Notice.ROBOT,
    "Доступ к странице запрещён": Notice.ROBOT,
    "Please sign in to view this page": Notice.LOGIN,
    "请登录后查看": Notice.LOGIN,
    "We value your privacy. Accept all cookies?": Notice.CONSENT,
    "This domain is for sale": Notice.PARKED,
    "该域名正在出售": Notice.PARKED,
    "Welcome to nginx!": Notice.PARKED,
    "The content is not available": Notice.UNAVAILABLE,
}


@pytest.mark.parametrize("text", sorted(OTHER))
def test_a_gate_or_a_pause_is_told_from_an_end(text: str) -> None:
    assert read(f"<h1>{text}</h1>") is OTHER[text]


def test_what_the_frame_says_on_every_page_says_nothing_about_this_one() -> None:
    frame = "<p>Error 404 pages are made here.</p><p>Sign in to buy</p><form class=g-recaptcha id=recaptcha><input type=password></form>"
    old = page(frame + FILLER)
    assert read(frame + "<h1>Recorder 9</h1><p>Sixteen channels.</p>", old) is None
    assert read(frame + "<h1>Page not found</h1>", old) is Notice.GONE


def test_a_long_text_that_mentions_something_missing_is_no_notice() -> None:
    assert (
        read(f"<h1>Recorder 9</h1><p>The old plug was not found to be safe and is no longer sold.</p>{FILLER * 2}")
        is None
    )


def test_front_pages_and_languages_are_known_by_their_address() -> None:
    assert all(HOME.match(path) for path in ("/", "/en", "/zh-CN/", "/pt_br/index.html", "/home", "/default.aspx"))
    assert not any(HOME.match(path) for path in ("/camera", "/en/camera", "/homes/9", "/products/"))
    assert without_locale("/de/products/x") == without_locale("/en-US/products/x") == "/products/x"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_made_plain_and_read(text: str) -> None:
    assert not any(unicodedata.category(char) == "Mn" for char in plain(text))
    assert notice_of(fresh(read_page(text.encode("utf-8", "replace")), (), ())) in (None, *Notice)
