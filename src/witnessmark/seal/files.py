"""The files of a bundle, whether it is a folder or a ZIP file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.errors import VerificationFailed
from witnessmark.seal import archive

MAX_FILES = 2_000_000
_IN_MEMORY = 1 << 20


@dataclass(frozen=True, kw_only=True)
class BundleFiles:
    """What is there. `odd`: links, sockets and other things that a bundle never has."""

    form: str
    names: frozenset[str]
    folders: frozenset[str] = frozenset()
    odd: tuple[str, ...] = ()
    root: Path | None = None
    members: Mapping[str, Blob] = field(default_factory=dict)

    def blob(self, name: str) -> Blob:
        """One file's bytes. Raises VerificationFailed if it is not there."""
        if name not in self.names:
            raise VerificationFailed(f"{name} is missing")
        if self.root is None:
            return self.members[name]
        path = self.root / name
        return Blob.of_bytes(path.read_bytes()) if path.stat().st_size <= _IN_MEMORY else Blob.of_path(path)

    def read(self, name: str) -> bytes:
        """One file's bytes, whole."""
        return self.blob(name).read()


def open_folder(root: Path) -> BundleFiles:
    """Look at everything under a folder without following links. Raises VerificationFailed if there is too much."""
    names, folders, odd = set(), set(), []
    for number, path in enumerate(root.rglob("*")):
        if number >= MAX_FILES:
            raise VerificationFailed(f"more than {MAX_FILES} files")
        name = path.relative_to(root).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            odd.append(name)
        elif path.is_dir():
            folders.add(name)
        else:
            names.add(name)
    return BundleFiles(
        form="a folder", names=frozenset(names), folders=frozenset(folders), odd=tuple(sorted(odd)), root=root
    )


def open_zip(path: Path) -> BundleFiles:
    """Read a ZIP file in its only allowed form. Raises VerificationFailed naming the first wrong byte."""
    blob = Blob.of_path(path)
    members = dict(archive.members(blob, archive.read(blob)))
    form = "a ZIP file in which every byte follows from its members"
    return BundleFiles(form=form, names=frozenset(members), members=members)
