import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seal.authority import Client, LocalAuthority
from seal.exhaustive import KIT, additions, count, flips, product, removals, script, shell, zip_changes
from seal.small import SIGNER, Counter, FixedClock, small_bundle, small_case
from witnessmark.case import open_case
from witnessmark.case.check import check_case
from witnessmark.case.clock import SystemClock
from witnessmark.errors import CaseError, UsageError, VerificationFailed
from witnessmark.model.evidence import EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.verification import Outcome
from witnessmark.seal import archive
from witnessmark.seal.bag import manifest
from witnessmark.seal.bundle import Sealing, closing, seal
from witnessmark.seal.head import add_cosignatures, current_checkpoint
from witnessmark.seal.packing import extract, safe_name
from witnessmark.seal.renew import renew
from witnessmark.seal.signer import KeySigner, cosignature_time
from witnessmark.seal.sshsig import SEAL_NAMESPACE, allowed_signers
from witnessmark.seal.verify import verify_bundle

OTHER = KeySigner(Ed25519PrivateKey.from_private_bytes(b"o" * 32))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_bundle(tmp_path_factory.mktemp("sealed"), authorities=2)


@pytest.fixture
def bundle(sealed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed, tmp_path / "bundle"))


@pytest.mark.programs("openssl", "ssh-keygen")
def test_every_verifier_and_every_peer_accepts_it(bundle: Path) -> None:
    verification = verify_bundle(bundle, signers=(SIGNER.public,))
    assert [step.title for step in verification.steps if step.outcome is not Outcome.HOLDS] == ["Witnesses"]
    signers = str(bundle / "allowed_signers")
    for command in (
        [sys.executable, "verify.py"],
        ["sh", "verify.sh"],
        ["sh", "verify.sh", ".", signers],
        [sys.executable, "-m", "bagit", "--validate", "--quiet", "."],
        ["sha256sum", "--strict", "--quiet", "-c", "manifest-sha256.txt"],
        ["sha512sum", "--strict", "--quiet", "-c", "tagmanifest-sha512.txt"],
    ):
        done = subprocess.run(command, cwd=bundle, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)


@pytest.mark.programs("openssl", "ssh-keygen")
def test_changes_removals_and_additions_are_noticed_by_all_three(bundle: Path) -> None:
    """A sample; `tests/seal/exhaustive.py` does every byte."""
    verifiers = {"verify": product, "verify.py": script(), "verify.sh": shell(KIT.parent / "absent")}
    signers = bundle.parent / "signers"
    signers.write_bytes((bundle / "allowed_signers").read_bytes())
    verifiers["verify.sh"] = shell(signers)
    for changes in (removals(bundle), additions(bundle), flips(bundle, 701, 7001, 0x01)):
        tally = count(changes, {"verify": product, "verify.py": verifiers["verify.py"]}, bundle)
        assert tally["changes"] == tally["verify"] == tally["verify.py"] > 25
    tally = count(flips(bundle, 2003, 9001, 0x20), verifiers, bundle)
    assert tally["changes"] == tally["verify"] == tally["verify.py"] == tally["verify.sh"] > 20


def test_every_byte_of_the_last_signature_is_noticed(bundle: Path) -> None:
    path = bundle / "seal/SEAL.sig"
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :])
        assert not verify_bundle(bundle).holds, at


