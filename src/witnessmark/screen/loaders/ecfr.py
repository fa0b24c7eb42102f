"""15 CFR part 744 as the eCFR publishes it for any day since 2017: the Entity List (Supp. 4), UVL (6) and MEU (7)."""

import re
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import ListEntry
from witnessmark.screen.countries import country_name
from witnessmark.screen.loader import HINT, ListRefused, Parsed, citations, entry_id, text_of, unique

SUPPLEMENTS = {"4": "bis-entity-list", "6": "bis-uvl", "7": "bis-meu"}
_ALIASES = re.compile(r",?\s*\(?a\.k\.a\.,?\s*the following (?:\w+) alias(?:es)?:?", re.IGNORECASE)
_ITEM = re.compile(r"\s*[-—–]\s*(.+?)(?:[;.]\s*(?:and)?\s*$)")
_ADDRESS = re.compile(
    r",\s+(?=(?:No\.|Room|Rm\.?|Unit|Floor|Flat|Building|Bldg|Block|Suite|P\.\s?O\.|Level|Box|Ul\.|Ulitsa|\d)\s?)"
)
_AKA = re.compile(r",?\s*\(?\s*a\.k\.a\.,?\s*", re.IGNORECASE)


def _text(node: Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _lines(cell: Element) -> list[str]:
    """The paragraphs of a cell: the name line, the aliases, the address."""
    parts: list[str] = [(cell.text or "").strip()]
    for child in cell:
        if child.tag.upper() in ("BR", "P", "FP"):
            parts.append(_text(child))
            parts.append((child.tail or "").strip())
        else:
            parts[-1] = f"{parts[-1]} {_text(child)} {(child.tail or '').strip()}".strip()
    return [" ".join(part.split()) for part in parts if part.strip()]


def _names(lines: list[str]) -> tuple[str, tuple[str, ...], str]:
    """Name, aliases and address of one entity cell."""
    first, rest = lines[0], lines[1:]
    cut = _ALIASES.search(first)
    aliases: list[str] = []
    if cut is not None:
        name = first[: cut.start()]
        rest = [first[cut.end() :], *rest] if first[cut.end() :].strip() else rest
    else:
        pieces = _AKA.split(first)
        name, *street = _ADDRESS.split(pieces[0], maxsplit=1)
        rest = [*street, *rest]
        aliases += [piece.strip(" ,;.)") for piece in pieces[1:]]
    address: list[str] = []
    for line in rest:
        item = _ITEM.match(line)
        if item is not None and not address:
            aliases.append(item.group(1).strip(" ;.,"))
        elif line.strip():
            address.append(line.strip())
    return name.strip(" ,;"), tuple(alias for alias in aliases if alias), " ".join(address)


class Ecfr:
    """`/api/versioner/v1/full/{date}/title-15.xml?part=744`."""

    NAME = "ecfr-xml"

    def recognises(self, head: bytes) -> bool:
        """XML with the DIV elements of the eCFR."""
        return b"<DIV" in head and (b"744" in head or b"ECFR" in head.upper())

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """The entries of one supplement (by `list_id`), or of all three."""
        text_of(data, "eCFR")
        try:
            root = fromstring(data, forbid_dtd=True)
        except (ParseError, DefusedXmlException) as error:
            raise ListRefused(f"eCFR: {error}; the file may be cut off", hint=HINT) from error
        entries: list[ListEntry] = []
        wanted = {number: name for number, name in SUPPLEMENTS.items() if list_id in ("", name)}
        found = False
        for division in root.iter("DIV9"):
            match = re.search(r"Supplement No\.\s*(\d+)\s*to\s*Part\s*744", division.get("N", ""))
            if match is not None and match.group(1) in wanted:
                found = True
                entries += self._supplement(division, wanted[match.group(1)])
        if not found:
            raise ListRefused("eCFR: no supplement with a list was found in part 744", hint=HINT)
        return Parsed(
            unique(entries), root.get("DATE", "") if re.fullmatch(r"\d{4}-\d\d-\d\d", root.get("DATE", "")) else ""
        )

    def _supplement(self, division: Element, list_id: str) -> list[ListEntry]:
        entries: list[ListEntry] = []
        country = ""
        for row in division.iter("TR"):
            cells = [cell for cell in row if cell.tag == "TD"]
            if not cells:
                continue
            if len(cells) not in (2, 3, 5):
                raise ListRefused(f"eCFR, {list_id}: a row of {len(cells)} cells, where 5 are known", hint=HINT)
            if _text(cells[0]):
                country = country_name(_text(cells[0]).title().replace("'S ", "'s ")) or ""
            lines = _lines(cells[1])
            if lines:
                entries.append(self._entry(list_id, country, lines, [_text(cell) for cell in cells[2:]]))
        return entries

    def _entry(self, list_id: str, country: str, lines: list[str], rest: list[str]) -> ListEntry:
        name, aliases, address = _names(lines)
        cites = citations(rest[-1] if rest else "")
        days = sorted(cite.date for cite in cites if cite.date)
        return ListEntry(
            id=entry_id(list_id, name, country),
            list=list_id,
            name=UntrustedText(name),
            aliases=tuple(UntrustedText(a) for a in aliases),
            country=country or None,
            address=UntrustedText(address) or None,
            citations=cites,
            listed_from=days[0] if days else None,
            notes=UntrustedText(rest[0]) if len(rest) == 3 else None,
            source="ecfr",
            url="https://www.ecfr.gov/current/title-15/part-744",
        )


LOADER = Ecfr()
