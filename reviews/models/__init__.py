"""What top management signs and decides."""

from reviews.models.gap_decision import GapDecision
from reviews.models.sign_off import Conclusion, Method, SignedAct, SignOff, Told, Withdrawal

__all__ = ["Conclusion", "GapDecision", "Method", "SignOff", "SignedAct", "Told", "Withdrawal"]
