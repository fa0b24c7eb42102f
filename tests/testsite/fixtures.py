"""Fixtures around the test site, for the packages that use it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testsite.certificates import make_chains
from testsite.server import Site
from witnessmark.capture.browser import find_browser
from witnessmark.net import Limits, Policy


@pytest.fixture(scope="session")
def chains(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_chains(tmp_path_factory.mktemp("chains"))


@pytest.fixture
def make_site(chains: dict[str, Path]) -> Iterator[Callable[..., Site]]:
    """Start sites: `make_site()`, `make_site("good")`, `make_site("good", h2=True)`."""
    sites: list[Site] = []

    def make(chain: str | None = None, **more: object) -> Site:
        sites.append(Site(chains[chain] if chain else None, **more))  # type: ignore[arg-type]
        return sites[-1]

    yield make
    for site in sites:
        site.close()


@pytest.fixture
def policy_for(chains: dict[str, Path]) -> Callable[..., Policy]:
    def make(*sites: Site, **more: object) -> Policy:
        given: dict[str, object] = {"interval": 0.0, "ca_file": chains["ca"], "offline": False}
        given["limits"] = Limits(idle_seconds=5, total_seconds=20)
        return Policy(allow_hosts=frozenset(site.host for site in sites), **{**given, **more})  # type: ignore[arg-type]

    return make


def chromium_here() -> Path:
    """The Chromium of this machine; without one the test is skipped, but fails in CI."""
    found = find_browser()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have a Chromium: see .ci/packages")
        pytest.skip("no Chromium on this machine; `apt install chromium` to run these")
    return found


@pytest.fixture(scope="session")
def browser() -> Path:
    return chromium_here()
