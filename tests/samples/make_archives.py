"""Rebuild the samples of archives, file systems and firmware: `PYTHONPATH=src:tests python tests/samples/make_archives.py`.

Uses 7zz, genisoimage, mksquashfs, mke2fs, mkfs.vfat, mtools, mtd-utils, genromfs, mkfs.cramfs, cpio, ar, arj, gcab, lzop,
makensis, wimtools, qemu-img and ntfs-3g; RAR, LHA, RPM, xar, DMG and firmware wrappers, which nothing here can write,
are written by their published descriptions.
"""

import bz2
import gzip
import io
import lzma
import plistlib
import shutil
import struct
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import brotli
import lz4.frame
import zstandard

HERE = Path(__file__).parent
PLANTED = ("EM_NATION_TYPE_UYGUR", "维吾尔族")
HEADER = (
    "enum EM_NATION_TYPE {\n    EM_NATION_TYPE_UNKNOWN = 0,\n    EM_NATION_TYPE_UYGUR = 1, // 维吾尔族\n};\n".encode()
)
NAME = "include/planted.h"


def folder(name: str) -> Path:
    path = HERE / name
    path.mkdir(exist_ok=True)
    (path / "planted.txt").write_text("".join(f"{line}\n" for line in PLANTED), encoding="utf-8")
    return path


def run(*arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"") -> bytes:
    return subprocess.run([str(a) for a in arguments], cwd=cwd, input=stdin, check=True, capture_output=True).stdout


def tree(root: Path) -> Path:
    """A folder with the planted file and one that does not compress to nothing."""
    path = root / "in"
    (path / "include").mkdir(parents=True)
    (path / NAME).write_bytes(HEADER)
    (path / "notes.txt").write_bytes(b"Nothing of interest.\n" * 20)
    return path


def tar_bytes() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo(NAME)
        info.size = len(HEADER)
        archive.addfile(info, io.BytesIO(HEADER))
    return out.getvalue()


def cpio_bytes(root: Path) -> bytes:
    return run("cpio", "-o", "-H", "newc", "--quiet", cwd=root, stdin=f"include\n{NAME}\n".encode())


def compressions() -> None:
    tar = tar_bytes()
    (folder("tar") / "planted.tar").write_bytes(tar)
    (folder("gzip") / "planted.tar.gz").write_bytes(gzip.compress(tar, mtime=0))
    (folder("bzip2") / "planted.tar.bz2").write_bytes(bz2.compress(tar))
    (folder("xz") / "planted.tar.xz").write_bytes(lzma.compress(tar))
    (folder("lzma") / "planted.tar.lzma").write_bytes(lzma.compress(tar, lzma.FORMAT_ALONE))
    (folder("zstd") / "planted.tar.zst").write_bytes(zstandard.compress(tar))
    (folder("lz4") / "planted.tar.lz4").write_bytes(lz4.frame.compress(tar))
    (folder("brotli") / "planted.tar.br").write_bytes(brotli.compress(tar))
    (folder("lzop") / "planted.tar.lzo").write_bytes(run("lzop", "-c", stdin=tar))


def zips(root: Path) -> None:
    path = folder("zip")
    for name, method in (("stored", 0), ("deflate", 8), ("bzip2", 12), ("lzma", 14)):
        with zipfile.ZipFile(path / f"{name}.zip", "w", method) as archive:
            archive.writestr(zipfile.ZipInfo(NAME, (2020, 1, 1, 0, 0, 0)), HEADER, method)
    chinese = "维吾尔族.h".encode("gb18030")
    with zipfile.ZipFile(path / "gbk-names.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("?" * len(chinese), (2020, 1, 1, 0, 0, 0)), HEADER)
    (path / "gbk-names.zip").write_bytes((path / "gbk-names.zip").read_bytes().replace(b"?" * len(chinese), chinese))
    (root / "far").mkdir()
    (root / "far" / "planted.h").write_bytes(HEADER + bytes(60_000) + HEADER + bytes(200_000) + b"end")
    (path / "deflate64.zip").unlink(missing_ok=True)
    run("7zz", "a", "-mm=Deflate64", "-mtm-", path / "deflate64.zip", "far/planted.h", cwd=root)
    data = (path / "deflate.zip").read_bytes()
    (path / "self-extracting.exe").write_bytes(b"MZ" + bytes(510) + data)


def seven_zips(root: Path) -> None:
    path = folder("7z")
    for old in path.glob("*.7z"):
        old.unlink()
    for name, options in (
        ("lzma", "-m0=LZMA"),
        ("bcj", "-m0=BCJ -m1=LZMA"),
        ("deflate", "-m0=Deflate"),
        ("copy", "-m0=Copy"),
    ):
        run("7zz", "a", path / f"{name}.7z", "include", "notes.txt", *options.split(), cwd=root)


def rar5(name: bytes, data: bytes) -> bytes:
    def block(body: bytes) -> bytes:
        sized = bytes([len(body)]) + body
        return struct.pack("<I", zlib.crc32(sized)) + sized

    size = len(data).to_bytes(1, "little") if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])
    file = (
        b"\x02\x02"
        + size
        + b"\x04"
        + size
        + b"\x20"
        + struct.pack("<I", zlib.crc32(data))
        + b"\x00\x01"
        + bytes([len(name)])
        + name
    )
    return b"Rar!\x1a\x07\x01\x00" + block(b"\x01\x00\x00") + block(file) + data + block(b"\x05\x00\x00")


