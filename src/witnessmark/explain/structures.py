"""From an observation to the structure that is kept with a finding: bounded, and masked."""

from collections.abc import Iterable

from witnessmark.model.fact import UntrustedText
from witnessmark.model.observation import Member, Observation
from witnessmark.model.structure import CrossReference, Part, Structure
from witnessmark.redact import redact

MOST_PARTS = 40
MOST_TEXTS = 12
LONGEST = 160
LONGEST_COMMENT = 400


def structure_of(seen: Observation) -> Structure:
    """What a reader sees of the structure: the parts around the matches, and what stands beside and above them."""
    first, members = _around(seen.members)
    parts = tuple(_part(member) for member in members)
    whole = seen.member_count if seen.member_count is not None else len(seen.members)
    lists = (seen.comments, seen.neighbours, seen.uses, seen.aliases, seen.referred_by)
    cut = first or len(members) < whole or any(len(each) > MOST_TEXTS for each in lists)
    return Structure(
        shape=seen.shape,
        name=_text(seen.name),
        language=seen.language,
        type=_text(seen.type) if seen.type is not None else None,
        file_role=seen.file_role,
        parents=_texts(seen.parents[-MOST_TEXTS:]),
        parts=parts,
        part_count=whole if len(parts) < whole else None,
        comments=_texts(seen.comments, LONGEST_COMMENT),
        neighbours=_texts(seen.neighbours),
        uses=_texts(seen.uses),
        aliases=_texts(seen.aliases),
        referred_by=tuple(
            CrossReference(name=_text(each.name), shape=each.shape, how=each.how, locator=each.locator)
            for each in seen.referred_by[:MOST_TEXTS]
        ),
        cut=bool(cut),
    )


def _around(members: tuple[Member, ...]) -> tuple[int, tuple[Member, ...]]:
    """At most MOST_PARTS members in a row, with the first match among them; and how many stand before."""
    if len(members) <= MOST_PARTS:
        return 0, members
    hit = next((index for index, member in enumerate(members) if member.matched), 0)
    start = max(0, min(hit - MOST_PARTS // 3, len(members) - MOST_PARTS))
    return start, members[start : start + MOST_PARTS]


def _part(member: Member) -> Part:
    return Part(
        name=_text(member.name),
        value=_text(member.value) if member.value is not None else None,
        type=_text(member.type) if member.type is not None else None,
        comment=_text(member.comment, LONGEST_COMMENT) if member.comment is not None else None,
        line=member.line,
        offset=member.offset,
        matched=bool(member.matched),
    )


def _texts(given: Iterable[str], longest: int = LONGEST) -> tuple[UntrustedText, ...]:
    return tuple(_text(text, longest) for text in list(given)[:MOST_TEXTS])


def _text(text: str, longest: int = LONGEST) -> UntrustedText:
    # Line breaks say nothing here. Masked before it is cut: half a number would no longer be known for one.
    shown = redact(" ".join(text[: 4 * longest].split())).text
    return shown if len(shown) <= longest else UntrustedText(shown[: longest - 1] + "…")
