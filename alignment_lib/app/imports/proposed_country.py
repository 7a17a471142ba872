"""Use case: the country whose holidays an imported business may keep, proposed from what its export shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from alignment_lib.inputs.periods.holiday_codes import find_code, holiday_codes
from alignment_lib.inputs.words.currency_words import currency_code
from alignment_lib.inputs.words.export_numbers import find_currency_marks

__all__ = ["CountryProposal", "propose_country"]

_MOSTLY = 0.8
_MOST = 300
"""Values of a column above which it is no list of countries."""
_READ = 500
"""Cells of a column that are looked at for currency marks."""
_COUNTRY_HEADINGS = re.compile(r"country|land|nation|pays|pa[ií]s|paese|kraj|maa|market|markt", re.IGNORECASE)
_NO_COUNTRY = "en"
"""A language of headings that speaks for no country: heard lest it be taken for its neighbour."""
_HEADINGS = {
    "en": "date quantity units amount revenue sales net item customer price week month product store shop",
    "de": "datum menge umsatz artikel kunde preis woche monat stück produkt filiale absatz betrag land",
    "fr": "date quantité montant article client prix semaine mois produit magasin ventes chiffre pays",
    "es": "fecha cantidad importe artículo cliente precio semana mes producto tienda ventas país",
    "it": "data quantità importo articolo cliente prezzo settimana mese prodotto negozio vendite paese",
    "nl": "datum aantal omzet artikel klant prijs week maand product winkel verkoop land",
    "pt": "data quantidade valor artigo cliente preço semana mês produto loja vendas país",
    "pl": "data ilość kwota artykuł klient cena tydzień miesiąc produkt sklep sprzedaż kraj",
    "sv": "datum antal belopp artikel kund pris vecka månad produkt butik försäljning land",
    "da": "dato antal beløb vare kunde pris uge måned produkt butik salg land",
    "cs": "datum množství částka zboží zákazník cena týden měsíc produkt prodejna prodej země",
}


@dataclass(frozen=True)
class CountryProposal:
    """What ``holidays`` may be, for its user to confirm.

    Attributes
    ----------
    setting : str
        As it would stand in ``planning.toml``.
    reason : str
        What in the export speaks for it.
    """

    setting: str
    reason: str

    @property
    def line(self) -> str:
        """A line of ``planning.toml`` that says nothing until its mark is taken away."""
        return f"# holidays = {self.setting}   # doubtful: {self.reason}; take the # away if it is so"

    @property
    def sentence(self) -> str:
        """The question in words."""
        return (
            f"Doubtful: decide whether public holidays are those of {self.setting} ({self.reason}); "
            "planning.toml holds the line, without effect until its # is taken away."
        )


def propose_country(
    table: pd.DataFrame, sales: pd.DataFrame, dimensions: Sequence[str]
) -> CountryProposal | None:
    """The country from a column that names it, else from the currency, else from the headings' language.

    Parameters
    ----------
    table : DataFrame
        The export as text.
    sales : DataFrame
        The sales table made of it.
    dimensions : sequence of str
        Its dimensions.

    Examples
    --------
    >>> table = pd.DataFrame({"Woche": ["1", "2"], "Menge": ["3", "4"], "Umsatz": ["3 €", "4 €"]})
    >>> propose_country(table, table, []).setting
    '"DE"'
    """
    named = _from_columns(sales, dimensions) or _from_columns(table, table.columns, alone=True)
    return named or _from_currency(table) or _from_language(table.columns)


def _from_columns(
    table: pd.DataFrame, columns: Iterable[str], *, alone: bool = False
) -> CountryProposal | None:
    """A column of countries; of one that is no dimension (`alone`) only what all its rows say."""
    for name in columns:
        # Of a million rows only the few different words are looked at.
        words = pd.Series(table[name].unique()).dropna()
        values = list(dict.fromkeys(text for word in words if (text := str(word).strip())))
        named = bool(_COUNTRY_HEADINGS.search(str(name)))
        if not values or len(values) > _MOST or not (named or all(len(text) > 3 for text in values)):
            continue
        found = [_code_of(text) for text in values]
        known = sorted({code for code in found if code is not None})
        if sum(code is not None for code in found) < _MOSTLY * len(values):
            continue
        if len(known) == 1 and named:
            return CountryProposal(f'"{known[0]}"', f"column {name!r} names no other country")
        if len(known) > 1 and not alone:
            return CountryProposal(
                f'{{ column = "{name}" }}', f"column {name!r} names {len(known)} countries"
            )
    return None


def _code_of(text: str) -> str | None:
    """A country by code or by its name in any of the larger languages; a number is none."""
    if text.isdigit() or len(text) < 2:
        return None
    return find_code(text)


def _from_currency(table: pd.DataFrame) -> CountryProposal | None:
    marks: Counter[str] = Counter()
    for name in table.columns:
        texts = table[name].dropna().head(_READ).astype(str).str.strip()
        found = find_currency_marks(texts)
        marks.update(found[found != ""])
        marks.update(text for text in texts if re.fullmatch(r"[A-Z]{3}", text) and _home_of(text))
    homes = {_home_of(_likeliest(mark)) for mark in marks}
    homes.discard(None)
    if len(homes) != 1 or not marks:
        return None
    mark = marks.most_common(1)[0][0]
    return CountryProposal(f'"{homes.pop()}"', f"money is in {mark}")


@lru_cache(maxsize=256)
def _likeliest(mark: str) -> str:
    """The currency of a mark; of one that several bear that which English writes so: a proposal, no more."""
    from babel.numbers import get_currency_symbol, list_currencies

    code = currency_code(mark)
    if len(code) == 3 and code.isascii() and code.isupper():
        return code
    usual = [one for one in sorted(list_currencies()) if get_currency_symbol(one, "en") == mark]
    return usual[0] if len(usual) == 1 else mark


@lru_cache(maxsize=256)
def _home_of(currency: str) -> str | None:
    """The country a currency is named for, where it is used there; None for currencies of many."""
    from babel.numbers import get_territory_currencies

    country = currency[:2]
    if len(currency) != 3 or country not in holiday_codes():
        return None
    return country if currency in get_territory_currencies(country) else None


def _from_language(headings: Iterable[object]) -> CountryProposal | None:
    words = {word for name in headings for word in re.findall(r"[^\W\d_]+", str(name).casefold())}
    hits = {language: len(words & set(text.split())) for language, text in _HEADINGS.items()}
    best = max(hits.values())
    spoken = [language for language, count in hits.items() if count == best]
    if best < 2 or len(spoken) != 1 or spoken[0] == _NO_COUNTRY:
        return None
    from babel.core import Locale, get_global

    home = get_global("likely_subtags")[spoken[0]].rpartition("_")[2]
    language_name = Locale("en").languages[spoken[0]]
    return CountryProposal(f'"{home}"', f"headings are {language_name}") if home in holiday_codes() else None
