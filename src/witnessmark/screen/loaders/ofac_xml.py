"""OFAC's `SDN.XML` and `CONSOLIDATED.XML`: one `sdnEntry` a target, with a count to check against."""

from xml.etree.ElementTree import Element

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import ListEntry
from witnessmark.screen.list_xml import only_known, root_of, text_at
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, unique

WHAT = "OFAC XML"
_KNOWN = (
    "uid",
    "firstName",
    "lastName",
    "title",
    "sdnType",
    "remarks",
    "programList",
    "idList",
    "akaList",
    "addressList",
    "nationalityList",
    "citizenshipList",
    "dateOfBirthList",
    "placeOfBirthList",
    "vesselInfo",
)


class OfacXml:
    """`sdnList`; the publisher's own count must be met."""

    NAME = "ofac-xml"

    def recognises(self, head: bytes) -> bool:
        """The root element."""
        return b"<sdnList" in head

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All targets. Raises ListRefused for an unknown element or another count than the file states."""
        root = root_of(data, WHAT)
        only_known(root, ("publshInformation", "sdnEntry"), WHAT)
        name = list_id or "ofac-sdn"
        entries = [self._entry(node, name) for node in root.iterfind("sdnEntry")]
        stated = text_at(root, "publshInformation/Record_Count")
        if stated != str(len(entries)):
            raise ListRefused(
                f"{WHAT}: {len(entries)} entries, where the file states {stated or 'no count'}", hint=HINT
            )
        return Parsed(unique(entries), iso_day(text_at(root, "publshInformation/Publish_Date"), "%m/%d/%Y") or "")

    def _entry(self, node: Element, list_id: str) -> ListEntry:
        only_known(node, _KNOWN, WHAT)
        kind = text_at(node, "sdnType")
        return ListEntry(
            id=f"{list_id}:{text_at(node, 'uid')}",
            list=list_id,
            name=UntrustedText(_name(node)),
            aliases=tuple(UntrustedText(_name(aka)) for aka in node.iterfind("akaList/aka")),
            country=text_at(node, "addressList/address/country") or None,
            schema="Person" if kind == "Individual" else "LegalEntity",
            notes=UntrustedText(text_at(node, "remarks")) or None,
            programme="; ".join(filter(None, (program.text for program in node.iterfind("programList/program")))),
            source="ofac",
            url="https://sanctionslist.ofac.treas.gov/",
        )


def _name(node: Element) -> str:
    return " ".join(filter(None, (text_at(node, "firstName"), text_at(node, "lastName"))))


LOADER = OfacXml()