def lzh(name: bytes, data: bytes) -> bytes:
    body = (
        b"-lh0-"
        + struct.pack("<IIIBB", len(data), len(data), 0x50210000, 0x20, 0)
        + bytes([len(name)])
        + name
        + struct.pack("<H", crc16(data))
    )
    return bytes([len(body), sum(body) & 0xFF]) + body + data + b"\0"


def crc16(data: bytes) -> int:
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


def archives(root: Path) -> None:
    (folder("rar") / "planted.rar").write_bytes(rar5(NAME.encode(), HEADER))
    (folder("lzh") / "planted.lzh").write_bytes(lzh(b"planted.h", HEADER))
    (folder("cpio") / "planted.cpio").write_bytes(cpio_bytes(root))
    path = folder("ar") / "libplanted.a"
    path.unlink(missing_ok=True)
    run("ar", "rcD", path, NAME, "notes.txt", cwd=root)
    lead = b"\xed\xab\xee\xdb\x03\x00" + bytes(90)
    header = b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", 0, 0)
    (folder("rpm") / "planted.rpm").write_bytes(lead + header + header + gzip.compress(cpio_bytes(root), mtime=0))
    path = folder("arj") / "planted.arj"
    path.unlink(missing_ok=True)
    run("arj", "a", "-r", path, "include", cwd=root)
    path = folder("cab")
    run("gcab", "-c", path / "stored.cab", NAME, cwd=root)
    run("gcab", "-c", "-z", path / "mszip.cab", NAME, cwd=root)
    run("wimcapture", root, folder("wim") / "planted.wim")
    contents = f'<?xml version="1.0"?><xar><toc><file id="1"><name>planted.h</name><type>file</type><data><length>{len(zlib.compress(HEADER))}</length><offset>0</offset><size>{len(HEADER)}</size><encoding style="application/x-gzip"/></data></file></toc></xar>'.encode()
    packed = zlib.compress(contents)
    (folder("xar") / "planted.pkg").write_bytes(
        b"xar!" + struct.pack(">HHQQI", 28, 1, len(packed), len(contents), 0) + packed + zlib.compress(HEADER)
    )


def file_systems(root: Path, scratch: Path) -> None:
    run("genisoimage", "-quiet", "-J", "-R", "-o", scratch / "planted.iso", root)
    shrink(scratch / "planted.iso", folder("iso") / "planted.iso.gz")
    for name in ("gzip", "lzo", "xz", "lz4", "zstd"):
        path = folder("squashfs") / f"{name}.squashfs"
        path.unlink(missing_ok=True)
        run("mksquashfs", root, path, "-comp", name, "-quiet", "-no-progress", "-all-root", "-noappend", "-nopad")
    raw = bytearray((folder("squashfs") / "xz.squashfs").read_bytes())
    raw[:4] = b"shsq"
    (folder("squashfs") / "vendor-magic.bin").write_bytes(b"VENDOR HEADER" * 50 + raw)
    for kind in ("ext2", "ext4"):
        image = scratch / f"{kind}.img"
        with image.open("wb") as file:
            file.truncate(256 << 10 if kind == "ext2" else 512 << 10)
        run("mke2fs", "-q", "-t", kind, "-O", "^has_journal", "-N", "32", "-d", root, image)
        shrink(image, folder("ext") / f"{kind}.img.gz")
    image = scratch / "fat.img"
    with image.open("wb") as file:
        file.truncate(1 << 20)
    run("mkfs.vfat", "-F", "12", image)
    run("mcopy", "-i", image, "-s", root / "include", "::/")
    shrink(image, folder("fat") / "planted.img.gz")
    run("genromfs", "-f", folder("romfs") / "planted.romfs", "-d", root)
    run("mkfs.cramfs", root, folder("cramfs") / "planted.cramfs")
    for name, options in (("zlib", ()), ("rtime-big", ("-b", "-x", "zlib"))):
        run("mkfs.jffs2", "-d", root, "-e", "65536", *options, "-o", folder("jffs2") / f"{name}.jffs2")
    ubifs = scratch / "planted.ubifs"
    run("mkfs.ubifs", "-r", root, "-m", "512", "-e", "15360", "-c", "64", "-o", ubifs)
    shrink(ubifs, folder("ubifs") / "planted.ubifs.gz")
    (scratch / "ubi.ini").write_text(
        "[a]\nmode=ubi\nimage=planted.ubifs\nvol_id=0\nvol_size=1MiB\nvol_type=dynamic\nvol_name=rootfs\n"
    )
    run("ubinize", "-o", "planted.ubi", "-m", "512", "-p", "16KiB", "ubi.ini", cwd=scratch)
    shrink(scratch / "planted.ubi", folder("ubi") / "planted.ubi.gz")
    image = scratch / "ntfs.img"
    with image.open("wb") as file:
        file.truncate(2 << 20)
    run("mkntfs", "-q", "-F", image)
    run("ntfscp", "-q", "-f", image, root / NAME, "planted.h")
    shrink(image, folder("ntfs") / "planted.ntfs.xz")


