"""Pages of sub-clause b beyond those of every register."""

from risks.views.heat_map import HeatMap
from risks.views.records import AcceptRisk, DecideNoRisk, OpportunityPage, RiskPage, SupplierReviewPage
from risks.views.scale import NewScale, ScaleVersions

__all__ = [
    "AcceptRisk",
    "DecideNoRisk",
    "HeatMap",
    "NewScale",
    "OpportunityPage",
    "RiskPage",
    "ScaleVersions",
    "SupplierReviewPage",
]
