"""Time stamps (RFC 3161): an authority outside says that bytes were there at a time."""

from __future__ import annotations

import hashlib
import secrets
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.parse import urlsplit

from asn1crypto import algos, cms, tsp
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

SECONDS = 30  # to wait for the authority
LARGEST_REPLY = 1 << 20  # bytes; a token with its certificates has a few thousand
TOLERANCE = timedelta(minutes=10)  # between the authority's clock and ours
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class TimestampError(RuntimeError):
    """The authority gave no time stamp that holds; the message says why."""


def stamp(content: bytes, url: str, now: datetime) -> bytes:
    """Return an authority's time stamp on the exact bytes of `content`.

    It is a TimeStampResp (RFC 3161, 2.4.2) in DER, and was checked.

    Args:
        content: what is stamped; only its SHA-256 leaves the house.
        url: where the authority answers (http or https).
        now: our time, which the authority's must be near to.

    Raises:
        TimestampError: it can't be reached, refuses, or what it says isn't true or isn't signed by itself.
    """
    imprint = hashlib.sha256(content).digest()
    nonce = secrets.randbits(63)  # an answer that was kept from before doesn't have it
    request = tsp.TimeStampReq(
        {
            "version": 1,
            "message_imprint": {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": imprint},
            "nonce": nonce,
            "cert_req": True,
        }
    )  # fmt: skip
    reply = _ask(url, request.dump())
    try:
        # Strictly: nothing may follow the answer.
        _check(_Response.load(reply, strict=True), imprint, nonce, now)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TimestampError(f"The authority's answer is no time stamp: {error}") from error
    return reply


def _ask(url: str, query: bytes) -> bytes:
    if urlsplit(url).scheme not in ("http", "https"):
        raise TimestampError("TIMESTAMP_URL must begin with http:// or https://.")
    request = urllib.request.Request(url, query, {"Content-Type": QUERY, "Accept": REPLY})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            reply: bytes = response.read(LARGEST_REPLY + 1)  # a byte more shows that it is too large
    except (OSError, HTTPException) as error:
        raise TimestampError(f"The authority can't be reached: {error}") from error
    if len(reply) > LARGEST_REPLY:
        raise TimestampError("The authority's answer is too large for a time stamp.")
    return reply


class _Response(tsp.TimeStampResp):
    """An answer, which may be a refusal and then holds no token (RFC 3161, 2.4.2)."""

    _fields: ClassVar[list[Any]] = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def _check(response: _Response, imprint: bytes, nonce: int, now: datetime) -> None:
    """Refuse an answer that isn't about our bytes, our question and this time, or isn't signed.

    Raises:
        TimestampError: it isn't.
    """
    status = response["status"]["status"].native
    if status not in ("granted", "granted_with_mods"):
        raise TimestampError(f"The authority refused: {status}.")
    signed = response["time_stamp_token"]["content"]
    info = signed["encap_content_info"]["content"]
    told = info.parsed
    if told["message_imprint"]["hashed_message"].native != imprint:
        raise TimestampError("The authority stamped other bytes than ours.")
    if told["nonce"].native != nonce:
        raise TimestampError("The authority answered another question than ours.")
    if abs(told["gen_time"].native - now) > TOLERANCE:
        raise TimestampError(f"The authority says it is {told['gen_time'].native}; we say it is {now}.")
    signer = extract_signer_info(signed)
    certificate = extract_certificate_info(signed).signer_cert
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, info.contents).digest()
    intact, valid = validate_sig_integrity(signer, certificate, "tst_info", digest)
    usage = certificate.extended_key_usage_value
    if not (intact and valid and usage is not None and usage.native == ["time_stamping"]):
        raise TimestampError("The authority's time stamp isn't signed by a certificate for time stamps.")