@pytest.mark.programs("openssl", "ssh-keygen")
def test_a_packed_bundle_opens_with_any_zip_tool_and_its_structure_is_covered(tmp_path: Path) -> None:
    packed = small_bundle(tmp_path, "bundle.zip", authorities=0)
    with zipfile.ZipFile(packed) as ordinary:
        assert ordinary.testzip() is None
        ordinary.extractall(tmp_path / "out")
    assert verify_bundle(tmp_path / "out/bundle").holds
    verifiers = {"verify": product, "verify.py": script()}
    tally = count(zip_changes(packed, 37, 0x01), verifiers, packed)
    assert tally["changes"] == tally["verify"] == tally["verify.py"] > 500
    done = subprocess.run(
        ["sh", str(KIT / "verify.sh"), str(packed), str(tmp_path / "out/bundle/allowed_signers")],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_answer_names_the_file_and_the_bytes(tmp_path: Path) -> None:
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        digest = case.put(bytes(200_000))
        case.append(EventKind.ADDED, outputs=(case.item(digest, name="big.bin"),))
        seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    (big,) = (tmp_path / "b/data/items").rglob("big.bin")
    data = bytearray(big.read_bytes())
    data[70_000] = 1
    big.write_bytes(data)
    flaws = [flaw for step in verify_bundle(tmp_path / "b").steps for flaw in step.flaws]
    assert (flaws[0].path, flaws[0].where) == (big.relative_to(tmp_path / "b").as_posix(), "bytes 65536 to 131071")


def test_a_forger_with_a_key_of_their_own_is_noticed_only_against_a_known_key(tmp_path: Path) -> None:
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        seal(case, tmp_path / "forged", Sealing(signer=OTHER))
    unpinned = verify_bundle(tmp_path / "forged")
    assert unpinned.holds and unpinned.steps[7].outcome is Outcome.NOT_CHECKED
    pinned = verify_bundle(tmp_path / "forged", signers=(SIGNER.public,))
    assert not pinned.holds
    assert "you expected" in pinned.steps[7].flaws[0].what


def test_a_rewritten_journal_cannot_be_sealed_again(tmp_path: Path) -> None:
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        current_checkpoint(case, SIGNER)
    journal = tmp_path / "case/journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2]))
    with open_case(tmp_path / "case") as case:
        case.append(EventKind.NOTE, text=UntrustedText("instead"))
        with pytest.raises(CaseError, match="contradicts"):
            seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    assert "whose head was signed" in check_case(tmp_path / "case")[-1].what


def test_earlier_heads_are_proved_to_be_prefixes_and_witnesses_are_kept(tmp_path: Path) -> None:
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        head = current_checkpoint(case, SIGNER)
        line = OTHER.cosign("witness.example", head, 1_767_323_000)
        assert cosignature_time(line, head, OTHER.public) == 1_767_323_000
        assert cosignature_time(line, head, SIGNER.public) is None
        note = head.note() + line.line()
        assert len(add_cosignatures(case, note.encode()).signatures) == 2
        seal(case, tmp_path / "b", Sealing(signer=SIGNER))
    assert (tmp_path / f"b/data/checkpoints/{head.size:010d}").read_text() == note
    unknown = verify_bundle(tmp_path / "b")
    assert unknown.holds and unknown.steps[8].outcome is Outcome.NOT_CHECKED
    known = verify_bundle(tmp_path / "b", witnesses=(OTHER.public,))
    assert known.steps[8].found == f"witness.example saw the first {head.size} entries at 2026-01-02T03:03:20.000000Z"


def test_an_extract_masks_personal_data_and_leaves_originals_out(tmp_path: Path) -> None:
    number = "11010519491231002X"  # the example in the standard's own text
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        case.append(EventKind.NOTE, text=UntrustedText(f"beside it: {number}, 13912345678"))
        sealed = seal(case, tmp_path / "x", Sealing(signer=SIGNER, selection=extract(with_originals=False)))
    assert sealed.withheld == 1
    everything = b"".join(path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file())
    assert number.encode() not in everything and b"13912345678" not in everything
    assert b"enum SAMPLE" not in everything
    assert verify_bundle(tmp_path / "x").holds
    masked = [json.loads(line) for line in (tmp_path / "x/data/custody-log.jsonl").read_bytes().splitlines()]
    assert ["salt" in entry["masked"] for entry in masked if "leaf" in entry] == [False]
    done = subprocess.run([sys.executable, "verify.py"], cwd=tmp_path / "x", capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.programs("openssl", "ssh-keygen")
def test_renewal_stamps_the_old_seal_and_leaves_the_old_bundle_alone(bundle: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    again = LocalAuthority(tmp_path / "again", "again")
    out = tmp_path / "renewed"
    renew(bundle, out, SIGNER, [again.authority], Client(again), SystemClock(), Counter())
    verification = verify_bundle(out, signers=(SIGNER.public,))
    assert verification.holds
    assert "again-001" in verification.steps[6].found
    assert {path: path.read_bytes() for path in bundle.rglob("*") if path.is_file()} == before
    for command in (["sh", "verify.sh"], [sys.executable, "verify.py"]):
        done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    renew(out, tmp_path / "twice.zip", SIGNER, [again.authority], Client(again), SystemClock(), Counter())
    assert verify_bundle(tmp_path / "twice.zip").holds


def test_renewal_needs_a_bundle_that_holds_and_its_own_key(bundle: Path, tmp_path: Path) -> None:
    again = LocalAuthority(tmp_path / "again", "again")
    more = ([again.authority], Client(again), SystemClock(), Counter())
    with pytest.raises(UsageError, match="not with this key"):
        renew(bundle, tmp_path / "r", OTHER, *more)
    (bundle / "bag-info.txt").write_text("x")
    with pytest.raises(VerificationFailed, match="does not hold"):
        renew(bundle, tmp_path / "r", SIGNER, *more)


def test_an_opentimestamps_proof_is_asked_for_only_when_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_case(tmp_path / "case")
    client = tmp_path / "bin/ots"
    client.parent.mkdir()
    monkeypatch.setenv("PATH", f"{client.parent}:{os.environ['PATH']}")
    with open_case(tmp_path / "case") as case:
        missing = seal(case, tmp_path / "a", Sealing(signer=SIGNER, ots=True))
        assert (
            "ots is not installed" in missing.problems[0].message or "no OpenTimestamps" in missing.problems[0].message
        )
        client.write_text('#!/bin/sh\n[ "$1" = stamp ] && sha256sum <"$2" >"$2.ots"\n')
        client.chmod(0o755)
        assert seal(case, tmp_path / "b", Sealing(signer=SIGNER, ots=True)).problems == ()
        seal(case, tmp_path / "c", Sealing(signer=SIGNER))
    assert (tmp_path / "b/seal/tagmanifest-sha256.txt.sig.ots").is_file()
    assert not (tmp_path / "c/seal/tagmanifest-sha256.txt.sig.ots").exists()
    assert "ots verify" in verify_bundle(tmp_path / "b").steps[6].found
    assert verify_bundle(tmp_path / "b").holds


def test_a_disk_that_fills_up_while_sealing_leaves_no_bundle_and_a_whole_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_case(tmp_path / "case")
    real = os.fsync
    for fail_at in range(1, 40, 3):
        calls = 0

        def full(handle: int) -> None:
            nonlocal calls
            calls += 1
            if calls == fail_at:  # noqa: B023
                raise OSError(errno.ENOSPC, "No space left on device")
            real(handle)

        with monkeypatch.context() as patch, open_case(tmp_path / "case", clock=FixedClock(fail_at * 60)) as case:
            patch.setattr(os, "fsync", full)
            try:
                seal(case, tmp_path / f"b{fail_at}", Sealing(signer=SIGNER))
            except CaseError as error:
                assert "full" in str(error)
        assert check_case(tmp_path / "case") == ()
        for path in tmp_path.glob("b*"):
            assert ".unfinished-" in path.name or verify_bundle(path).holds, path


def test_a_bundle_is_never_overwritten(bundle: Path, tmp_path: Path) -> None:
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case, pytest.raises(UsageError, match="exists already"):
        seal(case, bundle, Sealing(signer=SIGNER))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("C:\\x\\y.dll", "y.dll"),
        ("-rf", "rf"),
        (".bashrc", "bashrc"),
        ("a\nb\x1b[2J.zip", "a_b_2J.zip"),
        ("说明书.pdf", "_.pdf"),
        ("a" * 500, "a" * 80),
    ],
)
def test_names_of_items_never_leave_their_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_folder_that_is_no_bundle_is_wrong_not_a_crash(tmp_path: Path) -> None:
    assert not verify_bundle(tmp_path).holds
    (tmp_path / "x.zip").write_bytes(b"")
    assert not verify_bundle(tmp_path / "x.zip").holds
    with pytest.raises(UsageError):
        verify_bundle(tmp_path / "nothing")


def test_the_metadata_is_an_ro_crate_whose_parts_are_there(sealed: Path) -> None:
    crate = json.loads((sealed / "data/ro-crate-metadata.json").read_text())
    assert crate["@context"] == "https://w3id.org/ro/crate/1.2/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    assert entities["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert {"name", "description", "datePublished", "license"} <= entities["./"].keys()
    for part in entities["./"]["hasPart"]:
        assert (sealed / "data" / part["@id"]).is_file()


def reseal(bundle: Path, signer: KeySigner) -> None:
    """What a hostile signer can do: put in anything, and make all digests and signatures right again."""
    tags = ("bagit.txt", "bag-info.txt", "chunks-sha256.txt", "allowed_signers", "verify.sh", "verify.py")
    manifests = ("manifest-sha256.txt", "manifest-sha512.txt")

    def digests(names: list[str], algorithm: str) -> bytes:
        return manifest({name: hashlib.new(algorithm, (bundle / name).read_bytes()).hexdigest() for name in names})

    payload = [path.relative_to(bundle).as_posix() for path in (bundle / "data").rglob("*") if path.is_file()]
    (bundle / "allowed_signers").write_text(allowed_signers(signer.public, "witnessmark"))
    for algorithm in ("sha256", "sha512"):
        (bundle / f"manifest-{algorithm}.txt").write_bytes(digests(payload, algorithm))
    for algorithm in ("sha256", "sha512"):
        listed = [*tags, "HOW-TO-CHECK.txt", *manifests]
        (bundle / f"tagmanifest-{algorithm}.txt").write_bytes(digests(listed, algorithm))
    after = {
        name: (bundle / name).read_bytes()
        for name in (
            "tagmanifest-sha256.txt",
            "tagmanifest-sha512.txt",
            *(path.relative_to(bundle).as_posix() for path in (bundle / "seal").glob("*.*") if "SEAL" not in path.name),
        )
    }
    after["seal/tagmanifest-sha256.txt.sig"] = signer.sign(after["tagmanifest-sha256.txt"], SEAL_NAMESPACE)
    for name, data in (after | closing(after, signer)).items():
        (bundle / name).write_bytes(data)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_hostile_signer_puts_in_is_an_answer_not_a_crash(sealed: Path, data: st.DataObject) -> None:
    names = (
        "data/custody-log.jsonl",
        "data/checkpoint",
        "data/items.jsonl",
        "data/proofs/000001.tlog-proof",
        "chunks-sha256.txt",
        "seal/local0.ca.pem",
        "seal/tagmanifest-sha256.txt.sig.local0.tsr",
    )
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(shutil.copytree(sealed, Path(folder) / "b"))
        reseal(bundle, SIGNER)
        path = bundle / data.draw(st.sampled_from(names))
        original = bytearray(path.read_bytes())
        if not original or data.draw(st.booleans()):
            path.write_bytes(data.draw(st.binary(max_size=300)))
        else:
            original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
            path.write_bytes(original)
        reseal(bundle, SIGNER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the certificate library warns about odd certificates
            verification = verify_bundle(bundle)
        assert [step.number for step in verification.steps] == list(range(1, 10))
        assert verification.steps[1].outcome is Outcome.HOLDS


def test_two_folders_in_one_zip_cannot_hide_a_file(tmp_path: Path) -> None:
    packed = small_bundle(tmp_path, "bundle.zip", authorities=0)
    with zipfile.ZipFile(packed) as ordinary:
        ordinary.extractall(tmp_path / "both")
    shutil.copytree(tmp_path / "both/bundle/data", tmp_path / "both/a/data")
    (tmp_path / "both/a/data/checkpoint").write_text("another")
    with (tmp_path / "evil.zip").open("wb") as file:
        entries, offset = [], 0
        for path in sorted(p for p in (tmp_path / "both").rglob("*") if p.is_file()):
            body, name = path.read_bytes(), path.relative_to(tmp_path / "both").as_posix()
            entry = archive.Entry(name=name, size=len(body), crc=zlib.crc32(body), offset=offset)
            file.write(entry.local() + body)
            offset = entry.data + len(body)
            entries.append(entry)
        directory = b"".join(entry.central() for entry in entries)
        file.write(directory + archive.ending(len(entries), offset, len(directory)))
    assert not verify_bundle(tmp_path / "evil.zip").holds
    assert not script()(tmp_path / "evil.zip")


@pytest.mark.programs("openssl", "ssh-keygen")
@pytest.mark.parametrize("name", ["../outside", "/dev/zero", "-c", "data/../../outside"])
def test_a_list_that_names_something_outside_is_refused_before_it_is_read(bundle: Path, name: str) -> None:
    (bundle.parent / "outside").write_text("x")
    manifests = {"sha256": hashlib.sha256(b"x").hexdigest(), "sha512": hashlib.sha512(b"x").hexdigest()}
    reseal(bundle, SIGNER)
    for algorithm, digest in manifests.items():
        path = bundle / f"manifest-{algorithm}.txt"
        rows = dict(reversed(line.split("  ", 1)) for line in path.read_text().splitlines())
        path.write_bytes(manifest(rows | {name: digest}))
    signers = bundle.parent / "signers"
    signers.write_bytes((bundle / "allowed_signers").read_bytes())
    for holds in (product, script(), shell(signers)):
        assert not holds(bundle)
