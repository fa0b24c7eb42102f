# ruff: noqa: E501, PLR0915 -- a script that reads from top to bottom
"""Fit the weights of the name score by logistic regression, and print the cross-validated quality.

`python bench/fit_screening.py LIST QUERIES [--write]`: pairs come from bench/screening_corpus.py over LIST, and
from the labelled QUERIES. Weights are drawn towards PRIOR and keep their sign.
"""

import argparse
import json
import math
import random
from pathlib import Path

from screening import any_level, best, entry_level, query_level, recall_at
from screening_corpus import corpus

from witnessmark.knowledge.sanctions import load_score_model
from witnessmark.screen.compare import FEATURES
from witnessmark.screen.lists import read_normalised
from witnessmark.screen.screener import Screener

SCORE = Path(__file__).parent.parent / "sanctions" / "names" / "score.toml"
FIXED = {"different_body", "other_signs", "same_name_elsewhere"}
SIGN = {
    "exact": 1,
    "core_query": 1,
    "core_name": 1,
    "extra_core": -1,
    "missing_core": -1,
    "misspelt": -1,
    "evidence": 1,
    "words_agree": 1,
    "words_missing": -1,
    "words_extra": -1,
    "foreign_trade": -1,
    "place_agrees": 1,
    "place_differs": -1,
    "place_extra": -1,
    "organ_agrees": 1,
    "organ_differs": -1,
    "organ_missing": -1,
    "level_differs": -1,
    "number_agrees": 1,
    "number_differs": -1,
    "no_core": -1,
    "no_core_exact": 1,
    "bare_pinyin": -1,
    "by_pinyin": -1,
    "by_letters": -1,
    "by_sound": -1,
    "rare_reading": -1,
    "initials": 0,
    "joined": 0,
    "likeness": 1,
    "short_core": -1,
    "known_name": -1,
    "alias": -1,
    "related": 1,
}
PRIOR = {
    "exact": 1.0,
    "core_query": 0.5,
    "core_name": 0.5,
    "extra_core": -2.0,
    "missing_core": -2.0,
    "misspelt": -3.0,
    "evidence": 4.0,
    "words_agree": 2.5,
    "words_missing": -1.0,
    "words_extra": -3.0,
    "foreign_trade": -3.5,
    "place_agrees": 0.5,
    "place_differs": -3.5,
    "place_extra": -0.7,
    "organ_agrees": 1.0,
    "organ_differs": -3.8,
    "organ_missing": -1.2,
    "level_differs": -0.8,
    "number_agrees": 1.5,
    "number_differs": -4.0,
    "no_core": -0.5,
    "no_core_exact": 3.5,
    "bare_pinyin": -0.7,
    "by_pinyin": -0.3,
    "rare_reading": -0.7,
    "by_letters": -0.3,
    "by_sound": -0.7,
    "initials": 1.5,
    "joined": 0.5,
    "likeness": 4.0,
    "short_core": -0.3,
    "known_name": -0.2,
    "other_signs": -3.0,
    "different_body": -5.0,
    "same_name_elsewhere": -0.3,
}
PRIOR_INTERCEPT = -6.8
NAMES = [name for name in FEATURES if name not in FIXED]


def pairs_of(screener, rows, weight):
    """(features, label, weight) triples: the best right candidate and the best wrong ones of each query."""
    out = []
    for text, expect, _ in rows:
        answer = screener.screen(text, as_of="2026-11-23", threshold=0.0, limit=12)
        wrong = 0
        right = 0
        for row in answer.candidates:
            values = {f.name: f.value for f in row.features}
            if FIXED & values.keys():
                continue
            label = row.entry in expect
            if label and right < 2:
                right += 1
                out.append((values, 1.0, weight / (1 + right)))
            elif not label and wrong < 4:
                wrong += 1
                out.append((values, 0.0, weight * (0.35 if expect else 1.0) / wrong))
    return out


def solve(matrix, vector):
    """Gauss elimination of a small symmetric system."""
    size = len(vector)
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, size):
            factor = rows[r][i] / rows[i][i]
            if factor:
                for c in range(i, size + 1):
                    rows[r][c] -= factor * rows[i][c]
    out = [0.0] * size
    for i in range(size - 1, -1, -1):
        out[i] = (rows[i][size] - sum(rows[i][c] * out[c] for c in range(i + 1, size))) / rows[i][i]
    return out


