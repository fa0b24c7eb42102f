"""Tests that need an installed program name it: `@pytest.mark.programs("openssl")`. Without it they are skipped; in CI they fail."""

import os
import shutil

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: how long one example takes is not judged here.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = [name for mark in item.iter_markers("programs") for name in mark.args]
    missing = [name for name in wanted if shutil.which(name) is None]
    if missing and os.environ.get("CI"):
        pytest.fail(f"CI must have {', '.join(missing)}: see .ci/packages", pytrace=False)
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
