"""The people who answered a survey, on its page."""

from __future__ import annotations

from urllib.parse import urlencode

from clauses import periods
from feedback.models import SurveyWave
from feedback.registers import feedback, surveys
from feedback.response_rates import responses
from organizations import clock
from organizations.auditor_scope import audit_scope
from organizations.links import organization_url
from organizations.request import OrganizationRequest
from registers.models import Record
from registers.panels import Panel, panels
from registers.register import Register


def response(request: OrganizationRequest, register: Register, record: Record) -> list[Panel]:
    """Return a survey's response rate and the way to its answers: one query."""
    if register.slug != surveys.slug or not isinstance(record, SurveyWave) or not audit_scope().includes("c"):
        return []
    (found,) = responses([record], clock.now())
    url = f"{feedback.url('list')}?{urlencode({'wave': record.reference})}"
    scores_url = (
        f"{organization_url('feedback:satisfaction')}?{urlencode({'wave': record.reference} | _period(record))}"
    )
    return [Panel("feedback/response.html", {"response": found, "answers_url": url, "scores_url": scores_url})]


def _period(wave: SurveyWave) -> dict[str, str]:
    """Return the quarter in which it was sent, as addresses name it; nothing where that isn't known."""
    return {"period": periods.code(periods.quarter_of(wave.sent_on))} if wave.sent_on else {}


panels.append(response)
