"""Comments on records, their mentions of people, and the watching of records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import User
from organizations.scope import Scoped, ScopedManager, ScopedQuerySet
from trail.history import TrackedQuerySet
from trail.models import AppendOnly

#: Characters of a comment.
LENGTH = 4000


class CommentQuerySet(TrackedQuerySet):
    """Comments, newest first."""

    def about(self, reference: str) -> CommentQuerySet:
        """Return those on a record, with who wrote them."""
        return self.filter(subject=reference).select_related("author")


class Comment(AppendOnly):
    """What somebody says about a record.

    It is written once: whoever erred says so in another one.
    """

    subject = models.CharField(_("about"), max_length=20)
    text = models.TextField(_("comment"), max_length=LENGTH)
    #: Keys of the people it mentions.
    mentions = models.JSONField(default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+"
    )
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(CommentQuerySet)()

    class Meta(AppendOnly.Meta):
        ordering = ("-written_at", "-pk")
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = (models.Index(fields=("organization", "subject"), name="comment_by_subject"),)

    def __str__(self) -> str:
        return f"{self.subject}: {self.text[:60]}"


def people_of(comments: Iterable[Comment]) -> dict[int, User]:
    """Return the people whom some comments mention, by their keys: one query, or none."""
    keys = {key for each in comments for key in each.mentions}
    return User.objects.in_bulk(keys) if keys else {}


class MentionQuerySet(ScopedQuerySet):
    """Mentions of the current organization."""

    def of(self, person: User) -> MentionQuerySet:
        """Return those of a person."""
        return self.filter(person_id=person.pk)

    def unread(self) -> MentionQuerySet:
        """Return those whose record the person hasn't opened since."""
        return self.filter(seen_at=None)


class Mention(Scoped):
    """A mention of somebody, until they have seen it.

    What was said, and to whom, is in the comment.
    """

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(MentionQuerySet)()

    class Meta(Scoped.Meta):
        constraints = (models.UniqueConstraint(fields=("comment", "person"), name="mention_once"),)
        indexes = (
            models.Index(fields=("organization", "person"), condition=models.Q(seen_at=None), name="mention_unread"),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.comment}"


class Watch(Scoped):
    """Somebody's wish to watch a record, or not to watch it although they own it."""

    subject = models.CharField(max_length=20)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    watching = models.BooleanField(default=True)
    #: Of what was written before nothing is told; None for who watched already, as the owner.
    since = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints = (models.UniqueConstraint(fields=("organization", "subject", "person"), name="watch_once"),)

    def __str__(self) -> str:
        return f"{self.person} {self.subject}"


class WatchersTold(Scoped):
    """How far an organization's watchers were told: of the trail's leaves before ``size``."""

    size = models.PositiveBigIntegerField()

    class Meta(Scoped.Meta):
        constraints = (models.UniqueConstraint(fields=("organization",), name="watchers_told_once"),)

    def __str__(self) -> str:
        return f"{self.size}"
