"""The row of every register: a record with a reference, a history and an archive."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.auditor_scope import audit_scope
from organizations.models import Site, User
from organizations.scope import Scoped, ScopedManager, current_organization
from registers.custom_fields.models import CustomField
from registers.editing.models import BulkEdit
from registers.known_names.models import KnownName
from registers.querysets import RecordManager, SavedViewQuerySet
from registers.tags import TagsField
from trail.models import Tracked

#: Kept in rooms of their own; Django looks for them here.
__all__ = ["BulkEdit", "CustomField", "KnownName"]


class ReferenceCounter(Scoped):
    """The last number given to a kind of record in an organization."""

    prefix = models.CharField(max_length=8)
    last = models.PositiveIntegerField(default=0)

    class Meta(Scoped.Meta):
        constraints = (models.UniqueConstraint(fields=("organization", "prefix"), name="reference_counter_once"),)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last:04d}"

    @classmethod
    @transaction.atomic
    def take(cls, prefix: str, count: int = 1) -> list[str]:
        """Take the next ``count`` references of a prefix, waiting for whoever is taking some."""
        # There must be a row before it can be locked.
        cls.objects.get_or_create(prefix=prefix, organization=current_organization())
        counter = cls.objects.select_for_update().get(prefix=prefix)
        first = counter.last + 1
        counter.last += count
        counter.save(update_fields=["last"])
        return [f"{prefix}-{number:04d}" for number in range(first, first + count)]


@dataclass(frozen=True)
class ImportOutcome:
    """What an import writes beside a row, as the assessment of a risk: its level, the tone, and what it comes from."""

    text: str
    tone: str
    detail: str = ""


class Record(Tracked):
    """A row of a register: known by its reference, archived with a reason, never deleted."""

    #: First part of the reference, unique among all registers: ``REQ`` in ``REQ-0042``.
    prefix: ClassVar[str]
    #: The field that says in a line what the record is.
    title_field: ClassVar[str] = "title"

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    external_id = models.CharField(
        _("external id"),
        max_length=200,
        blank=True,
        help_text=_("The row's id where it comes from. Importing it again updates this row."),
    )
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tags = TagsField(_("tags"))
    custom = models.JSONField(_("custom fields"), default=dict, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    revision = models.PositiveIntegerField(default=1, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    archived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    archive_reason = models.TextField(_("reason for archiving"), blank=True, editable=False)

    objects: ClassVar[Any] = RecordManager()

    class Meta(Tracked.Meta):
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(fields=("organization", "reference"), name="%(class)s_reference_once"),
            models.UniqueConstraint(fields=("organization", "external_id"), condition=~Q(external_id=""), name="%(class)s_external_id_once",
                                    violation_error_message=_("Another row has this external id.")),
        )  # fmt: skip
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index(fields=("organization", "-id"), condition=Q(archived_at=None), name="%(class)s_current"),
            models.Index(fields=("organization", "tags"), condition=~Q(tags=""), name="%(class)s_tagged"),
        )

    def __str__(self) -> str:
        return f"{self.reference} {self.title_text}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.reference:
            (self.reference,) = ReferenceCounter.take(self.prefix)
        super().save(*args, **kwargs)

    @classmethod
    def after_bulk_save(cls, created: Sequence[Self], updated: Sequence[Self], changed_fields: Collection[str]) -> None:
        """Write what belongs to rows that were written together, past ``save``: by default nothing.

        Whoever writes many records with :mod:`trail.history` calls it afterwards, in the same transaction.

        Args:
            created: the rows inserted, with their keys.
            updated: the rows updated, holding their new values.
            changed_fields: names of the fields that were written in updated rows.
        """

    #: Attributes that follow from what is written beside a row; undoing an import sets them back.
    beside_attributes: ClassVar[tuple[str, ...]] = ()
    #: What the preview of an import calls :meth:`import_outcomes`: together, and of a row.
    import_outcome_titles: ClassVar[tuple[Any, Any]] = (_("Assessments that would be written"), _("Assessed as"))

    @classmethod
    def import_outcomes(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[list[ImportOutcome]]:
        """Return for rows that an import would write what it writes beside each, for its preview; nothing by default.

        Whoever overrides :meth:`after_bulk_save` or :meth:`write_beside` says here what that does. As many entries as rows, as few
        queries.

        Args:
            told: rows, each with what the file tells beside it.
        """
        return [[] for _row in told]

    @classmethod
    def beside_errors(cls, row: Self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is wrong with what a file tells beside a row (:class:`registers.beside.Beside`), by field."""
        return {}

    @classmethod
    def writes_beside(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[bool]:
        """Return for each row whether what a file tells beside it writes something."""
        return [False] * len(told)

    @classmethod
    def write_beside(cls, told: Sequence[tuple[Self, Mapping[str, Any]]], *, reason: str) -> None:
        """Write what a file tells beside saved rows."""

    @property
    def title_text(self) -> str:
        """The title, or what stands for it, in a line."""
        return " ".join(str(getattr(self, self.title_field) or "").split())

    def get_absolute_url(self) -> str:
        return str(self.register.url_of(self.reference))

    #: Set by the register that holds the model, as is its declaration.
    register_slug: ClassVar[str] = ""
    register: ClassVar[Any] = None

    @property
    def is_archived(self) -> bool:
        """Whether the record has been put away; it then counts for nothing but stays to be read."""
        return self.archived_at is not None

    @property
    def is_visible(self) -> bool:
        """Whether the record is one that the access of whoever asks reaches."""
        scope = audit_scope()
        return scope.includes(self.register.sub_clauses) and (not scope.sites or self.site_id in scope.sites)

    #: The field that says whose a record is; none where nobody owns rows of the kind.
    owner_field: ClassVar[str] = "owner"

    @classmethod
    def has_owners(cls) -> bool:
        """Return whether records of the kind are somebody's."""
        return any(field.name == cls.owner_field for field in cls._meta.concrete_fields)

    def is_owned_by(self, user: User) -> bool:
        """Return whether a contributor may change the record because it is theirs."""
        return getattr(self, f"{self.owner_field}_id", None) == user.pk


class SavedView(Scoped):
    """A list as somebody arranged and narrowed it, kept under a name: what its address says."""

    register = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(blank=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    is_shared = models.BooleanField(
        _("for everybody"), default=False, help_text=_("Everyone who reads the register sees it among the views.")
    )
    is_default = models.BooleanField(
        _("what the list opens with"), default=False, help_text=_("For everybody. One view of a register can be it.")
    )

    objects: ClassVar[Any] = ScopedManager.from_queryset(SavedViewQuerySet)()

    class Meta(Scoped.Meta):
        ordering = ("name", "pk")
        verbose_name = _("view")
        verbose_name_plural = _("views")
        constraints = (
            models.UniqueConstraint(fields=("organization", "register", "owner", "name"), name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=("organization", "register"), condition=Q(is_default=True), name="saved_view_default_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def is_owned_by(self, user: User) -> bool:
        """Return whether a person made it for themselves.

        What is shared is everybody's, and takes leave to share.
        """
        return self.owner_id == user.pk and not self.is_shared
