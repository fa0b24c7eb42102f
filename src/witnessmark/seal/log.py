"""The custody log inside a bundle: its chain, its tree, its signed head, its proofs, and the bytes that it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from witnessmark.case.checkpoint import COSIGNATURE, Checkpoint, key_id, parse_checkpoint, parse_tlog_proof
from witnessmark.case.clock import format_utc
from witnessmark.case.journal import decode
from witnessmark.case.merkle import Tree, consistent, included, leaf_hash
from witnessmark.errors import VerificationFailed
from witnessmark.model.evidence import NO_PREVIOUS, Event
from witnessmark.model.verification import Flaw
from witnessmark.seal.files import BundleFiles
from witnessmark.seal.packing import Packed
from witnessmark.seal.signer import cosignature_time, note_signature_holds

LOG = "data/custody-log.jsonl"


class _Masked(msgspec.Struct, forbid_unknown_fields=True):
    """A line in which personal data was masked; the hash of the original keeps its place in the tree."""

    leaf: str
    masked: Event


@dataclass(kw_only=True)
class CheckedLog:
    """What the log says. `named`: the digests that its entries mention."""

    text: str = ""
    flaws: list[Flaw] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    masked: int = 0


def check_log(files: BundleFiles, key: bytes) -> CheckedLog:
    """Check everything about the log that does not need other files. Raises VerificationFailed if parts are missing."""
    log = CheckedLog()
    leaves = []
    previous: str = NO_PREVIOUS
    for number, line in enumerate(files.read(LOG).split(b"\n")[:-1]):
        try:
            event, leaf = _entry(line, log)
        except (msgspec.DecodeError, ValueError) as error:
            log.flaws.append(Flaw(path=LOG, where=f"entry {number}", what=f"cannot be read: {error}"))
            return log
        if event.seq != number or event.prev != previous:
            log.flaws.append(Flaw(path=LOG, where=f"entry {number}", what="does not follow from the entry before it"))
        previous = leaf.hex()
        leaves.append(leaf)
        log.named.update(_digests(event))
    tree = Tree(leaves)
    checkpoint = parse_checkpoint(files.read("data/checkpoint"))
    log.flaws += _head_flaws(checkpoint, tree, key)
    if not log.flaws:
        log.flaws += [*_proof_flaws(files, tree, leaves), *_history_flaws(files, tree)]
    masked = f", {log.masked} with personal data masked" if log.masked else ""
    log.text = f"{tree.size} entries{masked}, under the signed root {checkpoint.root.hex()}"
    return log


def _entry(line: bytes, log: CheckedLog) -> tuple[Event, bytes]:
    if line.startswith(b'{"leaf":'):
        entry = msgspec.json.decode(line, type=_Masked)
        log.masked += 1
        return entry.masked, bytes.fromhex(entry.leaf)
    return decode(line), leaf_hash(line)


def _digests(event: Event) -> Iterator[str]:
    yield from (item.digest for item in (*event.inputs, *event.outputs))
    yield from (digest for digest in (event.payload, event.config) if digest is not None)
    yield from event.network.tls_chain if event.network else ()


def _head_flaws(checkpoint: Checkpoint, tree: Tree, key: bytes) -> Iterator[Flaw]:
    if checkpoint.size != tree.size or checkpoint.root != tree.root():
        what = f"signed for {checkpoint.size} entries with another root; the log has {tree.size}"
        yield Flaw(path="data/checkpoint", where="size and root", what=what)
    body = checkpoint.body().encode()
    if not any(note_signature_holds(signature, body, key) for signature in checkpoint.signatures):
        yield Flaw(path="data/checkpoint", where="signature", what="not signed with the key of the seal")


def _proof_flaws(files: BundleFiles, tree: Tree, leaves: list[bytes]) -> Iterator[Flaw]:
    for path in sorted(name for name in files.names if name.endswith(".tlog-proof")):
        index, proof, head = parse_tlog_proof(files.read(path))
        known = 0 <= index < head.size <= tree.size
        if not (known and included(leaves[index], index, head.size, proof, tree.root(head.size))):
            yield Flaw(path=path, where=f"entry {index}", what="does not prove that the entry is in the log")


def _history_flaws(files: BundleFiles, tree: Tree) -> Iterator[Flaw]:
    """Heads that were signed earlier must be prefixes of this log, by our own computation and by the proof."""
    for path in sorted(name for name in files.names if name.endswith(".consistency")):
        earlier = parse_checkpoint(files.read(path.removesuffix(".consistency")))
        try:
            proof = [bytes.fromhex(line) for line in files.read(path).decode("ascii", "replace").split()]
        except ValueError as error:
            raise VerificationFailed(f"{path} cannot be read") from error
        known = earlier.size <= tree.size and tree.root(earlier.size) == earlier.root
        if not (known and consistent(earlier.size, tree.size, earlier.root, tree.root(), proof)):
            yield Flaw(path=path, where="", what="an earlier head of the log is not a prefix of it: it was rewritten")


def witnessed(files: BundleFiles, witnesses: tuple[bytes, ...]) -> tuple[list[str], list[Flaw], int]:
    """What known witnesses (public keys in wire form) say they saw: sentences, flaws, and how many lines there are.

    That the heads they signed are prefixes of this log is checked with the log itself.
    """
    said, flaws, lines = [], [], 0
    heads = sorted(n for n in files.names if n.startswith("data/checkpoints/") and not n.endswith(".consistency"))
    for path in ("data/checkpoint", *heads):
        checkpoint = parse_checkpoint(files.read(path))
        for line in checkpoint.signatures[1:]:
            lines += 1
            for key in (key for key in witnesses if line.key_id == key_id(line.name, COSIGNATURE, key[-32:])):
                at = cosignature_time(line, checkpoint, key)
                if at is None:
                    flaws.append(Flaw(path=path, where=line.name, what="the witness's signature does not hold"))
                else:
                    moment = format_utc(datetime.fromtimestamp(at, UTC))
                    said.append(f"{line.name} saw the first {checkpoint.size} entries at {moment}")
    return said, flaws, lines


def check_rows(files: BundleFiles, named: set[str], listed: Mapping[str, str]) -> Iterator[Flaw]:
    """Every digest in the log must be a file here, or be listed with the reason why it is not."""
    told: set[str] = set()
    for number, line in enumerate(files.read("data/items.jsonl").splitlines(), 1):
        try:
            row = msgspec.json.decode(line, type=Packed)
        except (msgspec.DecodeError, ValueError) as error:
            yield Flaw(path="data/items.jsonl", where=f"line {number}", what=f"cannot be read: {error}")
            return
        told.add(row.digest)
        if row.path and not row.redacted and listed.get(row.path) != row.digest:
            yield Flaw(path=row.path, where="", what="not the bytes that the custody log names")
        elif row.path and row.path not in files.names:
            yield Flaw(path=row.path, where="", what="missing")
        elif not row.path and not row.withheld:
            yield Flaw(path="data/items.jsonl", where=f"line {number}", what="neither here nor said to be left out")
    for digest in sorted(named - told):
        yield Flaw(path="data/items.jsonl", where="", what=f"the log names {digest}, which no line accounts for")
