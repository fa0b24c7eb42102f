"""A Chromium that a test drives itself; the capture tests have the product drive one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from testsite.fixtures import chromium_here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found: Path = chromium_here()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()
