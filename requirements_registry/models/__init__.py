"""Interested parties and their requirements (sub-clause a).

With how far these are determined, understood and met.
"""

from __future__ import annotations

from requirements_registry.models.conformity import ConformityCheck, WatchEntry
from requirements_registry.models.parties import InterestedParty
from requirements_registry.models.requirements import Requirement
from requirements_registry.models.versions import Acknowledgement, RequirementReview, RequirementVersion

__all__ = [
    "Acknowledgement",
    "ConformityCheck",
    "InterestedParty",
    "Requirement",
    "RequirementReview",
    "RequirementVersion",
    "WatchEntry",
]
