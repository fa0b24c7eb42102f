"""Check a sealed bundle, in numbered steps, offline; say which file, which bytes or which entry is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from witnessmark.errors import UsageError, VerificationFailed
from witnessmark.model.verification import Flaw, Outcome, Step, Verification
from witnessmark.seal.bag import DECLARATION, Sums, parse_chunk_list, parse_manifest, sums, where_changed
from witnessmark.seal.files import BundleFiles, open_folder, open_zip
from witnessmark.seal.key import Rotation, rotation_holds
from witnessmark.seal.log import check_log, check_rows, witnessed
from witnessmark.seal.sshsig import SEAL_NAMESPACE, fingerprint, read_public, verify
from witnessmark.seal.timestamp import check as check_token
from witnessmark.seal.timestamp import describe

_CLOSING = ("seal/SEAL", "seal/SEAL.sig")
_SIGNATURE = "seal/tagmanifest-sha256.txt.sig"
MAX_FLAWS = 1_000


@dataclass(kw_only=True)
class _State:
    """What earlier steps found."""

    files: BundleFiles
    key: bytes = b""
    witnesses: tuple[bytes, ...] = ()
    listed: dict[str, str] = field(default_factory=dict)  # path to SHA-256, from manifests whose own hash held
    sums: dict[str, Sums] = field(default_factory=dict)

    def sums_of(self, path: str) -> Sums:
        """Both digests of a file, computed once."""
        if path not in self.sums:
            self.sums[path] = sums(self.files.blob(path))
        return self.sums[path]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What one step says: a sentence and its flaws. `outcome` only to say `not checked`."""

    text: str
    flaws: tuple[Flaw, ...] = ()
    outcome: Outcome | None = None


