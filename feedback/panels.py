"""The people who answered a survey, on its page."""

from __future__ import annotations

from urllib.parse import urlencode

from feedback.models import SurveyWave
from feedback.registers import feedback, surveys
from feedback.response_rates import responses
from organizations import clock
from organizations.auditor_scope import audit_scope
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
    return [Panel("feedback/response.html", {"response": found, "answers_url": url})]


panels.append(response)
