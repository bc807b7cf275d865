"""Signatures on a pack: PAdES on the report, CMS over the tag manifest.

The same input gives the same bytes: RSA with PKCS#1 v1.5 padding has no randomness, and the time of signing is given,
so whoever builds a pack again can compare all of it by digest.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import keys, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from packs.signing.certificate import Certificate

FIELD = "Signature"
DIGEST = "sha256"


def sign_pdf(file: Path, certificate: Certificate, at: datetime) -> None:
    """Sign a PDF in place: PAdES B-B (ETSI EN 319 142-1), without a mark on the page.

    A visible field would break PDF/UA; the report prints whose signature it is instead. The file must end with a line
    end, or PDF/A breaks (ISO 19005-3, 6.1.9).
    """
    meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm=DIGEST, subfilter=SigSeedSubFilter.PADES)
    signed = BytesIO()
    with file.open("rb") as unsigned:
        _SignerAt(at, meta, _signer(certificate)).sign_pdf(_Update(unsigned), output=signed)
    file.write_bytes(signed.getvalue())


def sign_bytes(content: bytes, certificate: Certificate, at: datetime) -> bytes:
    """Return a detached signature over the exact bytes of `content`.

    It is CMS (RFC 5652) in DER, by CAdES B-B.
    """
    signed = _signer(certificate).async_sign_general_data(
        content, DIGEST, use_cades=True, signed_attr_settings=PdfCMSSignedAttributes(signing_time=at)
    )
    return bytes(asyncio.run(signed).dump())


def _signer(certificate: Certificate) -> SimpleSigner:
    der = certificate.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own, *chain = (
        x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in (certificate.certificate, *certificate.chain)
    )
    return SimpleSigner(own, keys.PrivateKeyInfo.load(der), SimpleCertificateStore.from_certs(chain))


class _SignerAt(PdfSigner):
    """A signer whose time is told, where pyHanko would look at the clock."""

    def __init__(self, at: datetime, *args: Any) -> None:
        self.at = at
        super().__init__(*args)

    def init_signing_session(self, *args: Any, **options: Any) -> Any:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.at
        return session


class _Update(IncrementalPdfFileWriter):
    """An update of a PDF that adds the signature only: no date of change, no random number."""

    @classmethod
    def _handle_id(cls, prev: Any) -> generic.ArrayObject:
        """Follow the file's name by one worked out from it, where pyHanko takes a random one."""
        first, _random = super()._handle_id(prev)
        second = hashlib.sha256(b"signed" + bytes(first)).digest()[:16]
        return generic.ArrayObject([first, generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        """Leave the document's description as it was typeset."""
