"""What a client of yente may ask: the body of a match request, and the parameters of the address."""

from typing import Any

import msgspec

from witnessmark.errors import UsageError
from witnessmark.screen.dates import day

MOST_QUERIES = 100
MOST_RESULTS = 500
MOST_OFFSET = 9_500
_NAMES = ("name", "alias", "previousName", "weakAlias")
_PARTS = ("firstName", "secondName", "middleName", "fatherName", "matronymic", "lastName")
_NEVER_PERSONS = frozenset({"Company", "Organization", "PublicBody", "Vessel", "Airplane", "Vehicle", "Asset"})


class Example(msgspec.Struct, frozen=True):
    """One entity that is asked about; properties beside the names are not compared."""

    schema: str = "LegalEntity"
    properties: dict[str, list[Any] | str] = {}
    id: str | None = None

    def texts(self, key: str) -> list[str]:
        """The values of a property that are text."""
        values = self.properties.get(key, [])
        return [
            value.strip()
            for value in ([values] if isinstance(values, str) else values)
            if isinstance(value, str) and value.strip()
        ]

    def names(self) -> list[str]:
        """All names to look for; a person's may be given in parts."""
        found = [name for key in _NAMES for name in self.texts(key)]
        if not self.texts("name"):
            parts = " ".join(text for key in _PARTS for text in self.texts(key)[:1])
            found += [parts] if parts else []
        return list(dict.fromkeys(found))[:20]


class _Body(msgspec.Struct, frozen=True):
    queries: dict[str, Example | None]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of a request. `threshold` decides `match`; what scores less than `cutoff` is left out."""

    limit: int = 5
    offset: int = 0
    threshold: float = 0.7
    cutoff: float = 0.35
    include_dataset: tuple[str, ...] = ()
    exclude_dataset: tuple[str, ...] = ()
    exclude_schema: tuple[str, ...] = ()
    exclude_entity_ids: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    schema: str = ""
    as_of: str = ""


def wish_of(pairs: list[tuple[str, str]], default: Wish) -> Wish:
    """The parameters of an address over defaults; unknown ones are ignored. Raises UsageError for a wrong number."""
    values: dict[str, Any] = {}
    for key, text in pairs[:1000]:
        if key in ("limit", "offset"):
            most = MOST_RESULTS if key == "limit" else MOST_OFFSET
            if not (text.isascii() and text.isdigit() and len(text) < 9):
                raise UsageError(f"{key} is not a whole number: {text[:40]!r}", hint=f"From 0 to {most}.")
            values[key] = min(int(text), most)
        elif key in ("threshold", "cutoff"):
            values[key] = _share(key, text)
        elif key == "as_of":
            values[key] = day(text)
        elif key == "schema":
            values[key] = text
        else:
            listed = "include_dataset" if key == "datasets" else key
            if isinstance(getattr(default, listed, None), tuple):
                values[listed] = (*values.get(listed, ()), text)
    wish = msgspec.structs.replace(default, **values)
    return msgspec.structs.replace(wish, cutoff=min(wish.cutoff, wish.threshold))


def _share(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise UsageError(f"{key} is not a number from 0 to 1: {text[:40]!r}", hint="For example 0.7.")
    return value


def examples_of(body: bytes) -> dict[str, Example]:
    """The questions of a match request. Raises UsageError for a malformed one."""
    hint = '{"queries": {"q1": {"schema": "Company", "properties": {"name": ["…"]}}}}'
    try:
        given = msgspec.json.decode(body, type=_Body).queries
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"the request is not a match request: {error}", hint=hint) from error
    questions = {key: example for key, example in given.items() if example is not None}
    if not questions:
        raise UsageError("the request has no queries", hint=hint)
    if len(questions) > MOST_QUERIES:
        raise UsageError(f"more than {MOST_QUERIES} queries in one request", hint="Send them in several requests.")
    return questions


def kind_fits(asked: str, has: str) -> bool:
    """Whether an entry of one kind may be what was asked for: an entry that is no person may be any other kind."""
    return has != "Person" or asked not in _NEVER_PERSONS
