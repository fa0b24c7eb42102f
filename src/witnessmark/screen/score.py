"""From named features to a probability, with each feature's share printed."""

from math import exp

from witnessmark.model.screening import Feature, ScoreModel

_SAYS = {
    "exact": "the names are the same apart from legal form",
    "core_query": "share of the query's distinctive parts that are in the listed name",
    "core_name": "share of the listed name's distinctive parts that are in the query",
    "extra_core": "distinctive parts of the query that the listed name lacks",
    "missing_core": "distinctive parts of the listed name that the query lacks",
    "misspelt": "letters differ in a part that was matched",
    "evidence": "how rare the matched parts are",
    "words_agree": "words of trade agree",
    "words_missing": "words of trade in the listed name only",
    "words_extra": "words of trade in the query only",
    "foreign_trade": "words of a different trade",
    "place_agrees": "the place agrees",
    "place_differs": "the places differ",
    "place_extra": "a place in the query only",
    "organ_agrees": "the kind of public body agrees",
    "organ_differs": "the kind of public body differs",
    "organ_missing": "the listed name is of a public body or institution, the query does not say so",
    "level_differs": "one of the names is of a group or holding",
    "number_agrees": "the number agrees",
    "number_differs": "the numbers differ",
    "no_core": "no distinctive part agrees",
    "no_core_exact": "made of generic words only, all of which agree",
    "bare_pinyin": "two pinyin syllables agree and nothing beside them",
    "by_pinyin": "read through pinyin",
    "rare_reading": "a less likely reading of a character",
    "by_letters": "read letter by letter from another alphabet",
    "by_sound": "agrees by sound only",
    "initials": "the query is the initials of the listed name",
    "joined": "parts agree when run together",
    "likeness": "likeness of the whole spelling",
    "short_core": "few letters agree",
    "known_name": "matched through a known name of the firm",
    "alias": "matched an alias, not the main name",
    "related": "matched a firm, brand or former name that is tied to the listed one",
    "other_signs": "sounds alike, but the firm writes its name with other characters",
    "different_body": "a different body of this name is known",
    "same_name_elsewhere": "the same name stands on another list, where this spelling is an alias",
}


def log_odds(features: dict[str, float], model: ScoreModel) -> float:
    """The sum of weights times features, with the intercept."""
    weights = model.weights
    return model.intercept + sum(value * weights.get(name, 0.0) for name, value in features.items() if value)


def probability(odds: float) -> float:
    """Log-odds as a probability, to four decimals, never 0 nor 1."""
    return min(0.9995, max(0.0005, round(1.0 / (1.0 + exp(-max(-30.0, min(30.0, odds)))), 4)))


def says(name: str) -> str:
    """A feature in words."""
    return _SAYS.get(name, name)


def explain(features: dict[str, float], model: ScoreModel) -> tuple[Feature, ...]:
    """Every feature that was present, the weightiest first."""
    rows = [
        Feature(
            name=name,
            value=round(value, 4),
            contribution=round(value * model.weights.get(name, 0.0), 4),
            says=says(name),
        )
        for name, value in features.items()
        if value
    ]
    return tuple(sorted(rows, key=lambda row: (-abs(row.contribution), row.name)))
