"""Time screening against half a million names: `python bench/screening_speed.py LIST QUERIES [NAMES]`.

The names are honest permutations of the list's own: the distinctive part of one with the trade, form and place of
others, so that parts are about as common as they are on real lists.
"""

import json
import random
import resource
import sys
import time
from pathlib import Path

from witnessmark.knowledge.sanctions import RelationFile, load_name_parts
from witnessmark.model.screening import ListEntry
from witnessmark.screen.fold import fold
from witnessmark.screen.lexicon import Kind, Lexicon
from witnessmark.screen.lists import read_normalised
from witnessmark.screen.parts import typed_parts
from witnessmark.screen.screener import Screener


def permuted(entries, count, seed=5):
    rng = random.Random(seed)
    lexicon = Lexicon(load_name_parts())
    cores, shells = [], []
    for entry in entries:
        parts = typed_parts(fold(entry.name).text, lexicon)
        cores += [part.text for part in parts if part.kind == Kind.CORE and len(part.text) > 2]
        shells.append([part.text if part.kind != Kind.CORE else None for part in parts])
    shells = [shell for shell in shells if None in shell and len(shell) <= 9]
    for number in range(count):
        shell = rng.choice(shells)
        words = []
        for word in shell:
            core = rng.choice(cores) if word is None else word
            words.append(
                core if rng.random() < 0.5 or word is not None else core[: len(core) // 2 + 1] + rng.choice(cores)[-3:]
            )
        yield ListEntry(id=f"p:{number}", list="permuted", name=" ".join(words))


def main():
    entries = read_normalised(Path(sys.argv[1]))
    queries = [json.loads(line)["query"] for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 500_000
    names = [*entries, *permuted(entries, count - sum(1 + len(entry.aliases) for entry in entries))]
    start = time.perf_counter()
    screener = Screener(names, relations=RelationFile())
    print(f"{len(screener.index.names)} names indexed in {time.perf_counter() - start:.1f} s", flush=True)
    start, cpu = time.perf_counter(), time.process_time()
    for query in queries:
        screener.screen(query, as_of="2026-01-01")
    took, used = time.perf_counter() - start, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(queries) / took:.0f} queries/s on one core ({len(queries) / used:.0f} by processor time), "
        f"peak memory {memory:.0f} MB"
    )


if __name__ == "__main__":
    main()
