import pytest
from hypothesis import given
from hypothesis import strategies as st

from seal.small import SIGNER
from witnessmark.case.checkpoint import Checkpoint, parse_checkpoint, parse_tlog_proof, tlog_proof
from witnessmark.errors import VerificationFailed
from witnessmark.seal.signer import note_signature_holds

HASH = st.binary(min_size=32, max_size=32)
PLAIN = Checkpoint(origin="witnessmark/case/x", size=3, root=b"r" * 32)
SIGNED = Checkpoint(
    origin=PLAIN.origin,
    size=PLAIN.size,
    root=PLAIN.root,
    signatures=(SIGNER.sign_note(PLAIN.origin, PLAIN.body().encode()),),
)


def test_the_note_has_the_form_of_c2sp() -> None:
    lines = SIGNED.note().split("\n")
    assert lines[:4] == ["witnessmark/case/x", "3", "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=", ""]
    assert lines[4].startswith("— witnessmark/case/x ") and lines[5:] == [""]
    assert note_signature_holds(SIGNED.signatures[0], PLAIN.body().encode(), SIGNER.public)
    assert not note_signature_holds(SIGNED.signatures[0], b"other\n", SIGNER.public)


@given(st.integers(0, 2**60), HASH, st.integers(0, 2**60), st.lists(HASH, max_size=5))
def test_notes_and_proofs_are_read_back(size: int, root: bytes, index: int, proof: list[bytes]) -> None:
    note = Checkpoint(origin="o", size=size, root=root).note()
    assert parse_checkpoint(note.encode()).note() == note
    assert parse_tlog_proof(tlog_proof(index, proof, note).encode()) == (
        index,
        tuple(proof),
        parse_checkpoint(note.encode()),
    )


@given(st.data())
def test_a_changed_note_is_refused_or_no_longer_signed(data: st.DataObject) -> None:
    note = bytearray(SIGNED.note().encode())
    note[data.draw(st.integers(0, len(note) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        changed = parse_checkpoint(bytes(note))
    except VerificationFailed:
        return
    body = changed.body().encode()
    assert changed == SIGNED or not any(note_signature_holds(s, body, SIGNER.public) for s in changed.signatures)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_as_a_proof(data: bytes) -> None:
    with pytest.raises(VerificationFailed):
        parse_tlog_proof(data)
