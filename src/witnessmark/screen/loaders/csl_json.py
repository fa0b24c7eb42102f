"""The Consolidated Screening List as JSON: `{"results": [...]}` with lists where the CSV joins by semicolons."""

from typing import Any

import msgspec

from witnessmark.screen.loader import HINT, ListRefused, Parsed, text_of, unique
from witnessmark.screen.loaders.csl import COLUMNS, entry

_ADDRESS = ("address", "city", "state", "postal_code", "country")
_EXTRA = frozenset({"id", "entity_number", "country", "score", "source_information_url", "source_list_url"})
_TOP = frozenset({"results", "total", "offset", "sources", "search_performed_at"})


def _flat(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_flat(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(str(value[key]) for key in _ADDRESS if value.get(key)) or ", ".join(
            str(item) for item in value.values() if item
        )
    return str(value)


class CslJson:
    """`consolidated.json`."""

    NAME = "csl-json"

    def recognises(self, head: bytes) -> bool:
        """A JSON object with results that have a `source` and `alt_names`."""
        return (
            head.lstrip().startswith(b"{")
            and b'"results"' in head
            and (b'"alt_names"' in head or b'"source_list_url"' in head)
        )

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """Entries of all lists in the file, or of one when `list_id` names it."""
        text_of(data, "CSL JSON")
        try:
            document = msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise ListRefused(f"CSL JSON: {error}; the file may be cut off", hint=HINT) from error
        if not isinstance(document, dict) or not isinstance(document.get("results"), list) or set(document) - _TOP:
            raise ListRefused("CSL JSON: an object with `results` is expected", hint=HINT)
        rows = []
        for number, item in enumerate(document["results"]):
            if not isinstance(item, dict):
                raise ListRefused(f"CSL JSON: result {number} is not an object", hint=HINT)
            unknown = set(item) - set(COLUMNS) - _EXTRA
            if unknown:
                raise ListRefused(f"CSL JSON: unknown fields {', '.join(sorted(unknown))[:200]}", hint=HINT)
            flat = {name: _flat(item.get(name)) for name in COLUMNS}
            flat["_id"] = flat["_id"] or _flat(item.get("id"))
            rows.append(entry(flat))
        if list_id not in ("", "csl"):
            rows = [row for row in rows if row.list == list_id]
        return Parsed(unique(rows), "")


LOADER = CslJson()
