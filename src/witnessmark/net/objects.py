"""A folder of objects somewhere else: S3 and whatever else `fsspec` reaches. Needs the optional packages.

Keys come from the environment as the store's own tools take them (for S3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_ENDPOINT_URL for a store that is not Amazon's).
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from witnessmark.errors import NetworkFailed, UsageError
from witnessmark.net.postgres import MISSING, is_here

try:
    import fsspec
except ImportError:  # the extra is not installed: `Objects` says so
    fsspec = None

PIECE = 1 << 22
SCHEMES = ("s3", "gs", "abfs", "az", "sftp", "file")
"""Plain stores. Not those of `fsspec` that run something, chain other addresses or read archives."""


def _encrypted(endpoint: str) -> str:
    """Raises UsageError for a store on another machine that others on the way could read and change."""
    server = urlsplit(endpoint)
    if server.scheme != "https" and not is_here(server.hostname or ""):
        raise UsageError(
            f"the store's address {endpoint} is not encrypted",
            hint="It must begin with https:// unless the store is on this machine.",
        )
    return endpoint


class Objects:
    """Files under one address. An object appears whole or not at all."""

    def __init__(self, address: str, environment: Mapping[str, str]) -> None:
        if fsspec is None:
            raise UsageError("a shared case needs fsspec and, for S3, s3fs", hint=MISSING)
        parts = urlsplit(address)
        if parts.scheme not in SCHEMES or "@" in parts.netloc:
            raise UsageError(f"{address} is not an address for shared blobs", hint="It looks like s3://bucket/folder.")
        self.address = address.rstrip("/")
        options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
        if parts.scheme == "s3" and environment.get("AWS_ENDPOINT_URL"):
            options["endpoint_url"] = _encrypted(environment["AWS_ENDPOINT_URL"])
        try:
            self._files, self._root = fsspec.url_to_fs(self.address, **options)
        except (ImportError, ValueError) as error:
            raise UsageError(f"{address} cannot be used: {error}", hint=MISSING) from error
        self._local = parts.scheme == "file"

    def size(self, name: str) -> int | None:
        """The size of an object in bytes, or None if there is none. Raises NetworkFailed if nobody answers."""
        try:
            return int(self._files.info(self._at(name))["size"])
        except FileNotFoundError:
            return None
        except Exception as error:
            raise self._failed(error) from error

    def put(self, path: Path, name: str) -> None:
        """Store a file. When this returns, the store has all of it. Raises NetworkFailed otherwise."""
        try:
            if self._local:
                self._put_flushed(path, Path(self._at(name)))
            else:
                self._files.put_file(str(path), self._at(name))
        except Exception as error:
            raise self._failed(error) from error

    def read(self, name: str) -> Iterator[bytes]:
        """An object in pieces. Raises FileNotFoundError, and NetworkFailed if it breaks off."""
        try:
            with self._files.open(self._at(name), "rb", block_size=PIECE) as file:
                while piece := file.read(PIECE):
                    yield bytes(piece)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def names(self, folder: str) -> Iterator[str]:
        """The last parts of all names below a folder, sorted. Raises NetworkFailed."""
        try:
            found = sorted(self._files.find(self._at(folder)))
        except FileNotFoundError:
            found = []
        except Exception as error:
            raise self._failed(error) from error
        return (str(one).rpartition("/")[2] for one in found)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _put_flushed(self, path: Path, target: Path) -> None:
        """On a mounted disk the name must not appear before the bytes are safe."""
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        with path.open("rb") as source, unfinished.open("wb") as file:
            while piece := source.read(PIECE):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _failed(self, error: Exception) -> NetworkFailed:
        return NetworkFailed(
            f"the shared store at {self.address} does not answer properly: {type(error).__name__}: {error}",
            kind="protocol",
            hint="Check the network, the address and the keys, then repeat the last step.",
        )
