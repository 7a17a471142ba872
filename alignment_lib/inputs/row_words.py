"""Words that say what a row of an export is: a credit note, a draft, a budget, a measure, a price with tax."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["HEADINGS", "name_kind", "propose_action"]

_WORDS = {
    "credit": r"credit(?: ?(?:note|memo))?|credited|refund(?:ed|s)?|returns?|returned|reversals?|reversed|chargebacks?|"
    r"gutschrift(?:en)?|retouren?|r[uü]ckerstattung(?:en)?|erstattet|erstattung|rechnungskorrektur|avoirs?|"
    r"remboursements?|rembours[eé]e?s?|retour|nota (?:de )?cr[eé]dito|abono|devoluci[oó]n|reembols\w+|rimbors\w+|"
    r"nota (?:di )?credito|reso|creditnota|kreditnota|kreditfaktura|kreditering|korekta|zwrot|dobropis|vratka",
    "void": r"cancel(?:l?ed|l?ation|s)?|void(?:ed)?|annul\w*|storn\w*|abgebrochen|abgelehnt|rejected|declined|failed|"
    r"expired|drafts?|entwurf|brouillon|bozza|borrador|concept|kladde|utkast|pro[ -]?forma|quotes?|quotation|"
    r"angebot|offert\w*|devis|preventivo|presupuesto|estimate|pending|on hold|test|deleted|gel[oö]scht|"
    r"abandoned|anul\w+|geannuleerd|cancelad\w+|inactive|disputed|unpaid",
    "sale": r"invoices?|rechnung(?:en)?|factures?|factur[as]+|fattur[ae]|faktura|factuur|sales?|sold|verkauf|vente|"
    r"venta|orders?|auftrag|bestellung|commande|pedido|posted|paid|complet\w+|fulfilled|unfulfilled|shipped|delivered|"
    r"closed|approved|confirmed|booked|gebucht|verbucht|bezahlt|versandt|geliefert|abgeschlossen|erledigt|"
    r"authori[sz]ed|captured|success\w*|done|processed|processing|partially \w+|pay[eé]e?|livr[eé]e?|pagad[oa]|ok|"
    r"receipt|debit(?: note)?|standard|regular|normal",
    "actual": r"act(?:uals?)?|ist(?:werte?)?|r[eé]el|r[eé]alis[eé]|real(?:es)?|effettivo|consuntivo|werkelijk|faktisk|"
    r"utfall|toteutunut|wykonanie|skute[cč]nost|current year|cy|ty|this year|lfd\.? jahr|aktuell",
    "plan": r"budgets?|plan(?:ned)?|forecast|fcst|fc|targets?|soll|ziel|pr[eé]visions?|objectif|presupuesto|previsto|"
    r"previsione|begroting|budsjett|hochrechnung|estimate|outlook|goal|quota|le|latest estimate|planwerte?",
    "past": r"last year|prior(?: year)?|previous(?: year)?|prev(?:\.| year)?|ly|py|vorjahr|vj|n-1|"
    r"ann[eé]e pr[eé]c[eé]dente|a[nñ]o anterior|anno precedente|vorig jaar|f[oö]reg[aå]ende [aå]r|year ago",
    "ratio": r"var(?:iance|\.)?(?: ?%)?|diff(?:erence|\.)?|delta|δ|abweichung|[eé]cart|index|growth|yoy|%.*|.*%|"
    r"share|anteil|margin ?%?|marge|rate|average.*|avg.*|price|preis|asp",
    "units": r"units?|qty|quantit(?:y|[eé]|[aà])|volumes?|vol\.?|pieces|pcs|st[uü]ck(?:zahl)?|menge|absatz|anzahl|"
    r"unidades|cantidad|aantal|antal|sztuki|items|cases|kg|liters?|cartons",
    "revenue": r"revenues?|net sales|gross sales|sales(?: value)?|turnover|ums[aä]tz?e?|erl[oö]se?|"
    r"chiffre d.affaires|ca|ventas|ingresos|fatturato|omzet|oms[aä]ttning|przych[oó]d|amount|value|betrag|wert",
    "money": r"costs?|cogs|kosten|herstellkosten|(?:gross |net )?profit|margin|gewinn|db ?\d?|deckungsbeitrag|"
    r"discounts?|rabatte?|tax|vat|mwst\.?|shipping|versand|stock|bestand|inventory",
    "net": r"net(?:to)?|excl?\.?(?:uding)? .*|without (?:vat|tax)|ex (?:vat|tax)|ohne mwst\.?|ht|hors taxes?|exkl\.? .*",
    "gross": r"gross|brutto|incl?\.?(?:uding)? .*|with (?:vat|tax)|inkl\.? .*|mit mwst\.?|ttc",
}
_KINDS = {kind: re.compile(rf"(?:{words})", re.IGNORECASE) for kind, words in _WORDS.items()}
_PARTS = {
    kind: re.compile(rf"(?<![^\W_])(?:{_WORDS[kind]})(?![^\W_])", re.IGNORECASE)
    for kind in ("credit", "void")
}
HEADINGS = {
    "document": r"(?:document|doc|transaction|record|belegs?|dokument|vorgangs?)[ _-]?(?:type|art|kind)?|type|art|kind|"
    r"belegart|vorgangsart|buchungsart|tipo.*|type de .*",
    "status": r".*\b(?:status|state|zustand|statut|stato|estado|phase)\b.*",
    "cancelled": r".*\b(?:cancel\w*|storn\w*|annul\w*|void\w*)\b.*",
    "price": r".*\b(?:price ?list|preisliste|tax|steuer|vat|mwst|tarif|price ?type|preisart|net/gross)\b.*",
}


def name_kind(text: str) -> str:
    """What a word says a row is, ``""`` where it says nothing this knows.

    >>> [name_kind(text) for text in ("Credit Note", "Storniert", "Budget", "Last year", "Stück", "Chair")]
    ['credit', 'void', 'plan', 'past', 'units', '']
    """
    plain = " ".join(text.split())
    for kind, pattern in _KINDS.items():
        if pattern.fullmatch(plain):
            return kind
    for kind, pattern in _PARTS.items():
        if pattern.search(plain):
            return kind
    return ""


def propose_action(kind: str, kinds: Iterable[str], *, negative: bool, status: bool) -> str:
    """What to propose for rows of a kind, among rows of other kinds.

    Parameters
    ----------
    kind : str
        Of `name_kind`.
    kinds : iterable of str
        All kinds of the column.
    negative : bool
        Whether the rows' figures are below zero already.
    status : bool
        Whether the column tells what became of a document rather than what it is.
    """
    among = set(kinds)
    if kind == "credit":
        return "take" if negative else "leave out" if status else "subtract"
    if kind in ("void", "plan", "past", "ratio", "money"):
        return "leave out"
    if kind in ("units", "revenue") and {"units", "revenue", "ratio", "money"} & (among - {kind}):
        return kind
    return "leave out" if kind == "gross" and "net" in among else "take"
