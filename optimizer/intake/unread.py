"""Warn of what a workbook or folder holds that is not read though it may be meant: sheets and files of a like name or content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from optimizer.errors import Level, Problem, RenameSheet
from optimizer.intake.cells.parse import Formula, is_blank, nearest, shown
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import Sheet, normalize, without_accents
from optimizer.schema.results import OUTPUTS
from optimizer.schema.sheets import INPUTS

MEANT_AS = {
    "Settings": "setting parameter parameters params option options config configuration general setup einstellungen parametre "
    "ajustes configuracion parametros impostazioni parametri",
    "Materials": "material item items product products commodity commodities goods article articles part parts materialien werkstoffe "
    "materiales materia_prima materias_primas materiali materie_prime",
    "Inventory": "inventories stock stocks stockpile stockpiles stock_on_hand on_hand open_orders purchases purchase_orders orders_open warehouse "
    "holdings reserves opening_stock initial_stock starting_stock bestand bestaende lager lagerbestand vorrat "
    "inventario inventarios existencias almacen giacenza giacenze magazzino scorte",
    "Demand": "demands need needs requirement requirements consumption usage forecast demand_forecast bedarf verbrauch "
    "demanda necesidades consumo consumos domanda fabbisogno fabbisogni consumi",
    "Suppliers": "supplier vendor vendors offer offers quote quotes quotation quotations bid bids seller sellers sourcing supply supplies lieferanten angebote "
    "proveedor proveedores oferta ofertas fornitore fornitori offerta offerte",
    "Projects": "project investment investments capex expansions qualification qualifications new_plants projekte "
    "proyecto proyectos inversiones progetto progetti investimenti",
    "Disruptions": "disruption risk risks event events shock shocks threat threats interruptions stoerungen risiken "
    "interrupciones perturbaciones riesgo riesgos interruzioni perturbazioni rischio rischi",
    "Origin rules": "origin_rule rules_of_origin dfars dfars_rules compliance compliance_rules herkunftsregeln ursprungsregeln",
    "Currencies": "currency exchange_rates exchange_rate fx fx_rates waehrungen wechselkurse devises divisas valute",
    "Substitutes": "substitute substitutions replacement replacements thrift thrifting alternatives alternative_materials ersatz "
    "ersatzstoffe substitute_materials sustitutos sustitucion sostituti sostituzione",
    "Offer changes": "offer_change price_changes capacity_changes supplier_changes price_steps ramp_up ramp_ups price_escalation preisaenderungen "
    "angebotsaenderungen cambios_de_precio cambios_de_oferta variazioni_di_prezzo",
    "Plants": "plant plant_capacity plant_capacities factory factories site sites mill mills smelters werke werk",
    "Inputs": "recipe recipes bill_of_materials bom feedstocks feeds inputs_of_offers stueckliste rezepturen recetas ricette",
    "Duties": "duty tariff tariffs customs customs_duties import_duties zoelle zoll aranceles dazi droits",
    "Scenarios": "scenario future futures what_if szenarien escenario escenarios scenari",
    "Budget": "budgets spending spend funds funding spending_limits annual_budget budgetplan presupuesto presupuestos bilancio_preventivo",
    "Limits": "limit constraint constraints cap caps rule rules policy policies quota quotas restrictions guardrails limite grenzen "
    "limites limiti restriccion restricciones vincolo vincoli restrizioni",
}
"""Sheet -> other names that planners give it, normalized."""
_PLANS = ("plan", "plans", "the_plan")
_MEANS = {word: name for name, words in MEANT_AS.items() for word in words.split()}
_COPY_MARKS = frozenset("copy kopie of old new alt neu final draft backup bak v version".split())
_RESULTS = {normalize(output.sheet): frozenset(output.columns) for output in OUTPUTS}
"""The sheets of results in a plan workbook, which is a sourcing workbook, too, and their columns."""
_ROWS_SEARCHED = 20
"""Headers stand within the first rows."""
_LIKE = 0.8


def meant_sheet(name: str) -> str | None:
    """Return the sheet of the schema that another sheet's name means, by a like spelling, a synonym, or a mark of a copy; None if none."""
    word = without_accents(normalize(name))
    for form in dict.fromkeys((word, _without_copy_marks(word))):
        known = next((sheet.name for sheet in INPUTS if normalize(sheet.name) == form), None) or _MEANS.get(form)
        if known:
            return known
    # A plan is what comes out, though its name is like that of Plants.
    return None if normalize(name) in _PLANS else nearest(name, [sheet.name for sheet in INPUTS], cutoff=_LIKE)


