"""How the makers named inside a scanned file are put into words."""

from witnessmark.model.maker import MakerCandidate, MakerMark, MakersInside
from witnessmark.model.screening import Candidate

HEADING = "Makers named inside"
MARK_SAYS = {
    MakerMark.SIGNATURE: "is signed with a certificate made out to",
    MakerMark.VERSION: "names in its version information the company",
    MakerMark.MANIFEST: "names in its manifest the vendor",
    MakerMark.PACKAGE: "names in its package metadata the maintainer, vendor or author",
    MakerMark.SUPPLIER: "names in its bill of materials the supplier",
    MakerMark.FCC: "carries an FCC ID whose first characters belong to",
    MakerMark.OUI: "carries a MAC address whose first half belongs to",
}
CAUTION = (
    "These are likenesses of names, to be compared by a person: not a statement that the maker is listed. A name in a "
    "file can be wrong or put there by anyone, and the signature was not verified."
)
MOST_REASONS = 2


def extent(makers: MakersInside) -> str:
    """How many names there were, and how many resemble an entry."""
    count = f"{makers.named} maker{'' if makers.named == 1 else 's'} named inside"
    alike = len(makers.resembling)
    if not alike:
        return f"{count}; none resembles an entry of the lists at hand. That is not clearance."
    return f"{count}; {alike} resemble{'s' if alike == 1 else ''} list entries."


def says(row: MakerCandidate) -> str:
    """What the file says, without the name."""
    more = f" (and {row.places - 1} more places)" if row.places > 1 else ""
    return f"{MARK_SAYS[row.mark]} “{row.name}”{more}"


def resembles(row: Candidate, as_of: str) -> str:
    """One entry, when it was listed, and why it came up."""
    state = {True: f"listed on {as_of}", False: f"not listed on {as_of}", None: "the publisher gives no date"}[
        row.listed
    ]
    tied = [hop for hop in row.hops if hop.kind not in ("known", "former", "twin", "different_body")]
    linked = "; tied to that entry, not itself listed" if tied else ""
    why = "; ".join(row.reasons[:MOST_REASONS])
    cite = f", {row.citation}" if row.citation else ""
    return (
        f"resembles “{row.name}” [{row.list}] ({state}, from {row.listed_from or '?'}{cite}{linked}; "
        f"score {min(row.score, 0.99):.2f}), because {why}"
    )
