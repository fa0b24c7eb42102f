"""The fonts at hand that may be embedded: free licence, embedding allowed, upright, of normal weight."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError

MOST_FILES = 4_000
_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_OTHER_STYLE = re.compile(
    r"(?i)bold|italic|oblique|black|light|thin|medium|heavy|condensed|extracond|semicond|display|mono|emoji|demi"
)
_FREE = re.compile(r"(?i)open ?font ?licen[cs]e|\bOFL\b|apache licen[cs]e|apache\.org/licenses|bitstream vera|dejavu")
_RESTRICTED, _NO_SUBSET, _BITMAP, _PRINT_ONLY = 0x0002, 0x0100, 0x0200, 0x0004


@dataclass(frozen=True, kw_only=True)
class Face:
    """One face of a font file. `licence` is what the font says of itself."""

    path: Path
    index: int
    family: str
    version: str
    licence: str
    covers: frozenset[int]


def system_folders() -> tuple[Path, ...]:
    """Where this system keeps fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"
    if sys.platform == "win32":
        windows = Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"
        return windows, Path(os.environ.get("LOCALAPPDATA", str(home))) / "Microsoft/Windows/Fonts"
    shares = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    data = os.environ.get("XDG_DATA_HOME") or str(home / ".local/share")
    return *(Path(share) / "fonts" for share in shares.split(":") if share), Path(data) / "fonts", home / ".fonts"


def faces(folders: Sequence[Path], *, han: str = "SC") -> Iterator[Face]:
    """Faces that may be embedded, best first; of a collection the one for `han` (SC, TC, JP, KR) before the others.

    A file that cannot be read as a font is passed over: it is no part of the evidence.
    """
    files = {path for folder in folders for path in _files(folder)}
    for path in sorted(files, key=lambda path: (_rank(path.name), path.name, str(path))):
        yield from sorted(_read(path), key=lambda face: (not re.search(rf"\b{han}\b", face.family), face.index))


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for base, _, names in os.walk(folder):
        found += [Path(base) / name for name in names if Path(name).suffix.lower() in _SUFFIXES]
        if len(found) > MOST_FILES:
            break
    return [path for path in sorted(found)[:MOST_FILES] if not _OTHER_STYLE.search(path.stem)]


def _rank(name: str) -> int:
    if re.match(r"NotoSans[-\[]", name):
        return 0
    if name.startswith("NotoSans"):
        return 1 if "UI" not in name else 3
    return 2 if name.startswith("Noto") else 3


def _read(path: Path) -> list[Face]:
    try:
        with path.open("rb") as file:
            if path.suffix.lower() in (".ttc", ".otc"):
                fonts = TTCollection(file, lazy=True).fonts
            else:
                fonts = [TTFont(file, lazy=True)]
            read = [_face(path, index, font) for index, font in enumerate(fonts)]
    except (OSError, TTLibError, ValueError, KeyError, AssertionError):
        return []
    return [face for face in read if face is not None]


def _face(path: Path, index: int, font: TTFont) -> Face | None:
    """The face, or None when it may not be embedded."""
    names = font["name"]
    family = names.getBestFamilyName() or path.stem
    licence = " ".join(str(names.getDebugName(number) or "") for number in (13, 14)).strip()
    bits = font["OS/2"].fsType
    allowed = not bits & (_RESTRICTED | _NO_SUBSET | _BITMAP) and not (bits & _PRINT_ONLY and not bits & 0x0008)
    if not allowed or not _FREE.search(licence) or "Mono" in family:
        return None
    return Face(
        path=path,
        index=index,
        family=str(family),
        version=str(names.getDebugName(5) or ""),
        licence=licence[:300],
        covers=frozenset(font.getBestCmap() or ()),
    )
