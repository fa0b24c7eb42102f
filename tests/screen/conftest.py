"""A small list of our own, made-up firms beside real public ones, that all screening tests share."""

import pytest

from witnessmark.knowledge.sanctions import RelationFile
from witnessmark.model.screening import Citation, Firm, ListEntry, LookAlike, Relation, RelationKind
from witnessmark.screen.screener import Screener


def entry(
    number,
    name,
    *,
    aliases=(),
    listed_from="2019-10-09",
    listed_until=None,
    country="China",
    on="bis-entity-list",
    schema="LegalEntity",
):
    return ListEntry(
        id=f"{on}:{number}", list=on, name=name, aliases=aliases, country=country, listed_from=listed_from,
        listed_until=listed_until, citations=(Citation(cite="84 FR 54004", date=listed_from),), schema=schema,
    )  # fmt: skip


ENTRIES = (
    entry(1, "Dahua Technology"),
    entry(2, "Hangzhou Hikvision Digital Technology Co., Ltd.", aliases=("Hikvision",)),
    entry(3, "Beijing Sensetime Technology Development Co., Ltd.", aliases=("Sense Time",)),
    entry(4, "Urumqi Municipal Public Security Bureau"),
    entry(5, "Kashgar Prefecture Public Security Bureau", aliases=("Kashi Prefecture Public Security Bureau",)),
    entry(6, "Xinjiang Uyghur Autonomous Region (XUAR) People's Government Public Security Bureau"),
    entry(7, "Institute of Forensic Science", listed_from="2020-06-05", listed_until="2023-11-16"),
    entry(8, "China Electronics Technology Group Corporation 54th Research Institute", aliases=("CETC 54",)),
    entry(9, "ZHU Hailun", aliases=("朱海仑",), schema="Person", on="eu-hr-2020-1998", listed_from="2021-03-22"),
    entry(10, "Hangzhou Hikvision Digital Technology Company", on="ndaa-889", listed_from="2018-08-13"),
    entry(11, "Info Tech", country="Iran"),
    entry(12, "Yixin Science and Technology Co. Ltd.", aliases=("Ecguard",)),
    entry(13, "Joint Stock Company Votkinsk Machine Building Plant", country="Russia"),
    entry(14, "Undated Works LLC", listed_from=None, country="Russia"),
)
KNOWN = RelationFile(
    firm=(
        Firm(
            id="hik",
            name="Hikvision",
            anchors=("Hangzhou Hikvision Digital Technology", "Hikvision"),
            names=("海康威视",),
            country="China",
        ),
        Firm(id="dahua", name="Dahua", anchors=("Dahua Technology",), names=("大华股份",), country="China"),
    ),
    relation=(
        Relation(name="Lorex", to="dahua", kind=RelationKind.FORMER_SUBSIDIARY, since="2018-02", until="2023-02"),
        Relation(name="Sample Holdings", to="hik", kind=RelationKind.OWNED, share=60.0),
    ),
    lookalike=(LookAlike(name="Dahua Group", not_firm="dahua", says="a property developer", spellings=("大华集团",)),),
)


@pytest.fixture(scope="session")
def screener():
    return Screener(ENTRIES, relations=KNOWN)


@pytest.fixture
def found(screener):
    """The ids found for a name, best first."""

    def ask(name, **options):
        return [
            row.entry for row in screener.screen(name, as_of=options.pop("as_of", "2026-01-01"), **options).candidates
        ]

    return ask


@pytest.fixture(scope="session")
def backwards():
    """The same lists, given in the opposite order."""
    return Screener(tuple(reversed(ENTRIES)), relations=KNOWN)
