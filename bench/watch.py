"""Judge the watch on labelled transitions of pages that others wrote.

    python bench/watch.py FOLDER_OF_HTML [--notices FOLDER] [--harder] [--pages 120] [--seed 7] [--show]

With --notices, error pages, walls and the like come from a folder of others' templates (gone, wall, login, maintenance,
parked); with --harder, kinds of transition are added that the classifier was not made from.

Each transition is a small site: the first look, then up to six more at least a minute apart, with control page, random
sibling and browser as in earnest; only the network is played. Prints the last verdict of each against its label.
"""

import argparse
import hashlib
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from watch_labels import transitions
from watch_transitions import HOST, TARGET, Reply, Transition, load, load_notices

from witnessmark.model.fact import Sha256
from witnessmark.model.sighting import Cause, Sighting, Verdict
from witnessmark.watch.judgement import Seen
from witnessmark.watch.look import Means, look
from witnessmark.watch.looking import Answer
from witnessmark.watch.store import Settings, State, Target

FAILURES = {
    "dns": Cause.DNS,
    "connect": Cause.REFUSED,
    "tls": Cause.TLS,
    "timeout": Cause.TIMEOUT,
    "protocol": Cause.PROTOCOL,
}
LOOKS = 6


class Play:
    """The looks at one transition."""

    def __init__(self, transition: Transition) -> None:
        self.transition, self.number = transition, 0
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.bodies: dict[Sha256, bytes] = {}

    def fetch(self, url: str, client: str = "plain") -> Answer:
        asked = url
        for _ in range(5):
            reply = self.transition.site(urlsplit(url).path, self.number, client)
            if reply.status not in (301, 302):
                break
            url = HOST + reply.to
        return self.answer(asked, url, reply)

    def answer(self, asked: str, url: str, reply: Reply) -> Answer:
        body = reply.body.encode("utf-8", "replace")
        seen = Seen(
            url=asked, final_url=url, status=reply.status, media_type=reply.media,
            digest=Sha256(hashlib.sha256(body).hexdigest()), size=len(body),
        )  # fmt: skip
        if reply.failure:
            seen = Seen(url=asked, failure=FAILURES[reply.failure])
        return Answer(seen=seen, body=body, at=self.now, clock_offset=0.0)

    def run(self) -> list[Sighting]:
        tokens = iter(range(10_000))
        means = Means(
            fetch=self.fetch, token=lambda: f"zq{next(tokens)}xv", body=self.bodies.get,
            browser=lambda url: self.fetch(url, "browser"), control=self.fetch,
        )  # fmt: skip
        target = Target(
            url=HOST + TARGET, host="site.example", settings=Settings(interval=300), state=State(), next_at=0
        )
        seen = []
        for self.number in range(LOOKS + 1):
            looked = look(target, means)
            self.bodies.update(looked.bodies)
            target = replace_state(target, looked.state)
            seen.append(looked.sighting)
            self.now = max(looked.next_at, self.now + timedelta(seconds=60))
        return seen


def replace_state(target: Target, state: State) -> Target:
    return Target(url=target.url, host=target.host, settings=target.settings, state=state, next_at=0)


def outcome(sightings: list[Sighting]) -> Verdict:
    """What a reader of the history is told: the strongest news of it, else how it ended."""
    verdicts = [item.verdict for item in sightings[1:]]
    for strong in (Verdict.REMOVED, Verdict.MOVED, Verdict.SECTION_REMOVED, Verdict.CHANGED):
        if strong in verdicts:
            return strong
    return verdicts[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notices", type=Path)
    parser.add_argument("--harder", action="store_true")
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", action="store_true", help="print each that was judged otherwise")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    named = Counter[str]()
    notices = load_notices(options.notices)
    for item in transitions(load(options.folder, rng, options.pages), rng, notices, harder=options.harder):
        sightings = Play(item).run()
        got = outcome(sightings)
        table[item.label][got] += 1
        kinds[item.label, item.kind][got] += 1
        if item.gone:
            told = " ".join(" ".join(text.split()) for s in sightings for text in s.removed_text)
            named["sections"] += 1
            named["named whole"] += all(squeeze(text) in squeeze(told) for text in item.gone)
        if options.show and got != item.label:
            last = sightings[-1]
            print(f"{item.label} / {item.kind}: {got} ({last.cause}; {'; '.join(last.reasons)}) {item.source}")
            for check in last.checks:
                print(f"      {check.kind} {check.supports} {check.says}")
    report(table, kinds, named)


def squeeze(text: str) -> str:
    return "".join(text.split())


def report(table: dict[str, Counter[str]], kinds: dict[tuple[str, str], Counter[str]], named: Counter[str]) -> None:
    columns = [verdict.value for verdict in Verdict]
    print(f"{'label':<18}" + "".join(f"{name[:11]:>12}" for name in columns))
    for label in sorted(table):
        print(f"{label:<18}" + "".join(f"{table[label][name] or '·':>12}" for name in columns))
    print()
    for (label, kind), got in sorted(kinds.items()):
        print(f"  {label:<16} {kind:<34} " + ", ".join(f"{name} {count}" for name, count in got.most_common()))
    total = sum(sum(row.values()) for row in table.values())
    false = sum(row[Verdict.REMOVED] for label, row in table.items() if label != "removed")
    there = total - sum(table["removed"].values())
    missed = sum(table["removed"].values()) - table["removed"][Verdict.REMOVED]
    print(f"\n{total} transitions; false 'removed' {false} of {there}; missed removals {missed} of {total - there}")
    print(f"sections removed: {named['sections']}, text named whole: {named['named whole']}")


if __name__ == "__main__":
    main()
