"""Screen names: readings, candidates from the index, comparison, ties between firms, and the day asked about."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from witnessmark.knowledge.sanctions import NameParts, RelationFile, load_name_parts, load_relations, load_score_model
from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import (
    Candidate,
    Firm,
    Hop,
    ListEntry,
    LookAlike,
    Relation,
    ScoreModel,
    Screening,
)
from witnessmark.screen.align import Query, prepare
from witnessmark.screen.answer import candidate, known_hop, relation_hop
from witnessmark.screen.compare import measure
from witnessmark.screen.countries import ANYWHERE, country_name
from witnessmark.screen.fold import fold
from witnessmark.screen.index import NameIndex, paused_collection
from witnessmark.screen.known import KnownNames
from witnessmark.screen.lexicon import Kind, Lexicon, tokens
from witnessmark.screen.parts import Channel, Reading, is_short_for, readings, spelled_out, typed_parts
from witnessmark.screen.persons import like_person, written_as_person
from witnessmark.screen.romanise.syllables import split_pinyin
from witnessmark.screen.score import explain, log_odds, probability
from witnessmark.screen.shortlist import shortlist

MOST_CANDIDATES = 50


class Target(NamedTuple):
    """What an indexed name stands for."""

    kind: str  # entry · firm · relation
    number: int
    role: str  # name · alias · known · former · related


class Hit(NamedTuple):
    """The best comparison with one target."""

    odds: float
    features: dict[str, float]
    text: str
    target: Target
    channel: str
    covered: frozenset[str]  # distinctive parts of the query that met something
    asked: tuple[tuple[str, float], ...]  # all of them, with their weights


Covers = dict[tuple[int, str], set[str]]


class Screener:
    """All lists, indexed. Immutable once built; screening is a pure function of query and day."""

    def __init__(
        self,
        entries: Sequence[ListEntry],
        *,
        relations: RelationFile | None = None,
        parts: NameParts | None = None,
        model: ScoreModel | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self.lexicon = Lexicon(parts if parts is not None else load_name_parts())
        self.model = model if model is not None else load_score_model()
        known = relations if relations is not None else load_relations()
        self.firms: tuple[Firm, ...] = known.firm
        self.relations: tuple[Relation, ...] = known.relation
        self.lookalikes: tuple[LookAlike, ...] = known.lookalike
        self.index = NameIndex()
        self._targets: list[Target] = []
        self._persons: set[int] = set()
        self._looks_by_name: dict[str, list[int]] = {}
        self._firm_number = {firm.id: number for number, firm in enumerate(self.firms)}
        with paused_collection():
            for number, entry in enumerate(self.entries):
                self._add_entry(number, entry)
            self.index.close()
            self._firm_entries = [self._entries_of(firm) for firm in self.firms]
            self._twins = self._find_twins()
            self._known = KnownNames(self.lexicon, self.firms, self.relations)
            self._firms_of: dict[int, list[int]] = {}
            for number, members in enumerate(self._firm_entries):
                for member in members if self._known.has_signs(number) else ():
                    for same in (member, *self._twins.get(member, ())):
                        self._firms_of.setdefault(same, []).append(number)
            self._add_known()
            self.index.close()

    # -- building ------------------------------------------------------------------------------------------------

    def _add_name(self, text: str, target: Target) -> None:
        """Index a name and what stands in brackets, in every reading."""
        number = len(self._targets)
        self._targets.append(target)
        for spelled in spelled_out(text):
            for reading in readings(spelled, self.lexicon):
                if reading.channel != Channel.RARE:
                    self.index.add(reading, number, spelled)

    def _add_entry(self, number: int, entry: ListEntry) -> None:
        self._add_name(entry.name, Target("entry", number, "name"))
        for alias in entry.aliases:
            self._add_name(alias, Target("entry", number, "alias"))
        if entry.schema == "Person" or written_as_person(entry.name):
            self._persons.add(number)

    @lru_cache(maxsize=32768)  # noqa: B019 -- a screener lives as long as the process
    def _full_signature(self, text: str) -> str:
        """All parts of a name, legal form included, in any order."""
        return " ".join(sorted({part.token for part in typed_parts(fold(text).text, self.lexicon)}))

    def _entries_of(self, firm: Firm) -> tuple[int, ...]:
        """The entries that carry one of the firm's anchor names, whatever the legal form."""
        found: set[int] = set()
        for anchor in firm.anchors:
            parts = typed_parts(fold(anchor).text, self.lexicon)
            signature = NameIndex.signature(parts)
            for name in self.index.by_signature(parts):
                number = self._targets[self.index.names[name].target].number
                same = self.index.signature_of(name) == signature
                if same and (not firm.country or self._country(number) in (firm.country, *ANYWHERE)):
                    found.add(number)
        return tuple(sorted(found))

    def _add_known(self) -> None:
        for number, firm in enumerate(self.firms):
            if not self._firm_entries[number]:
                continue
            for text in dict.fromkeys((firm.name, *firm.anchors, *firm.names)):
                self._add_name(text, Target("firm", number, "known"))
            for text in firm.former:
                self._add_name(text, Target("firm", number, "former"))
        for number, relation in enumerate(self.relations):
            if self._firm_entries[self._firm_number[relation.to]]:
                for text in (relation.name, *relation.spellings):
                    self._add_name(text, Target("relation", number, "related"))
        for number, look in enumerate(self.lookalikes):
            for text in (look.name, *look.spellings):
                self._looks_by_name.setdefault(self._full_signature(text), []).append(number)

    def _find_twins(self) -> dict[int, tuple[int, ...]]:
        """Entries of one country that carry the same distinctive name on different lists."""
        twins: dict[int, set[int]] = {}
        for names in self.index.same_signature():
            if self.index.core_weights[names[0]] < 0.55:
                continue
            targets = [self._targets[self.index.names[name].target] for name in names]
            numbers = sorted({target.number for target in targets})
            if not 2 <= len(numbers) <= 12 or not any(target.role == "name" for target in targets):
                continue
            for number in numbers:
                for other in numbers:
                    if number != other and self._same_country(number, other):
                        twins.setdefault(number, set()).add(other)
        return {number: tuple(sorted(found)) for number, found in twins.items()}

    def _country(self, number: int) -> str | None:
        return country_name(self.entries[number].country)

    def _same_country(self, one: int, other: int) -> bool:
        countries = {self._country(one), self._country(other)} - ANYWHERE
        return len(countries) <= 1 and self.entries[one].list != self.entries[other].list

    # -- looking up ----------------------------------------------------------------------------------------------

    def _mended(self, text: str) -> Reading | None:
        """A reading with misspelt generic words ("Technologgy") put right, where no list has them as names."""
        folded = fold(text).text
        if not folded.isascii():
            return None
        words = tokens(folded)[:24]
        put_right = []
        for at, word in enumerate(words):
            if at and at >= len(words) - 2 and word not in self.lexicon.phrases and len(word) <= 4:
                put_right.append(self.lexicon.nearest_form(word) or word)
                continue
            known = (
                word in self.lexicon.phrases
                or "c:" + word in self.index.vocabulary
                or word in self.lexicon.starts
                or len(word) < 5
            )
            put_right.append(word if known else self.lexicon.nearest(word) or word)
        if put_right == words:
            return None
        fixed = " ".join(put_right)
        parts = typed_parts(fixed, self.lexicon)
        return Reading(Channel.SAME, parts, fixed)

    def _hits(self, text: str) -> tuple[dict[tuple[str, int], Hit], Covers]:
        """The best comparison with each target, and which parts of the query name each firm in any way."""
        best: dict[tuple[str, int], Hit] = {}
        covers: Covers = {}
        variants = spelled_out(text)
        for variant in variants:
            if variant is not variants[0] and is_short_for(variant, variants[0]):
                continue  # "National Symphony Orchestra (NSO)": the initials mean the name before them
            mended = self._mended(variant)
            read = readings(variant, self.lexicon)
            known = self._known.in_latin(read[0]) if read else None
            further = [way for way in (mended, known) if way is not None and way.parts]
            for raw in (*read, *further):
                query = prepare(raw, self.index)
                person = like_person(raw.parts)
                for number in shortlist(query, self.index):
                    self._compare(query, number, person=person, best=best, covers=covers)
        return best, covers

    def _compare(
        self, query: Query, number: int, *, person: bool, best: dict[tuple[str, int], Hit], covers: Covers
    ) -> None:
        name = self.index.names[number]
        target = self._targets[name.target]
        features, covered = measure(query, number, self.index, self.lexicon)
        as_person = person or (target.kind == "entry" and target.number in self._persons)
        if as_person and not self._enough_of_a_person(query, name.tokens, features):
            return
        if target.role == "alias":
            features["alias"] = 1.0
        elif target.role in ("known", "former"):
            features["known_name"] = 1.0
        elif target.role == "related":
            features["related"] = 1.0
        if query.reading.channel == Channel.KNOWN:
            features["known_name"] = 1.0
        if name.channel != Channel.SAME and query.reading.channel == Channel.SAME:
            features["by_pinyin"] = 1.0
        firm = self._firm_of(target)
        bearers = self._firms_of.get(target.number, ()) if target.kind == "entry" else () if firm is None else (firm,)
        if bearers and self._known.other_signs(query.reading, bearers):
            features["other_signs"] = 1.0
        odds = log_odds(features, self.model)
        if firm is not None and features["core_name"] > 0.9:
            covers.setdefault((firm, query.reading.channel), set()).update(covered)
        key = (target.kind, target.number)
        if key not in best or odds > best[key].odds:
            asked = tuple(
                (part.key, weight)
                for part, weight in zip(query.parts, query.weights, strict=True)
                if part.kind == Kind.CORE
            )
            best[key] = Hit(odds, features, name.text, target, query.reading.channel, covered, asked)

    def _enough_of_a_person(self, query: Query, tokens: tuple[int, ...], features: dict[str, float]) -> bool:
        """Persons never on a single part: every part of the shorter name must agree, and at least two of them."""
        if features["misspelt"] > 0.2 or (
            features["misspelt"] > 0.03
            and any(part.kind == Kind.CORE and split_pinyin(part.key) for part in query.parts)
        ):
            return False  # in pinyin one letter makes another given name
        if features.get("exact") and (len(query.parts) > 1 or not query.core.isascii()):
            return True
        cores = sum(1 for token in tokens if self.index.parts[token].kind == Kind.CORE)
        asked = sum(1 for part in query.parts if part.kind == Kind.CORE)
        return features["extra_core"] < 0.1 and min(cores, asked) >= 2 and features["core_name"] > 0.6

    # -- answering -----------------------------------------------------------------------------------------------

    def screen(
        self, text: str, *, as_of: str, query_id: str = "", threshold: float | None = None, limit: int = MOST_CANDIDATES
    ) -> Screening:
        """Candidates for a name on a day (ISO), best first. `threshold` is the least score that is reported."""
        least = self.model.threshold if threshold is None else threshold
        remarks = (*fold(text).remarks, *_too_little(text))
        found: dict[int, tuple[float, Hit, tuple[Hop, ...]]] = {}
        hits, covers = self._hits(text)
        self._put_together(hits, covers)
        for (kind, number), hit in hits.items():
            if kind == "entry":
                hop = self._known.hop(text) if hit.channel == Channel.KNOWN else None
                self._keep(found, number, hit.odds, hit, (hop,) if hop is not None else ())
            elif kind == "firm":
                for entry in self._firm_entries[number]:
                    self._keep(found, entry, hit.odds, hit, (known_hop(hit.text, hit.target.role, self.firms[number]),))
            elif kind == "relation":
                relation = self.relations[number]
                for entry in self._firm_entries[self._firm_number[relation.to]]:
                    self._keep(
                        found,
                        entry,
                        hit.odds,
                        hit,
                        (relation_hop(relation, self.firms[self._firm_number[relation.to]]),),
                    )
        found = self._against_lookalikes(found, text)
        self._spread_to_twins(found)
        rows = sorted(found.items(), key=lambda row: self._rank(row[0], row[1]))
        out: list[Candidate] = []
        for number, (odds, hit, hops) in rows[: limit * 2]:
            score = probability(odds)
            if score >= least and len(out) < limit:
                out.append(
                    candidate(self.entries[number], score, hit.text, hops, explain(hit.features, self.model), as_of)
                )
        return Screening(
            id=query_id, query=UntrustedText(text[:300]), as_of=as_of, candidates=tuple(out), remarks=remarks
        )

    def _rank(self, number: int, row: tuple[float, Hit, tuple[Hop, ...]]) -> tuple[float, bool, str]:
        """Best first; a tie stands behind the entry that has the name itself."""
        odds, hit, _ = row
        tied = hit.target.kind == "relation"
        return 1.5 * tied - odds, not self._own_name(number, row), self.entries[number].id

    def _own_name(self, number: int, row: tuple[float, Hit, tuple[Hop, ...]]) -> bool:
        """Whether an entry's own main name is what was matched, or the main name of the firm that was."""
        firm = self._firm_of(row[1].target)
        names = (row[1].text,) if firm is None else (self.firms[firm].name, row[1].text)
        own = self._full_signature(self.entries[number].name)
        return any(own == self._full_signature(name) for name in names)

    def _firm_of(self, target: Target) -> int | None:
        """The known firm that a target leads to."""
        if target.kind == "firm":
            return target.number
        return self._firm_number[self.relations[target.number].to] if target.kind == "relation" else None

    def _put_together(self, hits: dict[tuple[str, int], Hit], covers: Covers) -> None:
        """Parts that name the same firm in two ways ("Face++ by Megvii", "Hikvision 海康威视") count together."""
        groups: dict[int, list[tuple[str, int]]] = {}
        for key, hit in hits.items():
            firm = self._firm_of(hit.target)
            if firm is not None and hit.features.get("core_query", 0.0) > 0.2:
                groups.setdefault(firm, []).append(key)
        for firm, keys in groups.items():
            best = max(keys, key=lambda key: (hits[key].target.kind == "firm", hits[key].odds))
            hit = hits[best]
            covered = covers.get((firm, hit.channel), set())
            if not hit.covered < covered:
                continue
            total = sum(weight for _, weight in hit.asked) or 1.0
            met = sum(weight for key, weight in hit.asked if key in covered)
            evidence = min(1.2, sum(hits[key].features["evidence"] for key in keys))
            words = 0.3 * hit.features["words_extra"]  # two names of one firm leave little doubt what the words are
            features = {**hit.features, "extra_core": min(2.0, total - met), "core_query": met / total}
            features |= {"evidence": evidence, "words_extra": words, "short_core": 0.0}
            hits[best] = hit._replace(features=features, odds=log_odds(features, self.model))

    @staticmethod
    def _keep(
        found: dict[int, tuple[float, Hit, tuple[Hop, ...]]], number: int, odds: float, hit: Hit, hops: tuple[Hop, ...]
    ) -> None:
        # A direct match explains itself: a detour must be clearly better to be shown instead.
        known = found.get(number)
        detour = 0.15 * (bool(hops) - bool(known[2])) if known is not None else 0.0
        if known is None or odds > known[0] + detour:
            found[number] = (odds, hit, hops)

    def _against_lookalikes(
        self, found: dict[int, tuple[float, Hit, tuple[Hop, ...]]], text: str
    ) -> dict[int, tuple[float, Hit, tuple[Hop, ...]]]:
        """Lower a firm's candidates when the query is, with its legal form, the name of a different and known body."""
        asked = self._full_signature(text)
        out = dict(found)
        for row in (self.lookalikes[number] for number in self._looks_by_name.get(asked, ())):
            firm = self._firm_number.get(row.not_firm)
            for number in self._firm_entries[firm] if firm is not None else ():
                if number not in out or self._full_signature(out[number][1].text) == asked:
                    continue  # the list itself carries exactly this name
                odds, hit, hops = out[number]
                hop = Hop(kind="different_body", says=UntrustedText(f"{row.name}: {row.says}"), source=row.source)
                lower = odds + self.model.weights.get("different_body", -3.0)
                out[number] = (lower, hit._replace(features={**hit.features, "different_body": 1.0}), (*hops, hop))
        return out

    def _spread_to_twins(self, found: dict[int, tuple[float, Hit, tuple[Hop, ...]]]) -> None:
        step = self.model.weights.get("same_name_elsewhere", -0.3)
        for number, (odds, hit, hops) in sorted(found.items()):
            if probability(odds) < 0.3 or any(hop.kind in ("different_body", "twin") for hop in hops):
                continue
            for twin in self._twins.get(number, ()):
                if twin not in found or found[twin][0] < odds + step:
                    says = f"{self.entries[number].name} stands under the same name on {self.entries[number].list}"
                    hop = Hop(kind="twin", says=UntrustedText(says))
                    features = {**hit.features, "same_name_elsewhere": 1.0}
                    found[twin] = (odds + step, hit._replace(features=features), (*hops, hop))


def _too_little(text: str) -> tuple[str, ...]:
    """What to say of a name in which there is nothing, or one letter, to compare: no candidate then means nothing."""
    letters = sum(1 for char in text[:300] if char.isalnum())
    if letters > 1:
        return ()
    return ("one letter is too little to compare" if letters else "there is no letter in it, so nothing was compared",)
