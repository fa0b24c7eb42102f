"""Member names as text: hostile, in any encoding, never trusted as paths."""

from witnessmark.model.fact import UntrustedText
from witnessmark.unpack.unpacker import Limits

UNNAMED = UntrustedText("")
"""The name of the one member of a compressed file: the walk derives it from the file's own name."""


def inner_name(name: str) -> UntrustedText:
    """The file's own name without its last suffix; `.tgz` and the like become `.tar`."""
    stem, dot, suffix = name.rsplit("/", 1)[-1].rpartition(".")
    if not dot or not stem or len(suffix) > 8:
        return UntrustedText("content")
    tarred = suffix.lower() in {"tgz", "tbz", "tbz2", "txz", "tzst", "tlz", "tz2", "taz"}
    return UntrustedText(f"{stem}.tar" if tarred else stem)


def decode_name(raw: bytes, *, utf8: bool = False) -> UntrustedText:
    """Decode a member's name: UTF-8, else GB18030 where it gives Chinese, else the DOS code page. Never fails."""
    try:
        return UntrustedText(raw.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if utf8:
        return UntrustedText(raw.decode("utf-8", "backslashreplace"))
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return UntrustedText(raw.decode("cp437"))
    foreign = [character for character in text if character >= "\x80"]
    chinese = sum("\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef" for character in foreign)
    return UntrustedText(text if chinese * 2 >= len(foreign) else raw.decode("cp437"))


def storable(name: str) -> UntrustedText:
    """The name without lone surrogates, so that it can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return UntrustedText(name.encode("utf-8", "backslashreplace").decode())
    return UntrustedText(name)


def is_unsafe(name: str) -> bool:
    """Whether a naive tool that wrote this name to disk would leave its folder or fool a reader."""
    if name.startswith(("/", "\\")) or name[1:3] in {":\\", ":/"}:
        return True
    if ".." in name and ".." in name.replace("\\", "/").split("/"):
        return True
    return not name.isprintable() and any(character < " " or "\u202a" <= character <= "\u2069" for character in name)


def clipped(name: str, limits: Limits) -> tuple[UntrustedText, bool]:
    """The name within the bound on path length, and whether it had to be cut."""
    if len(name) <= limits.path_length:
        return storable(name), False
    return storable(name[: limits.path_length]), True
