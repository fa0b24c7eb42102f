# ruff: noqa: C901 -- a script that reads from top to bottom
"""Measure name screening on labelled queries: `make eval-screen`, or `python bench/screening.py LIST QUERIES`.

The files come from the arguments, or from WITNESSMARK_SCREEN_LIST and WITNESSMARK_SCREEN_QUERIES; without them a
labelled set of our own (bench/screening_queries.jsonl over the starter set) is used. A query row has `id`, `query`,
`expect` (entry ids; empty for an innocent), and perhaps `as_of`, `listed`, `category`, `needs`.
"""

import argparse
import json
import os
import resource
import time
from collections import defaultdict
from pathlib import Path

from witnessmark.screen.lists import read_normalised
from witnessmark.screen.screener import Screener
from witnessmark.screen.starter import starter_entries

HERE = Path(__file__).parent


def judge(rows, answers):
    """Per query: the expected ids, and (score, entry) pairs best first."""
    return [
        (set(row["expect"]), [(c.score, c.entry) for c in answer.candidates])
        for row, answer in zip(rows, answers, strict=True)
    ]


def query_level(judged, threshold):
    """A query is right when its best reported candidate is expected; wrong when it is not (or none was)."""
    hit = wrong = miss = 0
    for expect, found in judged:
        above = [entry for score, entry in found if score >= threshold]
        if above and above[0] in expect:
            hit += 1
        elif above:
            wrong += 1
            miss += bool(expect)
        else:
            miss += bool(expect)
    return scores(hit, wrong, miss)


def any_level(judged, threshold):
    """A query is right when any reported candidate is expected."""
    hit = wrong = miss = 0
    for expect, found in judged:
        above = {entry for score, entry in found if score >= threshold}
        hit += bool(above & expect)
        wrong += bool(above) and not above & expect
        miss += bool(expect) and not above & expect
    return scores(hit, wrong, miss)


def entry_level(judged, threshold):
    """Every (query, entry) pair counts."""
    hit = wrong = miss = 0
    for expect, found in judged:
        above = {entry for score, entry in found if score >= threshold}
        hit += len(above & expect)
        wrong += len(above - expect)
        miss += len(expect - above)
    return scores(hit, wrong, miss)


def scores(hit, wrong, miss):
    precision = hit / (hit + wrong) if hit + wrong else 1.0
    recall = hit / (hit + miss) if hit + miss else 1.0
    return (2 * precision * recall / (precision + recall) if precision + recall else 0.0), precision, recall


def best(judged, level):
    return max((level(judged, t / 100)[0], t / 100) for t in range(2, 100))


def recall_at(judged, rows, rate):
    """The best recall with at most `rate` of the innocents reported."""
    innocents = sorted((found[0][0] if found else 0.0) for (expect, found) in judged if not expect)
    allowed = int(len(innocents) * rate)
    threshold = max(0.0, innocents[-allowed - 1] + 1e-6) if innocents else 0.0
    right = [expect for expect, found in judged if expect and any(s >= threshold and e in expect for s, e in found)]
    return len(right) / max(1, sum(1 for expect, _ in judged if expect)), threshold


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list", nargs="?", default=os.environ.get("WITNESSMARK_SCREEN_LIST"))
    parser.add_argument("queries", nargs="?", default=os.environ.get("WITNESSMARK_SCREEN_QUERIES"))
    parser.add_argument("--errors", action="store_true", help="print what went wrong")
    args = parser.parse_args()
    entries = read_normalised(Path(args.list)) if args.list else starter_entries()
    rows = [
        json.loads(line)
        for line in Path(args.queries or HERE / "screening_queries.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    start = time.perf_counter()
    screener = Screener(entries)
    built = time.perf_counter() - start
    start = time.perf_counter()
    answers = [screener.screen(row["query"], as_of=row.get("as_of") or "2026-11-23", threshold=0.02) for row in rows]
    took = time.perf_counter() - start
    judged = judge(rows, answers)
    print(
        f"{len(entries)} entries, {len(rows)} queries; index built in {built:.2f} s; {len(rows) / took:.0f} "
        f"queries/s on one core; "
        f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    for name, level in (("best candidate", query_level), ("any candidate", any_level), ("every entry", entry_level)):
        f1, threshold = best(judged, level)
        at = screener.model.threshold
        print(
            f"F1 by {name}: best {f1:.3f} at {threshold:.2f}; at the default {at:.2f}: F1 {level(judged, at)[0]:.3f} "
            f"(P {level(judged, at)[1]:.3f} R {level(judged, at)[2]:.3f})"
        )
    at = screener.model.threshold
    groups = defaultdict(list)
    for row, pair in zip(rows, judged, strict=True):
        groups[row.get("needs") or "all"].append(pair)
        groups["  " + (row.get("category") or "?")].append(pair)
    for name, pairs in sorted(groups.items()):
        positive = [pair for pair in pairs if pair[0]]
        line = f"{name:22} {len(pairs):4}"
        if positive:
            line += f"  recall {any_level(positive, at)[2]:.3f}  "
            line += f"every entry {entry_level(positive, at)[2]:.3f} (precision {entry_level(positive, at)[1]:.3f})"
        innocent = [pair for pair in pairs if not pair[0]]
        if innocent:
            line += f"  false alarms {sum(1 for _, f in innocent if f and f[0][0] >= at) / len(innocent):.3f}"
        print(line)
    same = [pair for row, pair in zip(rows, judged, strict=True) if row.get("needs") in ("strings", "none")]
    print(f"same script with innocents: F1 {query_level(same, at)[0]:.3f}, best {best(same, query_level)[0]:.3f}")
    for rate in (0.0, 0.03, 0.05):
        recall, threshold = recall_at(judged, rows, rate)
        print(f"recall at {rate:.0%} false alarms: {recall:.3f} (threshold {threshold:.3f})")
    dated = [(row, answer) for row, answer in zip(rows, answers, strict=True) if row.get("listed") is not None]
    right = sum(
        1
        for row, answer in dated
        if any(c.entry in row["expect"] and c.listed == row["listed"] for c in answer.candidates if c.score >= at)
    )
    print(f"as-of questions: {right} of {len(dated)} right")
    if args.errors:
        for row, answer, (expect, _found) in zip(rows, answers, judged, strict=True):
            above = [c for c in answer.candidates if c.score >= at]
            wrong = [c for c in above if c.entry not in expect]
            missing = expect - {c.entry for c in above}
            if wrong or missing:
                print(f"{row['id']} {row['query']!r} [{row.get('category')}]")
                for c in wrong[:4]:
                    print(
                        f"     wrong   {c.score:.3f} {c.entry} {c.name} | {c.matched}",
                        [(f.name, f.value) for f in c.features[:7]],
                    )
                for entry in sorted(missing)[:4]:
                    low = next((c for c in answer.candidates if c.entry == entry), None)
                    print(
                        "     missing",
                        entry,
                        f"{low.score:.3f} {low.matched}" if low else "not a candidate",
                        [(f.name, f.value) for f in low.features[:7]] if low else "",
                    )


if __name__ == "__main__":
    main()
