"""Organizations, their sites and targets, people and their memberships."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations import clock
from organizations.querysets import InvitationQuerySet, MailQuerySet, MembershipQuerySet, TargetsQuerySet, UserManager
from organizations.roles import Role
from organizations.scope import Scoped, ScopedManager
from organizations.security_log import SecurityEvent  # noqa: F401  # where Django looks for models

#: The names of all time zones: Python looks for them on the disk, in a few hundred files.
_time_zones = cache(zoneinfo.available_timezones)


class Edition(models.TextChoices):
    """Editions of the standard that certificates are seen under."""

    ISO_9001_2015 = "2015", _("ISO 9001:2015 with Amendment 1:2024")
    ISO_9001_2026 = "2026", _("ISO 9001:2026, final draft, publication not confirmed")


class User(AbstractUser):
    """A person who can log in. What they may do is said by their memberships."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta(AbstractUser.Meta):
        constraints = (models.CheckConstraint(condition=~Q(email=""), name="person_has_an_address"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person on small surfaces."""
        words = str(self).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Organization(models.Model):
    """A customer of the product, and what its quality management system covers (clause 4.3)."""

    slug = models.SlugField(
        _("address"), max_length=40, unique=True, help_text=_("Part of every page's address; can't be changed later.")
    )
    name = models.CharField(_("name"), max_length=200)
    scope_statement = models.TextField(
        _("scope statement"), blank=True, help_text=_("What the quality management system covers (clause 4.3).")
    )
    edition = models.CharField(
        _("edition of the standard"), max_length=4, choices=Edition, default=Edition.ISO_9001_2015
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    language = models.CharField(_("language of reports"), max_length=10, default="en")
    second_factor_for = models.JSONField(_("second factor required of"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("clauses:overview", args=[self.slug])

    def clean(self) -> None:
        if self.time_zone not in _time_zones():
            raise ValidationError(
                {
                    "time_zone": _("“%(zone)s” isn't a time zone; write one like Europe/Berlin.")
                    % {"zone": self.time_zone}
                }
            )

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The organization's time zone."""
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self) -> date:
        """Return the date where the organization is, at the moment that is looked at."""
        return self.day_of(clock.now())

    def day_of(self, moment: datetime) -> date:
        """Return the date where the organization is, at a moment."""
        return moment.astimezone(self.zone).date()


class Confined(models.Model):
    """The part of the organization that an auditor's access is limited to.

    Nothing given means the whole organization.
    """

    sub_clauses = models.CharField(_("sub-clauses"), max_length=3, blank=True, default="")
    sites = models.JSONField(_("sites"), default=list, blank=True)

    class Meta:
        abstract = True

    @property
    def is_confined(self) -> bool:
        """Whether there is something of the organization that it doesn't reach."""
        return bool(self.sub_clauses or self.sites)

    def reach_in_words(self, names: Mapping[int, str]) -> str:
        """Return what it is limited to, for people to read; empty where it isn't.

        Args:
            names: what the organization's sites are called, by their ids.
        """
        letters = _("Sub-clause %(letters)s") % {"letters": ", ".join(self.sub_clauses)} if self.sub_clauses else ""
        return "; ".join(filter(None, (str(letters), ", ".join(names[key] for key in self.sites if key in names))))


class Membership(Confined):
    """One role of one person in one organization, with their title and the days it is valid.

    Not scoped: memberships decide which organization may be entered, so they are read before one is.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships", editable=False)
    user = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="memberships", editable=False
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day of access. Empty: no end.")
    )
    ended_at = models.DateTimeField(
        _("ended at"),
        null=True,
        editable=False,
        help_text=_("Access was ended at this moment, before its last day was over."),
    )
    #: Nobody, where it was declared when the organization was set up.
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    given_at = models.DateTimeField(null=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("user__name", "role", "pk")
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.CheckConstraint(condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")), name="membership_ends_after_it_begins",
                                   violation_error_message=_("The last day lies before the first.")),
            models.CheckConstraint(condition=~Q(role=Role.AUDITOR) | Q(valid_until__isnull=False), name="membership_of_auditor_ends",
                                   violation_error_message=_("An auditor's access needs a last day.")),
            models.CheckConstraint(condition=Q(role=Role.AUDITOR) | Q(sub_clauses=""), name="membership_of_auditors_confined",
                                   violation_error_message=_("Only an auditor's access is confined to sub-clauses.")),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}"

    def is_valid_on(self, day: date) -> bool:
        """Return whether the membership is in force on a day, first and last day included."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class Invitation(Confined):
    """A mail that lets a person take up a role.

    Its link is signed, so nothing secret is stored.
    """

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invitations", editable=False)
    email = models.EmailField(_("mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day of access; an auditor's access needs one.")
    )
    reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("Needed where an administrator appoints top management because none is left: all members are mailed it.")
    )  # fmt: skip
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=300, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at",)
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        if self.role == Role.AUDITOR and not self.valid_until:
            raise ValidationError({"valid_until": _("An auditor's access needs a last day.")})
        if self.role != Role.AUDITOR and self.is_confined:
            raise ValidationError(
                _("Only an auditor's access is confined to sub-clauses and sites: choose none, or another role.")
            )
        if self.valid_until and self.valid_from and self.valid_until < self.valid_from:
            raise ValidationError({"valid_until": _("The last day lies before the first.")})


