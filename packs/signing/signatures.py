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

from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer
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
        _SignerAt(at, meta, _Signer(certificate)).sign_pdf(_Update(unsigned), output=signed)
    file.write_bytes(signed.getvalue())


def sign_bytes(content: bytes, certificate: Certificate, at: datetime) -> bytes:
    """Return a detached signature over the exact bytes of `content`.

    It is CMS (RFC 5652) in DER, by CAdES B-B.
    """
    signed = _Signer(certificate).async_sign_general_data(
        content, DIGEST, use_cades=True, signed_attr_settings=PdfCMSSignedAttributes(signing_time=at)
    )
    return bytes(asyncio.run(signed).dump())


class _Signer(Signer):
    """A signer whose key was read already; pyHanko's own reads and tests it anew for every signature."""

    def __init__(self, certificate: Certificate) -> None:
        own, *chain = (
            x509.Certificate.load(each.public_bytes(Encoding.DER))
            for each in (certificate.certificate, *certificate.chain)
        )
        super().__init__(signing_cert=own, cert_registry=SimpleCertificateStore.from_certs(chain))
        self._key = certificate.key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST:
            raise ValueError(f"Packs are signed over {DIGEST}, not {digest_algorithm}.")
        return self._key.sign(data, PKCS1v15(), SHA256())


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
