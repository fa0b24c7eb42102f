"""Annexes of EU regulations as a table: the columns of the consolidated act, one row a listed person or body."""

from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Citation, ListEntry
from witnessmark.screen.loader import Parsed, csv_rows, iso_day, plain_head, unique

COLUMNS = (
    "celex",
    "recordId",
    "programKey",
    "annex",
    "measure",
    "startDate",
    "reason",
    "schema",
    "name",
    "alias",
    "weakAlias",
    "previousName",
    "country",
    "nationality",
    "jurisdiction",
    "birthDate",
    "birthPlace",
    "position",
    "passportNumber",
    "gender",
    "appearance",
    "ethnicity",
    "fatherName",
    "motherName",
    "incorporationDate",
    "legalForm",
    "sector",
    "registrationNumber",
    "taxNumber",
    "idNumber",
    "innCode",
    "ogrnCode",
    "kppCode",
    "okpoCode",
    "leiCode",
    "swiftBic",
    "ticker",
    "imoNumber",
    "mmsi",
    "flag",
    "address",
    "phone",
    "email",
    "website",
    "notes",
)


def _names(*cells: str) -> tuple[UntrustedText, ...]:
    return tuple(
        dict.fromkeys(
            UntrustedText(text.strip()) for cell in cells for text in cell.replace("\n", ";").split(";") if text.strip()
        )
    )


class EuJournal:
    """One consolidated act."""

    NAME = "eu-journal-csv"

    def recognises(self, head: bytes) -> bool:
        """The header starts with the CELEX number."""
        return plain_head(head).startswith(b"celex,recordId,programKey")

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All rows; dates of listing are written as day.month.year or in words."""
        name = list_id or "eu-consolidated"
        entries = []
        for row in csv_rows(data, COLUMNS, "EU table"):
            day = iso_day(row["startDate"])
            main, *more = _names(row["name"]) or (UntrustedText(""),)
            entries.append(
                ListEntry(
                    id=f"{name}:{row['celex']}-{row['recordId']}",
                    list=name,
                    name=main,
                    aliases=(*more, *_names(row["alias"], row["weakAlias"], row["previousName"])),
                    country=row["country"] or row["jurisdiction"] or row["nationality"] or None,
                    address=UntrustedText(row["address"]) or None,
                    citations=(Citation(cite=f"CELEX {row['celex']}, annex {row['annex']}", date=day),),
                    listed_from=day,
                    schema="Person" if row["schema"] == "Person" else "LegalEntity",
                    notes=UntrustedText(row["reason"]) or None,
                    source="eu",
                    programme=row["programKey"],
                    url=f"https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:{row['celex']}",
                )
            )
        return Parsed(unique(entries), "")


LOADER = EuJournal()
