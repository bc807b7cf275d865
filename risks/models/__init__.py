"""Issues, risks, opportunities and supplier reviews (clauses 4.1, 6.1, 8.4).

And the assessments they are judged by.
"""

from risks.models.acceptance import Acceptance, NoSignificantRisk
from risks.models.issue import ContextIssue
from risks.models.opportunity import (
    Opportunity,
    OpportunityAssessment,
    OpportunityIssue,
    OpportunityParty,
    OpportunityRequirement,
)
from risks.models.risk import Risk, RiskAssessment, RiskIssue, RiskParty, RiskRequirement
from risks.models.scale import Band, Grid, Scale
from risks.models.supplier import SupplierReview

__all__ = [
    "Acceptance",
    "Band",
    "ContextIssue",
    "Grid",
    "NoSignificantRisk",
    "Opportunity",
    "OpportunityAssessment",
    "OpportunityIssue",
    "OpportunityParty",
    "OpportunityRequirement",
    "Risk",
    "RiskAssessment",
    "RiskIssue",
    "RiskParty",
    "RiskRequirement",
    "Scale",
    "SupplierReview",
]
