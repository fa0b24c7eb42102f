"""Matching: our matcher beside the bare engine and beside YARA-X, same patterns, same bytes, same process, CPU time."""

import random
import sysconfig
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import yara_x

from bench.rows import Row, table
from witnessmark.blob import Blob
from witnessmark.knowledge import load
from witnessmark.knowledge.lexicon import load_terms
from witnessmark.scan.database import open_database
from witnessmark.scan.matcher import Matcher
from witnessmark.scan.patterns import Pattern

MIXED = 128 << 20
NOISE = 64 << 20
YARA_SHARE = 16  # YARA-X reads this fraction of the bytes: it is slower, and its speed does not depend on the size
REPEATS = 3


def mixed(size: int) -> bytes:
    """Programs, libraries, sources and data of this machine: every 5th file, in order of name, until it is enough."""
    out = bytearray()
    for path in islice(_files(), 0, None, 5):
        try:
            out += path.read_bytes()[: 8 << 20]
        except OSError:
            continue
        if len(out) >= size:
            break
    return bytes(out[:size])


def _files() -> Iterator[Path]:
    for root in (Path(sysconfig.get_path("purelib")), Path("/usr/lib"), Path("/usr/share")):
        yield from sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())


def run() -> list[Row]:
    """GB per CPU second of the matcher and of its peers."""
    terms = load_terms(load.root())
    matcher = Matcher(terms)
    compiled = open_database(terms, None)
    rules = _yara_rules(tuple(compiled.patterns))
    rows = []
    for name, data in (("mixed files", mixed(MIXED)), ("random bytes", random.Random(1).randbytes(NOISE))):
        part = data[: len(data) // YARA_SHARE]
        blob = Blob.of_bytes(data)

        def bare(data: bytes = data) -> None:
            compiled.database.scan(data, lambda *_: None)

        ours, engine = _paired(lambda blob=blob: matcher.scan(blob), bare)
        yara = min(_seconds(lambda part=part: yara_x.Scanner(rules).scan(part)) for _ in range(REPEATS))
        speed, engine_speed, yara_speed = len(data) / ours / 1e9, len(data) / engine / 1e9, len(part) / yara / 1e9
        unit = "GB/s CPU"
        note = f"{len(data) >> 20} MiB, {len(compiled.patterns)} patterns, {len(matcher.scan(blob)[0])} matches"
        rows.append(Row(f"matching {name}: bare engine", speed, engine_speed, unit, speed / engine_speed, 0.7, note))
        rows.append(Row(f"matching {name}: YARA-X", speed, yara_speed, unit, speed / yara_speed, 6.0, note))
    return rows


def _paired(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """The best CPU seconds of each, taken in turn so that both meet the same disturbance."""
    pairs = [(_seconds(ours), _seconds(peer)) for _ in range(REPEATS)]
    return min(p[0] for p in pairs), min(p[1] for p in pairs)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _yara_rules(patterns: tuple[Pattern, ...]) -> "yara_x.Rules":
    strings = {_literal(p): None for p in patterns}
    body = "\n".join(f"$s{i} = {text}" for i, text in enumerate(strings))
    return yara_x.compile(f"rule every_pattern {{ strings:\n{body}\ncondition: any of them }}")


def _literal(pattern: Pattern) -> str:
    quoted = "".join(f"\\x{byte:02x}" for byte in pattern.data)
    return f'"{quoted}"' + (" nocase" if pattern.caseless else "")


if __name__ == "__main__":
    print(table(run()))
