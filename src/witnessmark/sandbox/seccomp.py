"""Seccomp: which system calls this process, and all it starts, may make. No sockets, no tracing, no mounting."""

import ctypes
import platform
import struct

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
FILTER_MODE = 2
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM
X32 = 0x40000000

# architecture: (audit number, refused calls). Names in order: socket, connect, bind, ptrace, process_vm_readv,
# process_vm_writev, mount, umount2, chroot, pivot_root, unshare, setns, bpf, perf_event_open, userfaultfd, keyctl,
# add_key, request_key, kexec_load, init_module, finit_module, open_by_handle_at, io_uring_setup, reboot.
REFUSED = {
    "x86_64": (
        0xC000003E,
        (41, 42, 49, 101, 310, 311, 165, 166, 161, 155, 272, 308, 321, 298, 323, 250, 248, 249, 246, 175, 313, 304,
         425, 169),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 203, 200, 117, 270, 271, 40, 39, 51, 41, 97, 268, 280, 241, 282, 219, 217, 218, 104, 105, 273, 265,
         425, 142),
    ),
}  # fmt: skip


def program(audit: int, refused: tuple[int, ...]) -> bytes:
    """The filter as BPF instructions."""
    last = len(refused) + 5  # the refusing step
    steps = [
        (LOAD, 0, 0, 4),  # the architecture
        (JUMP_EQUAL, 0, last - 2, audit),  # another one: refuse
        (LOAD, 0, 0, 0),  # the call's number
        (JUMP_AT_LEAST, last - 4, 0, X32),  # the x32 numbering: refuse
        *((JUMP_EQUAL, last - 5 - index, 0, number) for index, number in enumerate(refused)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


def restrict() -> bool:
    """Refuse these calls from now on. False where the kernel or the architecture does not allow it."""
    known = REFUSED.get(platform.machine())
    if known is None:
        return False
    code = program(*known)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(code, len(code))
        descriptor = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return int(libc.prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.c_char_p(descriptor), 0, 0)) == 0
    except (OSError, AttributeError):
        return False
