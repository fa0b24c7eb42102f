"""Landlock: which files this process, and all it starts, may touch. Linux 5.13 and newer; needs no privilege."""

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
NET_ALL = 0b11  # bind and connect over TCP
SCOPE_ALL = 0b11  # abstract Unix sockets and signals stay inside


def abi() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        version = int(libc.syscall(CREATE_RULESET, None, 0, 1))
    except (OSError, AttributeError):
        return 0
    return max(0, version)


def restrict(*, readable: Iterable[Path], executable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """Allow only these paths (and what is below them) from now on. False where the kernel cannot."""
    version = abi()
    if version == 0:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    handled = ALL_BY_ABI[min(version, 5)]
    attributes = struct.pack("<QQQ", handled, NET_ALL if version >= 4 else 0, SCOPE_ALL if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(CREATE_RULESET, ctypes.c_char_p(attributes), size, 0)
    if ruleset < 0:
        return False
    write = handled & ~(EXECUTE | MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK | MAKE_FIFO)
    try:
        for paths, access in (
            (readable, READ_FILE | READ_DIR),
            (executable, READ_FILE | READ_DIR | EXECUTE),
            (writable, write),
        ):
            for path in paths:
                _allow(libc, ruleset, path, access & handled)
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return int(libc.syscall(RESTRICT_SELF, ruleset, 0)) == 0
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        if not path.is_dir():
            access &= ON_FILES
        rule = struct.pack("<Qi", access, handle)
        libc.syscall(ADD_RULE, ruleset, 1, ctypes.c_char_p(rule), 0)
    finally:
        os.close(handle)
