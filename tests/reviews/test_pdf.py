"""A sign-off on paper."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf
import pypdf
import pytest
from django.utils import timezone

from organizations.models import User
from reviews.models import SignOff
from reviews.sign_off.pdf import sign_off_pdf
from reviews.sign_off.services import withdraw
from reviews.sign_off.statement import Decision
from tests.reviews.conftest import Sign
from tests.support.sign_off import confirmed
from trail.sealing import keys


def text_of(pdf: bytes) -> str:
    """All text of a PDF without white space, so that line breaks don't matter."""
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture
def signed(sign: Sign) -> SignOff:
    """A signed period; a reason that tries to be markup."""
    return sign(
        decisions={
            "a1": Decision("a1", reason='#panic("no") *bold* \u202e', until=timezone.localdate() + timedelta(days=9))
        }
    )


def test_it_prints_the_signature_and_what_it_is_bound_to(signed: SignOff) -> None:
    printed = text_of(sign_off_pdf(signed))
    for said in (
        signed.reference,
        "Top Management",
        "Managing director",
        signed.content["meaning"],
        signed.digest,
        *signed.seal_note.splitlines(),
        keys.fingerprint(),
        '#panic("no") *bold* [U+202E]',
    ):
        assert "".join(said.split()) in printed, said


def test_it_is_archivable_accessible_and_always_the_same(signed: SignOff) -> None:
    pdf = sign_off_pdf(signed)
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert document.Root.MarkInfo.Marked
    assert sign_off_pdf(SignOff.objects.get(pk=signed.pk)) == pdf


def test_a_withdrawal_stands_before_everything_else(signed: SignOff, director: User) -> None:
    withdrawal = withdraw(signed, by=director, authentication=confirmed(director), reason="The checks were wrong.")
    printed = text_of(sign_off_pdf(SignOff.objects.get(pk=signed.pk)))
    assert withdrawal.digest in printed
    assert printed.index("Thecheckswerewrong.") < printed.index("standopen")


def test_a_key_that_signed_before_is_still_named(signed: SignOff) -> None:
    before = keys.fingerprint()
    keys.rotate()
    assert "".join(before.split()) in text_of(sign_off_pdf(signed))
