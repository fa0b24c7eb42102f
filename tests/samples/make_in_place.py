"""Rebuild the samples that are matched as they stand: `PYTHONPATH=tests python tests/samples/make_in_place.py`.

Uses javac, gcc and msgfmt; everything else is written here.
"""

import marshal
import pickle
import shutil
import struct
import subprocess
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
NAME, WORD = "EM_NATION_TYPE_UYGUR", "维吾尔族"


def folder(name: str) -> Path:
    path = HERE / name
    path.mkdir(exist_ok=True)
    (path / "planted.txt").write_text(f"{NAME}\n{WORD}\n", encoding="utf-8")
    return path


def field(number: int, data: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return bytes([number << 3 | 2, len(data)]) + data


def android() -> None:
    strings = [text.encode("utf-16-le") for text in (NAME, WORD)]
    body = b"".join(struct.pack("<H", len(text) // 2) + text + b"\0\0" for text in strings)
    body += b"\0" * (-len(body) % 4)
    offsets = struct.pack("<2L", 0, len(strings[0]) + 4)
    pool = struct.pack("<HHLLLLLL", 1, 28, 28 + 8 + len(body), 2, 0, 0, 36, 0) + offsets + body
    table = struct.pack("<HHLL", 2, 12, 12 + len(pool), 0) + pool
    (folder("android_resources") / "resources.arsc").write_bytes(table)
    texts = [text.encode() for text in (NAME, WORD)]
    data = b"".join(bytes([len(text.decode())]) + text + b"\0" for text in texts)
    (folder("dex") / "classes.dex").write_bytes(b"dex\n035\0" + bytes(104) + data)


def compiled() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        there = Path(scratch)
        (there / "Nation.java").write_text(
            f'enum Nation {{ OTHER, {NAME}; static final String S = "{WORD}"; }}', "utf-8"
        )
        subprocess.run(["javac", "-encoding", "utf-8", "Nation.java"], check=True, cwd=there)
        shutil.copy(there / "Nation.class", folder("java_class"))
        (there / "a.c").write_text(f'const char *EM_NATION_TYPE_UYGUR(void) {{ return "{WORD}"; }}\n', "utf-8")
        command = ["gcc", "-shared", "-fPIC", "-nostdlib", "-s", "-Wl,--build-id=none", "-o", "libnation.so", "a.c"]
        subprocess.run(command, check=True, cwd=there)
        shutil.copy(there / "libnation.so", folder("native"))
        catalogue = (
            f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "{NAME}"\nmsgstr "{WORD}"\n'
        )
        (there / "a.po").write_text(catalogue, "utf-8")
        subprocess.run(["msgfmt", "-o", str(folder("gettext") / "vendor.mo"), str(there / "a.po")], check=True)
    code = compile(f'class EM_NATION_TYPE:\n    {NAME} = 1\n    "{WORD}"\n    note = "{WORD}"\n', "nation.py", "exec")
    (folder("pyc") / "nation.cpython-311.pyc").write_bytes(b"\xa7\r\r\n" + bytes(12) + marshal.dumps(code))
    (folder("pickle") / "labels.pkl").write_bytes(pickle.dumps({"classes": [NAME, WORD]}, protocol=4))


def structured() -> None:
    names, strings = NAME.encode() + b"\0", WORD.encode("utf-16-le")
    heap = b"\0" + bytes([len(strings) + 1]) + strings + b"\0"
    root = b"BSJB" + struct.pack("<HHLL12s", 1, 1, 0, 12, b"v4.0.30319\0\0")
    (folder("dotnet") / "Nation.dll").write_bytes(b"MZ" + bytes(126) + root + names + heap)
    labels = field(14, field(1, b"labels") + field(2, f"OTHER,{NAME},{WORD}".encode()))
    (folder("model_labels") / "attributes.onnx").write_bytes(b"\x08\x07" + field(2, b"pytorch") + labels)
    value = field(2, field(1, NAME.encode()) + b"\x10\x01")
    descriptor = field(1, b"nation.proto") + field(2, WORD.encode()) + field(5, field(1, b"Nation") + value)
    (folder("protobuf") / "nation.desc").write_bytes(field(1, descriptor))
    page = f"<!DOCTYPE html><title>API</title><li><b>EM_NATION_TYPE</b>_<i>UYGUR</i>: {WORD[:2]}<u>{WORD[2:]}</u></li>"
    (folder("html") / "page.html").write_text(page, "gb18030")
    (folder("svn_base") / "nation.h.svn-base").write_text(f"{NAME} = 1, // {WORD}\n", "gb18030")
    (folder("hlp") / "MANUAL.HLP").write_bytes(
        b"\x3f\x5f\x03\x00" + bytes(28) + NAME.encode() + b"\0" + WORD.encode("gbk")
    )
    with zipfile.ZipFile(folder("epub") / "book.epub", "w", zipfile.ZIP_DEFLATED) as book:
        moment = (2020, 11, 1, 0, 0, 0)
        book.writestr(zipfile.ZipInfo("mimetype", moment), "application/epub+zip", zipfile.ZIP_STORED)
        page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{NAME} {WORD}</p></body></html>'
        book.writestr(zipfile.ZipInfo("OEBPS/page.xhtml", moment), page, zipfile.ZIP_DEFLATED)


def main() -> None:
    for make in (android, compiled, structured):
        make()


if __name__ == "__main__":
    main()
