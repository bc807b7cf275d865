"""The heat map: how many risks, or opportunities, lie in each cell of the scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import SETTINGS, Action
from organizations.scope import current_organization
from registers.lists.filters import RegisterFilterSet
from registers.register import registry
from registers.views.list import Filtered
from risks.models import Band, Grid, RiskAssessment, Scale
from risks.models.scale import scale_on

#: Parameters that the map itself decides.
_OWN = ("likelihood", "consequence", "placed", "page", "sort")


@dataclass(frozen=True)
class Cell:
    """One cell of the map.

    Attributes:
        count: how many rows lie in it.
        url: the address that lists them; empty where there are none.
    """

    count: int
    score: int
    band: Band
    is_above: bool
    url: str


@dataclass(frozen=True)
class Line:
    """The cells of one likelihood, lowest consequence first."""

    number: int
    label: str
    cells: tuple[Cell, ...]


def lines_of(grid: Grid, counts: Mapping[tuple[int, int], int], appetite: int | None, address: str) -> list[Line]:
    """Return the grid's lines, highest likelihood first.

    Args:
        grid: axes and levels.
        counts: rows by likelihood and consequence.
        appetite: the highest acceptable score; None where high scores are welcome.
        address: address of the list that a cell's levels are added to.
    """
    return [
        Line(
            number,
            label,
            tuple(_cell(grid, counts, appetite, address, number, at) for at in range(1, len(grid.consequence) + 1)),
        )
        for number, label in reversed(list(enumerate(grid.likelihood, start=1)))
    ]


def _cell(
    grid: Grid,
    counts: Mapping[tuple[int, int], int],
    appetite: int | None,
    address: str,
    likelihood: int,
    consequence: int,
) -> Cell:
    count, score = counts.get((likelihood, consequence), 0), likelihood * consequence
    url = f"{address}&likelihood={likelihood}&consequence={consequence}" if count else ""
    return Cell(count, score, grid.band(score), appetite is not None and score > appetite, url)


class HeatMap(Filtered, TemplateView):
    """The map of a register's rows, narrowed by the query string that its list takes.

    It shows open rows unless the query string says otherwise.
    """

    request: OrganizationRequest

    action = Action.VIEW
    template_name = "risks/heat_map.html"

    @cached_property
    def parameters(self) -> QueryDict:
        """The query string with what the map assumes where it is silent."""
        parameters: QueryDict = self.request.GET.copy()
        for name in _OWN:
            parameters.pop(name, None)
        if parameters.get("stage") not in RiskAssessment.Stage:
            parameters["stage"] = self._usual_stage()
        # A default only: ``status=`` in the address, empty, asks for closed ones too.
        parameters.setdefault("status", "open")
        return parameters

    def _usual_stage(self) -> str:
        """Return the stage that counts: the current one, or the inherent one as long as nothing shows what became of it."""
        assessed = self.register.rows().current().exclude(current=None)
        return RiskAssessment.Stage.CURRENT if assessed.exists() else RiskAssessment.Stage.INHERENT

    @cached_property
    def filterset(self) -> RegisterFilterSet:
        return self.register.filterset(self.parameters, queryset=self.register.rows(), request=self.request)

    @cached_property
    def scale(self) -> Scale:
        """The scale in force today, or the default one that the first assessment will take."""
        return scale_on(current_organization().today())

    def counts(self) -> dict[tuple[int, int], int]:
        """Return rows by likelihood and consequence at the stage: one query."""
        stage = self.parameters["stage"]
        # Unordered: what rows are ordered by would go into GROUP BY and split the cells.
        pairs = self.get_queryset().order_by().values_list(f"{stage}__likelihood", f"{stage}__consequence")
        return {
            (likelihood, consequence): count for likelihood, consequence, count in pairs.annotate(count=Count("pk"))
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        grid, counts = self.register.model.grid_of(self.scale), self.counts()  # type: ignore[attr-defined]
        is_risk = self.register.slug == "risks"
        address = f"{self.register.url('list')}?{self.parameters.urlencode()}"
        lines = lines_of(grid, counts, self.scale.appetite if is_risk else None, address)
        return super().get_context_data(**kwargs) | {
            "grid": grid,
            "lines": lines,
            "appetite": self.scale.appetite if is_risk else None,
            "axes": (_("Likelihood"), _("Consequence")) if is_risk else (_("Probability"), _("Benefit")),
            "bands": self._bands(grid, counts),
            "placed": sum(counts.values()),
            "above": sum(cell.count for line in lines for cell in line.cells if cell.is_above),
            "elsewhere": self._elsewhere(address),
            "stages": [self._choice(str(label), stage=value) for value, label in RiskAssessment.Stage.choices],
            "registers": [self._register(slug) for slug in ("risks", "opportunities")],
            "list_url": address,
            "scale": self.scale,
            "scale_url": reverse("risks:scale", args=[current_organization().slug])
            if allowed(self.request, Action.VIEW, SETTINGS)
            else "",
        }

    def _bands(self, grid: Grid, counts: Mapping[tuple[int, int], int]) -> list[dict[str, Any]]:
        """Return the levels, gravest first, with the scores they span and the rows in them."""
        highest = len(grid.likelihood) * len(grid.consequence)
        ends = [*(band.start - 1 for band in grid.bands[1:]), highest]
        held = [
            (band, end, sum(n for (a, b), n in counts.items() if grid.band(a * b) is band))
            for band, end in zip(grid.bands, ends, strict=True)
        ]
        return [{"band": band, "end": end, "count": count} for band, end, count in reversed(held)]

    def _elsewhere(self, address: str) -> dict[str, Any]:
        """Return how many filtered rows have no place on the map, and where they are listed."""
        parameters = self.parameters.copy()
        parameters["placed"] = "no"
        rows = self.register.filterset(parameters, queryset=self.register.rows(), request=self.request)
        count = rows.qs.order_by().count() if rows.is_valid() else 0
        return {"count": count, "url": f"{address}&placed=no"}

    def _choice(self, label: str, **changes: str) -> dict[str, Any]:
        parameters = self.parameters.copy()
        for name, value in changes.items():
            parameters[name] = value
        return {
            "label": label,
            "url": f"?{parameters.urlencode()}",
            "current": all(self.parameters[name] == value for name, value in changes.items()),
        }

    def _register(self, slug: str) -> dict[str, Any]:
        name = "risks:heat-map" if slug == "risks" else "risks:opportunity-map"
        url = reverse(name, args=[current_organization().slug])
        return {
            "label": registry[slug].title,
            "url": f"{url}?stage={self.parameters['stage']}",
            "current": slug == self.register.slug,
        }
