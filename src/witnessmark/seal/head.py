"""The signed head of a case's journal: made, kept, compared with earlier ones, co-signed by witnesses."""

import os

from witnessmark.case import Case
from witnessmark.case.checkpoint import Checkpoint, origin_of, parse_checkpoint
from witnessmark.case.disk import cannot_write, sync_folder
from witnessmark.case.lock import AtWork
from witnessmark.case.merkle import Tree, leaf_hash
from witnessmark.errors import CaseError, UsageError
from witnessmark.seal.signer import Signer


def current_checkpoint(case: Case, signer: Signer) -> Checkpoint:
    """Sign the head as it is now, and keep it."""
    case.events()
    return sign_checkpoint(case, Tree([leaf_hash(line) for line in case.journal.lines()]), signer)


def add_cosignatures(case: Case, note: bytes) -> Checkpoint:
    """Keep a note that came back from a witness. Raises UsageError if it is not of this case's journal."""
    case.events()
    tree = Tree([leaf_hash(line) for line in case.journal.lines()])
    given = parse_checkpoint(note)
    if given.origin != origin_of(case.head.id) or given.size > tree.size or tree.root(given.size) != given.root:
        raise UsageError("this checkpoint is not of this case's journal")
    path = case.path / "checkpoints" / f"{given.size:010d}"
    have = parse_checkpoint(path.read_bytes()).signatures if path.exists() else ()
    lines = tuple(dict.fromkeys((*have, *given.signatures)))
    merged = Checkpoint(origin=given.origin, size=given.size, root=given.root, signatures=lines)
    keep_checkpoint(case, merged)
    return merged


def sign_checkpoint(case: Case, tree: Tree, signer: Signer) -> Checkpoint:
    """Sign the journal's head and keep it. Raises CaseError if the journal contradicts an earlier checkpoint."""
    check_history(case, tree)
    origin = origin_of(case.head.id)
    plain = Checkpoint(origin=origin, size=tree.size, root=tree.root())
    path = case.path / "checkpoints" / f"{tree.size:010d}"
    if path.exists():
        earlier = parse_checkpoint(path.read_bytes()).signatures
        plain = Checkpoint(origin=origin, size=tree.size, root=tree.root(), signatures=earlier)
    line = signer.sign_note(origin, plain.body().encode())
    others = tuple(signature for signature in plain.signatures if signature.key_id != line.key_id)
    signed = Checkpoint(origin=origin, size=tree.size, root=tree.root(), signatures=(line, *others))
    keep_checkpoint(case, signed)
    return signed


def keep_checkpoint(case: Case, checkpoint: Checkpoint) -> None:
    """Store a signed head beside the journal; more signatures on the same head replace fewer."""
    path = case.path / "checkpoints" / f"{checkpoint.size:010d}"
    work = case.path / "work"
    try:
        with AtWork(work / ".at-work"):
            temporary = work / f"checkpoint-{case.randomness(8).hex()}"
            with temporary.open("xb") as file:
                file.write(checkpoint.note().encode())
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(error, "the checkpoint") from error


def check_history(case: Case, tree: Tree) -> None:
    """Compare the journal with every checkpoint kept so far. Raises CaseError for a rewritten or shortened journal."""
    for path in sorted((case.path / "checkpoints").glob("[0-9]" * 10)):
        earlier = parse_checkpoint(path.read_bytes())
        if earlier.size > tree.size or tree.root(earlier.size) != earlier.root:
            raise CaseError(
                f"the journal contradicts the checkpoint of its first {earlier.size} entries: it was rewritten or cut",
                hint="Restore the case from a sealed bundle or a backup.",
            )
