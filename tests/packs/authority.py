"""A time-stamp authority on this machine: what ``openssl ts`` answers, over HTTP (RFC 3161, 3.4)."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

CONFIG = """
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[extensions]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
basicConstraints = critical,CA:false
[careless]
keyUsage = critical,digitalSignature
"""

Answer = Callable[[bytes], bytes]


class Authority:
    """Answers as `answer` says; a test may put another in its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self.certify("extensions")
        self.answer: Answer = self.honest
        self.url = ""

    def certify(self, extensions: str) -> None:
        """Make a key and a certificate that vouches for itself."""
        self.openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Time stamps", "-days", "2",
            "-keyout", "tsa.key", "-out", "tsa.pem", "-config", "config", "-extensions", extensions,
        )  # fmt: skip

    @property
    def certificate(self) -> Path:
        return self.folder / "tsa.pem"

    def honest(self, query: bytes) -> bytes:
        """Stamp what is asked."""
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-queryfile", "query", "-out", "reply", "-config", "config", "-section", "here")
        return (self.folder / "reply").read_bytes()

    def openssl(self, *arguments: str) -> None:
        """Run openssl in the authority's folder."""
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def authority() -> Iterator[Authority]:
    """Run an authority on loopback."""
    with tempfile.TemporaryDirectory() as folder:
        here = Authority(Path(folder))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                reply = here.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        here.url = f"http://127.0.0.1:{server.server_port}/"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield here
        finally:
            server.shutdown()
            server.server_close()
