"""German words for what choice fields offer, so that a German file needs no translating.

English ones are codes and labels themselves.
"""

from __future__ import annotations

from collections.abc import Iterator

from spreadsheets.headers import normalize_header

#: How far an action is that was begun and isn't done.
_PERCENT = tuple(f"{number}%" for number in range(5, 100, 5))
#: A code, or a label folded like a header, → words that stand for it.
_WORDS: dict[str, tuple[str, ...]] = {
    # kinds and statuses of requirements
    "customer": ("Kunde", "Kundenanforderung", "Kundenwunsch"),
    "statutory": ("gesetzlich", "Gesetz", "law", "legal requirement"),
    "regulatory": ("behördlich", "regulatorisch", "Verordnung", "Norm", "regulation"),
    "promise": ("Selbstverpflichtung", "Zusage", "own", "eigene", "organizational", "internal requirement"),
    "draft": ("Entwurf", "neu", "new", "proposed"),
    "in_review": ("in Klärung", "in Prüfung", "zu prüfen", "under review"),
    "active": ("aktiv", "gültig", "in Kraft", "valid", "approved", "freigegeben", "released"),
    "superseded": ("ersetzt", "abgelöst", "replaced", "obsolete"),
    "withdrawn": ("zurückgezogen", "aufgehoben", "entfallen", "deleted"),
    "not_applicable": ("nicht anwendbar", "nicht zutreffend", "entfällt", "n/a", "not relevant"),
    # levels
    "none": ("keine", "keiner", "kein"),
    "low": ("niedrig", "gering", "minor", "nice to have", "kann"),
    "medium": ("mittel", "normal", "moderate", "soll"),
    "high": ("hoch", "major", "must", "muss"),
    "critical": ("kritisch", "sehr hoch", "very high"),
    # decisions
    "yes": ("ja", "zutreffend", "anwendbar", "applicable"),
    "no": ("nein", "nicht zutreffend", "not applicable"),
    "undecided": ("offen", "unentschieden", "open"),
    # interested parties
    "end_user": ("Endkunde", "Anwender", "Nutzer", "user"),
    "regulator": ("Behörde", "Aufsicht", "authority"),
    "external_provider": ("Lieferant", "externer Anbieter", "Dienstleister", "supplier", "vendor"),
    "owner": ("Eigentümer", "Gesellschafter", "shareholder"),
    "employee": ("Mitarbeiter", "Mitarbeitende", "Beschäftigte", "staff"),
    "community": ("Gesellschaft", "Anwohner", "Nachbarn", "Öffentlichkeit", "public"),
    "other": ("sonstige", "sonstiges", "andere", "anderes"),
    # conformity
    "met": ("erfüllt", "konform", "ok", "i.O.", "pass", "passed", "bestanden", "conforming"),
    "partly": ("teilweise", "teilweise erfüllt", "bedingt", "partial"),
    "not_met": ("nicht erfüllt", "nicht konform", "n.i.O.", "fail", "failed", "nicht bestanden", "nonconforming"),
    # actions
    "correction": ("Korrektur", "Sofortmaßnahme", "containment"),
    "corrective": ("Korrekturmaßnahme", "Abstellmaßnahme"),
    "preventive": ("Vorbeugungsmaßnahme", "vorbeugend"),
    "improvement": ("Verbesserung", "KVP"),
    "planned": ("0%", "geplant", "offen", "open", "to do"),
    "under_way": (*_PERCENT, "in Arbeit", "laufend", "begonnen", "in progress", "started"),
    "done": ("100%", "erledigt", "abgeschlossen", "umgesetzt", "closed", "completed", "finished"),
    "cancelled": ("abgebrochen", "gestrichen", "canceled", "dropped"),
    # issues, risks, opportunities
    "internal": ("intern",),
    "external": ("extern",),
    "political": ("politisch",),
    "economic": ("wirtschaftlich", "ökonomisch"),
    "social": ("gesellschaftlich", "sozial", "soziale Medien"),
    "technological": ("technologisch", "technisch", "technical"),
    "legal": ("rechtlich", "gesetzlich"),
    "environmental": ("ökologisch", "Umwelt", "environment"),
    "climate": ("Klima", "Klimawandel"),
    "competitive": ("Wettbewerb", "competition"),
    "cultural": ("kulturell", "Kultur"),
    "knowledge": ("Wissen",),
    "performance": ("Leistung",),
    "helps": ("förderlich", "positiv", "positive", "strength", "Stärke", "Chance"),
    "hinders": ("hinderlich", "negativ", "negative", "weakness", "Schwäche", "Risiko"),
    "both": ("beide", "beides"),
    "relevant": ("ja",),
    "not_relevant": ("nicht relevant", "nein"),
    "conformity": ("Konformität", "Qualität", "quality"),
    "satisfaction": ("Zufriedenheit", "Kundenzufriedenheit"),
    "open": ("offen",),
    "closed": ("geschlossen", "abgeschlossen", "erledigt"),
    "avoid": ("vermeiden",),
    "remove_source": ("Ursache beseitigen", "beseitigen", "eliminate"),
    "change_likelihood": ("Wahrscheinlichkeit verringern", "vermindern", "reduce", "mitigate"),
    "change_consequence": ("Auswirkung verringern", "Folgen verringern"),
    "share": ("teilen", "übertragen", "transfer"),
    "retain": ("tragen", "akzeptieren", "accept"),
    "pursue": ("verfolgen", "nutzen", "exploit"),
    "defer": ("zurückstellen", "verschieben", "postpone"),
    "reject": ("verwerfen", "ablehnen"),
    # sheets of risks and opportunities
    "risk": ("Risiko", "R", "threat", "Gefahr", "Bedrohung", "risque", "riesgo", "risco"),
    "opportunity": ("Chance", "O", "opp", "opportunité", "oportunidad", "oportunidade"),
    # feedback and complaints
    "survey": ("Umfrage", "Befragung"),
    "complaint": ("Beschwerde", "Reklamation"),
    "compliment": ("Lob", "praise"),
    "meeting": ("Besprechung", "Gespräch", "Besuch", "visit"),
    "warranty": ("Garantie", "Gewährleistung"),
    "return": ("Rücksendung", "Retoure"),
    "credit_note": ("Gutschrift",),
    "lost_business": ("verlorener Auftrag", "Kundenverlust"),
    "dealer_report": ("Händlerbericht", "Außendienst"),
    "unknown": ("unbekannt",),
    "satisfied": ("zufrieden", "ja"),
    "not": ("nicht zufrieden", "unzufrieden", "dissatisfied", "nein"),
}


def words_for(code: str, label: str) -> Iterator[str]:
    """Yield further words for a choice, found by its code or its label."""
    yield from _WORDS.get(code, ())
    if (folded := normalize_header(label).replace(" ", "_")) != code:
        yield from _WORDS.get(folded, ())