class Site(Scoped):
    """A site, project or business unit: a filter on every register."""

    code = models.CharField(_("code"), max_length=20, validators=[RegexValidator(r"^[\w.-]+$")])
    name = models.CharField(_("name"), max_length=120)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta(Scoped.Meta):
        ordering = ("code",)
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = (models.UniqueConstraint(fields=("organization", "code"), name="site_code_once"),)

    def __str__(self) -> str:
        return self.name


_percent = [MinValueValidator(0), MaxValueValidator(100)]


class Targets(Scoped):
    """The targets that the organization has set itself, as a version in force from a day on.

    Earlier versions stay, to judge earlier days by.
    """

    effective_from = models.DateField(_("in force from"))
    review_days = models.PositiveIntegerField(
        _("review interval"), default=365, help_text=_("Days between reviews, where a row sets none of its own.")
    )
    check_days = models.PositiveIntegerField(
        _("check interval"), default=180, help_text=_("Days between conformity checks, where a requirement sets none.")
    )
    acknowledgement_days = models.PositiveIntegerField(_("days to acknowledge"), default=14)
    assessment_days = models.PositiveIntegerField(
        _("assessment interval"), default=365, help_text=_("Days between assessments of a risk or opportunity.")
    )
    conformity_target = models.DecimalField(
        _("conformity target"),
        max_digits=5,
        decimal_places=2,
        default=95,
        validators=_percent,
        help_text=_("Per cent of the checks of the last twelve months."),
    )
    soon_days = models.PositiveIntegerField(
        _("early warning"), default=14, help_text=_("Days before a date at which it counts as due soon.")
    )
    minimum_answers = models.PositiveIntegerField(
        _("fewest answers"),
        default=30,
        help_text=_(
            "Fewer people than this, and always fewer than ten, are not enough to judge a score; fewer checks than this "
            "are not enough to call a conformity rate on target."
        ),
    )
    satisfaction_target = models.DecimalField(
        _("satisfaction target"),
        max_digits=5,
        decimal_places=2,
        default=75,
        validators=_percent,
        help_text=_("Per cent of the scale's width, averaged over answers."),
    )
    complaint_acknowledge_days = models.PositiveIntegerField(
        _("acknowledge complaints within"), default=2, help_text=_("Days.")
    )
    complaint_answer_days = models.PositiveIntegerField(_("answer complaints within"), default=10, help_text=_("Days."))
    complaint_close_days = models.PositiveIntegerField(_("close complaints within"), default=30, help_text=_("Days."))
    signers_required = models.PositiveSmallIntegerField(
        _("signers of a sign-off"),
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("How many different people of top management sign off a period."),
    )
    sign_off_days = models.PositiveIntegerField(
        _("sign off within"), default=30, help_text=_("Days after a period's end.")
    )
    isolated_below = models.DecimalField(
        _("a gap is isolated below"),
        max_digits=5,
        decimal_places=2,
        default=3,
        validators=_percent,
        help_text=_("Per cent of the rows that a statement looks at. A single row is always isolated."),
    )
    some_up_to = models.DecimalField(
        _("a gap reaches some rows up to"),
        max_digits=5,
        decimal_places=2,
        default=10,
        validators=_percent,
        help_text=_("Per cent of the rows that a statement looks at. What reaches further is systematic."),
    )

    objects: ClassVar[Any] = ScopedManager.from_queryset(TargetsQuerySet)()

    class Meta(Scoped.Meta):
        ordering = ("-effective_from",)
        verbose_name = _("targets")
        verbose_name_plural = _("targets")
        constraints = (
            models.UniqueConstraint(fields=("organization", "effective_from"), name="targets_once_a_day"),
            models.CheckConstraint(
                condition=Q(isolated_below__lte=F("some_up_to")),
                name="targets_grades_in_order",
                violation_error_message=_(
                    "What is isolated can’t reach further than what is some: change one of the two."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.effective_from:%Y-%m-%d}"

    def figures(self) -> tuple[tuple[str, Any], ...]:
        """What it sets: its fields and their values, but for the keys."""
        names = [field.attname for field in self._meta.concrete_fields if field.name not in ("id", "organization")]
        return tuple((name, getattr(self, name)) for name in names)


class Mail(Scoped):
    """A mail that is on its way, or was sent; see :mod:`organizations.outbox`."""

    #: What it tells, in a form that the next telling of the same has too: it is sent once.
    key = models.CharField(max_length=200, editable=False)
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    #: Text files, by their names.
    attachments = models.JSONField(default=dict)
    queued_at = models.DateTimeField(auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(_("sent"), null=True)
    failure = models.CharField(_("failure"), max_length=300, blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(MailQuerySet)()

    class Meta(Scoped.Meta):
        ordering = ("-queued_at", "-pk")
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = (models.UniqueConstraint(fields=("organization", "key"), name="mail_once"),)

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


# Django looks for models here.
from organizations.log_in_limits import LogInAttempt  # noqa: F401
