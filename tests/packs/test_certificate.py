"""The certificate of packs: own or self-made, once, readable by us alone."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.utils import timezone

from organizations.models import Organization
from organizations.scope import in_organization
from packs import verify
from packs.signing import certificate
from packs.signing.certificate import Certificate, CertificateUnusable, ours
from packs.signing.signatures import sign_bytes
from tests.packs import samples

NOW = datetime.now(UTC)


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Path:
    settings.SIGNING_KEY_FILE = str(tmp_path / "keys" / "signing.pem")
    return tmp_path / "keys" / "packs"


def issued(
    name: str, by: tuple[Any, Any] | None = None, key: Any = None, until: datetime | None = None
) -> tuple[Any, Any]:
    """A key and a certificate, by another or by itself."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key, issuer = (by[0], by[1].subject) if by else (key, subject)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(NOW - timedelta(days=9))
    builder = builder.not_valid_after(until or NOW + timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    return key, builder.sign(issuer_key, hashes.SHA256())


def stored(to: Path, key: Any, own: Any, *others: Any, password: bytes = b"secret") -> Path:
    to.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, own, others, BestAvailableEncryption(password)))
    return to


@pytest.fixture
def own(settings: Any, tmp_path: Path) -> Path:
    """A certificate that an authority issued, with that authority's."""
    root = issued("Root")
    settings.PACK_CERTIFICATE = str(stored(tmp_path / "own.p12", *issued("Acme", root), root[1]))
    settings.PACK_CERTIFICATE_PASSWORD = "secret"
    return tmp_path / "own.p12"


@pytest.mark.django_db
def test_one_is_made_when_first_needed_and_kept(acme: Organization, keys: Path) -> None:
    with in_organization(acme):
        first = ours()
        assert ours().signer == first.signer
    (file,) = keys.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600 and keys.stat().st_mode & 0o777 == 0o700
    assert first.key.key_size == 3072
    assert first.signer.name == f"CN={acme.name}"
    assert first.signer.valid_until > timezone.now() + timedelta(days=29 * 365)


@pytest.mark.django_db
def test_organizations_have_certificates_of_their_own(acme: Organization, other: Organization, keys: Path) -> None:
    found = []
    for organization in (acme, other):
        with in_organization(organization):
            found.append(ours().signer)
    assert found[0].fingerprint != found[1].fingerprint


def test_of_many_first_users_all_get_the_same(keys: Path) -> None:
    file = keys / "certificate.pem"

    def use(number: int) -> bytes:
        certificate._write_once(file, b"%d" % number)
        return file.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(use, range(40)))) == 1
    assert [each.name for each in keys.iterdir()] == ["certificate.pem"]


@pytest.mark.parametrize("name", ["Ü" * 90, "a\nb\x00\u202e", "", "   ", "CN=evil,O=x"])
def test_any_name_fits_a_certificate(name: str) -> None:
    fitting = certificate._fitting(name)
    assert 0 < len(fitting.encode()) <= 64 and fitting.isprintable()


@pytest.mark.django_db
def test_own_certificate_signs_with_its_chain(acme: Organization, own: Path, tmp_path: Path) -> None:
    with in_organization(acme):
        found = ours()
    assert found.signer.name == "CN=Acme" and found.signer.certificates.count("BEGIN CERTIFICATE") == 2
    (tmp_path / "content").write_bytes(b"bytes")
    (tmp_path / "signature").write_bytes(sign_bytes(b"bytes", found, NOW))
    (tmp_path / "ca").write_text(found.signer.certificates)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "content"]
    subprocess.run([*command, "-CAfile", "ca", "-purpose", "any"], cwd=tmp_path, check=True, capture_output=True)
    certificates = verify.pem("ca", (tmp_path / "ca").read_bytes())
    attributes, signed = verify.opened((tmp_path / "signature").read_bytes())
    assert verify.container(certificates, attributes, signed) == (tmp_path / "signature").read_bytes()


@pytest.mark.django_db
def test_own_certificate_is_refused_with_the_reason(
    acme: Organization, own: Path, settings: Any, tmp_path: Path
) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    with in_organization(acme):
        for make, said in (
            (lambda: own.write_bytes(b"no PKCS#12"), "can't be read"),
            (lambda: stored(own, *issued("Acme"), password=b"another"), "can't be read"),
            (lambda: stored(own, *issued("Acme", key=curve)), "must hold an RSA key"),
            (lambda: stored(own, *issued("Acme", until=NOW - timedelta(days=1))), "not today"),
            (lambda: own.unlink(), "can't be read"),
        ):
            make()
            with pytest.raises(CertificateUnusable, match=said) as error:
                ours()
            assert "secret" not in str(error.value)


def test_signatures_are_the_same_every_time_and_on_these_bytes_only() -> None:
    ours = samples.certificate()
    first = sign_bytes(b"bytes", ours, NOW)
    assert sign_bytes(b"bytes", ours, NOW) == first
    assert sign_bytes(b"other", ours, NOW) != first != sign_bytes(b"bytes", ours, NOW + timedelta(seconds=1))


def test_a_key_is_never_shown() -> None:
    ours: Certificate = samples.certificate()
    assert "PRIVATE" not in repr(ours) + repr(ours.signer) + ours.signer.certificates
