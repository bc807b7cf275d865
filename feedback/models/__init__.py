"""What customers say, how it is listened to, and how complaints are handled.

And what is done to enhance satisfaction.
"""

from feedback.models.complaint import Complaint, ComplaintRequirement
from feedback.models.enhancement import Enhancement, EnhancementFeedback
from feedback.models.item import FeedbackItem
from feedback.models.method import SatisfactionMethod
from feedback.models.wave import SurveyWave

__all__ = [
    "Complaint",
    "ComplaintRequirement",
    "Enhancement",
    "EnhancementFeedback",
    "FeedbackItem",
    "SatisfactionMethod",
    "SurveyWave",
]
