"""A small sealed bundle, the same every time but for its timestamps."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seal.authority import Client, LocalAuthority
from witnessmark.case import create_case, open_case
from witnessmark.model.evidence import Actor, ClockReading, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.signer import KeySigner

SIGNER = KeySigner(Ed25519PrivateKey.from_private_bytes(b"a key for tests, 32 bytes long.."))


class FixedClock:
    """A second passes at each look."""

    def __init__(self, start: int = 0, step: int = 1) -> None:
        self.second, self.step = start, step

    def read(self) -> ClockReading:
        self.second += self.step
        minutes, seconds = divmod(self.second, 60)
        return ClockReading(t_utc=f"2026-01-02T03:{minutes:02}:{seconds:02}.000000Z", source="test")


class Counter:
    """Randomness that counts."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, count: int) -> bytes:
        self.calls += 1
        return self.calls.to_bytes(count, "big")


def small_case(folder: Path) -> None:
    with create_case(
        folder,
        title="Test case",
        vendor="Examplecam",
        purpose="test",
        actor=Actor(name="tester"),
        clock=FixedClock(),
        randomness=Counter(),
    ) as case:
        source = folder.parent / "made-up sdk.h"
        source.write_bytes(b"enum SAMPLE { A = 1 };\n")
        case.add(source)
        case.append(EventKind.NOTE, text=UntrustedText("seen by us"))


def small_bundle(folder: Path, name: str = "bundle", *, authorities: int = 1) -> Path:
    """Make a case and seal it with local authorities; returns the bundle."""
    small_case(folder / "case")
    locals_ = [LocalAuthority(folder / f"tsa{i}", f"local{i}") for i in range(authorities)]
    sealing = Sealing(signer=SIGNER, authorities=[a.authority for a in locals_], client=Client(*locals_))
    with open_case(folder / "case", clock=FixedClock(60)) as case:
        seal(case, folder / name, sealing)
    return folder / name
