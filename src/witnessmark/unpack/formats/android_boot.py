"""Android boot and vendor boot images: kernel, ramdisk, device tree."""

import struct
from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Accounted, Content, Context, FormatDoc, Magic, Unpacked, Unpacker

BOOT, VENDOR = b"ANDROID!", b"VNDRBOOT"


class AndroidBoot(Unpacker):
    """Header versions 0 to 4."""

    NAME = "android_boot"
    MAGIC = (
        Magic(data=BOOT, offset=None),
        Magic(data=BOOT),
        Magic(data=VENDOR, offset=None),
        Magic(data=VENDOR),
    )
    DOC = FormatDoc(
        title="Android boot image, vendor boot image",
        kind="firmware",
        suffixes=(".img",),
        references=("https://source.android.com/docs/core/architecture/bootloader/boot-image-header",),
    )

    def accepts(self, blob: Blob, name: str) -> bool:
        """Parts that lie within the file."""
        parts = _parts(blob)
        return bool(parts) and all(start + size <= blob.size for _, start, size in parts)

    def members(self, blob: Blob, context: Context) -> Iterator[Unpacked]:
        """Each part that is there."""
        for name, start, size in _parts(blob):
            if size:
                yield Accounted(start, size)
                yield Content(name=UntrustedText(name), blob=blob.part(start, size))


def _parts(blob: Blob) -> list[tuple[str, int, int]]:
    head = blob.read(0, 2128)
    if len(head) < 2128:
        return []
    if head.startswith(VENDOR):
        page, ramdisk = struct.unpack_from("<I8xI", head, 12)
        tree = struct.unpack_from("<I", head, 2100)[0]
        sizes = [("vendor ramdisk", ramdisk), ("device tree", tree)]
        start = -(-2128 // page) * page if page else 0
    else:
        kernel, _, ramdisk, _, second, _, _, page, version = struct.unpack_from("<9I", head, 8)
        if version in (3, 4):
            kernel, ramdisk, page = (*struct.unpack_from("<II", head, 8), 4096)
            second = 0
        recovery = struct.unpack_from("<I", head, 1632)[0] if version in (1, 2) else 0
        tree = struct.unpack_from("<I", head, 1648)[0] if version == 2 else 0
        sizes = [
            ("kernel", kernel),
            ("ramdisk", ramdisk),
            ("second", second),
            ("recovery device tree overlay", recovery),
            ("device tree", tree),
        ]
        start = page
    if not 512 <= page <= 1 << 17:
        return []
    parts = []
    for name, size in sizes:
        parts.append((name, start, size))
        start += -(-size // page) * page
    return parts


UNPACKER = AndroidBoot()
