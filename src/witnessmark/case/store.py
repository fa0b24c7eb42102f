"""Bytes kept under their own SHA-256: written once, flushed before they are acknowledged, never overwritten."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from witnessmark.blob import WINDOW, Blob
from witnessmark.case.clock import Randomness
from witnessmark.case.disk import cannot_write, sync_folder
from witnessmark.case.lock import AtWork
from witnessmark.errors import CaseError
from witnessmark.model.fact import Sha256

_HEX = set("0123456789abcdef")


class Store:
    """The blobs of one case, at `blobs/ab/abcdef…`."""

    def __init__(self, root: Path, scratch: Path, randomness: Randomness) -> None:
        self.root = root
        self._scratch = scratch
        self._randomness = randomness

    def path(self, digest: Sha256) -> Path:
        """Where the blob lies or would lie. Raises CaseError for text that is not a digest."""
        if len(digest) != 64 or set(digest) - _HEX:
            raise CaseError(f"{digest[:80]!r} is not a SHA-256 in lower-case hexadecimal")
        return self.root / digest[:2] / digest

    def size(self, digest: Sha256) -> int:
        """Bytes of a blob. Raises CaseError if it is missing."""
        return self.blob(digest).size

    def local(self, digest: Sha256) -> Path:
        """The blob's file on this machine, for whoever needs a path."""
        return self.path(digest)

    def trim(self, keep: Sha256 | None = None) -> None:
        """Drop copies that lie elsewhere too: this store has none."""

    def close(self) -> None:
        """Nothing is kept open here."""

    def damage(self, digest: Sha256) -> str:
        """What is wrong with a copy kept elsewhere, or nothing: this store has none."""
        self.path(digest)
        return ""

    def has(self, digest: Sha256) -> bool:
        """Whether the blob is there (its bytes are not checked)."""
        return self.path(digest).is_file()

    def blob(self, digest: Sha256) -> Blob:
        """The blob, mapped. Raises CaseError if it is missing; `check` tells whether its bytes still hold."""
        try:
            return Blob.of_path(self.path(digest))
        except FileNotFoundError:
            raise CaseError(
                f"the case has no blob {digest}", hint="Run `witnessmark case check` to list all damage."
            ) from None
        except OSError as error:
            raise CaseError(f"blob {digest} cannot be read: {error.strerror}") from error

    def digests(self) -> Iterator[Sha256]:
        """All blobs, sorted."""
        return self.here()

    def here(self) -> Iterator[Sha256]:
        """The blobs on this disk, sorted."""
        return (Sha256(path.name) for path in self._entries() if _is_blob(path))

    def strays(self) -> Iterator[str]:
        """What lies among the blobs and is none, by its path inside the case."""
        return (path.relative_to(self.root.parent).as_posix() for path in self._entries() if not _is_blob(path))

    def _entries(self) -> Iterator[Path]:
        for folder in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            if folder.is_dir() and not folder.is_symlink():
                yield from sorted(folder.iterdir())
            else:
                yield folder

    def put(self, chunks: Iterable[bytes | memoryview]) -> tuple[Sha256, int]:
        """Keep the bytes; returns digest and size once they are on the disk. Raises CaseError if the disk refuses."""
        temporary = self._scratch / f"put-{self._randomness(8).hex()}"
        try:
            with AtWork(self._scratch / ".at-work"):
                try:
                    digest, size = _write(temporary, chunks)
                    self._link(temporary, digest)
                finally:
                    temporary.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(error, "a blob") from error
        return digest, size

    def keep(self, path: Path) -> tuple[Sha256, int]:
        """Make a finished file that lies in the case's own `work/` a blob without copying it; its name stays too."""
        try:
            blob = Blob.of_path(path)
            digest, size = blob.sha256(), blob.size
            with path.open("rb") as file:
                os.fsync(file.fileno())
            self._link(path, digest)
        except OSError as error:
            raise cannot_write(error, "a blob") from error
        return digest, size

    def _link(self, source: Path, digest: Sha256) -> None:
        target = self.path(digest)
        if not target.parent.is_dir():
            target.parent.mkdir(exist_ok=True)
            sync_folder(self.root)
        source.chmod(0o444)
        try:
            os.link(source, target)
        except FileExistsError:
            if Blob.of_path(target).sha256() != digest:
                raise CaseError(
                    f"blob {digest} on the disk has been damaged; it is not overwritten",
                    hint=f"Move {target.name} out of the case, then repeat the last step.",
                ) from None
        sync_folder(target.parent)


def _is_blob(path: Path) -> bool:
    name = path.name
    return len(name) == 64 and not set(name) - _HEX and path.parent.name == name[:2] and not path.is_symlink()


def _write(path: Path, chunks: Iterable[bytes | memoryview]) -> tuple[Sha256, int]:
    """Write a new file, hashing on the way, and flush it."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Sha256(digest.hexdigest()), size


def chunks_of(path: Path) -> Iterator[bytes]:
    """A regular file in pieces. Raises CaseError for anything else than a regular file, and if it cannot be read."""
    try:
        if not path.is_file():
            raise CaseError(f"{path.name} is not a file", hint="Name the files one by one, or pack the folder first.")
        with path.open("rb") as file:
            while chunk := file.read(WINDOW):
                yield chunk
    except OSError as error:
        raise CaseError(f"{path.name} cannot be read: {error.strerror}") from error
