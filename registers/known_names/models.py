"""A name that was learned, and whom it means."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from spreadsheets.headers import normalize_header
from trail.models import Link

NAME_LENGTH = 200


class KnownName(Link):
    """A name in tables (“S. Köhler”, “GF”), and the person it stands for; nobody where its cells are left empty.

    It can be forgotten, then the next import asks again; its history keeps what it meant.
    """

    text = models.CharField(_("name in tables"), max_length=NAME_LENGTH)
    folded = models.CharField(max_length=NAME_LENGTH, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("stands for"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Link.Meta):
        ordering = ("folded", "pk")
        verbose_name = _("name in tables")
        verbose_name_plural = _("names in tables")
        constraints = (models.UniqueConstraint(fields=("organization", "folded"), name="known_name_once"),)

    def __str__(self) -> str:
        return self.text


def folded_name(text: str) -> str:
    """Return the form in which equal names are equal, whatever their case, accents and points."""
    return normalize_header(" ".join(text.split()))[:NAME_LENGTH]
