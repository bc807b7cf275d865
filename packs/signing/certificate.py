"""The certificate that signs an organization's packs: its own, or one made on first use.

A key never reaches the database, the logs, or a pack: what goes into a pack is the certificate.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

from organizations.clock import present
from organizations.models import Organization
from organizations.scope import current_organization
from packs.contents import PackSigner
from typesetting.text import Legible, one_line

BITS = 3072  # enough beyond 2030 (NIST SP 800-57, part 1, table 2)
LIFE = timedelta(days=30 * 365)  # a pack must still verify when the next person audits it
ALLOWANCE = timedelta(days=1)  # for clocks that differ
NAME_BYTES = 64  # of a common name (RFC 5280, appendix A, ub-common-name)
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


class CertificateUnusable(RuntimeError):
    """No pack can be signed with the certificate there is; the message says why."""


@dataclass(frozen=True)
class Certificate:
    """A private key, its certificate, and the certificates of those who vouch for it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def signer(self) -> PackSigner:
        """The signer as a pack names it."""
        return PackSigner(
            name=self.certificate.subject.rfc4514_string(),
            fingerprint=self.certificate.fingerprint(hashes.SHA256()).hex(),
            certificates="".join(each.public_bytes(Encoding.PEM).decode() for each in (self.certificate, *self.chain)),
            valid_until=self.certificate.not_valid_after_utc,
        )


def ours() -> Certificate:
    """Return the current organization's certificate; make one where there is none.

    Raises:
        CertificateUnusable: the file can't be read, isn't meant for this, or has run out.
    """
    found = _own(Path(settings.PACK_CERTIFICATE)) if settings.PACK_CERTIFICATE else _self_made(current_organization())
    now = present()
    if not found.certificate.not_valid_before_utc <= now <= found.certificate.not_valid_after_utc:
        raise CertificateUnusable(
            f"The certificate is valid from {found.certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {found.certificate.not_valid_after_utc:%Y-%m-%d}, not today."
        )
    return found


def signer_so_far() -> PackSigner | None:
    """Return the signer as packs name it, or None before the first pack made the certificate.

    Raises:
        CertificateUnusable: as `ours`.
    """
    made = settings.PACK_CERTIFICATE or _file(current_organization()).exists()
    return ours().signer if made else None


def _own(file: Path) -> Certificate:
    """Read PKCS#12 (RFC 7292): a key, its certificate, and as much of the chain as is there."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(
            file.read_bytes(), settings.PACK_CERTIFICATE_PASSWORD.encode() or None
        )
    except (OSError, ValueError) as error:
        raise CertificateUnusable(f"PACK_CERTIFICATE can't be read: {error}") from error
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateUnusable("PACK_CERTIFICATE must hold an RSA key and its certificate.")
    return Certificate(key, certificate, _in_order(certificate, others))


def _in_order(certificate: x509.Certificate, others: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return those who vouch for a certificate, each followed by who vouches for it."""
    # Each name is taken out as it is found: a certificate that vouches for itself ends the chain.
    by_name, chain = {other.subject: other for other in others}, []
    while (issuer := by_name.pop(certificate.issuer, None)) is not None:
        chain.append(issuer)
        certificate = issuer
    return tuple(chain)


def _self_made(organization: Organization) -> Certificate:
    file = _file(organization)
    if not file.exists():
        _write_once(file, _made(organization.name, present()))
    return _read(file.name, file.read_bytes())


@lru_cache(maxsize=16)  # a key is tested as it is loaded, which takes a hundred times as long as signing
def _read(name: str, content: bytes) -> Certificate:
    key = load_pem_private_key(content, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateUnusable(f"{name} must hold an RSA key and its certificate.")
    return Certificate(key, x509.load_pem_x509_certificate(content))


def _file(organization: Organization) -> Path:
    return Path(settings.SIGNING_KEY_FILE).parent / "packs" / f"{organization.pk}.pem"


def _made(name: str, now: datetime) -> bytes:
    """Return a new key and a certificate that vouches for itself, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _fitting(name))])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
         "decipher_only"), False)  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - ALLOWANCE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def _fitting(name: str) -> str:
    """Return a name legible and no longer than a certificate takes, cut between characters."""
    return Legible()(one_line(name)).encode()[:NAME_BYTES].decode(errors="ignore").strip() or "Customer Focus"


def _write_once(file: Path, content: bytes) -> None:
    """Write a file that only we can read, whole or not at all.

    The first of several writers wins.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, written = tempfile.mkstemp(dir=file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(written, file)  # fails where the file is there; `os.replace` would let the last writer win
    except FileExistsError:
        return
    finally:
        os.unlink(written)
