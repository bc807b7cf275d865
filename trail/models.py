"""Tracked rows, events, and the leaves and seals of the hash tree.

History tables are made beside each tracked model; see :mod:`trail.history`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history import register

from organizations import clock
from organizations.models import Membership, Organization, Site, Targets
from organizations.scope import Scoped, ScopedManager
from trail.actor import actor
from trail.cache_version import Position, advance
from trail.history import History, ScopedRecords, TrackedQuerySet
from trail.page_views import hear
from trail.time_travel.travel import afterwards
from trail.transaction_time import written_at

__all__ = [
    "VIEWED",
    "AppendOnly",
    "Event",
    "HeadRecipient",
    "Leaf",
    "Position",
    "Seal",
    "Tracked",
    "TrackedManager",
    "record_event",
    "record_view",
]

#: The verb of events about pages that were looked at.
VIEWED = "viewed"

TrackedManager = ScopedManager.from_queryset(TrackedQuerySet)


class Tracked(Scoped):
    """A row of one organization whose every version is kept."""

    #: Fields that :meth:`prepare` works out from others; bulk updates write them along.
    computed: ClassVar[tuple[str, ...]] = ()

    history = ScopedRecords(inherit=True)
    objects: ClassVar[Any] = TrackedManager()

    class Meta(Scoped.Meta):
        abstract = True

    @classmethod
    def prepare(cls, rows: Sequence[Any]) -> None:
        """Work out the computed fields of rows about to be written.

        Single and bulk writes both call it, so that the fields can't differ by the way in.
        """

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        self.prepare([self])
        super().save(*args, **kwargs)
        advance()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError(f"{type(self).__name__} rows are archived, never deleted.")


class Link(Tracked):
    """A link between two rows: the one kind of tracked row that can be removed.

    Its history keeps that it was there, and until when.
    """

    class Meta(Tracked.Meta):
        abstract = True

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        advance()
        # Past Tracked, which refuses it; simple-history writes the last version when it hears of the deletion.
        return Scoped.delete(self, *args, **kwargs)


class AppendOnly(Tracked):
    """A row that is written once: an assessment, an acknowledgement, an attachment."""

    class Meta(Tracked.Meta):
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are never changed: write a new one.")
        super().save(*args, **kwargs)


class Event(Scoped):
    """Something a person did that changed no row, written once.

    They exported, downloaded, or asked for a pack, say.
    """

    as_of_field = "at"

    at = models.DateTimeField(_("at"), default=written_at, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(_("what"), max_length=60)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    data = models.JSONField(default=dict)

    objects: ClassVar[Any] = TrackedManager()

    class Meta(Scoped.Meta):
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("organization", "subject", "-at"), name="trail_event_subject"),)

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Events are never removed.")


def record_event(verb: str, subject: str = "", **data: Any) -> Event:
    """Write an event of the person acting now.

    Of somebody who looks at the past it is written when they leave it, and says which moment they looked at.

    Args:
        verb: what was done.
        subject: what it was done to, a record's reference for one.
        data: more about it, in the types of JSON, without secrets.
    """
    hear(verb)
    if moment := clock.travelled_to():
        data["as_of"] = moment.isoformat()
    event = Event(actor=actor(), verb=verb, subject=subject, data=data)
    afterwards(partial(_write, event))
    return event


def record_view(subject: str, **data: Any) -> Event:
    """Write down that the person acting now looked at a page.

    It doesn't advance the position: looking changes nothing, so what is cached stays valid.
    """
    return Event.objects.create(actor=actor(), verb=VIEWED, subject=subject, data=data)  # type: ignore[no-any-return]


@transaction.atomic
def _write(event: Event) -> None:
    # Again, since the event may have been made earlier, in the past that was looked at.
    event.at = written_at()
    event.save()
    advance()


class HashField(models.BinaryField):
    """A SHA-256 hash, read as bytes on every database."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 32, **options})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else bytes(value)


class Leaf(Scoped):
    """The place of a version or event in the organization's hash tree.

    Keeps the hash that the row had when it was sealed.
    """

    index = models.PositiveBigIntegerField()
    #: The table of the version or event, and its key there.
    source = models.CharField(max_length=63)
    key = models.BigIntegerField()
    hash = HashField()

    class Meta(Scoped.Meta):
        ordering = ("index",)
        constraints = (
            models.UniqueConstraint(fields=("organization", "index"), name="leaf_index_once"),
            models.UniqueConstraint(fields=("organization", "source", "key"), name="leaf_once_a_row"),
        )

    def __str__(self) -> str:
        return f"{self.index} {self.source} {self.key}"


class Seal(Scoped):
    """A signed head of the organization's hash tree.

    The note carries what the other columns say, and the signature.
    """

    class Purpose(models.TextChoices):
        """The occasions on which seals are made."""

        SCHEDULE = "schedule", _("schedule")
        SIGN_OFF = "sign-off", _("sign-off")
        PACK = "pack", _("evidence pack")
        MAIL = "mail", _("mail")

    number = models.PositiveBigIntegerField(_("number"))
    size = models.PositiveBigIntegerField(_("leaves"))
    root = HashField()
    previous_size = models.PositiveBigIntegerField()
    previous_root = HashField()
    sealed_at = models.DateTimeField(_("sealed at"))
    purpose = models.CharField(_("made for"), max_length=10, choices=Purpose)
    #: The head as a signed note; see :mod:`trail.sealing.signed_notes`.
    note = models.TextField()
    #: What appending needs; see :class:`trail.sealing.tree.Frontier`.
    frontier = models.TextField()

    class Meta(Scoped.Meta):
        ordering = ("-number",)
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = (models.UniqueConstraint(fields=("organization", "number"), name="seal_number_once"),)
        indexes = (models.Index(fields=("organization", "size"), name="seal_by_size"),)

    def __str__(self) -> str:
        return f"{self.number}"


class HeadRecipientQuerySet(TrackedQuerySet):
    """People who keep signed heads."""

    def current(self) -> HeadRecipientQuerySet:
        """Return those who still get them."""
        return self.filter(ended_at=None)


class HeadRecipient(Tracked):
    """Somebody outside who keeps signed heads: an auditor, a member of the board.

    They get the latest head each week.
    """

    name = models.CharField(_("name"), max_length=120, help_text=_("Who it is, and where they belong."))
    email = models.EmailField(_("mail address"))
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects: ClassVar[Any] = ScopedManager.from_queryset(HeadRecipientQuerySet)()

    class Meta(Tracked.Meta):
        ordering = ("name", "pk")
        verbose_name = _("recipient of signed heads")
        verbose_name_plural = _("recipients of signed heads")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "email"),
                condition=models.Q(ended_at=None),
                name="head_recipient_once",
                violation_error_message=_("This address gets them already."),
            ),
        )

    def __str__(self) -> str:
        return self.name


# The organizations room is below the trail and can't import it, so the trail registers its models.
for _records, _models in ((History, (Organization, Membership)), (ScopedRecords, (Site, Targets))):
    for _model in _models:
        register(_model, app="trail", records_class=_records)
