"""Stamp a sealed bundle again before its authorities' certificates expire or their algorithms age.

The old seal moves to `seal/previous/N/`, is timestamped itself, and a new seal closes over all of it. The bundle that
was there is not touched: the renewed one is a copy.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.case.clock import Clock, Randomness
from witnessmark.case.disk import cannot_write
from witnessmark.errors import UsageError, VerificationFailed
from witnessmark.model.verification import Outcome
from witnessmark.seal.bundle import closing, publish, put, token_files
from witnessmark.seal.files import open_folder, open_zip
from witnessmark.seal.signer import Signer
from witnessmark.seal.sshsig import fingerprint, read_public
from witnessmark.seal.timestamp import Authority, Stamping, TimestampClient, stamp
from witnessmark.seal.verify import verify_bundle


def renew(
    bundle: Path,
    out: Path,
    signer: Signer,
    authorities: Sequence[Authority],
    client: TimestampClient,
    clock: Clock,
    randomness: Randomness,
) -> Stamping:
    """Write a renewed copy of `bundle` to `out`.

    Raises VerificationFailed if the bundle does not hold or no authority answered, UsageError if `out` exists or the
    key is another one than the bundle's.
    """
    if out.exists():
        raise UsageError(f"{out} exists already", hint="Name a new file or folder; a bundle is never overwritten.")
    _must_hold(bundle, signer)
    files = open_folder(bundle) if bundle.is_dir() else open_zip(bundle)
    number = f"{sum(name.startswith('seal/previous/') and name.endswith('/SEAL') for name in files.names) + 1:03d}"
    old = files.read("seal/SEAL")
    named = [Authority(name=f"{a.name}-{number}", url=a.url, ca_pem=a.ca_pem) for a in authorities]
    stamping = stamp(old, named, client, clock)
    if not stamping.tokens:
        raise VerificationFailed("no authority gave a timestamp: " + "; ".join(p.message for p in stamping.problems))
    place = f"seal/previous/{number}/SEAL"
    listed = [line[66:] for line in old.decode().splitlines()]
    after = {path: files.read(path) for path in listed}
    after |= {place: old, f"{place}.sig": files.read("seal/SEAL.sig")}
    for token in stamping.tokens:
        after |= token_files(place, token)
    after |= closing(after, signer)
    top = out.name.removesuffix(".zip")
    workplace = out.with_name(f"{out.name}.unfinished-{randomness(4).hex()}")
    try:
        for name in sorted(files.names - after.keys()):
            put(workplace / top, name, files.blob(name))
        for name, data in after.items():
            put(workplace / top, name, Blob.of_bytes(data))
        publish(workplace, top, out, signer)
    except OSError as error:
        shutil.rmtree(workplace, ignore_errors=True)
        raise cannot_write(error, f"the bundle {out.name}") from error
    return stamping


def sealed_with(bundle: Path) -> bytes:
    """The public key that a bundle names as its own, so that the right one of several can be chosen."""
    files = open_folder(bundle) if bundle.is_dir() else open_zip(bundle)
    return read_public(files.read("allowed_signers").decode("utf-8", "replace"))


def _must_hold(bundle: Path, signer: Signer) -> None:
    verification = verify_bundle(bundle, signers=(signer.public,))
    if verification.signer and verification.signer != fingerprint(signer.public):
        raise UsageError(
            f"the bundle was sealed with {verification.signer}, not with this key",
            hint="Retired keys are kept for this: they lie in the key folder under `retired/`.",
        )
    wrong = [step for step in verification.steps if step.outcome is Outcome.WRONG]
    if wrong:
        raise VerificationFailed(f"the bundle does not hold: {wrong[0].title}", hint="Run `witnessmark verify` on it.")
