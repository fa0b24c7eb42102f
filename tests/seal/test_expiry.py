import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seal.authority import Client, LocalAuthority
from seal.small import SIGNER, Counter, small_case
from witnessmark.case import open_case
from witnessmark.case.clock import SystemClock
from witnessmark.seal.bundle import Sealing, seal
from witnessmark.seal.renew import renew
from witnessmark.seal.verify import verify_bundle


@pytest.mark.programs("openssl", "ssh-keygen")
def test_a_bundle_renewed_before_its_authority_expires_can_be_shown_afterwards(tmp_path: Path) -> None:
    """Two days on, OpenSSL accepts the first token only at its own time; the renewal still vouches for it by today's."""
    brief = LocalAuthority(tmp_path / "brief", "brief", days=1)
    lasting = LocalAuthority(tmp_path / "lasting", "lasting", kind="rsa", digest="sha512", between=True)
    small_case(tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        seal(case, tmp_path / "b", Sealing(signer=SIGNER, authorities=[brief.authority], client=Client(brief)))
    first = verify_bundle(tmp_path / "b", signers=(SIGNER.public,)).steps[6]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert f"run until {tomorrow.date().isoformat()}" in first.found
    renew(tmp_path / "b", tmp_path / "r", SIGNER, [lasting.authority], Client(lasting), SystemClock(), Counter())
    assert verify_bundle(tmp_path / "r", signers=(SIGNER.public,)).holds

    def later(token: str, covered: str, roots: str) -> bool:
        moment = str(int((tomorrow + timedelta(days=1)).timestamp()))
        command = ["openssl", "ts", "-verify", "-attime", moment, "-in", token, "-data", covered, "-CAfile", roots]
        return subprocess.run(command, cwd=tmp_path / "r/seal", capture_output=True, check=False).returncode == 0

    assert not later("tagmanifest-sha256.txt.sig.brief.tsr", "tagmanifest-sha256.txt.sig", "brief.ca.pem")
    assert later("previous/001/SEAL.lasting-001.tsr", "previous/001/SEAL", "lasting-001.ca.pem")
    done = subprocess.run(["sh", "verify.sh"], cwd=tmp_path / "r", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
