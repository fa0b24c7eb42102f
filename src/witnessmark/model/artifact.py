"""Bytes and the citable way to them."""

from witnessmark.model.fact import Record, Sha256, UntrustedText


class Locator(Record, frozen=True, kw_only=True):
    """The citable way in: `sdk.zip › bin.7z › rootfs.squashfs › lib/libnetsdk.so @ 0x4a10`.

    `path[0]` is the file as named under TARGET; `via[i]` is the unpacker that led from `path[i]` to `path[i + 1]`.
    Offsets and lengths count bytes in the innermost member, whose digest is `sha256`; lines count from 1.
    """

    path: tuple[UntrustedText, ...]
    via: tuple[str, ...] = ()
    offset: int | None = None
    length: int | None = None
    line: int | None = None
    encoding: str | None = None
    sha256: Sha256 | None = None
    top_sha256: Sha256 | None = None

    @property
    def order(self) -> tuple[tuple[str, ...], int, int]:
        """Sort key that gives the same order whatever the number of workers."""
        return self.path, -1 if self.offset is None else self.offset, self.length or 0


class Artifact(Record, frozen=True, kw_only=True):
    """One piece of bytes that was read, and where from."""

    digest: Sha256
    size: int
    media_type: str
    locator: Locator