def verify_bundle(
    bundle: Path,
    *,
    signers: tuple[bytes, ...] = (),
    fingerprints: frozenset[str] = frozenset(),
    witnesses: tuple[bytes, ...] = (),
) -> Verification:
    """Check a bundle (folder or ZIP file).

    `signers` (public keys in wire form) and `fingerprints` are known from elsewhere; any of them may have signed.
    `witnesses` are keys of people who may have co-signed a head of the log.
    Raises UsageError if nothing is at that path; all else is a result.
    """
    known = fingerprints | {fingerprint(key) for key in signers}
    try:
        files = open_folder(bundle) if bundle.is_dir() else open_zip(bundle)
    except FileNotFoundError:
        raise UsageError(f"there is no bundle at {bundle}") from None
    except OSError as error:
        raise UsageError(f"{bundle} cannot be read: {error.strerror}") from error
    except VerificationFailed as error:
        flaw = Flaw(path=bundle.name, where="ZIP structure", what=str(error))
        step = _step(1, _PLAN[0], _Found(text="The packed file is not as it was written.", flaws=(flaw,)))
        return Verification(bundle=str(bundle), holds=False, signer="", pinned=bool(known), steps=(step,))
    state = _State(files=files, witnesses=witnesses)
    steps = [_step(number, plan, _run(plan, state, known)) for number, plan in enumerate(_PLAN, 1)]
    return Verification(
        bundle=str(bundle),
        holds=all(step.outcome is not Outcome.WRONG for step in steps),
        signer=fingerprint(state.key) if state.key else "",
        pinned=bool(known),
        steps=tuple(steps),
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    title: str
    check: Callable[[_State, frozenset[str]], _Found]
    proves: str
    not_proved: str


def _run(plan: _Plan, state: _State, known: frozenset[str]) -> _Found:
    try:
        return plan.check(state, known)
    except VerificationFailed as error:
        return _Found(text="", flaws=(Flaw(path="", where="", what=str(error)),))
    except OSError as error:
        return _Found(text="", flaws=(Flaw(path="", where="", what=f"a file cannot be read: {error.strerror}"),))


def _step(number: int, plan: _Plan, found: _Found) -> Step:
    outcome = found.outcome or (Outcome.WRONG if found.flaws else Outcome.HOLDS)
    return Step(
        number=number,
        title=plan.title,
        outcome=outcome,
        found=found.text,
        proves=plan.proves,
        not_proved=plan.not_proved,
        flaws=found.flaws[:MAX_FLAWS],
    )


# (1) What is there


def _check_form(state: _State, _: frozenset[str]) -> _Found:
    flaws = [Flaw(path=path, where="", what="a link or special file; a bundle has none") for path in state.files.odd]
    if state.files.names & {"bagit.txt"} and state.files.blob("bagit.txt").read() != DECLARATION:
        flaws.append(Flaw(path="bagit.txt", where="", what="not the declaration of BagIt 1.0"))
    for path in (*_CLOSING, _SIGNATURE, "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"):
        if path not in state.files.names:
            flaws.append(Flaw(path=path, where="", what="missing"))
    return _Found(text=state.files.form, flaws=tuple(flaws))


# (2) The seal


def _check_seal(state: _State, _: frozenset[str]) -> _Found:
    listing = state.files.read("seal/SEAL")
    state.key = _signed_by(state, "seal/SEAL.sig", listing)
    rows = parse_manifest(listing, "seal/SEAL", 64)
    flaws = _compare(state, rows, {})
    return _Found(text=f"{len(rows)} closing files, signed with {fingerprint(state.key)}", flaws=flaws)


def _signed_by(state: _State, path: str, message: bytes) -> bytes:
    try:
        return verify(state.files.read(path), message, SEAL_NAMESPACE)
    except VerificationFailed as error:
        raise VerificationFailed(f"{path}: {error}") from error


# (3) The manifests


def _check_tags(state: _State, _: frozenset[str]) -> _Found:
    tags = state.files.read("tagmanifest-sha256.txt")
    if _signed_by(state, _SIGNATURE, tags) != state.key:
        raise VerificationFailed("two different keys signed this bundle")
    rows = parse_manifest(tags, "tagmanifest-sha256.txt", 64)
    flaws = _compare(state, rows, {}) + _same_files(state, "tagmanifest", rows)
    return _Found(text=f"{len(rows)} papers of the bundle, by SHA-256 and SHA-512", flaws=flaws)


# (4) The contents


def _check_contents(state: _State, _: frozenset[str]) -> _Found:
    rows = parse_manifest(state.files.read("manifest-sha256.txt"), "manifest-sha256.txt", 64)
    try:
        chunks = parse_chunk_list(state.files.read("chunks-sha256.txt"))
    except VerificationFailed:
        chunks = {}  # it only makes the answer finer; step 3 reports its damage
    flaws = _compare(state, rows, chunks) + _same_files(state, "manifest", rows)
    size = sum(entry.size for path, entry in state.sums.items() if path in rows)
    return _Found(text=f"{len(rows)} files, {size} bytes, by SHA-256 and SHA-512", flaws=flaws)


def _compare(
    state: _State, rows: Mapping[str, str], chunks: Mapping[str, list[tuple[int, int, str]]]
) -> tuple[Flaw, ...]:
    state.listed.update(rows)
    flaws = []
    for path, digest in rows.items():
        if path not in state.files.names:
            flaws.append(Flaw(path=path, where="", what="missing"))
        elif state.sums_of(path).sha256 != digest:
            blob = state.files.blob(path)
            where = where_changed(blob, chunks[path]) if path in chunks else f"bytes 0 to {blob.size - 1}"
            flaws.append(Flaw(path=path, where=where, what="changed since it was sealed"))
    return tuple(flaws)


def _same_files(state: _State, name: str, short: Mapping[str, str]) -> tuple[Flaw, ...]:
    """The SHA-512 manifest must list the same files, and hold as well."""
    path = f"{name}-sha512.txt"
    long = parse_manifest(state.files.read(path), path, 128)
    if set(long) != set(short):
        return (Flaw(path=path, where="", what=f"lists other files than {name}-sha256.txt"),)
    return tuple(
        Flaw(path=member, where="SHA-512", what="changed since it was sealed")
        for member, digest in long.items()
        if member in state.files.names and state.sums_of(member).sha512 != digest
    )


# (5) Completeness


def _check_complete(state: _State, _: frozenset[str]) -> _Found:
    known = state.listed.keys() | set(_CLOSING)
    folders = {path[:i] for path in known for i, letter in enumerate(path) if letter == "/"}
    added = sorted(state.files.names - known) + sorted(state.files.folders - folders)
    flaws = tuple(Flaw(path=path, where="", what="added: no list names it") for path in added)
    return _Found(text=f"{len(state.files.names)} files are there, {len(known)} are listed", flaws=flaws)


# (6) The custody log


def _check_log(state: _State, _: frozenset[str]) -> _Found:
    log = check_log(state.files, state.key)
    flaws = (*log.flaws, *check_rows(state.files, log.named, state.listed))
    return _Found(text=log.text, flaws=flaws)


# (7) The time


def _check_time(state: _State, _: frozenset[str]) -> _Found:
    tokens = sorted(path for path in state.files.names if path.startswith("seal/") and path.endswith(".tsr"))
    proof = f"{_SIGNATURE}.ots"
    said = [f"{proof} is not checked here: run `ots verify` on it"] if proof in state.files.names else []
    if not tokens:
        return _Found(text="; ".join(("No authority vouches for the time", *said)), outcome=Outcome.NOT_CHECKED)
    flaws = []
    for token in tokens:
        if state.sums_of(token).sha256 != state.listed.get(token):
            flaws.append(Flaw(path=token, where="", what="changed or not listed (step 2), so it is not read"))
            continue
        covered, name = token.removesuffix(".tsr").rsplit(".", 1)
        try:
            ca = _listed(state, f"seal/{name}.ca.pem").decode("ascii", "replace")
            said.append(describe(check_token(state.files.read(token), state.files.read(covered), ca, name=name)))
        except VerificationFailed as error:
            flaws.append(Flaw(path=token, where="", what=str(error)))
    return _Found(text="; ".join(said), flaws=tuple(flaws))


def _listed(state: _State, path: str) -> bytes:
    """A file's bytes, only if they are those that were sealed: its reader need not stand up to damage."""
    if state.files.blob(path).size and state.sums_of(path).sha256 != state.listed.get(path):
        raise VerificationFailed(f"{path} was changed, so it is not read")
    return state.files.read(path)


# (8) Who


def _check_signer(state: _State, known: frozenset[str]) -> _Found:
    if not state.key:
        raise VerificationFailed("no key, because the seal's signature does not hold")
    own = fingerprint(state.key)
    stated = state.files.read("allowed_signers").decode("utf-8", "replace")
    if read_public(stated) != state.key:
        raise VerificationFailed("allowed_signers names another key than the one that signed")
    if not known:
        return _Found(
            text=f"signed with {own}; not compared with anything you know. Name the key with --signer.",
            outcome=Outcome.NOT_CHECKED,
        )
    if own in known:
        return _Found(text=f"signed with {own}, which you named")
    if own in _followers(state, known):
        return _Found(text=f"signed with {own}, which replaced a key that you named (key-rotations.jsonl)")
    raise VerificationFailed(f"signed with {own}, but you expected {', '.join(sorted(known))}")


def _followers(state: _State, known: frozenset[str]) -> set[str]:
    """The keys that a chain of signed replacements leads to from a known one."""
    if "key-rotations.jsonl" not in state.files.names:
        return set()
    trusted = set(known)
    for line in state.files.read("key-rotations.jsonl").splitlines():
        try:
            rotation = msgspec.json.decode(line, type=Rotation)
        except (msgspec.DecodeError, ValueError) as error:
            raise VerificationFailed(f"key-rotations.jsonl cannot be read: {error}") from error
        if fingerprint(read_public(rotation.old)) in trusted and rotation_holds(rotation):
            trusted.add(fingerprint(read_public(rotation.new)))
    return trusted


# (9) Witnesses


def _check_witnesses(state: _State, _: frozenset[str]) -> _Found:
    said, flaws, lines = witnessed(state.files, state.witnesses)
    if not said and not flaws:
        known = (
            "none of them by a key that you named with --witness" if lines else "nobody else signed a head of the log"
        )
        return _Found(text=f"{lines} signatures of witnesses: {known}", outcome=Outcome.NOT_CHECKED)
    return _Found(text="; ".join(said), flaws=tuple(flaws))


_PLAN = (
    _Plan(
        title="The form of the bundle",
        check=_check_form,
        proves="Nothing hides in the container: no links, and in a ZIP file no byte beside the members.",
        not_proved="Anything about the members themselves.",
    ),
    _Plan(
        title="The seal and its signature",
        check=_check_seal,
        proves="The holder of this key closed exactly this bundle.",
        not_proved="Who the holder is (step 8), and when (step 7).",
    ),
    _Plan(
        title="The tag manifest and its signature",
        check=_check_tags,
        proves="The manifests, the check scripts and the papers are those that were signed.",
        not_proved="That scripts from a bundle are safe to run; take your own.",
    ),
    _Plan(
        title="Every file of the case",
        check=_check_contents,
        proves="No file of the case was changed since it was sealed.",
        not_proved="That a file was genuine when it was collected.",
    ),
    _Plan(
        title="Nothing missing, nothing added",
        check=_check_complete,
        proves="The bundle holds all that was sealed and nothing else.",
        not_proved="That everything relevant was collected in the first place.",
    ),
    _Plan(
        title="The custody log",
        check=_check_log,
        proves="The entries are chained, none was taken out or reordered, and their head was signed with this key.",
        not_proved="That what an entry says is true: it is what its author recorded.",
    ),
    _Plan(
        title="The time, by independent authorities",
        check=_check_time,
        proves="The signature, and so all it covers, existed at the stated times.",
        not_proved="When the contents were made; that the roots in the bundle are the authorities' own: compare.",
    ),
    _Plan(
        title="Whose key it is",
        check=_check_signer,
        proves="The bundle was signed with a key that you already knew.",
        not_proved="Without a key from elsewhere, nothing: a forger brings a key of their own.",
    ),
    _Plan(
        title="Witnesses",
        check=_check_witnesses,
        proves="Somebody whom you know saw this log, up to that entry, at that time.",
        not_proved="That the witness looked at the evidence itself.",
    ),
)
