"""Answer as yente does: match, search, entities, catalog and algorithms; request in, response out, no server in here.

The shapes are yente's public API (FollowTheMoney entities with `score`, `match`, `explanations`). Names are screened as
by `witnessmark screen`; a match is a candidate, and each result carries its reasons.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from witnessmark.errors import UsageError
from witnessmark.model.screening import Candidate, ListEntry
from witnessmark.screen.score import says
from witnessmark.screen.screener import Screener
from witnessmark.screen.yente_request import MOST_RESULTS, Example, Wish, examples_of, kind_fits

_ALL = ("default", "sanctions", "all")
_NAME = "witnessmark"
_SEARCH = Wish(limit=10, cutoff=0.1)
Entity = dict[str, Any]


class UnknownHere(UsageError):
    """There is no list or entry of this name."""


def _moment(day: str | None) -> str | None:
    return f"{day}T00:00:00" if day is not None and len(day) == len("2019-10-09") else None


def _entity(entry: ListEntry, *, linked: bool = False, listed: bool | None = True) -> Entity:
    properties = {
        "name": [entry.name],
        "alias": list(entry.aliases),
        "country": [entry.country] if entry.country else [],
        "address": [entry.address] if entry.address else [],
        "notes": [entry.notes] if entry.notes else [],
        "sourceUrl": [entry.url] if entry.url else [],
        "topics": ["sanction.linked" if linked else "sanction"] if listed is not False else [],
    }
    return {
        "id": entry.id,
        "caption": entry.name,
        "schema": "Person" if entry.schema == "Person" else "LegalEntity",
        "datasets": [entry.list],
        "referents": [],
        "target": not linked,
        "properties": {key: values for key, values in properties.items() if values},
        "first_seen": _moment(entry.listed_from),
        "last_seen": _moment(entry.listed_until),
        "last_change": None,
    }


def _linked(row: Candidate) -> bool:
    return any(hop.kind not in ("known", "former", "twin", "different_body") for hop in row.hops)


def _listed(entry: ListEntry, on: str) -> bool | None:
    if entry.listed_until is not None and entry.listed_until <= on:
        return False
    return None if entry.listed_from is None else entry.listed_from <= on


class YenteService:
    """The answers, over one Screener; `ages` are those of its lists."""

    def __init__(self, screener: Screener, *, version: str, ages: Sequence[dict[str, str | int]] = ()) -> None:
        self._screener = screener
        self._entries = {entry.id: entry for entry in screener.entries}
        self._lists = frozenset(entry.list for entry in screener.entries)
        self._version = version
        self._as_of = {str(row["list"]): str(row["as_of"]) for row in ages}

    def match(self, dataset: str, body: bytes, *, today: str, wish: Wish | None = None) -> dict[str, Any]:
        """Answer `POST /match/{dataset}`. Raises UsageError for a malformed request, UnknownHere for the list."""
        wish = wish or Wish()
        fits = self._filter(dataset, wish)
        responses = {}
        for key, example in examples_of(body).items():
            results = self._results(example, fits, wish, today)
            responses[key] = {
                "status": 200,
                "results": results[: wish.limit],
                "total": {"value": len(results), "relation": "eq"},
                "query": {
                    "id": example.id,
                    "schema": example.schema,
                    "properties": {
                        name: [values] if isinstance(values, str) else values
                        for name, values in example.properties.items()
                    },
                },
            }
        return {"responses": responses, "matcher": self._features(), "limit": wish.limit}

    def search(self, dataset: str, query: str, *, today: str, wish: Wish | None = None) -> dict[str, Any]:
        """Answer `GET /search/{dataset}?q=…`; without a query all entries. Raises UnknownHere for the list."""
        wish = wish or _SEARCH
        fits = self._filter(dataset, wish)
        if query.strip():
            example = Example(schema=wish.schema or "Thing", properties={"name": [query]})
            found = self._results(example, fits, wish, today)
        else:
            on = wish.as_of or today
            shown = (_entity(entry, listed=_listed(entry, on)) for _, entry in sorted(self._entries.items()))
            found = [row for row in shown if fits(row) and kind_fits(wish.schema, row["schema"])]
        return {
            "results": found[wish.offset : wish.offset + wish.limit],
            "facets": _facets(found),
            "total": {"value": len(found), "relation": "eq"},
            "limit": wish.limit,
            "offset": wish.offset,
        }

    def entity(self, identifier: str, *, today: str) -> Entity:
        """Answer `GET /entities/{id}`. Raises UnknownHere."""
        entry = self._entries.get(identifier)
        if entry is None:
            raise UnknownHere(f"no entry has the id {identifier[:80]!r}")
        return _entity(entry, listed=_listed(entry, today))

    def catalog(self) -> dict[str, Any]:
        """Answer `GET /catalog`: the lists, and the names that stand for all of them."""
        names = sorted(self._lists)
        rows = [self._dataset(name, self._as_of.get(name, ""), ()) for name in names]
        whole = [self._dataset(name, max(self._as_of.values(), default=""), names) for name in _ALL]
        return {"datasets": whole + rows, "current": [*_ALL, *names], "outdated": [], "index_stale": False}

    def algorithms(self) -> dict[str, Any]:
        """Answer `GET /algorithms`: there is one, whichever a client names."""
        about = f"Probability that the entry is meant, fitted on {self._screener.model.corpus} ({self._version})"
        described = {"name": _NAME, "description": about, "features": self._features()}
        return {
            "algorithms": [{**described, "docs": {**described, "config": {}}}],
            "default": _NAME,
            "best": _NAME,
        }

    def _filter(self, dataset: str, wish: Wish) -> Callable[[Entity], bool]:
        if dataset not in self._lists and dataset not in _ALL:
            known = ", ".join(sorted(self._lists))
            raise UnknownHere(f"no list is named {dataset[:80]!r}", hint=f"Lists: {known}")
        inside = self._lists if dataset in _ALL else frozenset((dataset,))
        if wish.include_dataset and not set(wish.include_dataset) & set(_ALL):
            inside &= frozenset(wish.include_dataset)
        inside -= frozenset(wish.exclude_dataset)
        countries = {name.casefold() for name in wish.countries}

        def fits(row: Entity) -> bool:
            has = row["properties"]
            return (
                row["datasets"][0] in inside
                and row["schema"] not in wish.exclude_schema
                and row["id"] not in wish.exclude_entity_ids
                and (not wish.topics or not set(wish.topics).isdisjoint(has.get("topics", ())))
                and (not countries or any(name.casefold() in countries for name in has.get("country", ())))
            )

        return fits

    def _results(self, example: Example, fits: Callable[[Entity], bool], wish: Wish, today: str) -> list[Entity]:
        """All that fits, best first."""
        best: dict[str, Candidate] = {}
        for name in example.names():
            answer = self._screener.screen(name, as_of=wish.as_of or today, threshold=wish.cutoff, limit=MOST_RESULTS)
            for row in answer.candidates:
                if kind_fits(example.schema, row.schema) and (
                    row.entry not in best or row.score > best[row.entry].score
                ):
                    best[row.entry] = row
        rows = sorted(best.values(), key=lambda row: (-row.score, row.entry))
        shown = (self._result(row, wish) for row in rows)
        return [row for row in shown if fits(row)]

    def _result(self, row: Candidate, wish: Wish) -> Entity:
        return {
            **_entity(self._entries[row.entry], linked=_linked(row), listed=row.listed),
            "score": row.score,
            "match": row.score >= wish.threshold and row.listed is not False,
            "features": {feature.name: feature.value for feature in row.features},
            "explanations": {
                feature.name: {
                    "detail": feature.says,
                    "score": feature.value,
                    "query": None,
                    "candidate": row.matched or None,
                }
                for feature in row.features
            },
            "listed": row.listed,
            "reasons": list(row.reasons),
        }

    def _features(self) -> dict[str, Any]:
        return {
            name: {"description": says(name), "coefficient": weight, "url": ""}
            for name, weight in sorted(self._screener.model.weights.items())
        }

    def _dataset(self, name: str, as_of: str, children: Iterable[str]) -> dict[str, Any]:
        return {
            "name": name,
            "title": name,
            "summary": None,
            "url": None,
            "load": True,
            "entities_url": None,
            "version": as_of,
            "index_version": as_of,
            "index_current": True,
            "children": list(children),
        }


def _facets(rows: list[Entity]) -> dict[str, Any]:
    values: dict[str, Iterable[str]] = {
        "countries": (text for row in rows for text in row["properties"].get("country", ())),
        "topics": (text for row in rows for text in row["properties"].get("topics", ())),
        "datasets": (text for row in rows for text in row["datasets"]),
    }
    return {
        name: {
            "label": name.capitalize(),
            "values": [
                {"name": text, "label": text, "count": count}
                for text, count in sorted(Counter(found).items(), key=lambda item: (-item[1], item[0]))
            ],
        }
        for name, found in values.items()
    }
