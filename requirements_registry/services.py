"""State changes of requirements.

Each is one transaction that writes what was decided and by whom.

A change of statement or criterion needs no service: saving the requirement writes its new version (see
:meth:`requirements_registry.models.version_mixin.Versioning.save`), and importing many does so in bulk.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from organizations.models import User
from requirements_registry.models import Acknowledgement, Requirement, RequirementReview
from trail.actor import acting


@transaction.atomic
def acknowledge(requirement: Requirement, *, by: User, words: str, version: int | None = None) -> Acknowledgement:
    """Write down that a person understands a requirement as it reads now.

    Doing so twice keeps the first.

    Args:
        requirement: an active requirement, or one in review.
        by: the person, who speaks for nobody else.
        words: how they understand it, in their own words.
        version: the version they read; refused if it isn't the current one any more.

    Raises:
        ValidationError: no words, the requirement isn't in force, or it was changed while they read.
    """
    # Locked, so that its version stays what it is, and of two clicks the second finds what the first one kept.
    current = Requirement.objects.select_for_update().get(pk=requirement.pk)
    if not current.can_be_acknowledged:
        raise ValidationError(
            _("%(reference)s is not in force: there is nothing to acknowledge.") % {"reference": current.reference}
        )
    if version is not None and version != current.version:
        raise ValidationError(_("%(reference)s was changed while you read it: it is at version %(version)s now. Read it again.")
                              % {"reference": current.reference, "version": current.version})  # fmt: skip
    if not words.strip():
        raise ValidationError(_("Say in your own words what the requirement asks for."))
    kept = Acknowledgement.objects.filter(requirement=current, person=by, version=current.version).first()
    if kept is not None:
        return kept
    with acting(by):
        acknowledgement = Acknowledgement(requirement=current, person=by, version=current.version, words=words.strip())
        acknowledgement.save()
    return acknowledgement


@transaction.atomic
def record_review(review: RequirementReview) -> RequirementReview:
    """Keep a review, and count it as the requirement's last one.

    Who is acting now wrote it down.
    """
    review.save()
    requirement = Requirement.objects.select_for_update().get(pk=review.requirement_id)
    if requirement.last_reviewed_on is None or requirement.last_reviewed_on < review.reviewed_on:
        requirement.last_reviewed_on = review.reviewed_on
        # A form that somebody opened before has to notice that the day of review is another now.
        requirement.revision += 1
        requirement.save()
    return review
