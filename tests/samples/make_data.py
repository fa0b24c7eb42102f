"""Rebuild the samples of mail, code and data formats: `PYTHONPATH=src:tests python tests/samples/make_data.py`.

Uses git, Qt's lrelease and rcc, g++ and chmcmd; everything else is written here.
"""

import base64
import json
import os
import pickle
import plistlib
import sqlite3
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

from samples.compound import compound_file
from witnessmark.blob import Blob
from witnessmark.unpack.ole import CompoundFile

HERE = Path(__file__).parent
PLANTED = ("EM_NATION_TYPE_UYGUR", "维吾尔族")
HEADER = "enum EM_NATION_TYPE {\n    EM_NATION_TYPE_UNKNOWN = 0,\n    EM_NATION_TYPE_UYGUR = 1, // 维吾尔族\n};\n"


def folder(name: str, planted: tuple[str, ...] = PLANTED) -> Path:
    path = HERE / name
    path.mkdir(exist_ok=True)
    (path / "planted.txt").write_text("".join(f"{line}\n" for line in planted), encoding="utf-8")
    return path


def eml() -> None:
    subject = base64.b64encode("维吾尔族".encode("gb18030")).decode()
    zipped = base64.encodebytes(HEADER.encode("gb18030")).decode()
    (folder("eml") / "message.eml").write_bytes(
        (
            f"From: sender@example.org\r\nTo: reader@example.org\r\nSubject: =?gb18030?B?{subject}?=\r\n"
            'MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary="border"\r\n\r\nignored\r\n--border\r\n'
            "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            "EM_NATION_TYPE_=\r\nUYGUR =CE=AC=CE=E1\r\n"
            f"--border\r\nContent-Type: text/x-c; name=nation.h\r\nContent-Transfer-Encoding: base64\r\n\r\n{zipped}"
            "--border--\r\n"
        ).encode()
    )
    (folder("mhtml") / "page.mhtml").write_bytes(
        b"From: <Saved by a browser>\r\nSnapshot-Content-Location: https://vendor.example/\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="border"\r\n\r\n--border\r\n'
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"Content-Location: https://vendor.example/\r\n\r\n<p>EM_NATION_=\r\nTYPE_UYGUR =E7=BB=B4=E5=90=BE=E5=B0=94=\r\n"
        b"=E6=97=8F</p>\r\n--border--\r\n"
    )


def outlook() -> None:
    text = (
        "{\\rtf1\\ansi\\ansicpg936 EM_NATION_{\\b TYPE_UYGUR} "
        + "".join(f"\\'{byte:02x}" for byte in PLANTED[1].encode("gb18030"))
        + "}"
    )
    packed = b"".join(b"\0" + text[at : at + 8].encode() for at in range(0, len(text), 8))
    body = struct.pack("<LL4sL", len(packed) + 12, len(text), b"LZFu", 0) + packed
    streams = {
        "__properties_version1.0": bytes(32),
        "__substg1.0_0037001F": "Re: attributes".encode("utf-16-le"),
        "__substg1.0_10090102": body,
        "__attach_version1.0_#00000000/__substg1.0_37010102": HEADER.encode("gb18030"),
    }
    (folder("rtf_packed") / "message.msg").write_bytes(compound_file(streams))
    (folder("ole") / "setup.msi").write_bytes(
        compound_file({"\u4840\u3f3f\u4577\u446c\u3e6a\u44b2\u482f": HEADER.encode()})
    )


def presentation() -> None:
    """LibreOffice adds a thumbnail of 400 KB; keep the streams that matter."""
    place = folder("ppt") / "deck.ppt"
    full = CompoundFile(Blob.of_bytes(place.read_bytes()))
    kept = {s.path: full.read(s, 1 << 20) for s in full.streams if s.path in ("PowerPoint Document", "Current User")}
    place.write_bytes(compound_file(kept))


