"""The same queries through other matchers: `python bench/screening_peers.py LIST QUERIES`.

rapidfuzz is always run; nomenklatura (logic-v1) when it can be imported in this environment. Each is given its best
threshold on the very queries it is judged on, which flatters it; ours is judged at its fitted one.
"""

import json
import sys
import time
from pathlib import Path

from rapidfuzz import fuzz, process
from screening import any_level, best, query_level, recall_at

from witnessmark.screen.fold import fold
from witnessmark.screen.lists import read_normalised
from witnessmark.screen.screener import Screener

try:
    from followthemoney import model
    from nomenklatura.matching import LogicV1
    from nomenklatura.matching.types import ScoringConfig
except ImportError:
    LogicV1 = None


def ours(entries, queries):
    screener = Screener(entries)
    return [
        [(c.score, c.entry) for c in screener.screen(q, as_of="2026-01-01", threshold=0.02).candidates] for q in queries
    ]


def fuzzy(scorer):
    def run(entries, queries):
        names = [(fold(name).text, entry.id) for entry in entries for name in (entry.name, *entry.aliases)]
        texts = [name for name, _ in names]
        out = []
        for query in queries:
            found = process.extract(fold(query).text, texts, scorer=scorer, limit=20)
            out.append([(score / 100, names[at][1]) for _, score, at in found])
        return out

    return run


def nomenklatura(entries, queries):
    def proxy(number, names):
        return model.get_proxy({"id": number, "schema": "LegalEntity", "properties": {"name": list(names)}})

    known = [(entry.id, proxy(entry.id, (entry.name, *entry.aliases))) for entry in entries]
    config = ScoringConfig.defaults()
    out = []
    for number, query in enumerate(queries):
        asked = proxy(f"q{number}", (query,))
        rows = ((LogicV1.compare(asked, other, config).score, key) for key, other in known)
        out.append(sorted((row for row in rows if row[0] > 0.3), reverse=True)[:20])
    return out


def main():
    entries = read_normalised(Path(sys.argv[1]))
    rows = [json.loads(line) for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()]
    queries = [row["query"] for row in rows]
    runs = {
        "witnessmark": ours,
        "rapidfuzz token_set_ratio": fuzzy(fuzz.token_set_ratio),
        "rapidfuzz WRatio": fuzzy(fuzz.WRatio),
    }
    if LogicV1 is not None:
        runs["nomenklatura logic-v1"] = nomenklatura
    for name, run in runs.items():
        start = time.perf_counter()
        judged = [(set(row["expect"]), found) for row, found in zip(rows, run(entries, queries), strict=True)]
        took = time.perf_counter() - start
        f1, threshold = best(judged, query_level)
        recall, _ = recall_at(judged, rows, 0.03)
        print(
            f"{name:28} F1 {f1:.3f} at {threshold:.2f} (any candidate {best(judged, any_level)[0]:.3f}), "
            f"recall at 3 % false alarms {recall:.3f}, {len(rows) / took:.0f} queries/s with building"
        )


if __name__ == "__main__":
    main()
