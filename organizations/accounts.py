"""What people's accounts hold besides their roles: the address that counts, and who is told of changes.

An address counts once its owner has opened a link that was mailed to it; until then the old one stays. A person was
entered, or invited, under an address: that one counts from the first. See ``docs/security.md``.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress

from organizations.models import User


def keep_address(sender: type[User], instance: User, raw: bool = False, **_: Any) -> None:
    """Keep a person's address as the confirmed one.

    Connected to ``post_save``. Without it allauth takes the address for one that waits to be confirmed, and a change would
    throw it away at once.
    """
    email = instance.email.lower()
    if raw or EmailAddress.objects.filter(user=instance, email=email, verified=True, primary=True).exists():
        return
    EmailAddress.objects.filter(user=instance, primary=True).exclude(email=email).delete()
    EmailAddress.objects.update_or_create(user=instance, email=email, defaults={"verified": True, "primary": True})