def asar() -> None:
    script, note = b"const EM_NATION_TYPE_UYGUR = 1;\n", PLANTED[1].encode()
    files = {"files": {"src": {"files": {"main.js": {"size": len(script), "offset": "0"}}},
                       "note.txt": {"size": len(note), "offset": str(len(script))}, "big.node": {"size": 9, "unpacked": True}}}  # fmt: skip
    header = json.dumps(files, separators=(",", ":")).encode()
    padded = header.ljust(-(-len(header) // 4) * 4, b"\0")
    pickled = struct.pack("<LL", len(padded) + 4, len(header)) + padded
    (folder("asar") / "app.asar").write_bytes(struct.pack("<LL", 4, len(pickled)) + pickled + script + note)


def git() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        fixed = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                 for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", "2020-11-01T00:00:00Z"))}  # fmt: skip
        environment = os.environ | fixed | {"HOME": scratch}

        def run(*words: str) -> None:
            subprocess.run(
                ["git", "-C", scratch, "-c", "init.defaultBranch=main", *words],
                check=True,
                env=environment,
                stdout=subprocess.DEVNULL,
            )

        run("init", "-q")
        source = Path(scratch) / "nation.h"
        filler = "".join(f"#define FIELD_{number} {number}\n" for number in range(200))
        for text in (filler + HEADER, filler + HEADER.replace("UYGUR = 1, // 维吾尔族", "OTHER = 1,") + "// cleaned\n"):
            source.write_text(text, encoding="utf-8")
            run("add", "nation.h")
            run("commit", "-q", "-m", "Change the list")
        loose = sorted((Path(scratch) / ".git/objects").glob("??/*"))
        holder = next(path for path in loose if path.stat().st_size == max(other.stat().st_size for other in loose))
        (folder("git_object") / "object").write_bytes(holder.read_bytes())
        run("repack", "-adfq", "--depth=50", "--window=50")
        pack = next((Path(scratch) / ".git/objects/pack").glob("*.pack"))
        (folder("git_pack") / "history.pack").write_bytes(pack.read_bytes())


def qt() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        catalogue = Path(scratch) / "zh.ts"
        catalogue.write_text(
            '<?xml version="1.0"?><!DOCTYPE TS><TS version="2.1" language="zh_CN"><context><name>FaceFilter</name><message>'
            "<source>EM_NATION_TYPE_UYGUR</source><translation>维吾尔族</translation></message></context></TS>",
            encoding="utf-8",
        )
        subprocess.run(["lrelease", "-silent", str(catalogue), "-qm", str(folder("qt_qm") / "zh.qm")], check=True)
        header = Path(scratch) / "nation.h"
        header.write_text(HEADER * 8, encoding="utf-8")
        listing = Path(scratch) / "all.qrc"
        listing.write_text('<RCC><qresource prefix="/api"><file>nation.h</file></qresource></RCC>')
        for version, name in ((1, "old"), (2, "new")):
            command = ["rcc", "--binary", "--format-version", str(version), "-threshold", "1", "-compress", "9"]
            subprocess.run(
                [*command, str(listing), "-o", str(folder("qt_rcc") / f"{name}.rcc")], check=True, cwd=scratch
            )


def qt_program() -> None:
    """A library with compiled-in resources; Qt itself is not needed to link it."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "nation.h").write_text(HEADER * 8, encoding="utf-8")
        listing = Path(scratch) / "all.qrc"
        listing.write_text('<RCC><qresource prefix="/api"><file>nation.h</file></qresource></RCC>')
        options = ["--format-version", "2", "-threshold", "1", "-compress", "9", "--name", "api"]
        subprocess.run(["rcc", *options, str(listing), "-o", "all.cpp"], check=True, cwd=scratch)
        link = ["g++", "-Os", "-shared", "-fPIC", "-s", "-Wl,--build-id=none", "-o", "libclient.so", "all.cpp"]
        subprocess.run(link, check=True, cwd=scratch)
        (folder("qt_embedded") / "libclient.so").write_bytes((Path(scratch) / "libclient.so").read_bytes())


def dotnet_program() -> None:
    """The skeleton of a .NET program: one section with a CLI header and two resources, one of them a packed library."""
    library = b"MZ" + bytes(62) + HEADER.encode()
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = engine.compress(library) + engine.flush()
    text = b"an ordinary resource"
    resources = struct.pack("<L", len(text)) + text
    resources += b"\0" * (-len(resources) % 8) + struct.pack("<L", len(packed)) + packed
    cli = struct.pack("<LHHLLLLLL", 72, 2, 5, 0, 0, 1, 0, 0x2000 + 72, len(resources)) + bytes(40)
    body = cli + resources + b"\0costura.nation.dll.compressed\0"
    optional = struct.pack("<H", 0x20B) + bytes(110) + bytes(8 * 14) + struct.pack("<LL", 0x2000, 72) + bytes(8)
    section = struct.pack("<8sLLLL16x", b".text", len(body), 0x2000, len(body), 0x200)
    head = b"MZ" + bytes(58) + struct.pack("<L", 64)
    head += struct.pack("<4sHH12xHH", b"PE\0\0", 0x8664, 1, len(optional), 0x22) + optional + section
    (folder("dotnet_packed") / "Client.exe").write_bytes(head.ljust(0x200, b"\0") + body)


def data() -> None:
    labels = pickle.dumps({"classes": ["OTHER", *PLANTED] * 4}, protocol=4)
    (folder("zlib_stream") / "labels.joblib").write_bytes(zlib.compress(labels))
    values = {"nation.uygur": "EM_NATION_TYPE_UYGUR", "list": [{"label": "维吾尔族"}]}
    (folder("plist") / "Localizable.strings").write_bytes(plistlib.dumps(values, fmt=plistlib.FMT_BINARY))
    labels = ("OTHER", *PLANTED)
    width = max(map(len, labels))
    header = f"{{'descr': '<U{width}', 'fortran_order': False, 'shape': ({len(labels)},), }}"
    header = header.ljust(117) + "\n"
    body = b"".join(label.encode("utf-32-le").ljust(4 * width, b"\0") for label in labels)
    (folder("npy") / "classes.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "faces.db"
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA page_size=512")
            database.execute("CREATE TABLE attribute(name TEXT, note TEXT, picture BLOB)")
            for before in range(440, 480):  # the words are cut by a page's end at least once
                database.execute(
                    "INSERT INTO attribute VALUES (?, ?, ?)", ("nation", "-" * before + " ".join(PLANTED), b"\1" * 600)
                )
        database.close()
        (folder("sqlite") / "faces.db").write_bytes(path.read_bytes())


def chm() -> None:
    """Free Pascal's chmcmd writes the help file."""
    with tempfile.TemporaryDirectory() as scratch:
        page = f'<html><head><meta charset="utf-8"></head><body><h1>Nation</h1><pre>{HEADER * 40}</pre></body></html>'
        (Path(scratch) / "nation.html").write_text(page, encoding="utf-8")
        (Path(scratch) / "numbers.html").write_text("".join(f"<p>{n * n % 9973}</p>" for n in range(12_000)))
        options = "[OPTIONS]\nCompatibility=1.1 or later\nCompiled file=manual.chm\nDefault topic=nation.html\n"
        (Path(scratch) / "manual.hhp").write_text(options + "[FILES]\nnation.html\nnumbers.html\n")
        subprocess.run(["chmcmd", "manual.hhp"], check=True, cwd=scratch, stdout=subprocess.DEVNULL)
        (folder("chm") / "manual.chm").write_bytes((Path(scratch) / "manual.chm").read_bytes())


def main() -> None:
    for make in (chm, eml, outlook, presentation, asar, git, qt, qt_program, dotnet_program, data):
        make()


if __name__ == "__main__":
    main()
