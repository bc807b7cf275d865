"""Whose signatures packs bear, for pages of other rooms: fingerprints to tell an auditor over another channel."""

from __future__ import annotations

from typing import Any

from django import template

from packs.signing import certificate
from packs.signing.certificate import CertificateUnusable
from trail.sealing import keys
from trail.sealing.keys import KeyUnusable

register = template.Library()


@register.inclusion_tag("packs/fingerprints.html")
def fingerprints() -> dict[str, Any]:
    """The current organization's certificate, if there is one yet, and the key that signs its seals."""
    try:
        return {"signer": certificate.signer_so_far(), "key": keys.fingerprint()}
    except (CertificateUnusable, KeyUnusable) as error:
        return {"problem": str(error)}
