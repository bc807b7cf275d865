"""The list of a gap: why each row is an exception, what it says where it falls short, and who is to mend it how."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from typing import Any

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from clauses import reasons
from clauses.assertion import Assertion, Question
from clauses.gap_heads import above
from clauses.reasons import Reason
from organizations.access import allowed
from organizations.members import valid_members
from organizations.request import OrganizationRequest
from organizations.roles import GRANTS, REGISTERS, Action, Role
from registers.lists.arrangement import Arrangement
from registers.lists.selections import Remarks
from registers.lists.tables import Cell, MadeColumn, Part, cell_of
from registers.models import Record
from registers.register import Register, registry

#: The parameter that opens a row to be mended.
MEND = "mend"
#: The annotation that says whether a row's owner is a member.
_OWNER_VALID = "owner_is_member"


def mended_fields(register: Register, found: list[Reason], record: Record) -> list[str]:
    """Return the fields of the register's form that mend a row, given the reasons that hold for it."""
    names = dict.fromkeys(name for reason in found for name in reason.mended_by_fields(record))
    return [name for name in names if name in register.form.base_fields]


class Gap:
    """The list of one statement's exceptions, as a person sees it."""

    def __init__(self, assertion: Assertion, question: Question, request: OrganizationRequest) -> None:
        self.assertion, self.question, self.request = assertion, question, request
        self.register = registry[assertion.register]
        self.arrangement = Arrangement(self.register, request.GET)

    @property
    def remarks(self) -> Remarks:
        """What its list says about each row, and above them."""
        made = (
            ("why", _("Why"), self._why),
            ("mend", _("What falls short"), self._what),
            ("mended_by", _("Who is to mend it"), self._who),
        )
        return Remarks(
            columns=tuple(MadeColumn.of(name, label, partial(make, label)) for name, label, make in made),
            needs=tuple(self._needed()),
            annotate=self.annotated,
            head="clauses/gap_head.html",
            template="clauses/gap.html",
            context=partial(above, self.assertion, self.question, self.arrangement, self.request),
        )

    def _needed(self) -> Iterator[str]:
        yield from dict.fromkeys(name for reason in self.assertion.reasons for name in reason.columns)
        if self.has_owners and self.register.model.owner_field in self.register.bound:
            yield self.register.model.owner_field

    @property
    def has_owners(self) -> bool:
        """Whether its rows are somebody's."""
        return self.register.model.has_owners()

    def annotated(self, rows: Any) -> Any:
        """Return rows with what the columns need."""
        rows = self.assertion.explained(self.question, rows)
        if not self.has_owners:
            return rows
        owner = (
            valid_members(self.request.organization.today())
            .order_by()
            .filter(pk=OuterRef(self.register.model.owner_field))
        )
        return rows.annotate(**{_OWNER_VALID: Exists(owner)})

    def _found(self, record: Any) -> list[Reason]:
        return reasons.reasons_of(self.assertion.reasons, record)

    def _why(self, label: str, record: Any) -> Cell:
        said = [reason.words(record, self.question.day) for reason in self._found(record)]
        return Cell("why", "; ".join(said), label=label, parts=tuple(Part(each) for each in said))

    def _what(self, label: str, record: Any) -> Cell:
        found = self._found(record)
        names = dict.fromkeys(name for reason in found for name in reason.columns)
        cells = [cell_of(record, self.register.bound[name]) for name in names]
        parts = [Part(cell.text or _("not given"), cell.label, "" if cell.text else "empty-value") for cell in cells]
        text = "; ".join(f"{part.label}: {part.text}" for part in parts)
        return Cell("mend", text, label=label, parts=(*self._mending(record, found, parts),))

    def _mending(self, record: Any, found: list[Reason], parts: list[Part]) -> Iterator[Part]:
        fields = mended_fields(self.register, found, record) if self._may_change(record) else []
        if fields and self.request.GET.get(MEND) == record.reference:
            yield Part("", form=self._form(record, fields))
        else:
            *others, last = parts or [Part("")]
            yield from others
            here = self.arrangement.address(**{MEND: record.reference, "page": self.request.GET.get("page")})
            yield last._replace(url=here, action=_("Mend"), about=record.reference) if fields else last
        steps = dict.fromkeys(step for reason in found for step in reason.steps)
        for step in steps:
            row = record if step.subject == self.register.slug else None
            if allowed(self.request, step.action, step.subject, row):
                yield Part(
                    "", url=self._with_way_back(step.url(record)), action=str(step.label), about=record.reference
                )

    def _may_change(self, record: Any) -> bool:
        return not record.is_archived and allowed(self.request, Action.CHANGE, self.register.slug, record)

    def _with_way_back(self, url: str) -> str:
        query = self.request.GET.copy()
        query.pop(MEND, None)
        back = f"{self.register.url('list')}?{query.urlencode()}"
        parts = type(query)(mutable=True)
        parts["back"] = back
        return f"{url}{'&' if '?' in url else '?'}{parts.urlencode()}"

    def _form(self, record: Any, fields: list[str]) -> str:
        form = self.register.form(instance=self.register.model.objects.get(pk=record.pk), auto_id="mend_%s")
        form.fields[fields[0]].widget.attrs["autofocus"] = True
        return render_to_string(
            "clauses/mend_form.html",
            {
                "fields": [form[name] for name in fields],
                "revision": record.revision,
                "record": record,
                "address": self.mend_url(record.reference),
                "cancel_url": self.arrangement.address(**{MEND: None, "page": self.request.GET.get("page")}),
            },
            request=self.request,
        )

    def mend_url(self, reference: str) -> str:
        """Return the address that takes what mends a row."""
        slug = self.request.organization.slug
        address = reverse("clauses:mend", args=[slug, self.assertion.code, reference])
        return f"{address}?{self.request.GET.urlencode()}"

    def _who(self, label: str, record: Any) -> Cell:
        role = next((reason.mended_by for reason in self._found(record) if reason.mended_by), None)
        if role:
            return self._named(label, str(role.label))
        if not self.has_owners:
            return self._named(label, self._roles)
        if getattr(record, _OWNER_VALID):
            return self._named(label, str(getattr(record, self.register.model.owner_field)))
        return Cell(
            "mended_by", _("Nobody yet"), label=label, parts=(Part(_("Nobody yet"), tone="gap"), *self._assign(record))
        )

    def _named(self, label: str, words: str) -> Cell:
        return Cell("mended_by", words, label=label, parts=(Part(words),))

    @cached_property
    def _roles(self) -> str:
        """Those who may change rows that nobody owns."""
        slug = self.register.slug
        may = [
            role for role in Role if Action.CHANGE in GRANTS[role].get(slug, GRANTS[role].get(REGISTERS, frozenset()))
        ]
        return ", ".join(str(role.label) for role in may)

    def _assign(self, record: Any) -> Iterator[Part]:
        name = self.register.model.owner_field
        if self._may_change(record) and name in self.register.form.base_fields:
            url = self._with_way_back(self.register.url("cell", record.reference, name))
            yield Part("", url=url, action=_("Assign"), about=record.reference)
