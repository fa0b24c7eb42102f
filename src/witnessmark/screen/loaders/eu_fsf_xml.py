"""The EU's consolidated list of financial sanctions as XML (`xmlFullSanctionsList_1_1`)."""

from xml.etree.ElementTree import Element

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.list_xml import only_known, root_of, text_at
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, unique

WHAT = "EU list"
URL = "https://data.europa.eu/data/datasets/consolidated-list-of-persons-groups-and-entities-subject-to-eu-financial-sanctions"
_KNOWN = (
    "remark",
    "regulation",
    "subjectType",
    "nameAlias",
    "citizenship",
    "birthdate",
    "address",
    "identification",
    "contactInfo",
)


class EuFsfXml:
    """`export` with one `sanctionEntity` a target; its first regulation gives the citation."""

    NAME = "eu-fsf-xml"

    def recognises(self, head: bytes) -> bool:
        """The root element and its namespace."""
        return b"<export" in head and (b"fpi/fsd/export" in head or b"<sanctionEntity" in head)

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All targets. Raises ListRefused for an unknown element or a file without targets."""
        root = root_of(data, WHAT)
        only_known(root, ("sanctionEntity",), WHAT)
        name = list_id or "eu-consolidated"
        entries = [self._entry(node, name) for node in root]
        if not entries:
            raise ListRefused(f"{WHAT}: no sanctionEntity was found", hint=HINT)
        return Parsed(unique(entries), (root.get("generationDate") or "")[:10])

    def _entry(self, node: Element, list_id: str) -> ListEntry:
        only_known(node, _KNOWN, WHAT)
        names = list(dict.fromkeys(filter(None, (_name(alias) for alias in node.iterfind("nameAlias")))))
        regulation = node.find("regulation")
        facts = regulation.attrib if regulation is not None else {}
        day = iso_day(node.get("designationDate") or facts.get("entryIntoForceDate") or facts.get("publicationDate"))
        place = node.find("address")
        subject = node.find("subjectType")
        return ListEntry(
            id=f"{list_id}:{node.get('euReferenceNumber') or node.get('logicalId') or ''}",
            list=list_id,
            name=UntrustedText(names[0] if names else ""),
            aliases=tuple(UntrustedText(text) for text in names[1:]),
            country=(place.get("countryDescription") or None) if place is not None else None,
            citations=(Citation(cite=f"Regulation (EU) {facts['numberTitle']}", date=day),)
            if facts.get("numberTitle")
            else (),
            listed_from=day,
            schema="Person" if subject is not None and subject.get("code") == "person" else "LegalEntity",
            notes=UntrustedText(text_at(node, "remark")) or None,
            programme=facts.get("programme", ""),
            source="eu",
            url=URL,
        )


def _name(alias: Element) -> str:
    parts = (alias.get("firstName"), alias.get("middleName"), alias.get("lastName"))
    return " ".join((alias.get("wholeName") or " ".join(filter(None, parts))).split())


LOADER = EuFsfXml()
