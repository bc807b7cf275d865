"""Sign-off: what top management signs, as it saw it, and what became of the signature.

The model of a signature is 21 CFR part 11: it shows the printed name, the time and the meaning (11.50), can't be taken
off its record and put on another (11.70: the digest covers both), and is given by two components, who one is and what
one knows or holds (11.200: the account, and a password or passkey at most five minutes old).
"""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar

import orjson
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clauses.assertion import Period
from organizations.scope import current_organization
from reviews.querysets import SignOffQuerySet
from trail.models import AppendOnly, TrackedManager


class Method(models.TextChoices):
    """What a signer showed besides who they are (21 CFR 11.200(a)(1))."""

    PASSWORD = "password", _("Password")
    PASSKEY = "passkey", _("Passkey")


class Conclusion(models.TextChoices):
    """What top management concludes of a sub-clause."""

    ADEQUATE = "adequate", _("Adequate")
    WITH_DECISIONS = "with_decisions", _("Adequate, with the decisions above")
    NOT_ADEQUATE = "not_adequate", _("Not adequate")


class SignedAct(AppendOnly):
    """Something a person signed.

    Attributes:
        statement: all of it, in the bytes that were hashed: canonical JSON (RFC 8785) of what was seen, decided and meant,
            by whom, when, how confirmed, under which seal. The other columns repeat parts of it so that they can be asked for.
        digest: SHA-256 of the statement's UTF-8 bytes, in hexadecimal.
        seal_note: the signed head of the trail at that moment.
        seal_size: entries of the trail under that head.
        seal_root: root of the tree under that head, in hexadecimal.
    """

    statement = models.TextField(_("statement"), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    seal_note = models.TextField(_("signed head"), editable=False)
    seal_size = models.PositiveBigIntegerField(_("entries sealed"), editable=False)
    seal_root = models.CharField(_("root"), max_length=64, editable=False)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("signed by"),
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    printed_name = models.CharField(_("name"), max_length=120, editable=False)
    job_title = models.CharField(_("job title"), max_length=120, editable=False)
    signed_at = models.DateTimeField(_("signed"), editable=False)
    method = models.CharField(_("confirmed by"), max_length=10, choices=Method, editable=False)

    class Meta(AppendOnly.Meta):
        abstract = True

    @cached_property
    def content(self) -> Any:
        """The statement as plain values."""
        return orjson.loads(self.statement)

    @property
    def is_intact(self) -> bool:
        """Whether the statement still is what was hashed when it was signed."""
        return sha256(self.statement.encode()).hexdigest() == self.digest


class SignOff(SignedAct):
    """A person's signature under the evaluation of a period.

    The signer is of top management, and has decided on each open gap.
    """

    prefix: ClassVar[str] = "SO"

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    period_from = models.DateField(_("from"), editable=False)
    period_to = models.DateField(_("to"), editable=False)
    interim = models.BooleanField(_("interim"), default=False, editable=False)

    objects: ClassVar[Any] = TrackedManager.from_queryset(SignOffQuerySet)()

    class Meta(SignedAct.Meta):
        ordering = ("-signed_at", "-pk")
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        constraints = (
            models.UniqueConstraint(fields=("organization", "reference"), name="sign_off_reference_once"),
            models.CheckConstraint(
                condition=Q(period_to__gte=models.F("period_from")), name="sign_off_period_in_order"
            ),
        )
        indexes = (models.Index(fields=("organization", "period_to"), name="sign_off_period"),)

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("reviews:sign-off", args=[current_organization().slug, self.reference])

    @property
    def period(self) -> Period:
        """The period whose evaluation was signed."""
        return Period(self.period_from, self.period_to)

    @property
    def is_withdrawn(self) -> bool:
        """Whether its signer took it back."""
        return hasattr(self, "withdrawal")


class Withdrawal(SignedAct):
    """A signer takes back a sign-off: a signature of its own, with a reason.

    What was signed stays to be read.
    """

    sign_off = models.OneToOneField(
        SignOff, verbose_name=_("sign-off"), on_delete=models.PROTECT, related_name="withdrawal", editable=False
    )
    reason = models.TextField(_("reason"), help_text=_("Why the signature no longer stands."))

    class Meta(SignedAct.Meta):
        ordering = ("-signed_at", "-pk")
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),)

    def __str__(self) -> str:
        return str(self.sign_off_id)


class Told(AppendOnly):
    """How far changes behind a sign-off were looked at, and told to its signer.

    What was sealed later is still to be told.

    Attributes:
        on: the day, where the organization is; at most one mail a day.
        seal_size: entries of the trail that were looked at.
    """

    sign_off = models.ForeignKey(
        SignOff, verbose_name=_("sign-off"), on_delete=models.PROTECT, related_name="told", editable=False
    )
    on = models.DateField(_("on"), editable=False)
    seal_size = models.PositiveBigIntegerField(_("entries sealed"), editable=False)

    class Meta(AppendOnly.Meta):
        ordering = ("-on", "-pk")
        verbose_name = _("mail to a signer")
        verbose_name_plural = _("mails to signers")
        constraints = (models.UniqueConstraint(fields=("sign_off", "on"), name="told_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"
