"""The UK Sanctions List as XML, which took the place of OFSI's consolidated list on 28 January 2026."""

from xml.etree.ElementTree import Element

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.list_xml import only_known, root_of, text_at
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, unique

WHAT = "UK Sanctions List"
_KNOWN = (
    "LastUpdated",
    "DateDesignated",
    "UniqueID",
    "OFSIGroupID",
    "UNReferenceNumber",
    "Names",
    "NonLatinNames",
    "Titles",
    "RegimeName",
    "IndividualEntityShip",
    "DesignationSource",
    "SanctionsImposed",
    "SanctionsImposedIndicators",
    "OtherInformation",
    "UKStatementofReasons",
    "Addresses",
    "PhoneNumbers",
    "EmailAddresses",
    "Websites",
    "IndividualDetails",
    "EntityDetails",
    "ShipDetails",
)


class UkXml:
    """`Designations` with one `Designation` a target."""

    NAME = "uk-sanctions-xml"

    def recognises(self, head: bytes) -> bool:
        """The root element."""
        return b"<Designations" in head

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All designations. Raises ListRefused for an unknown element or a file without designations."""
        root = root_of(data, WHAT)
        only_known(root, ("DateGenerated", "Designation"), WHAT)
        name = list_id or "uk-consolidated"
        entries = [self._entry(node, name) for node in root.iterfind("Designation")]
        if not entries:
            raise ListRefused(f"{WHAT}: no Designation was found", hint=HINT)
        return Parsed(unique(entries), iso_day(text_at(root, "DateGenerated")[:10], "%d/%m/%Y", "%Y-%m-%d") or "")

    def _entry(self, node: Element, list_id: str) -> ListEntry:
        only_known(node, _KNOWN, WHAT)
        rows = sorted(node.iterfind("Names/Name"), key=lambda row: text_at(row, "NameType").lower() != "primary name")
        names = [" ".join(filter(None, (text_at(row, f"Name{n}") for n in range(1, 7)))) for row in rows]
        names += [text_at(row, "NameNonLatinScript") for row in node.iterfind("NonLatinNames/NonLatinName")]
        kept = list(dict.fromkeys(filter(None, names)))
        key = text_at(node, "UniqueID")
        day = iso_day(text_at(node, "DateDesignated"), "%d/%m/%Y", "%Y-%m-%d")
        return ListEntry(
            id=f"{list_id}:{key}",
            list=list_id,
            name=UntrustedText(kept[0] if kept else ""),
            aliases=tuple(UntrustedText(text) for text in kept[1:]),
            country=text_at(node, "Addresses/Address/AddressCountry") or None,
            citations=(Citation(cite=f"UK Sanctions List {key}", date=day),),
            listed_from=day,
            schema="Person" if text_at(node, "IndividualEntityShip") == "Individual" else "LegalEntity",
            notes=UntrustedText(text_at(node, "UKStatementofReasons") or text_at(node, "OtherInformation")) or None,
            programme=text_at(node, "RegimeName"),
            source="uk",
            url="https://www.gov.uk/government/publications/the-uk-sanctions-list",
        )


LOADER = UkXml()
