"""What of an address may stand in a log: links of invitations and resets open a door to whoever reads it."""

from __future__ import annotations

import logging
import re

#: What comes before the secret part of an address, which reaches to the next slash, blank or quotation mark.
_SECRETS = re.compile(r"(/invitations/|/accounts/password/reset/key/|/accounts/confirm-email/)[^/\s\"'?]+")


def without_secrets(text: str) -> str:
    """Return a text in which links that open something are cut off."""
    return _SECRETS.sub(r"\1…", text)


class WithoutSecrets(logging.Filter):
    """A filter that cuts such links off whatever is logged: Django warns of addresses that it doesn't find."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(without_secrets(each) if isinstance(each, str) else each for each in record.args)
        record.msg = without_secrets(str(record.msg))
        return True
