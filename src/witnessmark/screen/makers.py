"""Makers that a device names by number: the first half of a MAC address, or the grantee code of an FCC ID."""

import re
from collections.abc import Iterator

from witnessmark.model.screening import Firm, MakerCode

_MAC = re.compile(r"(?<![0-9A-Fa-f])((?:[0-9A-Fa-f]{2}[:-]){2}[0-9A-Fa-f]{2})(?=[:-][0-9A-Fa-f]{2}[:-])")
_FCC = re.compile(r"\bFCC\s*ID\s*[:：]?\s*([A-Z0-9]{3,5})", re.IGNORECASE)
MOST_TEXT = 4_000_000


class Makers:
    """Codes looked up in text."""

    def __init__(self, codes: tuple[MakerCode, ...], firms: tuple[Firm, ...]) -> None:
        names = {firm.id: firm.name for firm in firms}
        self._ouis = {value.upper(): names[row.firm] for row in codes if row.kind == "oui" for value in row.values}
        self._grantees = {value.upper(): names[row.firm] for row in codes if row.kind == "fcc" for value in row.values}

    def of_code(self, kind: str, code: str) -> str | None:
        """The firm's name for one `oui` (`44-19-B6`) or `fcc` (grantee) code; None when no known firm has it."""
        return (self._ouis if kind == "oui" else self._grantees).get(code.upper())

    def named_in(self, text: str) -> Iterator[tuple[str, str]]:
        """(firm's name, what named it) for every known code in a text, in order; MACs are cut to their half."""
        found: list[tuple[int, str, str]] = []
        for match in _MAC.finditer(text[:MOST_TEXT]):
            code = match.group(1).upper().replace(":", "-")
            if code in self._ouis:
                found.append((match.start(), self._ouis[code], f"MAC prefix {code}"))
        for match in _FCC.finditer(text[:MOST_TEXT]):
            grantee = match.group(1).upper()
            code = (
                grantee[:5] if grantee[0].isdigit() else grantee[:3]
            )  # 47 CFR 2.926: five when it starts with a digit
            if code in self._grantees:
                found.append((match.start(), self._grantees[code], f"FCC grantee code {code}"))
        for _, name, code in sorted(found):
            yield name, code