def shrink(image: Path, target: Path) -> None:
    data = image.read_bytes()
    target.write_bytes(lzma.compress(data) if target.suffix == ".xz" else gzip.compress(data, mtime=0))


def firmware(root: Path, scratch: Path) -> None:
    payload = gzip.compress(tar_bytes(), mtime=0)
    head = struct.pack(">7I4B32s", 0x27051956, 0, 0, len(payload), 0, 0, zlib.crc32(payload), 5, 2, 2, 1, b"kernel")
    head = head[:4] + struct.pack(">I", zlib.crc32(head)) + head[8:]
    (folder("uimage") / "planted.uimage").write_bytes(head + payload)
    whole = 28 + len(payload)
    (folder("trx") / "planted.trx").write_bytes(struct.pack("<4sIIHHIII", b"HDR0", whole, 0, 0, 1, 28, 0, 0) + payload)
    block = tar_bytes()
    blocks = len(block) // 512
    sparse = struct.pack("<IHHHHIIII", 0xED26FF3A, 1, 0, 28, 12, 512, blocks + 8, 2, 0)
    sparse += struct.pack("<HHII", 0xCAC1, 0, blocks, 12 + len(block)) + block + struct.pack("<HHII", 0xCAC3, 0, 8, 12)
    (folder("android_sparse") / "planted.simg").write_bytes(sparse)
    head = b"ANDROID!" + struct.pack("<10I", len(HEADER), 0, len(payload), 0, 0, 0, 0, 2048, 0, 0)
    pages = (head.ljust(2048, b"\0"), HEADER.ljust(2048, b"\0"), payload.ljust(-(-len(payload) // 2048) * 2048, b"\0"))
    (folder("android_boot") / "boot.img").write_bytes(b"".join(pages).ljust(8192, b"\0"))
    data = bz2.compress(block)
    extent = b"\x08\x00\x10" + varint(-(-len(block) // 4096))
    operation = b"\x08\x01" + b"\x10\x00" + b"\x18" + varint(len(data)) + b"\x32" + varint(len(extent)) + extent
    partition = b"\x0a\x06system" + b"\x42" + varint(len(operation)) + operation
    manifest = b"\x18" + varint(4096) + b"\x6a" + varint(len(partition)) + partition
    (folder("android_payload") / "payload.bin").write_bytes(
        b"CrAU" + struct.pack(">QQI", 2, len(manifest), 0) + manifest + data
    )
    disk = bytearray(64 * 512)
    disk[446:462] = struct.pack("<B3sB3sII", 0, bytes(3), 0x83, bytes(3), 8, 40)
    disk[510:512] = b"\x55\xaa"
    disk[8 * 512 : 8 * 512 + len(payload)] = payload
    (folder("partitions") / "planted.img").write_bytes(disk)
    raw = scratch / "disk.raw"
    raw.write_bytes(block.ljust(64 << 10, b"\0"))
    run(
        "qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", "-o", "cluster_size=4k", raw, scratch / "planted.qcow2"
    )
    shrink(scratch / "planted.qcow2", folder("qcow2") / "planted.qcow2.gz")
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", raw, scratch / "planted.vmdk")
    shrink(scratch / "planted.vmdk", folder("vmdk") / "planted.vmdk.gz")
    (folder("dmg") / "planted.dmg").write_bytes(dmg(block))


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def dmg(disk: bytes) -> bytes:
    packed = zlib.compress(disk)
    table = b"mish" + struct.pack(">IQQQI", 1, 0, len(disk) // 512, 0, 0) + bytes(200 - 36) + struct.pack(">I", 2)
    table += struct.pack(">IIQQQQ", 0x80000005, 0, 0, len(disk) // 512, 0, len(packed)) + struct.pack(
        ">IIQQQQ", 0xFFFFFFFF, 0, 0, 0, 0, 0
    )
    tree = plistlib.dumps({"resource-fork": {"blkx": [{"Name": "whole disk", "Data": table}]}})
    trailer = bytearray(512)
    trailer[:12] = b"koly" + struct.pack(">II", 4, 512)
    trailer[24:40] = struct.pack(">QQ", 0, len(packed))
    trailer[216:232] = struct.pack(">QQ", len(packed), len(tree))
    return packed + tree + bytes(trailer)


def installers(root: Path, scratch: Path) -> None:
    script = scratch / "n.nsi"
    target = folder("nsis") / "setup.exe"
    script.write_text(
        f'SetCompressor lzma\nOutFile "{target}"\nSection\nSetOutPath $TEMP\nFile "{root / NAME}"\nSectionEnd\n'
    )
    run("makensis", "-V1", script)


def main() -> None:
    scratch = Path(tempfile.mkdtemp())
    root = tree(scratch)
    compressions()
    zips(root)
    seven_zips(root)
    archives(root)
    file_systems(root, scratch)
    firmware(root, scratch)
    installers(root, scratch)
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
