"""Seal a case: write a bundle that holds together without us.

Order of trust: every file is in a manifest; the manifests are in the tag manifest; the tag manifest is signed; the
signature is timestamped; `seal/SEAL` lists those last files and is signed again. So no byte of the bundle is free.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path

import msgspec

from witnessmark import __version__
from witnessmark.blob import Blob
from witnessmark.case import Case
from witnessmark.case.checkpoint import Checkpoint, parse_checkpoint, tlog_proof
from witnessmark.case.disk import cannot_write, sync_folder, write_flushed
from witnessmark.case.merkle import Tree, leaf_hash
from witnessmark.errors import CaseError, UsageError
from witnessmark.model.evidence import Event, EventKind
from witnessmark.model.fact import Record, Sha256
from witnessmark.model.problem import Problem
from witnessmark.seal import archive
from witnessmark.seal.bag import DECLARATION, Sums, chunk_list, manifest, sums
from witnessmark.seal.crate import crate
from witnessmark.seal.head import sign_checkpoint
from witnessmark.seal.opentimestamps import ots_stamp
from witnessmark.seal.packing import EVERYTHING, Packed, Selection, log_line, mask_json, packing_list
from witnessmark.seal.signer import Signer
from witnessmark.seal.sshsig import SEAL_NAMESPACE, allowed_signers, fingerprint
from witnessmark.seal.timestamp import Authority, Stamping, TimestampClient, Token, stamp

PRINCIPAL = "witnessmark"
MAX_PROOFS = 200
"""Ready-made inclusion proofs in a bundle. The whole log is there too, so any other can be computed."""


class Sealed(Record, frozen=True, kw_only=True):
    """What came of sealing. `seal` is the digest of `seal/SEAL`: with it alone a bundle can be told from another."""

    bundle: str
    seal: Sha256
    signer: str
    entries: int
    root: str
    files: int
    withheld: int
    masked: int
    timestamps: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Sealing:
    """Who signs, who vouches for the time, and what the bundle says about keys."""

    signer: Signer
    authorities: Sequence[Authority] = ()
    client: TimestampClient | None = None
    ots: bool = False
    rotations: bytes = b""
    selection: Selection = field(default_factory=lambda: EVERYTHING)


def seal(case: Case, out: Path, sealing: Sealing, *, purpose: str = "", kind: EventKind = EventKind.SEALED) -> Sealed:
    """Write the bundle to `out`: a ZIP file if the name ends in `.zip`, else a folder. `out` appears only when whole.

    Raises UsageError if `out` exists, CaseError if the case is damaged or the disk refuses; what was written until
    then keeps the name `….unfinished-…`.
    """
    if out.exists():
        raise UsageError(f"{out} exists already", hint="Name a new file or folder; a bundle is never overwritten.")
    public = fingerprint(sealing.signer.public)
    begun = case.append(kind, purpose=purpose or case.head.purpose, reason=f"{out.name!r}, to be signed by {public}.")
    workplace = out.with_name(f"{out.name}.unfinished-{case.randomness(4).hex()}")
    top = out.name.removesuffix(".zip")
    writer = _Writer(case, workplace / top, sealing)
    try:
        workplace.mkdir(parents=True)
        sealed = writer.write(out)
        publish(workplace, top, out, sealing.signer)
    except OSError as error:
        raise cannot_write(error, f"the bundle {out.name}") from error
    case.append(
        EventKind.TIMESTAMPED if writer.stamping.tokens else EventKind.NOTE,
        outputs=tuple(case.item(case.put(data), name=name, role="seal") for name, data in sorted(writer.after.items())),
        parents=(begun.id,),
        errors=writer.stamping.problems,
        reason=f"Bundle {out.name!r} is finished.{_offsets(writer.stamping)}",
    )
    return sealed


def _offsets(stamping: Stamping) -> str:
    said = ", ".join(f"{name} {offset:+.1f} s" for name, offset in stamping.offsets)
    return f" This clock against the authorities': {said}." if said else ""


class _Writer:
    """One bundle in the making."""

    def __init__(self, case: Case, folder: Path, sealing: Sealing) -> None:
        self.case, self.folder, self.sealing = case, folder, sealing
        self.stamping = Stamping(tokens=(), problems=(), offsets=())
        self.after: dict[str, bytes] = {}
        self._payload: dict[str, Sums] = {}
        self._tags: dict[str, Sums] = {}
        self._masked = 0

    def write(self, out: Path) -> Sealed:
        case, now = self.case, self.case.clock.read().t_utc
        events = case.events()
        lines = list(case.journal.lines())[: len(events)]
        tree = Tree([leaf_hash(line) for line in lines])
        checkpoint = sign_checkpoint(case, tree, self.sealing.signer)
        rows = self._items(events)
        self._log(lines, tree, checkpoint)
        self._data("data/items.jsonl", b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        metadata = crate(case.head, now, rows, events, ["custody-log.jsonl", "checkpoint", "items.jsonl"])
        if self.sealing.selection.mask_personal_data:
            metadata, _ = mask_json(metadata)
        self._data("data/ro-crate-metadata.json", metadata)
        self._tag_files(now)
        self._seal()
        return Sealed(
            bundle=str(out),
            seal=Sha256(sums(Blob.of_bytes(self.after["seal/SEAL"])).sha256),
            signer=fingerprint(self.sealing.signer.public),
            entries=tree.size,
            root=tree.root().hex(),
            files=len(self._payload) + len(self._tags) + len(self.after),
            withheld=sum(bool(row.withheld) for row in rows),
            masked=self._masked,
            timestamps=tuple(f"{t.authority} {t.time.isoformat()}" for t in self.stamping.tokens),
            problems=self.stamping.problems,
        )

    def _items(self, events: Sequence[Event]) -> tuple[Packed, ...]:
        sizes = {digest: self.case.store.size(digest) for digest in self.case.store.digests()}
        rows = packing_list(events, self.sealing.selection, sizes)
        for row in rows:
            if row.path:
                self._copy(row)
        return rows

    def _copy(self, row: Packed) -> None:
        blob = self.case.blob(row.digest)
        if row.redacted:
            masked, count = mask_json(blob.read())
            self._masked += count
            self._data(row.path, masked)
            return
        self._payload[row.path] = copied = put(self.folder, row.path, blob)
        if copied.sha256 != row.digest:
            raise CaseError(
                f"blob {row.digest} was changed on the disk", hint="Run `witnessmark case check` to list all damage."
            )

    def _log(self, lines: Sequence[bytes], tree: Tree, checkpoint: Checkpoint) -> None:
        selection, note = self.sealing.selection, checkpoint.note()
        written = [log_line(line, leaf_hash(line), selection) for line in lines]
        self._data("data/custody-log.jsonl", b"".join(line + b"\n" for line in written))
        self._data("data/checkpoint", note.encode())
        for index in range(max(0, tree.size - MAX_PROOFS), tree.size):
            self._data(f"data/proofs/{index:06d}.tlog-proof", tlog_proof(index, tree.inclusion(index), note).encode())
        for path in sorted((self.case.path / "checkpoints").glob("[0-9]" * 10)):
            earlier = parse_checkpoint(path.read_bytes())
            if 0 < earlier.size < tree.size:
                self._data(f"data/checkpoints/{path.name}", path.read_bytes())
                proof = b"".join(step.hex().encode() + b"\n" for step in tree.consistency(earlier.size))
                self._data(f"data/checkpoints/{path.name}.consistency", proof)

    def _tag_files(self, now: str) -> None:
        octets = sum(entry.size for entry in self._payload.values())
        signer = self.sealing.signer
        info = {
            "Bag-Software-Agent": f"witnessmark {__version__}",
            "Bagging-Date": now[:10],
            "External-Identifier": self.case.head.id,
            "Payload-Oxum": f"{octets}.{len(self._payload)}",
            "Witnessmark-Seal": "1",
            "Witnessmark-Sealed-At": now,
            "Witnessmark-Signer": fingerprint(signer.public),
        }
        self._tag("bagit.txt", DECLARATION)
        self._tag("bag-info.txt", "".join(f"{name}: {value}\n" for name, value in info.items()).encode())
        self._tag("chunks-sha256.txt", chunk_list(sorted(self._payload.items())))
        self._tag("allowed_signers", allowed_signers(signer.public, PRINCIPAL).encode())
        if self.sealing.rotations:
            self._tag("key-rotations.jsonl", self.sealing.rotations)
        kit = resources.files("witnessmark.seal") / "kit"
        for name in ("verify.sh", "verify.py", "HOW-TO-CHECK.txt"):
            text = (kit / name).read_text("utf-8").replace("@FINGERPRINT@", fingerprint(signer.public))
            self._tag(name, text.encode())
        for algorithm in ("sha256", "sha512"):
            self._tag(f"manifest-{algorithm}.txt", _rows(self._payload, algorithm))

    def _seal(self) -> None:
        signer, after = self.sealing.signer, self.after
        for algorithm in ("sha256", "sha512"):
            after[f"tagmanifest-{algorithm}.txt"] = _rows(self._tags, algorithm)
        signature = signer.sign(after["tagmanifest-sha256.txt"], SEAL_NAMESPACE)
        after["seal/tagmanifest-sha256.txt.sig"] = signature
        if self.sealing.client is not None:
            self.stamping = stamp(signature, self.sealing.authorities, self.sealing.client, self.case.clock)
        for token in self.stamping.tokens:
            after |= token_files("seal/tagmanifest-sha256.txt.sig", token)
        if self.sealing.ots:
            proof = ots_stamp(signature)
            if isinstance(proof, Problem):
                self.stamping = replace(self.stamping, problems=(*self.stamping.problems, proof))
            else:
                after["seal/tagmanifest-sha256.txt.sig.ots"] = proof
        after |= closing(after, signer)
        for name, data in after.items():
            put(self.folder, name, Blob.of_bytes(data))

    def _data(self, path: str, data: bytes) -> None:
        self._payload[path] = put(self.folder, path, Blob.of_bytes(data))

    def _tag(self, path: str, data: bytes) -> None:
        self._tags[path] = put(self.folder, path, Blob.of_bytes(data))


def put(folder: Path, path: str, blob: Blob) -> Sums:
    """Write one file of a bundle, flushed; the digests are of what was given to the disk."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        for _, view in blob.windows():
            file.write(view)
        file.flush()
        os.fsync(file.fileno())
    return sums(blob, with_chunks=True)


