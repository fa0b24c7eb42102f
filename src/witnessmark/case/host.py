"""What the work runs on, without anything that identifies its owner."""

import platform
from functools import cache

from witnessmark.model.evidence import HostFacts


@cache
def this_host() -> HostFacts:
    """System, machine and interpreter. No host name, no user name: they identify investigators and sources."""
    return HostFacts(
        system=f"{platform.system()} {platform.release()}",
        machine=platform.machine(),
        python=platform.python_version(),
    )
