"""One claim, one finding: verdicts of the same rule in the same file become a single record."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from witnessmark.explain.rules import Verdict
from witnessmark.explain.scene import Hit
from witnessmark.explain.structures import structure_of
from witnessmark.explain.wording import excerpt, gloss, masked, rationale
from witnessmark.knowledge.law import Provision
from witnessmark.knowledge.signals import Signal
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import Grade, Trait, UntrustedText
from witnessmark.model.finding import Finding, LawPointer, Reason, ReasonKind
from witnessmark.model.match import Term
from witnessmark.model.observation import Shape
from witnessmark.redact import redact

MOST_PLACES = 60
_LISTS = frozenset({Shape.ENUM, Shape.LABEL_LIST})
_DERIVING = frozenset({
    "docx", "pptx", "odf", "xls", "xlsx", "doc", "rtf", "pdf", "sqlite", "npy", "html", "qt_qm", "plist", "eml",
})  # fmt: skip
_RAW_IS_READABLE = frozenset({"html", "eml", "plist"})
_TRAITS = {
    "trait:ethnicity": Trait.ETHNICITY,
    "trait:minority": Trait.ETHNICITY,
    "trait:nation": Trait.ETHNICITY,
    "trait:race": Trait.RACE,
    "trait:skin_colour": Trait.SKIN_COLOUR,
    "trait:religion": Trait.RELIGION,
    "trait:caste": Trait.CASTE,
    "trait:language": Trait.LANGUAGE,
    "trait:national_origin": Trait.NATIONAL_ORIGIN,
    "trait:nationality": Trait.NATIONAL_ORIGIN,
}
_BY_WORD = (
    ("complexion", Trait.SKIN_COLOUR),
    ("skin", Trait.SKIN_COLOUR),
    ("race", Trait.RACE),
    ("ethni", Trait.ETHNICITY),
    ("ethic", Trait.ETHNICITY),
    ("nation", Trait.ETHNICITY),
    ("uyg", Trait.ETHNICITY),
    ("uig", Trait.ETHNICITY),
    ("tibet", Trait.ETHNICITY),
    ("religi", Trait.RELIGION),
)
_SITES = {"member": 0, "value": 0, "name": 1, "comment": 2, "type": 3, "text": 2, "parent": 5}
_FAITHS = frozenset({
    "group:falun_gong", "group:muslim", "group:hindu", "group:sikh", "group:bahai", "group:ahmadi", "group:shia",
    "group:sunni", "group:christian_prc", "group:jehovahs_witnesses", "group:alawite", "group:alevi", "group:copt",
    "group:druze",
})  # fmt: skip


def findings(
    verdicts: Iterable[Verdict], terms: Mapping[str, Term], law: Mapping[str, Provision]
) -> tuple[Finding, ...]:
    """The findings that a product's verdicts amount to, sorted by place and rule."""
    groups: dict[tuple[tuple[str, ...], str, str], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[tuple(verdict.scene.observation.locator.path), verdict.rule.id, _claim(verdict)].append(verdict)
    made = _without_derived([_finding(group, terms, law) for group in groups.values()])
    return tuple(sorted(made, key=lambda finding: (finding.locator.order, finding.rule)))


def _claim(verdict: Verdict) -> str:
    """What sets one claim of a rule in a file apart from another: the list's own name, or the traits in question."""
    observation = verdict.scene.observation
    if observation.shape in _LISTS:
        return observation.name
    return " ".join(sorted({trait for hit in verdict.scene.hits for trait in _traits_of(hit)}))


def _without_derived(made: list[Finding]) -> list[Finding]:
    """One finding where the same passage was read twice: as it lies in the file, and as text taken from it."""
    kept = {finding.id: finding for finding in made}
    raws = {(f.locator.path, f.rule, f.protected, f.groups): f for f in made}
    for finding in made:
        path, via = finding.locator.path, finding.locator.via
        same = (path[:-1], finding.rule, finding.protected, finding.groups)
        raw = raws.get(same) if via and via[-1] in _DERIVING else None
        if raw is None:
            continue
        first, second = (raw, finding) if via[-1] in _RAW_IS_READABLE else (finding, raw)
        kept[first.id] = msgspec.structs.replace(
            first,
            also_at=(*first.also_at, second.locator, *second.also_at)[:MOST_PLACES],
            groups=tuple(sorted({*first.groups, *second.groups})),
            grade=max(first.grade, second.grade, key=lambda grade: grade.rank),
        )
        kept.pop(second.id, None)
    return list(kept.values())


def _finding(group: list[Verdict], terms: Mapping[str, Term], law: Mapping[str, Provision]) -> Finding:
    ordered = sorted(group, key=lambda v: (-v.grade.rank, -len(_groups(v)), v.scene.observation.locator.order))
    best = ordered[0]
    rule, scene = best.rule, best.scene
    hit = _main_hit(best)
    place = _place(scene.observation.locator, hit)
    shown, marked = excerpt(scene, hit)
    traits = _protected(rule, ordered)
    hits = [each for verdict in ordered for each in verdict.scene.hits]
    places = _places(ordered, place)
    return Finding(
        id=_id(rule, place),
        kind=rule.kind,
        capability=rule.capability,
        protected=traits,
        groups=tuple(sorted({name for verdict in ordered for name in _groups(verdict)})),
        grade=best.grade,
        rule=rule.id,
        title=_title(rule, best),
        rationale=rationale(best),
        innocent=rule.innocent,
        not_shown=rule.not_shown,
        locator=place,
        excerpt=shown,
        marked=marked,
        gloss=gloss(hits, terms),
        context=_context(best),
        reasons=(*(masked(reason) for reason in best.reasons), *_cautions(best)),
        also_at=places,
        law=_pointers(rule, traits, law),
        sources=rule.sources,
        structure=structure_of(scene.observation),
    )


def _main_hit(verdict: Verdict) -> Hit:
    """The hit that a reader should see first: a people, then a trait, inside the structure rather than around it."""
    return min(verdict.scene.hits, key=lambda hit: (_about(hit), _SITES.get(hit.site, 4), hit.match.offset))


def _about(hit: Hit) -> int:
    concept = hit.match.concept
    if concept.startswith("group:"):
        return 0
    return 1 if concept in _TRAITS or _traits_of(hit) else 2


def _subject(verdict: Verdict) -> Hit:
    """The hit that names the attribute: the trait rather than the people, and neither a beard nor a mood."""

    def rank(hit: Hit) -> tuple[bool, bool, int, int]:
        concept = hit.match.concept
        named = concept in _TRAITS or concept.startswith("identifier:")
        return not _traits_of(hit), not named, _SITES.get(hit.site, 4), hit.match.offset

    return min(verdict.scene.hits, key=rank)


def _place(base: Locator, hit: Hit) -> Locator:
    match = hit.match
    return msgspec.structs.replace(
        base, offset=match.offset, length=match.length, line=hit.line, encoding=match.encoding
    )


def _places(verdicts: list[Verdict], main: Locator) -> tuple[Locator, ...]:
    places: dict[tuple[int | None, int | None], Locator] = {}
    for verdict in verdicts:
        for hit in verdict.scene.hits:
            place = _place(verdict.scene.observation.locator, hit)
            key = (place.line, None) if place.line is not None else (None, place.offset)
            if place.offset != main.offset and (place.line is None or place.line != main.line):
                places.setdefault(key, place)
        for reference in verdict.scene.observation.referred_by:
            if reference.locator.path != main.path:
                places.setdefault((reference.locator.line, reference.locator.offset), reference.locator)
    ordered = sorted(places.values(), key=lambda place: place.order)
    return tuple(ordered[:MOST_PLACES])


def _groups(verdict: Verdict) -> set[str]:
    return {c.removeprefix("group:") for c in verdict.scene.concepts if c.startswith("group:")}


def _protected(rule: Signal, verdicts: list[Verdict]) -> tuple[Trait, ...]:
    if rule.protected:
        return rule.protected
    traits: set[Trait] = set()
    for verdict in verdicts:
        for hit in verdict.scene.hits:
            traits.update(_traits_of(hit))
    return tuple(sorted(traits)) or (Trait.ETHNICITY,)


def _traits_of(hit: Hit) -> set[Trait]:
    concept = hit.match.concept
    if concept in _TRAITS:
        return {_TRAITS[concept]}
    if concept in _FAITHS:
        return {Trait.RELIGION}
    if concept.startswith("group:"):
        return {Trait.RACE} if concept in {"group:white", "group:black", "group:asian"} else {Trait.ETHNICITY}
    word = hit.match.text.casefold() + concept
    return {trait for part, trait in _BY_WORD if part in word} if concept.startswith("identifier:") else set()


def _title(rule: Signal, verdict: Verdict) -> str:
    names = sorted(_groups(verdict))
    groups = ", ".join(name.replace("_", " ").title() for name in names[:4])
    observation = verdict.scene.observation
    text = rule.title.replace("{name}", observation.name[:80] or "unnamed")
    text = text.replace("{groups}", groups or "a protected group")
    text = text.replace("{word}", _subject(verdict).match.text[:60])
    first = text.partition(" ")[0]
    if first.isascii() and first.isalpha() and first.islower():  # a word; names such as `emRace` stay as they are
        text = text[:1].upper() + text[1:]
    return redact(text).text


def _context(verdict: Verdict) -> tuple[UntrustedText, ...]:
    observation = verdict.scene.observation
    pieces = (observation.file_role, observation.shape.value, *observation.parents[-4:], observation.name)
    return tuple(redact(piece[:160]).text for piece in pieces if piece)


def _cautions(verdict: Verdict) -> tuple[Reason, ...]:
    following = verdict.grade.following
    cautions = [f"Innocent reading to rule out: {verdict.rule.innocent}", f"Not shown: {verdict.rule.not_shown}"]
    if following is not None:
        cautions.append(_NEXT[following])
    if any(hit.match.disguise for hit in verdict.scene.hits):
        cautions.append("The text was written in an escaped form; the place is that of the escape.")
    return tuple(Reason(kind=ReasonKind.CAUTION, text=UntrustedText(text), held=True) for text in cautions)


_NEXT = {
    Grade.REFERENCED: "Not reached: a declaration (an enum, a record, an interface) that holds the word.",
    Grade.WIRED: "Not reached: a place where the value is used in an event, an alarm, a search or a user interface, "
    "or filled by a device.",
    Grade.DOCUMENTED: "Not reached: a sentence of a manual, data sheet or API document that says so.",
    Grade.PROCURED: "Not reached: a tender or contract that asks for it.",
    Grade.DEPLOYED: "Not reached: evidence that it is in use at a place.",
}


def _pointers(rule: Signal, traits: tuple[Trait, ...], law: Mapping[str, Provision]) -> tuple[LawPointer, ...]:
    chosen = [p for p in law.values() if p.id in rule.law or p.concerns(rule.capability, traits)]
    ordered = sorted(chosen, key=lambda p: (p.id not in rule.law, p.order, p.id))
    return tuple(provision.pointer() for provision in ordered)


def _id(rule: Signal, place: Locator) -> str:
    what = f"{rule.id}\0{place.sha256 or '/'.join(place.path)}\0{place.offset}"
    return hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:16]
