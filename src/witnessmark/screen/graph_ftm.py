"""A case graph from FollowTheMoney entities: companies, public bodies, contracts, and what ties them."""

import msgspec

from witnessmark.errors import UsageError
from witnessmark.model.deployment import CaseGraph, NodeKind
from witnessmark.model.fact import Grade, Sha256
from witnessmark.screen.graph import CANDIDATE, MOST_EDGES, Row, build

_KINDS = {
    "Company": NodeKind.VENDOR,
    "Organization": NodeKind.VENDOR,
    "LegalEntity": NodeKind.VENDOR,
    "PublicBody": NodeKind.BUYER,
    "Contract": NodeKind.TENDER,
    "CallForTenders": NodeKind.TENDER,
    "Document": NodeKind.SOURCE,
    "Asset": NodeKind.PRODUCT,
}
_ENDS = {
    "UnknownLink": ("subject", "object"),
    "Ownership": ("owner", "asset"),
    "Directorship": ("director", "organization"),
    "Succession": ("predecessor", "successor"),
    "ContractAward": ("supplier", "contract"),
    "ProjectParticipant": ("participant", "project"),
}
_OURS = "witnessmark:"


class _Entity(msgspec.Struct, frozen=True):
    """The fields that are used."""

    id: str
    schema: str
    properties: dict[str, list[str]] = {}
    caption: str = ""


def read_ftm(data: bytes, evidence: Sha256) -> CaseGraph:
    """The ties in FtM JSON lines. One that names no evidence of its own rests on the file itself (`evidence`).

    Links whose ends are not in the file, and sorts of link that are not known, are an error, never left out silently.
    Raises UsageError with the line.
    """
    entities: dict[str, _Entity] = {}
    links: list[tuple[int, _Entity]] = []
    for number, line in enumerate(data.splitlines(), 1):
        if number > 2 * MOST_EDGES:
            raise UsageError(f"more than {2 * MOST_EDGES} lines")
        if not line.strip():
            continue
        try:
            entity = msgspec.json.decode(line, type=_Entity)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"line {number} is no FtM entity: {error}", hint="One JSON object a line.") from error
        if entity.schema in _ENDS:
            links.append((number, entity))
        else:
            entities[entity.id] = entity
    if not links:
        raise UsageError("no tie was found in it", hint=f"Known sorts of tie: {', '.join(_ENDS)}.")
    return build([_row(number, link, entities, evidence) for number, link in links])


def _row(number: int, link: _Entity, entities: dict[str, _Entity], evidence: Sha256) -> Row:
    ends = []
    for name in _ENDS[link.schema]:
        entity = entities.get(next(iter(link.properties.get(name, [])), ""))
        if entity is None:
            raise UsageError(f"line {number}: the {name} of this {link.schema} is not in the file")
        ends.append((_kind(entity, number), _label(entity)))
    said, own, grade, candidate = _summary(link)
    date = next(iter(link.properties.get("date") or link.properties.get("startDate") or []), "")[:10]
    role = next(iter(link.properties.get("role", [])), "") or link.schema.lower()
    (source_kind, source), (target_kind, target) = ends
    return source_kind, source, role[:200], target_kind, target, own or evidence, date, grade, said, candidate


def _kind(entity: _Entity, number: int) -> NodeKind:
    for text in entity.properties.get("summary", []):
        if text.startswith(_OURS) and text.removeprefix(_OURS) in list(NodeKind):
            return NodeKind(text.removeprefix(_OURS))
    kind = _KINDS.get(entity.schema)
    if kind is None:
        raise UsageError(
            f"line {number} ties a {entity.schema[:60]}, which has no place in a case graph",
            hint=f"Known: {', '.join(_KINDS)}.",
        )
    return kind


def _label(entity: _Entity) -> str:
    names = entity.properties.get("name") or entity.properties.get("title") or []
    return (entity.caption or next(iter(names), "") or entity.id)[:400]


def _summary(link: _Entity) -> tuple[str, str, Grade, bool]:
    """What is said, the evidence's digest, the grade and whether it is a candidate, as `to_ftm` writes them.

    A foreign tie is only named.
    """
    said, own, grade, candidate = "", "", Grade.NAMED, False
    for text in link.properties.get("summary", []):
        head, _, rest = text.removesuffix(f"; {CANDIDATE}").partition("; grade ")
        if head.startswith("evidence sha256:") and rest in list(Grade):
            own, grade = head.removeprefix("evidence sha256:"), Grade(rest)
            candidate = text.endswith(f"; {CANDIDATE}")
        else:
            said = text[:2_000]
    return said, own, grade, candidate
