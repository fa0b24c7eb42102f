"""Answer as yente does: `/match/{dataset}` and `/search/{dataset}`, request in, response out, no server in here.

The shapes are yente's public API (FollowTheMoney entities with `score`, `match`, `features`). Names are screened as by
`witnessmark screen`; a match is a candidate, and each result carries its reasons.
"""

from typing import Any

import msgspec

from witnessmark.errors import UsageError
from witnessmark.model.screening import Candidate, ListEntry
from witnessmark.screen.dates import day
from witnessmark.screen.screener import Screener

MOST_QUERIES = 100
DEFAULT_LIMIT = 5
_DATASETS_ALL = ("default", "sanctions", "all")


class _Example(msgspec.Struct, frozen=True):
    """One entity that is asked about; properties beside the names are not compared."""

    schema: str = "LegalEntity"
    properties: dict[str, list[Any] | str] = {}
    id: str | None = None


class _Body(msgspec.Struct, frozen=True):
    queries: dict[str, _Example]


def _names(example: _Example) -> list[str]:
    found: list[str] = []
    for key in ("name", "alias", "previousName", "weakAlias"):
        values = example.properties.get(key, [])
        found += [
            value
            for value in ([values] if isinstance(values, str) else values)
            if isinstance(value, str) and value.strip()
        ]
    return list(dict.fromkeys(found))[:20]


def _entity(row: Candidate, entry: ListEntry) -> dict[str, Any]:
    properties = {
        "name": [entry.name],
        "alias": list(entry.aliases),
        "country": [entry.country] if entry.country else [],
        "address": [entry.address] if entry.address else [],
        "notes": [entry.notes] if entry.notes else [],
        "topics": ["sanction.linked" if _linked(row) else "sanction"] if row.listed is not False else [],
    }
    return {
        "id": entry.id,
        "caption": entry.name,
        "schema": "Person" if entry.schema == "Person" else "LegalEntity",
        "datasets": [entry.list],
        "referents": [],
        "target": not _linked(row),
        "properties": {key: values for key, values in properties.items() if values},
        "first_seen": entry.listed_from,
        "last_seen": entry.listed_until,
        "last_change": None,
    }


def _linked(row: Candidate) -> bool:
    return any(hop.kind not in ("known", "former", "twin", "different_body") for hop in row.hops)


class YenteService:
    """The two answers, over one Screener."""

    def __init__(self, screener: Screener, *, version: str) -> None:
        self._screener = screener
        self._entries = {entry.id: entry for entry in screener.entries}
        self._lists = frozenset(entry.list for entry in screener.entries)
        self._version = version

    def _wanted(self, dataset: str) -> frozenset[str]:
        if dataset in _DATASETS_ALL:
            return self._lists
        if dataset not in self._lists:
            raise UsageError(f"no list is named {dataset[:80]!r}", hint="Lists: " + ", ".join(sorted(self._lists)))
        return frozenset((dataset,))

    def match(
        self,
        dataset: str,
        body: bytes,
        *,
        today: str,
        limit: int = DEFAULT_LIMIT,
        threshold: float = 0.7,
        cutoff: float = 0.35,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        """Answer `POST /match/{dataset}`. Raises UsageError for a malformed request."""
        wanted = self._wanted(dataset)
        on = day(as_of) if as_of else today
        try:
            request = msgspec.json.decode(body, type=_Body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UsageError(
                f"the request is not a match request: {error}",
                hint='{"queries": {"q1": {"schema": "Company", "properties": {"name": ["…"]}}}}',
            ) from error
        if len(request.queries) > MOST_QUERIES:
            raise UsageError(f"more than {MOST_QUERIES} queries in one request")
        responses = {}
        for key, example in request.queries.items():
            results = self._results(
                _names(example), wanted, on, limit, threshold, cutoff, person=example.schema == "Person"
            )
            responses[key] = {
                "status": 200,
                "results": results,
                "total": {"value": len(results), "relation": "eq"},
                "query": {"id": example.id, "schema": example.schema, "properties": example.properties},
            }
        return {"responses": responses, "matcher": self.algorithms(), "limit": limit}

    def search(
        self, dataset: str, query: str, *, today: str, limit: int = 10, offset: int = 0, as_of: str | None = None
    ) -> dict[str, Any]:
        """Answer `GET /search/{dataset}?q=…`. Raises UsageError for an unknown list or day."""
        wanted = self._wanted(dataset)
        found = (
            self._results([query], wanted, day(as_of) if as_of else today, limit + offset, 0.7, 0.1, person=None)
            if query.strip()
            else []
        )
        return {
            "results": found[offset : offset + limit],
            "facets": {},
            "total": {"value": len(found), "relation": "eq"},
            "limit": limit,
            "offset": offset,
        }

    def _results(
        self,
        names: list[str],
        wanted: frozenset[str],
        on: str,
        limit: int,
        threshold: float,
        cutoff: float,
        *,
        person: bool | None,
    ) -> list[dict[str, Any]]:
        best: dict[str, Candidate] = {}
        for name in names:
            for row in self._screener.screen(name, as_of=on, threshold=cutoff, limit=200).candidates:
                kind_fits = person is None or row.schema != "Person" or person
                if row.list in wanted and kind_fits and (row.entry not in best or row.score > best[row.entry].score):
                    best[row.entry] = row
        rows = sorted(best.values(), key=lambda row: (-row.score, row.entry))[: max(0, min(limit, 500))]
        return [
            {
                **_entity(row, self._entries[row.entry]),
                "score": row.score,
                "match": row.score >= threshold and row.listed is not False,
                "features": {feature.name: feature.value for feature in row.features},
                "listed": row.listed,
                "explanations": list(row.reasons),
            }
            for row in rows
        ]

    def algorithms(self) -> dict[str, Any]:
        """What a client is told about the scoring."""
        return {
            "name": "witnessmark",
            "version": self._version,
            "corpus": self._screener.model.corpus,
            "docs": {name: {"weight": weight} for name, weight in sorted(self._screener.model.weights.items())},
        }
