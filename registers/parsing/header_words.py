"""What tables call their columns, beside the words that registers declare: synonyms, and other languages' words.

They stand behind an English word that a register declares for a column, so that each register knows them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spreadsheets.headers import normalize_header

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
#: A declared word → words that mean the same: English, German, French, Spanish, Portuguese.
_SAME = {
    "responsible": (
        "owner, who, assigned to, in charge, accountable, person responsible, responsible person, responsibility, action owner,"
        "wer, zuständig, zuständige person, zuständigkeit, verantwortlich, verantwortliche, verantwortlicher, verantwortliche person,"
        "verantwortung, verantw, bearbeiter, responsable, pilote, qui, encargado, encargada, a cargo de, quién, responsável, quem"
    ),
    "due date": (
        "due by, by when, until, target date, target completion date, planned completion, planned completion date, complete by,"
        "bis, bis wann, fällig am, fälligkeit, fälligkeitsdatum, zieldatum, zieltermin, erledigen bis, umsetzen bis, termin,"
        "échéance, date d'échéance, délai, pour quand, fecha límite, fecha de vencimiento, vencimiento, plazo, prazo, data limite"
    ),
    "completed": (
        "done on, completed on, date completed, completion date, actual completion date, closed on, date closed, closure date,"
        "erledigt am, abgeschlossen am, umgesetzt am, fertig am, date de réalisation, réalisé le, clôturé le, date de clôture,"
        "fecha de cierre, fecha de realización, data de conclusão, concluído em"
    ),
    "closed": (
        "closed at, closed on, date closed, closing date, resolved, resolved at, resolved on, resolution date, abgeschlossen,"
        "abgeschlossen am, geschlossen am, erledigt am, clôturé le, date de clôture, cerrado el, fecha de cierre, fechado em,"
        "data de fechamento"
    ),
    "received": (
        "received at, received on, receipt date, date of receipt, date opened, opened, opened on, opened at, created, created at,"
        "created on, date created, eingang, eingegangen, eingegangen am, eingangsdatum, reklamationsdatum, erfasst am, reçu le,"
        "date de réception, recibido el, fecha de recepción, recebido em, data de recebimento"
    ),
    "timestamp": (
        "created at, created on, date created, submitted at, submitted on, submission date, response date, date of response,"
        "zeitstempel, eingangsdatum, erstellt am, horodateur, marca temporal, carimbo de data hora"
    ),
    "date identified": (
        "identified on, identified, date raised, raised on, raised, date opened, date logged, date recorded, created at, created on,"
        "date created, identifiziert am, erkannt am, erfasst am, gemeldet am, date d'identification, identifié le,"
        "fecha de identificación, data de identificação, identificado em"
    ),
    "date": "datum, fecha, data",
    "checked by": "inspector, tested by, verified by, examiner, prüfer, geprüft von, contrôlé par, inspecteur, verificado por, inspetor",
    "customer": "customer name, client name, kundenname, kunde, auftraggeber, besteller, client, nom du client, cliente, nombre del cliente",
    "contact": "contact person, customer contact, ansprechpartner, ansprechpartnerin, kontakt, kontaktperson, interlocuteur, contacto, contato",
    "supplier": "supplier name, vendor name, lieferant, lieferantenname, fournisseur, proveedor, fornecedor",
    "product": "product name, product purchased, artikel, artikelbezeichnung, produkt, teil, produit, article, producto, artículo, produto",
    "title": "titel, bezeichnung, titre, intitulé, título",
    "subject": "summary, short description, ticket subject, subject line, kurzbeschreibung, betreff, thema, objet, sujet, asunto, assunto",
    "description": "full description, beschreibung, inhalt, descripción, descrição",
    "comment": (
        "comments, remark, remarks, note, notes, kommentar, kommentare, bemerkung, bemerkungen, anmerkung, anmerkungen, notiz, notizen,"
        "commentaire, commentaires, remarque, remarques, observation, observations, comentario, comentarios, observaciones,"
        "comentário, comentários, observações"
    ),
    "status": "stand, zustand, état, statut, estado, situação",
    "state": "status, stand, zustand, état, statut, estado, situação",
    "type": "art, typ, tipo",
    "category": "kategorie, catégorie, categoría, categoria",
    "priority": "prio, priorität, priorité, prioridad, prioridade",
    "severity": "schwere, schweregrad, gravité, gravedad, gravidade",
    "process": "processes, prozess, prozesse, betroffener prozess, processus, proceso, processo",
    "cause": "causes, root causes, ursache, ursachen, grundursache, cause racine, causa, causas, causa raíz, causa raiz",
    "root cause": "causes, root causes, ursachen, grundursache, cause racine, causa, causas, causa raíz, causa raiz",
    "action": (
        "actions, action item, action items, action required, measures, what, what to do, to do, todo, task description,"
        "was, was ist zu tun, maßnahmen, maßnahmenbeschreibung, korrekturmaßnahme, aktion, aktionen, aktivität, aufgaben,"
        "quoi, mesure, acción, acciones, qué, medida, ação, ações, o que"
    ),
    "arises from": (
        "arising from, related to, relates to, related record, raised from, reason, why, warum, grund, bezug, auslöser, anlass,"
        "ausgelöst durch, ursprung, herkunft, pourquoi, origine, por qué, origen, por que, origem"
    ),
    "requirement": (
        "requirements, requirement statement, requirement description, req text, shall statement, object text, need, obligation,"
        "duty, legal requirement, compliance obligation, anforderungstext, pflicht, betroffene pflicht, verpflichtung,"
        "bindende verpflichtung, kundenanforderung, exigence, exigences, requisito, requisitos"
    ),
    "heading": "object heading, requirement title, requirement name, anforderungstitel, intitulé de l'exigence",
    "law": (
        "legal source, legislation, act, statute, directive, rechtsvorschrift, rechtsgrundlage, rechtsquelle, vorschrift, regelwerk,"
        "rechtsnorm, loi, texte réglementaire, ley, legislación, lei, legislação"
    ),
    "citation": "legal reference, fundstelle, quellenangabe, référence légale, referencia legal, referência legal",
    "acceptance": (
        "acceptance criteria, acceptance criterion, akzeptanzkriterium, akzeptanzkriterien, abnahmekriterien, prüfkriterium,"
        "critère d'acceptation, critères d'acceptation, criterio de aceptación, criterios de aceptación, critério de aceitação"
    ),
    "effective": (
        "effective from, gültig seit, in kraft seit, gültigkeitsbeginn, en vigueur, date d'entrée en vigueur, en vigor desde,"
        "fecha de entrada en vigor, vigente desde, em vigor desde, vigência"
    ),
    "source": "quelle, herkunft, fuente, origen, fonte, origem",
    "risk": (
        "risk description, description of risk, risk statement, risk event, risk name, risk title, potential failure mode,"
        "potential failure modes, failure modes, hazard, threat, risikobeschreibung, beschreibung des risikos, gefährdung,"
        "potentieller fehler, potenzieller fehler, möglicher fehler, fehlermöglichkeit, mögliche fehlerart, risque,"
        "description du risque, mode de défaillance, riesgo, descripción del riesgo, modo de fallo, modo de falla, risco,"
        "descrição do risco, risk opportunity, description, beschreibung, descripción, descrição"
    ),
    "effect": (
        "potential effects, effects of failure, effect of failure, potential effect of failure, potential effects of failure,"
        "impact description, description of impact, consequence description, auswirkungen, mögliche folge, mögliche folgen,"
        "mögliche fehlerfolge, mögliche fehlerfolgen, fehlerfolgen, effet, effets, conséquence, conséquences, efecto, efectos,"
        "consecuencia, consecuencias, impacto, efeitos, consequência, consequências"
    ),
    "potential cause": (
        "potential causes, cause of failure, potential cause of failure, potential causes of failure, risk cause, mögliche ursache,"
        "mögliche ursachen, mögliche fehlerursache, mögliche fehlerursachen, fehlerursachen, cause potentielle, causa potencial"
    ),
    "sev": "schweregrad, ausmaß, schadenshöhe, severity rating, gravité, gravedad, severidad, gravidade",
    "occ": (
        "likelihood rating, probability rating, ocurrence, eintritts wahrscheinlichkeit, auftretenswahrscheinlichkeit, probabilité,"
        "vraisemblance, fréquence, probabilidad, ocurrencia, frecuencia, probabilidade, frequência"
    ),
    "det": "detection rating, entdeckungswahrscheinlichkeit, détection, détectabilité, detección, detectabilidad, detectabilidade",
    "current controls": (
        "existing control, existing controls, current process control, current process controls, current design controls,"
        "existing mitigation, safeguards, bestehende maßnahme, bestehende maßnahmen, vorhandene maßnahmen, derzeitige maßnahmen,"
        "contrôles actuels, controles actuales, controles existentes, controles atuais"
    ),
    "recommended actions": (
        "mitigation, mitigations, mitigation measure, mitigation measures, mitigation action, mitigation actions, mitigation plan,"
        "mitigation strategy, suggested mitigation, countermeasure, countermeasures, risk treatment plan, treatment plan,"
        "treatment action, action plan, measure, measures, gegenmaßnahme, gegenmaßnahmen, maßnahme, maßnahmen,"
        "empfohlene maßnahmen, minderungsmaßnahme, minderungsmaßnahmen, action recommandée, actions recommandées,"
        "acción recomendada, acciones recomendadas, mitigación, ação recomendada, ações recomendadas, mitigação"
    ),
    "treatment": "risk treatment, risk response, response strategy, treatment option, risikostrategie, risikobehandlung, traitement",
    "result": "outcome, verdict, ergebnis, resultat, befund, résultat, resultado",
    "value": "measured value, reading, messwert, istwert, messergebnis, valeur mesurée, valor medido",
    "test": "test method, inspection method, prüfart, prüfmethode, prüfverfahren, kontrollart, méthode, método",
    "rating": (
        "overall rating, satisfaction rating, customer satisfaction rating, csat, review rating, gesamtbewertung, zufriedenheit,"
        "évaluation, valoración, puntuación, calificación, avaliação, pontuação"
    ),
    "feedback": (
        "feedback text, verbatim, review text, customer comment, free text, freitext, rückmeldung, kundenrückmeldung, commentaire,"
        "commentaires, comentario, comentarios, opinión, comentário, comentários"
    ),
    "details": (
        "issue description, complaint description, complaint text, complaint details, problem description, description, fehlerbild,"
        "fehlerbeschreibung, beanstandung, reklamationsgrund, problembeschreibung, description du problème, descripción, descrição"
    ),
    "language": "sprache, langue, idioma",
    "city": "ort, stadt, ville, ciudad, cidade",
}


def split(words: str) -> tuple[str, ...]:
    """Return header words that stand in one text, with commas between them."""
    return tuple(word.strip() for word in words.split(","))


#: Words that say how much, and nothing else: no text is made of them.
LEVELS = frozenset(
    map(
        normalize_header,
        split(
            "none, very low, low, minor, negligible, insignificant, moderate, medium, normal, significant, high, major, very high, severe,"
            "extreme, critical, catastrophic, rare, unlikely, possible, likely, almost certain, certain, keine, sehr gering, gering,"
            "sehr niedrig, niedrig, klein, mittel, mäßig, erheblich, hoch, groß, sehr hoch, kritisch, katastrophal, selten,"
            "unwahrscheinlich, möglich, wahrscheinlich, sehr wahrscheinlich, fast sicher, sicher, faible, moyen, moyenne, modéré, élevé,"
            "élevée, fort, critique, bajo, baja, medio, media, moderado, alto, alta, muy alto, muy bajo, crítico, baixo, baixa, médio,"
            "média, muito alto, muito baixo"
        ),
    )
)

_FOLDED = {normalize_header(word): split(same) for word, same in _SAME.items()}


def same_as(words: Iterable[str]) -> Iterator[str]:
    """Yield what means the same as some normalized header words, normalized."""
    for word in words:
        yield from map(normalize_header, _FOLDED.get(word, ()))


def forms_of(header: str) -> tuple[str, ...]:
    """Return the forms in which a header may be known: whole, without brackets, each of what a slash separates."""
    bare = header = header.replace("°", "º")  # N° is written with either, of which one folds to a letter
    while (outer := _BRACKETS.sub(" ", bare)) != bare:  # brackets may stand in brackets
        bare = outer
    return tuple(dict.fromkeys(map(normalize_header, (header, bare, *bare.split("/")))))
