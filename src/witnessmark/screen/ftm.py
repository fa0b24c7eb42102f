"""FollowTheMoney entities in and out: OpenSanctions data for those licensed to use it, and ours for others."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, text_of, unique

SCHEMATA = frozenset(
    {
        "Person",
        "Company",
        "Organization",
        "LegalEntity",
        "PublicBody",
        "Vessel",
        "Asset",
        "Airplane",
        "Vehicle",
        "Security",
        "CryptoWallet",
    }
)
_NAMES = ("name", "alias", "weakAlias", "previousName")
MOST_ENTITIES = 2_000_000


class _Entity(msgspec.Struct, frozen=True):
    """The fields of the FtM wire form that we use; the rest is kept out on purpose."""

    id: str
    schema: str
    properties: dict[str, list[Any]] = {}
    caption: str = ""
    datasets: tuple[str, ...] = ()
    first_seen: str = ""
    last_seen: str = ""


def _texts(entity: _Entity, *names: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            value
            for name in names
            for value in entity.properties.get(name, ())
            if isinstance(value, str) and value.strip()
        )
    )


def parse_ftm(data: bytes, list_id: str) -> Parsed:
    """Entries from FtM JSON lines; a Sanction beside an entity gives its dates. Raises ListRefused."""
    text_of(data, "FtM")
    decoder = msgspec.json.Decoder(_Entity)
    entities: list[_Entity] = []
    sanctions: dict[str, list[_Entity]] = {}
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        if number > MOST_ENTITIES:
            raise ListRefused(f"FtM: more than {MOST_ENTITIES} entities", hint=HINT)
        try:
            entity = decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ListRefused(f"FtM, line {number}: {error}; the file may be cut off", hint=HINT) from error
        if entity.schema == "Sanction":
            for target in _texts(entity, "entity"):
                sanctions.setdefault(target, []).append(entity)
        elif entity.schema in SCHEMATA:
            entities.append(entity)
    return Parsed(
        unique(
            _entry(entity, sanctions.get(entity.id, []), list_id)
            for entity in entities
            if _texts(entity, *_NAMES) or entity.caption
        ),
        "",
    )


def _entry(entity: _Entity, sanctions: list[_Entity], list_id: str) -> ListEntry:
    names = _texts(entity, *_NAMES) or (entity.caption,)
    main = entity.caption if entity.caption in names else names[0]
    starts = sorted(
        day for s in sanctions for text in _texts(s, "startDate", "listingDate") if (day := iso_day(text[:10]))
    )
    ends = sorted(day for s in sanctions for text in _texts(s, "endDate") if (day := iso_day(text[:10])))
    programmes = [text for s in sanctions for text in _texts(s, "program", "programId")]
    name = list_id or (entity.datasets[0] if entity.datasets else "ftm")
    return ListEntry(
        id=entity.id,
        list=name,
        name=UntrustedText(main),
        aliases=tuple(UntrustedText(text) for text in names if text != main),
        country=next(iter(_texts(entity, "country", "jurisdiction", "nationality")), None),
        listed_from=starts[0] if starts else None,
        listed_until=ends[-1] if ends and len(ends) == len(sanctions) else None,
        schema="Person" if entity.schema == "Person" else "LegalEntity",
        citations=tuple(Citation(cite=text) for text in dict.fromkeys(programmes)),
        source="ftm",
        url=next(iter(_texts(entity, "sourceUrl")), ""),
    )


def export_ftm(entries: Iterable[ListEntry]) -> Iterator[bytes]:
    """FtM JSON lines: an entity and its Sanction for every entry, in order."""
    for entry in entries:
        properties: dict[str, list[str]] = {
            "name": [entry.name],
            "alias": list(entry.aliases),
            "country": [entry.country] if entry.country else [],
        }
        properties["address"] = [entry.address] if entry.address else []
        properties["notes"] = [entry.notes] if entry.notes else []
        schema = "Person" if entry.schema == "Person" else "LegalEntity"
        yield _line(
            {
                "id": entry.id,
                "caption": entry.name,
                "schema": schema,
                "datasets": [entry.list],
                "properties": properties,
            }
        )
        sanction = {
            "entity": [entry.id],
            "program": [entry.programme or entry.list],
            "startDate": [entry.listed_from] if entry.listed_from else [],
            "endDate": [entry.listed_until] if entry.listed_until else [],
            "authorityId": [cite.cite for cite in entry.citations],
            "sourceUrl": [entry.url] if entry.url else [],
        }
        yield _line(
            {
                "id": f"{entry.id}:sanction",
                "caption": entry.list,
                "schema": "Sanction",
                "datasets": [entry.list],
                "properties": sanction,
            }
        )


def _line(entity: dict[str, Any]) -> bytes:
    entity["properties"] = {key: values for key, values in sorted(entity["properties"].items()) if values}
    return msgspec.json.encode(entity) + b"\n"


class FtmLoader:
    """`.ftm.json`, one entity a line."""

    NAME = "ftm-json"

    def recognises(self, head: bytes) -> bool:
        """A JSON line with a schema and properties."""
        first = head.lstrip().split(b"\n", 1)[0]
        return first.startswith(b"{") and b'"schema"' in first and b'"properties"' in first

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """See `parse_ftm`."""
        return parse_ftm(data, list_id)
