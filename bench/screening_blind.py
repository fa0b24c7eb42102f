"""Turn hand-written query sets into labelled queries for a list: `python bench/screening_blind.py LIST OUT`.

`screening_blind_1.txt` and `_2.txt` were written from general knowledge and the list, without the rules of the matcher
being read; what they showed was then mended in general, so that only first-try figures (docs/screening.md) are blind.
Spellings from the list by a seeded generator come on top: typing errors, dropped places and endings, other order.
"""

import argparse
import json
import random
import re
from pathlib import Path

from witnessmark.screen.lists import read_normalised

HERE = Path(__file__).parent
NEEDS = {"psb_variant": "strings", "brand_legal": "knowledge", "subsidiary_oem": "knowledge",
         "former_name": "knowledge", "abbrev": "knowledge"}  # fmt: skip


def by_hand(entries, path):
    """One row a line whose pattern meets the list; lines that meet nothing are printed and left out."""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("|")
        if line.startswith("#") or len(fields) < 4:
            continue
        schema = fields.pop() if fields[-1] == "Person" else None
        category, query, language, pattern = fields[0], fields[1], fields[-1], "|".join(fields[2:-1])
        expect = []
        if pattern != "-":
            wanted = re.compile(pattern, re.IGNORECASE)
            expect = [row.id for row in entries if any(wanted.search(name) for name in (row.name, *row.aliases))]
            if not expect:
                print("not on this list:", query)
                continue
        needs = NEEDS.get(category, "translit") if expect else "none"
        yield {
            "query": query,
            "category": category,
            "lang": language,
            "needs": needs,
            "expect": expect,
            "schema": schema,
        }


def typing_error(text, rng):
    """Two letters exchanged, one doubled, one left out, or one replaced."""
    at = rng.choice([i for i in range(1, len(text) - 1) if text[i : i + 2].isalpha()] or [1])
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    replaced = text[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]
    return rng.choice((swapped, text[:at] + text[at] + text[at:], text[:at] + text[at + 1 :], replaced))


def by_rule(entries, count, seed):
    """Spellings of names of the list, `count` of each kind."""
    rng = random.Random(seed)
    pool = [row for row in entries if 8 <= len(row.name) <= 80 and row.name.isascii()]
    kinds = {
        "g_exact": str,
        "g_upper": str.upper,
        "g_typo1": lambda text: typing_error(text, rng),
        "g_typo2": lambda text: typing_error(typing_error(text, rng), rng),
        "g_reorder": lambda text: " ".join([*text.split()[1:], text.split()[0]]),
    }
    for category, change in kinds.items():
        for row in rng.sample(pool, min(count, len(pool))):
            same = [other.id for other in entries if other.name.lower() == row.name.lower()]
            yield {"query": change(row.name), "category": category, "lang": "en", "needs": "strings", "expect": same}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=30)
    args = parser.parse_args()
    entries = read_normalised(args.list)
    rows = [row for path in sorted(HERE.glob("screening_blind_*.txt")) for row in by_hand(entries, path)]
    rows += by_rule(entries, args.each, args.seed)
    with args.out.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows, 1):
            file.write(
                json.dumps({"id": f"b{number}", "as_of": None, "listed": None, **row}, ensure_ascii=False) + "\n"
            )
    print(len(rows), "queries,", sum(1 for row in rows if not row["expect"]), "of them innocent")


if __name__ == "__main__":
    main()