def fit(pairs, prior, prior_intercept, ridge):
    """Newton's method on the penalised likelihood; a weight of the wrong sign is put back to 0."""
    names = list(NAMES)
    place = {name: i for i, name in enumerate(names)}
    weights = [prior.get(name, 0.0) for name in names] + [prior_intercept]
    centre = list(weights)
    size = len(weights)
    for _ in range(25):
        gradient = [ridge * (centre[i] - weights[i]) for i in range(size)]
        curvature = [[ridge if i == j else 0.0 for j in range(size)] for i in range(size)]
        for values, label, weight in pairs:
            items = [(place[name], value) for name, value in values.items() if name in place] + [(size - 1, 1.0)]
            odds = sum(weights[i] * value for i, value in items)
            chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))
            push = weight * (label - chance)
            bend = weight * chance * (1 - chance)
            for i, value in items:
                gradient[i] += push * value
                for j, other in items:
                    curvature[i][j] += bend * value * other
        step = solve(curvature, gradient)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
        for name, i in place.items():
            if SIGN.get(name, 0) and weights[i] * SIGN[name] < 0:
                weights[i] = 0.0
        if max(abs(s) for s in step) < 1e-3:
            break
    return {name: round(weights[i], 3) for name, i in place.items()}, round(weights[-1], 3)


def rescored(screener, model):
    """The same index under other weights, without building it again."""
    screener.model = model
    return screener


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("list")
    parser.add_argument("queries")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("-v", action="store_true", help="print the false alarms among the made-up innocents")
    parser.add_argument("--ridge", type=float, default=3.0)
    parser.add_argument("--own", type=float, default=0.5, help="weight of a made-up query against a labelled one")
    args = parser.parse_args()
    entries = read_normalised(Path(args.list))
    labelled = [json.loads(line) for line in Path(args.queries).read_text(encoding="utf-8").splitlines()]
    base = load_score_model()
    screener = Screener(entries)
    made = corpus(entries, screener)
    print(len(made), "made-up queries,", sum(1 for row in made if not row[1]), "of them innocent")
    prior = {"weights": PRIOR, "intercept": PRIOR_INTERCEPT, "threshold": base.threshold}
    made_pairs = pairs_of(screener, made, args.own)
    known = [row for row in labelled if row.get("category") != "as_of"]
    own = {row["id"]: pairs_of(screener, [(row["query"], frozenset(row["expect"]), "")], 3.0) for row in known}
    order = sorted(own)
    random.Random(3).shuffle(order)
    judged = {}
    thresholds = []
    for fold_number in range(5):
        held = set(order[fold_number::5])
        pairs = made_pairs + [pair for key in order if key not in held for pair in own[key]]
        weights, intercept = fit(pairs, prior["weights"], prior["intercept"], args.ridge)
        model = type(base)(
            corpus="", fitted="", intercept=intercept, threshold=0.5, weights={**prior["weights"], **weights}
        )
        rescored(screener, model)
        seen = []
        for row in known:
            answer = screener.screen(row["query"], as_of="2026-11-23", threshold=0.01)
            pair = (set(row["expect"]), [(c.score, c.entry) for c in answer.candidates])
            if row["id"] in held:
                judged[row["id"]] = pair
            else:
                seen.append(pair)
        thresholds.append(best(seen, query_level)[1])
    rows = [row for row in known]
    all_judged = [judged[row["id"]] for row in rows]
    print("thresholds that were best on the other folds:", thresholds)
    for name, level in (("best candidate", query_level), ("any candidate", any_level), ("every entry", entry_level)):
        print("held-out F1 by", name, *(f"{level(all_judged, t)[0]:.3f}@{t}" for t in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)))
    for rate in (0.0, 0.03, 0.05):
        print(
            f"held-out recall at {rate:.0%} false alarms", "{:.3f} at {:.3f}".format(*recall_at(all_judged, rows, rate))
        )
    weights, intercept = fit(
        made_pairs + [pair for key in order for pair in own[key]], prior["weights"], prior["intercept"], args.ridge
    )
    model = type(base)(
        corpus="", fitted="", intercept=intercept, threshold=0.5, weights={**prior["weights"], **weights}
    )
    rescored(screener, model)
    by_kind = {}
    for text, expect, kind in made:
        answer = screener.screen(text, as_of="2026-11-23", threshold=0.5)
        found = {c.entry for c in answer.candidates}
        good, count = by_kind.get((bool(expect), kind), (0, 0))
        by_kind[(bool(expect), kind)] = (good + (bool(found & expect) if expect else bool(found)), count + 1)
        if not expect and found and "-v" in __import__("sys").argv:
            print(
                "   false",
                kind,
                text,
                answer.candidates[0].score,
                answer.candidates[0].name,
                "|",
                answer.candidates[0].matched,
            )
    for (positive, kind), (good, count) in sorted(by_kind.items()):
        print(f"   {'found' if positive else 'false alarms'} {kind:16} {good / count:.3f} of {count}")
    print("weights:", {name: value for name, value in weights.items() if value}, intercept)
    if args.write:
        fixed = {name: prior["weights"][name] for name in sorted(FIXED) if name in prior["weights"]}
        lines = [
            f'corpus = "{len(made)} spellings and innocent names made by rule from {len(entries)} list entries, and {len(known)} queries labelled by hand; '
            'logistic regression, checked by five-fold cross-validation"',
            'fitted = "2026-11-23"',
            f"intercept = {intercept}",
            f"threshold = {prior['threshold']}",
            "",
            "[weights]",
        ]
        lines += [f"{name} = {value}" for name, value in {**weights, **fixed}.items()]
        SCORE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
