"""A timestamp authority of our own, made with OpenSSL, that can also misbehave."""

import subprocess
from pathlib import Path

from witnessmark.errors import NetworkFailed
from witnessmark.seal.timestamp import Authority

CONFIG = """
[tsa]
default_tsa = own
[own]
dir = .
serial = ./serial
signer_cert = ./tsa.pem
certs = ./chain.pem
signer_key = ./tsa.key
signer_digest = @DIGEST@
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamper]
extendedKeyUsage = critical,timeStamping
"""


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


KINDS = {
    "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "ec384": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa": ("-newkey", "rsa:2048"),
}


class LocalAuthority:
    """Answers requests in-process through `openssl ts -reply`.

    Like the public ones it may have RSA keys, another digest, and a certificate between its own and the root; its tokens
    then carry a chain, in the order in which OpenSSL was given it, which is not DER's.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "local",
        *,
        days: int = 3650,
        kind: str = "ec",
        digest: str = "sha256",
        between: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        (folder / "ts.cnf").write_text(CONFIG.replace("@DIGEST@", digest))
        (folder / "serial").write_text("01\n")
        key = [*KINDS[kind], "-nodes"]
        root = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", f"/CN={name} root", "-days", "3650"]
        openssl(folder, "req", "-config", "ts.cnf", "-x509", *key, *root, "-extensions", "root")
        issuer = "ca"
        if between:
            self._issue(key, "middle", f"{name} middle", issuer, 3650, "root")
            issuer = "middle"
        self._issue(key, "tsa", name, issuer, days, "stamper")
        chain = ["middle.pem", "ca.pem"] if between else ["ca.pem"]
        (folder / "chain.pem").write_text("".join((folder / part).read_text() for part in chain))
        self.authority = Authority(name=name, url=f"http://{name}.test/", ca_pem=(folder / "ca.pem").read_text())

    def _issue(self, key: list[str], file: str, name: str, issuer: str, days: int, usage: str) -> None:
        request = ["-keyout", f"{file}.key", "-out", f"{file}.csr", "-subj", f"/CN={name}"]
        openssl(self.folder, "req", "-config", "ts.cnf", *key, *request)
        issue = ["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-set_serial", str(len(file)), "-days", str(days)]
        extensions = ["-extfile", "ts.cnf", "-extensions", usage]
        openssl(self.folder, "x509", "-req", "-in", f"{file}.csr", *issue, *extensions, "-out", f"{file}.pem")

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        openssl(self.folder, "ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", "-out", "response")
        return (self.folder / "response").read_bytes()


class Client:
    """A `TimestampClient` over local authorities. `fault` makes it answer wrongly."""

    def __init__(self, *authorities: LocalAuthority, fault: str = "") -> None:
        self._by_url = {authority.authority.url: authority for authority in authorities}
        self._fault = fault
        self._first: bytes | None = None

    def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
        assert content_type == "application/timestamp-query"
        if self._fault == "down":
            raise NetworkFailed("the connection was refused", kind="connect")
        if self._fault == "slow":
            raise NetworkFailed("no answer within 30 s", kind="timeout")
        if self._fault == "replay":  # an answer to somebody else's question: right hash, wrong nonce
            self._first = self._first or self._by_url[url].reply(body)
            return self._first
        if self._fault == "rubbish":
            return b"<html>busy</html>"
        return self._by_url[url].reply(body)
