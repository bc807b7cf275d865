"""The fingerprints of whoever signs packs, to tell an auditor over another channel.

Pages of other rooms show them.
"""

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
    """Show the current organization's certificate and the key that signs its seals.

    There may be no certificate yet.
    """
    try:
        return {"signer": certificate.signer_so_far(), "key": keys.fingerprint()}
    except (CertificateUnusable, KeyUnusable) as error:
        return {"problem": str(error)}