def _without_copy_marks(word: str) -> str:
    """Return a normalized name without numbers, years and marks of a copy around it: limits_2, copy_of_limits, 1_limits, limits1."""
    words = word.split("_")
    while words and (words[-1] in _COPY_MARKS or not words[-1].strip("0123456789v")):
        words.pop()
    while words and (words[0] in ("copy", "kopie", "of", "my", "our", "the") or words[0].isdigit()):
        words.pop(0)
    return "_".join(words).rstrip("0123456789")


def sheet_by_headers(raw: RawSheet) -> str | None:
    """Return the sheet of the schema whose required headers all stand in one row of a sheet; of several the one that knows most of the row."""
    best: tuple[int, str] | None = None
    for row in raw.rows[:_ROWS_SEARCHED]:
        words = {normalize(text) for text in row if isinstance(text, str) and not is_blank(text) and not isinstance(text, Formula)}
        for sheet in INPUTS:
            required = {column.name for column in sheet.columns if column.required}
            known = words & {column.name for column in sheet.columns}
            # What other sheets have as well, such as material and use, tells nothing.
            own = not any(known <= {column.name for column in other.columns} for other in INPUTS if other is not sheet)
            if not sheet.settings and len(required) > 1 and required <= words and own and (best is None or len(known) > best[0]):
                best = (len(known), sheet.name)
    return best[1] if best else None


def _is_result(raw: RawSheet) -> bool:
    """Return whether a sheet is one of the results in a plan workbook, by its name and all of its headers, whose units stand in brackets."""
    columns = _RESULTS.get(normalize(raw.name))
    return columns is not None and any(columns <= {normalize(str(text).partition(" (")[0]) for text in row} for row in raw.rows[:_ROWS_SEARCHED])


def unread_sheets(sheets: Iterable[RawSheet], rows: Mapping[str, int]) -> list[Problem]:
    """Return warnings of sheets that are not read, though by name or headers they are meant as one that is missing, empty, or there once more.

    rows: the sheets of the schema that are there, and how many rows each has. A required sheet that is missing is an error elsewhere.
    """
    sheets, found = tuple(sheets), []
    for raw in sheets:
        if (
            any(normalize(raw.name) == normalize(sheet.name) for sheet in INPUTS)
            or all(is_blank(value) for row in raw.rows for value in row)
            or _is_result(raw)
        ):
            continue
        by_name, by_headers = meant_sheet(raw.name), sheet_by_headers(raw)
        sheet = next((sheet for sheet in INPUTS if sheet.name == (by_headers or by_name)), None)
        if sheet is None or (sheet.required and sheet.name not in rows):
            continue
        twice = rows.get(sheet.name, 0) > 0
        if twice and not (by_headers == sheet.name or _is_copy(raw.name, sheet)):
            continue  # a sheet of the planner's own, such as Offers received, beside the one that is read
        why = "is read" if twice else "is missing or has no rows"
        fix = f"Move its rows to {sheet.name} if they are to count, or delete it." if twice else f"If it is meant as {sheet.name}, rename it."
        message = f"This sheet is not read, though it looks like {sheet.name}, which {why}. {fix}"
        repairs = () if twice else (_renamed(raw.name, sheet, sheets),)
        found.append(Problem(raw.name, "", message, shown(raw.name), f"a sheet {sheet.name}", fix, Level.WARNING, repairs))
    return found


def _renamed(name: str, sheet: Sheet, sheets: tuple[RawSheet, ...]) -> RenameSheet:
    """Return the repair that gives a sheet the name of one of the schema; one without rows that has the name gives way."""
    empty = next((raw.name for raw in sheets if normalize(raw.name) == normalize(sheet.name)), "")
    return RenameSheet(f"Rename the sheet {shown(name)} to {sheet.name}", name, sheet.name, empty)


def _is_copy(name: str, sheet: Sheet) -> bool:
    """Return whether a name is a sheet's own with a mark of a copy, such as Limits1 or Limits (2)."""
    word = normalize(name)
    return word != normalize(sheet.name) and _without_copy_marks(word) == normalize(sheet.name)


def odd_files(folder: str | os.PathLike) -> list[Problem]:
    """Return warnings of files in a folder of .csv that are not read though their name is a sheet's: Limits.txt, Limits.csv.bak, Limits.xlsx."""
    found = []
    for path in sorted(Path(folder).iterdir(), key=lambda path: path.name):
        name = path.name
        if name.startswith((".", "~$")) or (path.suffix.lower() == ".csv" and path.is_file()):
            continue
        sheet = meant_sheet(name.split(".")[0])
        if sheet is not None:
            what = "folder" if path.is_dir() else "file"
            fix = f"If it is meant as {sheet}, save it as {sheet}.csv."
            message = f"The {what} {shown(name)} is not read, because only .csv files are. {fix}"
            found.append(Problem(name, "", message, shown(name), f"a file {sheet}.csv", fix, Level.WARNING))
    return found
