"""The words of a finding: the original text with its marks, a plain rendering, and the reason in a paragraph."""

from collections.abc import Iterable, Mapping

from witnessmark.explain.rules import Verdict
from witnessmark.explain.scene import Hit, Scene, sentence
from witnessmark.model.fact import UntrustedText
from witnessmark.model.finding import Reason, ReasonKind
from witnessmark.model.match import Term
from witnessmark.redact import redact

LONGEST = 400
_GLOSSES = 12
_TECHNICAL = (
    "it is a",
    "it is n",
    "it is s",
    "it has ",
    "it is m",
    "its text has ",
)  # what sort of structure: in the tree, not in prose


def excerpt(scene: Scene, hit: Hit) -> tuple[UntrustedText, tuple[tuple[int, int], ...]]:
    """At most 400 characters of the original around a hit, personal data masked, and the spans of all matches in it."""
    text = _source(scene, hit)
    at = max(0, text.find(hit.match.text))
    if len(text) > LONGEST:
        start = max(0, min(at - LONGEST // 3, len(text) - LONGEST))
        text = text[start : start + LONGEST]
    shown = redact(text).text
    spans: set[tuple[int, int]] = set()
    for word in {each.match.text for each in scene.hits}:
        start = shown.find(word)
        while word and start >= 0 and len(spans) < 40:
            spans.add((start, start + len(word)))
            start = shown.find(word, start + len(word))
    return shown, _apart(sorted(spans))


def _apart(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _source(scene: Scene, hit: Hit) -> str:
    seen = scene.observation
    if hit.match.text in seen.text:
        return seen.text if len(seen.text) <= LONGEST else _around(seen.text, hit.match.text)
    if hit.member is not None:
        pieces = (hit.member.type, hit.member.name, f"= {hit.member.value}" if hit.member.value else None)
        line = " ".join(piece for piece in pieces if piece)
        return f"{line}  // {hit.member.comment}" if hit.member.comment else line
    for text in (*seen.comments, *seen.aliases, *seen.parents):
        if hit.match.text in text:
            return text
    return seen.name if hit.match.text in seen.name else sentence(seen, hit.match) or hit.match.text


def _around(text: str, word: str) -> str:
    at = text.find(word)
    start = max(0, at - LONGEST // 3)
    line = text.rfind("\n", start, at)
    return text[line + 1 if line >= 0 else start : at + LONGEST]


def gloss(hits: Iterable[Hit], terms: Mapping[str, Term]) -> str:
    """A plain-English rendering of the words that matched: `民族 = ethnicity (group of the PRC); 维族 = Uyghur`."""
    said: dict[str, str] = {}
    for hit in hits:
        term = terms.get(hit.match.term)
        if term is not None and term.gloss and hit.match.text.casefold() != term.gloss.casefold():
            said.setdefault(hit.match.text, term.gloss)
        if len(said) >= _GLOSSES:
            break
    return "; ".join(f"{text} = {meaning}" for text, meaning in said.items())


def rationale(verdict: Verdict) -> str:
    """Why this is reported, in a paragraph: the rule's sentence, what held, what was weighed against it."""
    held: dict[str, None] = {}
    against: dict[str, None] = {}
    for reason in verdict.reasons:
        _gather(reason, held, against)
    parts = [verdict.rule.says]
    if held:
        parts.append(f"What held: {'; '.join(list(held)[:6])}.")
    if against:
        parts.append(f"Looked for and not found: {'; '.join(list(against)[:6])}.")
    return redact(" ".join(parts)).text


def _gather(reason: Reason, held: dict[str, None], against: dict[str, None]) -> None:
    """What held, and what spoke against it and did not hold, each said as shortly as it can be."""
    if reason.kind is ReasonKind.NOT:
        if reason.held:
            said = (part.text or _first(part) for part in reason.parts)
            against.update(dict.fromkeys(text.removeprefix("no ").removeprefix("not found: ") for text in said))
        return
    if reason.parts:
        if not reason.text:
            for part in reason.parts:
                _gather(part, held, against)
        elif reason.held:
            held[f"{reason.text} ({_first(reason)})"] = None
    elif reason.held and not reason.text.startswith(_TECHNICAL):
        held[reason.text] = None


def _first(reason: Reason) -> str:
    """The first plain statement below a node that has the node's own outcome."""
    while reason.parts:
        reason = next((part for part in reason.parts if part.held is reason.held), reason.parts[0])
    return reason.text


def masked(reason: Reason) -> Reason:
    """The same reason with personal data masked in its texts."""
    return Reason(
        kind=reason.kind,
        text=redact(reason.text).text,
        held=reason.held,
        locator=reason.locator,
        parts=tuple(masked(part) for part in reason.parts),
    )
