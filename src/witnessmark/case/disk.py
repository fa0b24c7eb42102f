"""Making writes last, and saying plainly why one did not."""

import errno
import os
from pathlib import Path

from witnessmark.errors import CaseError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)


def sync_folder(path: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_flushed(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file, its bytes on the disk when this returns; its name once its folder is synced. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_flushed(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file beside `path`, flushed, then give it the name: there is the old content or the new, never half."""
    temporary = path.with_name(path.name + ".new")
    write_flushed(temporary, data, mode)
    temporary.replace(path)


def cannot_write(error: OSError, what: str) -> CaseError:
    """The error that a person sees when the disk refuses; everything acknowledged before is still there."""
    if error.errno in _FULL:
        return CaseError(
            f"the disk is full: {what} was not written",
            hint="Everything acknowledged before this is safe. Free some space and repeat the last step.",
        )
    if error.errno in _NOT_WRITABLE:
        return CaseError(
            f"{what} cannot be written: {error.strerror}",
            hint="The case can still be read and reported. To add to it, copy it to a disk that can be written.",
        )
    return CaseError(
        f"{what} was not written: {error.strerror or error}", hint="Check the disk, then repeat the last step."
    )
