"""WARC and WACZ made by others: addresses, times, program, and whether their own digests hold."""

import hashlib
import json
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from witnessmark.capture.foreign.facts import Facts
from witnessmark.model.problem import ProblemCode

_MAX_RECORDS = 1_000_000
_MAX_INFO = 65_536
_MAX_MEMBER = 64 << 30
_MAX_JSON = 64 << 20
_MAX_RATIO = 1_000
_PIECE = 1 << 20
_SMALL = 1 << 14  # members are small, and what follows one is copied


def read_warc(path: Path) -> Facts:
    """Walk all records of a WARC file."""
    facts = Facts(kind="WARC")
    with path.open("rb") as file:
        _check_compression(file, facts)
        _walk(file, facts)
    return facts


def _check_compression(file: IO[bytes], facts: Facts) -> None:
    """The walk ends quietly where a gzip member is cut; look for that first. Leaves the file at its start."""
    engine = None
    try:
        data = file.read(_SMALL)
        while data and (engine is not None or data.startswith(b"\x1f\x8b")):
            engine = engine or zlib.decompressobj(31)
            engine.decompress(data, _PIECE)
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail
            data = rest if len(rest) > 1 else rest + file.read(_SMALL)
            engine = None if engine.eof else engine
        if engine is not None:
            facts.problem(ProblemCode.TRUNCATED, "the last gzip member is cut", "the end of the WARC is lost")
    except zlib.error as error:
        facts.problem(ProblemCode.CORRUPT, f"a gzip member is damaged: {error}", "records from there on may be missing")
    file.seek(0)


def _walk(file: IO[bytes], facts: Facts) -> None:
    good = bad = without = 0
    try:
        for number, record in enumerate(ArchiveIterator(file, no_record_parse=False, check_digests=True)):
            if number >= _MAX_RECORDS:
                facts.problem(ProblemCode.BOUND_MEMBERS, f"more than {_MAX_RECORDS} records", "the rest was not read")
                break
            _record(record, facts)
            while record.raw_stream.read(_PIECE):
                continue
            if getattr(record.raw_stream, "limit", 0) > 0:
                facts.problem(ProblemCode.TRUNCATED, f"record {number + 1} is cut short", "its end is lost")
            passed = record.digest_checker.passed
            good, bad, without = good + (passed is True), bad + (passed is False), without + (passed is None)
    except (ArchiveLoadFailed, OSError, EOFError, zlib.error, ValueError, IndexError, KeyError) as error:
        facts.problem(ProblemCode.CORRUPT, f"the WARC is damaged: {str(error)[:200]}", "records before it were read")
    facts.checked.append(f"record digests: {good} hold, {bad} do not, {without} records have none that can be checked")
    if bad:
        facts.problem(
            ProblemCode.CORRUPT, f"{bad} records do not have the digest they state", "their bytes were changed"
        )
    if not facts.exchanges:
        facts.problem(
            ProblemCode.CORRUPT, "there is no response or resource record", "nothing captured is in it", note=True
        )


def _record(record: Any, facts: Facts) -> None:
    header = record.rec_headers.get_header
    if date := header("WARC-Date"):
        if not facts.dates:
            facts.dates = [date, date]
        facts.dates = [min(facts.dates[0], date), max(facts.dates[1], date)]
    if record.rec_type == "warcinfo":
        for line in record.raw_stream.read(_MAX_INFO).decode("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip().lower() == "software" and not facts.software:
                facts.software = value.strip()[:200]
    elif record.rec_type in ("response", "resource", "revisit"):
        facts.exchanges += 1
        facts.server_addresses += bool(header("WARC-IP-Address"))
        facts.certificates += "tls-chain" in (header("WARC-Target-URI") or "")
        facts.add_url((header("WARC-Target-URI") or "").strip("<>")[:2_000])
        if record.http_headers and facts.status is None:
            code = record.http_headers.get_statuscode()
            facts.status = int(code) if code.isascii() and code.isdigit() else None


def read_wacz(path: Path) -> Facts:
    """The package's own statements, its resources' digests, and all its WARC files."""
    facts = Facts(kind="WACZ")
    try:
        with zipfile.ZipFile(path) as package:
            described = json.loads(_small(package, "datapackage.json"))
            if not isinstance(described, dict):
                raise ValueError("datapackage.json is no object")
            facts.add_url(str(described.get("mainPageUrl") or ""))
            facts.title = str(described.get("title") or "")[:500]
            facts.software = str(described.get("software") or "")[:200]
            _resources(package, described, facts)
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        KeyError,
        EOFError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as error:
        facts.problem(ProblemCode.CORRUPT, f"the WACZ is damaged: {str(error)[:200]}", "parts of it were not read")
    return facts


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > _MAX_JSON:
        raise ValueError(f"{name} is too large")
    return package.read(name)


def _resources(package: zipfile.ZipFile, described: dict[str, Any], facts: Facts) -> None:
    listed = described.get("resources")
    known = (
        {str(r.get("path")): str(r.get("hash")) for r in listed if isinstance(r, dict)}
        if isinstance(listed, list)
        else {}
    )
    held, software = 0, facts.software
    for entry in package.infolist()[:100_000]:
        if entry.is_dir() or entry.filename in ("datapackage.json", "datapackage-digest.json"):
            continue
        if entry.file_size > _MAX_MEMBER or entry.file_size > _MAX_RATIO * max(entry.compress_size, 1 << 14):
            facts.problem(ProblemCode.BOUND_RATIO, f"{entry.filename[:100]} is too large unpacked", "it was not read")
            continue
        held += _member(package, entry, known.get(entry.filename, ""), facts)
    facts.software = software or facts.software
    missing = sorted(set(known) - {entry.filename for entry in package.infolist()})
    if missing:
        facts.problem(ProblemCode.TRUNCATED, f"{len(missing)} listed files are not in the package", "they are lost")
    facts.checked.append(f"package digests: {held} of {len(known)} listed files hold")


def _member(package: zipfile.ZipFile, entry: zipfile.ZipInfo, stated: str, facts: Facts) -> int:
    """Check one member's digest and, if it is a WARC, walk it; 1 if the digest holds."""
    algorithm, _, value = stated.partition(":")
    with tempfile.TemporaryFile() as copy, package.open(entry) as member:
        digest = hashlib.new(algorithm) if algorithm in ("sha256", "sha512", "sha1", "md5") else hashlib.sha256()
        while piece := member.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
        holds = bool(stated) and digest.hexdigest() == value
        if stated and not holds:
            facts.problem(ProblemCode.CORRUPT, f"{entry.filename[:100]} has not the digest stated", "it was changed")
        elif not stated:
            facts.problem(
                ProblemCode.CORRUPT, f"{entry.filename[:100]} is not listed in the package", "it was added", note=True
            )
        if entry.filename.endswith((".warc", ".warc.gz")):
            copy.seek(0)
            _check_compression(copy, facts)
            _walk(copy, facts)
    return int(holds)
