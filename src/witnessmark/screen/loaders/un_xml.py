"""The consolidated list of the UN Security Council as XML."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.list_xml import only_known, root_of, text_at
from witnessmark.screen.loader import HINT, ListRefused, Parsed, iso_day, unique

_KNOWN = frozenset(
    [
        "DATAID",
        "VERSIONNUM",
        "FIRST_NAME",
        "SECOND_NAME",
        "THIRD_NAME",
        "FOURTH_NAME",
        "UN_LIST_TYPE",
        "REFERENCE_NUMBER",
        "LISTED_ON",
        "GENDER",
        "COMMENTS1",
        "NATIONALITY",
        "NATIONALITY2",
        "LIST_TYPE",
        "LAST_DAY_UPDATED",
        "INDIVIDUAL_ALIAS",
        "INDIVIDUAL_ADDRESS",
        "INDIVIDUAL_DATE_OF_BIRTH",
        "INDIVIDUAL_PLACE_OF_BIRTH",
        "INDIVIDUAL_DOCUMENT",
        "SORT_KEY",
        "SORT_KEY_LAST_MOD",
        "ENTITY_ALIAS",
        "ENTITY_ADDRESS",
        "TITLE",
        "DESIGNATION",
        "NAME_ORIGINAL_SCRIPT",
        "SUBMITTED_BY",
        "SUBMITTED_ON",
        "DELISTED_ON",
    ]
)


class UnXml:
    """`consolidated.xml`."""

    NAME = "un-xml"

    def recognises(self, head: bytes) -> bool:
        """The root element's name."""
        return b"<CONSOLIDATED_LIST" in head

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """Persons and bodies. An element that is not known is refused."""
        root = root_of(data, "UN XML")
        name = list_id or "un-sc"
        entries = [self._entry(node, name, "Person") for node in root.iterfind("INDIVIDUALS/INDIVIDUAL")]
        entries += [self._entry(node, name, "LegalEntity") for node in root.iterfind("ENTITIES/ENTITY")]
        if not entries:
            raise ListRefused("UN XML: no INDIVIDUAL and no ENTITY was found", hint=HINT)
        return Parsed(unique(entries), (root.get("dateGenerated") or "")[:10])

    def _entry(self, node: Element, list_id: str, schema: str) -> ListEntry:
        only_known(node, _KNOWN, "UN XML")
        full = " ".join(
            filter(None, (text_at(node, tag) for tag in ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")))
        )
        reference = text_at(node, "REFERENCE_NUMBER")
        day = iso_day(text_at(node, "LISTED_ON")[:10])
        return ListEntry(
            id=f"{list_id}:{text_at(node, 'DATAID')}",
            list=list_id,
            name=UntrustedText(full),
            aliases=tuple(self._aliases(node)),
            country=text_at(node, "ENTITY_ADDRESS/COUNTRY") or text_at(node, "NATIONALITY/VALUE") or None,
            citations=(Citation(cite=reference, date=day),) if reference else (),
            listed_from=day,
            listed_until=iso_day(text_at(node, "DELISTED_ON")[:10]),
            schema=schema,
            notes=UntrustedText(text_at(node, "COMMENTS1")) or None,
            source="un",
            programme=text_at(node, "UN_LIST_TYPE"),
            url="https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list",
        )

    def _aliases(self, node: Element) -> Iterator[UntrustedText]:
        original = text_at(node, "NAME_ORIGINAL_SCRIPT")
        if original:
            yield UntrustedText(original)
        for alias in (*node.iterfind("INDIVIDUAL_ALIAS"), *node.iterfind("ENTITY_ALIAS")):
            text = text_at(alias, "ALIAS_NAME")
            if text:
                yield UntrustedText(text)


LOADER = UnXml()
