"""Read a whole case again and say what is wrong with it."""

from collections.abc import Sequence
from pathlib import Path

from witnessmark.case.checkpoint import parse_checkpoint
from witnessmark.case.folder import Case
from witnessmark.case.hashing import sha256_of, sha256_of_all
from witnessmark.case.merkle import Tree, leaf_hash
from witnessmark.case.opening import open_case
from witnessmark.errors import CaseError, VerificationFailed
from witnessmark.model.verification import Flaw


def check_case(path: Path) -> tuple[Flaw, ...]:
    """All damage that can be found without a sealed bundle. Raises CaseError if there is no case at all."""
    try:
        with open_case(path, read_only=True) as case:
            events = case.events()
            flaws = [Flaw(path=name, where="", what="does not belong here") for name in case.store.strays()]
            flaws += _blob_flaws(case)
            flaws += [Flaw(path="journal.jsonl", where="", what=what) for what in case.journal.damage()]
            named = {item.digest for item in case.items()} | {e.payload for e in events if e.payload is not None}
            missing = sorted(digest for digest in named if not case.store.has(digest))
            flaws += [
                Flaw(path=f"blobs/{d[:2]}/{d}", where="", what="named by the journal but missing") for d in missing
            ]
            tree = Tree([leaf_hash(line) for line in case.journal.lines()])
            flaws += _checkpoint_flaws(path / "checkpoints", tree)
            return tuple(flaws)
    except CaseError as error:
        if not (path / "journal.jsonl").is_file():
            raise
        return (Flaw(path="journal.jsonl", where="", what=str(error)),)


def _blob_flaws(case: Case) -> list[Flaw]:
    digests = list(case.store.here())
    try:
        found: Sequence[str] = sha256_of_all([case.store.path(digest) for digest in digests])
    except OSError:  # one of them cannot be read: find out which
        found = [_digest_or_reason(case.store.path(digest)) for digest in digests]
    here = [
        Flaw(
            path=f"blobs/{digest[:2]}/{digest}",
            where="",
            what="not the bytes of its name" if len(have) == 64 else f"cannot be read: {have}",
        )
        for digest, have in zip(digests, found, strict=True)
        if have != digest
    ]
    there = ((digest, case.store.damage(digest)) for digest in sorted({*digests, *case.store.digests()}))
    return here + [Flaw(path=f"blobs/{digest[:2]}/{digest}", where="", what=what) for digest, what in there if what]


def _digest_or_reason(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        return error.strerror or "unknown error"


def _checkpoint_flaws(folder: Path, tree: Tree) -> list[Flaw]:
    flaws = []
    for path in sorted(folder.glob("[0-9]" * 10)):
        try:
            earlier = parse_checkpoint(path.read_bytes())
        except VerificationFailed as error:
            flaws.append(Flaw(path=f"checkpoints/{path.name}", where="", what=str(error)))
            continue
        if earlier.size > tree.size or tree.root(earlier.size) != earlier.root:
            what = f"the journal's first {earlier.size} entries are not those whose head was signed"
            flaws.append(Flaw(path="journal.jsonl", where="", what=what))
    return flaws
