"""Pack a capture as WACZ 1.1.1, so that replay tools open it. The same input gives the same bytes."""

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from witnessmark import __version__
from witnessmark.capture.cdxj import CdxLine, index_text
from witnessmark.capture.warc import warc_date

_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Page:
    """One entry of the list of pages."""

    id: str
    url: str
    title: str
    at: datetime


def write_wacz(path: Path, warc: Path, lines: list[CdxLine], pages: list[Page], title: str, at: datetime) -> None:
    """Write the package. Raises OSError. The WARC goes in stored, so that replay can seek in it."""
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", allowZip64=True) as package:
            _fill(package, warc, lines, pages, title, at)
        file.flush()
        os.fsync(file.fileno())


def _fill(
    package: zipfile.ZipFile, warc: Path, lines: list[CdxLine], pages: list[Page], title: str, at: datetime
) -> None:
    resources: list[dict[str, object]] = []
    when = at.astimezone(UTC).timetuple()[:6]
    _add_file(package, f"archive/{warc.name}", warc, when, resources)
    _add(package, "indexes/index.cdx", index_text(lines), when, resources)
    _add(package, "pages/pages.jsonl", _pages(pages), when, resources)
    described = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": title[:500],
        "created": warc_date(at),
        "software": f"witnessmark {__version__}",
        "mainPageUrl": pages[0].url if pages else "",
        "mainPageDate": warc_date(pages[0].at) if pages else warc_date(at),
        "resources": resources,
    }
    data = json.dumps(described, indent=2, ensure_ascii=False).encode()
    _add(package, "datapackage.json", data, when, [])
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    _add(package, "datapackage-digest.json", json.dumps(digest, indent=2).encode(), when, [])


def _pages(pages: list[Page]) -> bytes:
    lines: list[dict[str, object]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Pages", "hasText": False}]
    lines += [{"id": p.id, "url": p.url, "ts": warc_date(p.at), "title": p.title[:500]} for p in pages]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _add(
    package: zipfile.ZipFile, name: str, data: bytes, when: tuple[int, ...], resources: list[dict[str, object]]
) -> None:
    package.writestr(_entry(name, when, zipfile.ZIP_DEFLATED), data)
    resources.append(_resource(name, hashlib.sha256(data).hexdigest(), len(data)))


def _add_file(
    package: zipfile.ZipFile, name: str, source: Path, when: tuple[int, ...], resources: list[dict[str, object]]
) -> None:
    digest, size = hashlib.sha256(), 0
    entry = _entry(name, when, zipfile.ZIP_STORED)
    entry.file_size = source.stat().st_size
    with source.open("rb") as file, package.open(entry, "w") as out:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
    resources.append(_resource(name, digest.hexdigest(), size))


def _entry(name: str, when: tuple[int, ...], method: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (max(1980, when[0]), when[1], when[2], when[3], when[4], when[5]))
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    return entry


def _resource(path: str, digest: str, size: int) -> dict[str, object]:
    return {"name": path.rpartition("/")[2].lower(), "path": path, "hash": f"sha256:{digest}", "bytes": size}
