"""Put protection on this process, from which neither it nor what it starts can free itself.

What runs without it: the driver, which lists the targets, hashes nothing, parses nothing of a specimen, and prints.
"""

import os
import resource
import sys
from pathlib import Path

from witnessmark.sandbox import landlock, seccomp

MEMORY = 3 << 30
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/opt", "/nix/store", "/etc/ld.so.cache")
SYSTEM_READ = ("/etc", "/dev/urandom", "/dev/zero", "/proc/meminfo", "/proc/cpuinfo", "/sys/devices/system/cpu")


def confine(*, readable: tuple[Path, ...], writable: tuple[Path, ...]) -> str:
    """Limit this process for good; returns what is in force, in words."""
    protections = [_limits()]
    own = {Path(sys.prefix), Path(sys.base_prefix), *(Path(entry) for entry in sys.path if entry)}
    own |= {path.resolve() for path in own} | {Path(__file__).resolve().parent.parent}
    if landlock.restrict(
        readable=(*readable, *sorted(own), *map(Path, SYSTEM_READ)),
        executable=tuple(map(Path, SYSTEM)),
        writable=(*writable, Path("/dev/null")),
    ):
        protections.append(f"Landlock {landlock.abi()} (writes to scratch only)")
    if seccomp.restrict():
        protections.append("seccomp (no sockets, no tracing)")
    return ", ".join(protections)


def missing(protection: str) -> tuple[str, ...]:
    """What a worker's own words say was not put on."""
    return tuple(name for name in ("Landlock", "seccomp") if name not in protection)


def _limits() -> str:
    """No core files; a bound on private memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or hard > MEMORY:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    os.umask(0o077)
    return f"memory limit {MEMORY >> 30} GiB"
