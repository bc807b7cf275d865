"""Headers as quality managers and public tables write them: which field each fills, and which fill none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.mapping import ImportMapping
from imports.pipeline import examination, read_table
from registers.parsing.header_proposals import propose
from registers.parsing.header_words import LEVELS
from registers.parsing.targets import targets_of
from registers.register import registry
from spreadsheets.headers import normalize_header
from tests.support.imports import run_import, text_file

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
pytestmark = pytest.mark.usefixtures("in_acme")

#: Register, headers with the field that each fills; "-" where it fills none.
TABLES = [
    ("risks", "Risk ID>external_id, Risk Description>event, Likelihood>occurrence, Owner>owner, Mitigation>recommended_action, Date Identified>determined_on"),
    ("risks", "Risk ID>external_id, Risk Description>event, Risk Category>-, Mitigation Measures>recommended_action, Risk Owner>owner, Status>status, Review Date>-"),
    ("risks", "ID>external_id, Description>event, Probability>occurrence, Existing Controls>current_control, Treatment Plan>recommended_action, Date Raised>determined_on"),
    ("risks", "Risk Title>event, Impact Description>consequence, Cause>cause, Risk Response>response, Comments>response_note, Risk Score>-, Residual Risk>-"),
    ("risks", "Process Step>item, Potential Failure Mode(s)>event, Potential Effect(s) of Failure>consequence, SEV>severity, Potential Cause(s) of Failure>cause, OCC>occurrence, Current Process Controls>current_control, DET>detection, RPN>-, Recommended Action(s)>recommended_action"),
    ("risks", "Nr.>external_id, Risiko>event, Eintrittswahrscheinlichkeit>occurrence, Schweregrad>severity, Maßnahme>recommended_action, Wer>owner, Restrisiko>-, Risikostufe>-"),
    ("risks", "Funktion>item, Mögliche Fehlerart>event, Mögliche Fehlerfolgen>consequence, B>-, Mögliche Fehlerursachen>cause, A>-, E>-"),
    ("risks", "N°>external_id, Risque>event, Cause>cause, Conséquences>consequence, Probabilité>occurrence, Gravité>severity, Responsable>owner, Statut>status"),
    ("risks", "Riesgo>event, Causas>cause, Consecuencias>consequence, Probabilidad>occurrence, Gravedad>severity, Acciones recomendadas>recommended_action, Responsable>owner, Estado>status"),
    ("risks", "Risco>event, Causas>cause, Consequências>consequence, Probabilidade>occurrence, Severidade>severity, Ações recomendadas>recommended_action, Responsável>owner"),
    ("actions", "Nr>external_id, Was? (Maßnahme)>title, Warum / Bezug>origin, Wer?>owner, Bis wann?>due_on, Status>status, erledigt am>done_on, Wirksamkeit geprüft>-, Bemerkung>description"),
    ("actions", "Action ID>external_id, Action Item>title, Owner>owner, Deadline>due_on, Priority>-, Evidence>-"),
    ("actions", "Was>title, Wer>owner, Bis wann>due_on"),
    ("actions", "Maßnahme>title, Zuständig>owner, Termin>due_on, Anlass>origin, Stand>status"),
    ("actions", "Quoi>title, Qui>owner, Échéance>due_on, Statut>status"),
    ("actions", "Acción>title, Responsable>owner, Fecha límite>due_on, Estado>status"),
    ("actions", "Ação>title, Responsável>owner, Prazo>due_on, Situação>status"),
    ("actions", "Description>title, Assigned to>owner, Target date>due_on, Completion date>done_on"),
    ("requirements", "Lfd. Nr.>external_id, Rechtsvorschrift>source, Fundstelle>source_clause, Betroffene Pflicht>statement, Zuständig>owner, Geändert am>-, erfüllt?>-, Bewertung am>-"),
    ("requirements", "Nr.>external_id, Kunde>interested_party, Anforderung>statement, Abnahmekriterium>criterion, Quelle (Dok.)>source, Priorität>criticality, Verantwortlich>owner, Gültig ab>effective_on, Nächste Prüfung>-, Status>status"),
    ("requirements", "Nr>external_id, Norm>source, Anforderung>statement, Verantwortlich>owner"),
    ("requirements", "ref_id>external_id, Summary>title, Object Text>statement, Status>status, Test Status>-"),
    ("requirements", "Req ID>external_id, Requirement>statement, Category>category, Priority>criticality, Vendor Response>-"),
    ("requirements", "Exigence>statement, Critère d'acceptation>criterion, Responsable>owner, Priorité>criticality, Client>interested_party"),
    ("requirements", "Requisito>statement, Criterios de aceptación>criterion, Responsable>owner, Prioridad>criticality, Cliente>interested_party"),
    ("requirements", "Requisito>statement, Lei>source, Responsável>owner, Prioridade>criticality, Categoria>category"),
    ("complaints", "Rekla-Nr>external_id, Eingang>received_at, Kunde>customer, Artikel>product, Menge bem.>-, Beschreibung / Description>title, Kategorie>-, Ursache>findings, Sofortmaßnahme>-, 8D versendet>-, Abgeschlossen>closed_at, berechtigt?>-, Kosten €>-"),
    ("complaints", "Complaint ID>external_id, Subject>title, Complaint Details>text, Created at>received_at, Customer Name>customer, Resolved At>closed_at"),
    ("complaints", "Ticket ID>external_id, Customer Name>customer, Category>-, Branch>-, Channel>channel, Status>-, Created At>received_at"),
    ("complaints", "Ticket #>external_id, Customer Complaint>title, Date>received_at, Received Via>channel, City>-"),
    ("complaints", "Objet>title, Client>customer, Date de réception>received_at, Responsable>owner"),
    ("complaints", "Asunto>title, Cliente>customer, Fecha de recepción>received_at, Responsable>owner"),
    ("complaints", "Assunto>title, Cliente>customer, Data de recebimento>received_at, Responsável>owner"),
    ("feedback", "Comment ID>external_id, Created at>collected_at, Comment>text, Customer Satisfaction Rating>score, City>place"),
    ("feedback", "Zeitstempel>collected_at, Freitext>text, Kundenname>customer, Gesamtbewertung>score"),
    ("feedback", "Horodateur>collected_at, Commentaires>text, Client>customer"),
    ("feedback", "Marca temporal>collected_at, Comentarios>text, Cliente>customer, Puntuación>score"),
    ("feedback", "Carimbo de data/hora>collected_at, Comentários>text, Cliente>customer, Avaliação>score"),
    ("checks", "Anforderung>requirement, Datum>checked_on, Ergebnis>result, Messwert>measured, Prüfart>method, Prüfer>checker"),
    ("checks", "Requirement ID>requirement, Date>checked_on, Result>result, Test method>method, Inspector>checker"),
    ("legal-watch", "Anforderung>requirement, Datum>looked_on, Geändert>changed, Zuständig>-"),
    ("supplier-reviews", "Lieferantenname>supplier, Datum>reviewed_on, Ergebnis>conclusion, Liefertreue>delivery, Qualität>quality"),
    ("issues", "Thema>title, Kategorie>category, Zuständig>owner, Beschreibung>description"),
    ("enhancements", "Verbesserung>title, Kunde>customer, Wer>owner, Datum>done_on, Kosten>cost"),
    ("interested-parties", "Firma>name, Art>kind, Erwartungen>relevance"),
    ("opportunities", "Chance>event, Nutzen>consequence, Zuständig>owner, Entscheidung>response"),
    ("surveys", "Umfrage>title, Befragt>asked, Versendet am>sent_on, Zuständig>owner"),
    ("methods", "Segment>segment, Methode>method, Zuständig>owner"),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "table"), TABLES)
def test_headers_fill_the_fields_that_quality_managers_mean_and_no_other(slug: str, table: str) -> None:
    pairs = [tuple(pair.rsplit(">", 1)) for pair in table.split(", ")]
    found = {
        header: name
        for name, header in propose([header for header, _name in pairs], targets_of(registry[slug])).items()
    }
    assert [(header, found.get(header, "-")) for header, _name in pairs] == pairs


def test_every_register_is_in_the_table() -> None:
    assert {slug for slug, _table in TABLES} == set(registry.slugs())


@pytest.mark.parametrize("slug", sorted(registry.slugs()))
def test_a_word_belongs_to_one_field_unless_the_register_says_that_another_takes_it_second(slug: str) -> None:
    register = registry[slug]
    second = {
        (target.name, normalize_header(word))
        for target in targets_of(register).values()
        if target.name in register.bound
        for word in register.bound[target.name].column.second_words
    }
    names: dict[str, set[str]] = {}
    for target in targets_of(register).values():
        for word in target.words:
            if (target.name, word) not in second:
                names.setdefault(word, set()).add(target.name)
    shared = {word: fields for word, fields in names.items() if len(fields) > 1}
    # Checks and looks are about a requirement, by whose id they are known too.
    assert shared.keys() <= {"requirement id"}


def test_the_words_of_public_risk_registers_are_known() -> None:
    path = CASES / "15-risk-register-words" / "register.csv"
    if not path.exists():
        pytest.skip("the case isn't here")
    imported = run_import("risks", path, {"ratings": {"value": "five"}})
    assert imported.counts == (2, 0, 0, 0)
    rows = registry["risks"].model.objects.values_list("external_id", "event", "recommended_action", "severity")  # type: ignore[attr-defined]
    assert sorted(rows) == [("R1", "Boiler house burns down", "Sprinkler", 5), ("R2", "Label mixed up", "Scanner", 2)]
    assert {str(row.determined_on) for row in registry["risks"].model.objects.all()} == {"2024-05-06", "2024-06-07"}  # type: ignore[attr-defined]


def mapped(tmp_path: Path, slug: str, text: str) -> dict[str, str]:
    """Which header fills which field of a file, held against what stands there."""
    path = text_file(tmp_path, text)
    register, mapping = registry[slug], ImportMapping()
    with examination(register, read_table(path, path.name, register, mapping), mapping) as examined:
        return {name: source.headers[0] for name, source in examined.mapping.fields.items() if source}


@pytest.mark.parametrize("cell", ["5", "5,0", "50 %", "Extreme", "hoch", "sehr hoch", "élevé", "H", "muy alto"])
def test_what_says_how_much_is_no_text(cell: str, tmp_path: Path) -> None:
    found = mapped(tmp_path, "risks", f'Risk;Description;Consequence;Cause\n"{cell}";It burns;"{cell}";"{cell}"\n')
    assert found["event"] == "Description"
    assert "cause" not in found
    assert found.get("consequence") is None
    assert found["severity"] == "Consequence"


@given(st.sampled_from(sorted(LEVELS)))
def test_levels_are_folded_as_headers_are(word: str) -> None:
    assert word == word.casefold()
    assert not any(sign in word for sign in "äöüé")


def test_yes_is_no_day(tmp_path: Path) -> None:
    found = mapped(tmp_path, "actions", "Was;Abgeschlossen am\nPrüfplan ergänzen;ja\nAudit planen;nein\n")
    assert found == {"title": "Was"}


def test_what_says_something_is_no_choice_of_an_unknown_word(tmp_path: Path) -> None:
    found = mapped(
        tmp_path,
        "risks",
        "Risk;Strategy\nIt burns;Second source qualified by the end of May\nIt floods;Puffer aufbauen\n",
    )
    assert found == {"event": "Risk"}
    found = mapped(tmp_path, "risks", "Risk;Strategy\nIt burns;vermeiden\nIt floods;watch\n")
    assert found["response"] == "Strategy"


def test_a_needed_field_takes_the_only_column_that_may_fill_it(tmp_path: Path) -> None:
    found = mapped(tmp_path, "complaints", "Beschreibung;Eingang\nLabel fehlt;2026-01-05\n")
    assert found == {"title": "Beschreibung", "received_at": "Eingang"}
    found = mapped(tmp_path, "complaints", "Betreff;Beschreibung;Eingang\nLabel;Label fehlt;2026-01-05\n")
    assert (found["title"], found["text"]) == ("Betreff", "Beschreibung")
