"""Scratch space: one private folder a run, gone when the run ends, swept at the next start if the run was killed."""

import itertools
import os
import shutil
import tempfile
from pathlib import Path

from witnessmark.blob import Blob

PREFIX = "witnessmark-"
_NUMBERS = itertools.count(1)


class SpooledBlob(Blob):
    """A blob mapped from a scratch file; the file goes when the blob does, unless it is handed on."""

    __slots__ = ("_owned",)

    @classmethod
    def over(cls, path: Path) -> "SpooledBlob":
        """Map a scratch file and own it."""
        plain = Blob.of_path(path)
        blob = cls(plain.view(), mapped=plain._map, path=path)
        blob._owned = True
        return blob

    def hand_on(self) -> Path:
        """Give the file to someone else, who deletes it."""
        assert self.path is not None
        self._owned = False
        return self.path

    def __del__(self) -> None:
        if getattr(self, "_owned", False) and self.path is not None:
            self.path.unlink(missing_ok=True)


class Scratch:
    """A private folder for one run. `fresh` names are never taken from a specimen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, base: Path | None = None) -> "Scratch":
        """Make a folder that only this user can read, named after this process; sweep those of dead processes."""
        root = base or Path(tempfile.gettempdir())
        sweep(root)
        return cls(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=root)))

    def fresh(self, suffix: str = "") -> Path:
        """A path that does not exist yet."""
        return self.folder / f"{os.getpid()}-{next(_NUMBERS)}{suffix}"

    def remove(self) -> None:
        """Delete everything, also what a program left without permission to enter."""

        def force(function: object, path: str, error: object) -> None:
            parent = Path(path).parent
            if parent.is_relative_to(self.folder) and parent.exists():
                parent.chmod(0o700)
                shutil.rmtree(path, ignore_errors=True)

        shutil.rmtree(self.folder, onerror=force)


def sweep(root: Path) -> None:
    """Remove scratch folders of this user whose process no longer runs."""
    for folder in root.glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).split("-")[0]
        if not number.isdigit() or _alive(int(number)):
            continue
        try:
            mine = folder.lstat().st_uid == os.getuid()
        except FileNotFoundError:
            continue  # another run has swept it
        if mine and folder.is_dir() and not folder.is_symlink():
            Scratch(folder).remove()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
