"""A notification server on a message bus of its own, as a desktop has one: it keeps what it is asked to show."""

import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_BUS = "org.freedesktop.DBus"


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def _padded(data: bytes, to: int) -> bytes:
    return data + b"\0" * (-len(data) % to)


def _field(code: int, kind: str, value: bytes) -> bytes:
    return bytes((code, len(kind))) + kind.encode() + b"\0" + (b"\0" * (-(3 + len(kind)) % 4)) + value


def _message(kind: int, serial: int, fields: list[tuple[int, str, bytes]], body: bytes) -> bytes:
    head = b""
    for code, signature, value in fields:
        head = _padded(head, 8) + _field(code, signature, value)
    start = struct.pack("<BBBBII", ord("l"), kind, 0, 1, len(body), serial)
    return _padded(start + struct.pack("<I", len(head)) + head, 8) + body


def _signature(text: str) -> bytes:
    return bytes((len(text),)) + text.encode() + b"\0"


@dataclass
class Notifications:
    """`shown` are (application, title, text) in order; `address` is the bus's."""

    address: str
    shown: list[tuple[str, str, str]] = field(default_factory=list)

    def serve(self, bus: socket.socket) -> None:
        """Answer until the bus closes."""
        serial = 10
        while True:
            start = self._read(bus, 16)
            if start is None:
                return
            length, _, fields_length = struct.unpack("<III", start[4:16])
            rest = self._read(bus, fields_length + (-(16 + fields_length) % 8) + length)
            if rest is None:
                return
            if start[1] != 1:
                continue
            fields, body = rest[:fields_length], rest[len(rest) - length :]
            sender = fields[fields.index(b"\x07\x01s\0") + 8 :].split(b"\0")[0].decode()
            reply = [(5, "u", start[8:12]), (6, "s", _string(sender))]
            if b"Notify\0" in fields:
                self.shown.append(_three(body))
                reply += [(8, "g", _signature("u"))]
                answer = struct.pack("<I", len(self.shown))
            elif b"GetServerInformation\0" in fields:
                reply += [(8, "g", _signature("ssss"))]
                answer = _padded(_padded(_padded(_string("test"), 4) + _string("none"), 4) + _string("1"), 4)
                answer += _string("1.2")
            else:
                reply += [(8, "g", _signature("as"))]
                answer = struct.pack("<I", 9) + _string("body")
            serial += 1
            bus.sendall(_message(2, serial, reply, answer))

    @staticmethod
    def _read(bus: socket.socket, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = bus.recv(size - len(data))
            if not more:
                return None
            data += more
        return data


def _three(body: bytes) -> tuple[str, str, str]:
    """Application, title and text of a call of Notify (susss...)."""
    at, texts = 0, []
    for kind in "susss":
        at += -at % 4
        (size,) = struct.unpack("<I", body[at : at + 4])
        at += 4
        if kind == "s":
            texts.append(body[at : at + size].decode())
            at += size + 1
    return texts[0], texts[2], texts[3]


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Notifications]:
    """A session bus with a notification server. Skips where the programs are not installed (in CI they are)."""
    if not (shutil.which("dbus-daemon") and shutil.which("notify-send")):
        if os.environ.get("CI"):
            pytest.fail("dbus-daemon and notify-send are needed")
        pytest.skip("no dbus-daemon or notify-send here")
    path = tmp_path / "bus"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        found = Notifications(address=daemon.stdout.readline().strip())
        bus = socket.socket(socket.AF_UNIX)
        bus.connect(str(path))
        bus.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
        assert bus.recv(200).startswith(b"OK")
        to_bus = [(1, "o", _string("/org/freedesktop/DBus")), (2, "s", _string(_BUS)), (6, "s", _string(_BUS))]
        bus.sendall(b"BEGIN\r\n" + _message(1, 1, [*to_bus, (3, "s", _string("Hello"))], b""))
        own = _padded(_string(_NAME), 4) + struct.pack("<I", 4)
        bus.sendall(_message(1, 2, [*to_bus, (3, "s", _string("RequestName")), (8, "g", _signature("su"))], own))
        thread = threading.Thread(target=found.serve, args=(bus,))
        thread.start()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", found.address)
        yield found
        daemon.terminate()
        thread.join(10)
        bus.close()