def token_files(target: str, token: Token) -> dict[str, bytes]:
    """The token beside what it covers, and the root that it leads to."""
    return {
        f"{target}.{token.authority}.tsr": token.response,
        f"seal/{token.authority}.ca.pem": token.roots.encode(),
    }


def closing(files: Mapping[str, bytes], signer: Signer) -> dict[str, bytes]:
    """`seal/SEAL`, which lists everything that no manifest lists, and its signature."""
    rows = {path: sums(Blob.of_bytes(data)).sha256 for path, data in files.items()}
    listing = manifest(rows)
    return {"seal/SEAL": listing, "seal/SEAL.sig": signer.sign(listing, SEAL_NAMESPACE)}


def _rows(files: Mapping[str, Sums], algorithm: str) -> bytes:
    return manifest({path: getattr(entry, algorithm) for path, entry in files.items()})


def publish(workplace: Path, top: str, out: Path, signer: Signer) -> None:
    """Give the finished bundle its name in one step."""
    if out.suffix != ".zip":
        for folder in sorted({path.parent for path in workplace.rglob("*")}):
            sync_folder(folder)
        (workplace / top).rename(out)
    else:
        packed = workplace / out.name
        with packed.open("xb") as file:
            archive.write(workplace / top, top, file)
            file.flush()
            os.fsync(file.fileno())
        line = manifest({out.name: sums(Blob.of_path(packed)).sha256})
        packed.rename(out)
        for name, data in ((f"{out.name}.sha256", line), (f"{out.name}.sha256.sig", signer.sign(line, SEAL_NAMESPACE))):
            write_flushed(workplace / name, data)
            (workplace / name).rename(out.with_name(name))
    sync_folder(out.absolute().parent)
    shutil.rmtree(workplace)
