"""A risk assessment of the supply chain of raw materials, as Article 24 of Regulation (EU) 2024/1252 (Critical Raw Materials Act) asks of large companies.

Article 24(2) asks at least every three years for (a) a map of where the strategic raw materials are extracted, processed or recycled, (b) an analysis of the
factors that may affect their supply, and (c) an assessment of how vulnerable the company is to disruptions; Article 24(4) for efforts to mitigate
significant vulnerabilities, diversification and substitution among them.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.case import Case, Disruption
from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.report.sections import Found, Report, Section
from optimizer.report.sources import NOT_STATED, chance_within, concentration, expected_orders, shares, stages, strikes_supply
from optimizer.report.strategic import strategic_name
from optimizer.schema.results import MATERIAL, OFFER, UNIT, USE
from optimizer.schema.tables import Output, number, text, whole

MUCH = 0.05
"""From this chance of a shortage on, the demand of a use counts as significantly vulnerable."""
CONCENTRATED = 2_500
"""From this Herfindahl-Hirschman index on, sources count as highly concentrated (Horizontal Merger Guidelines, U.S. Department of Justice, 2010)."""
MOST_FAILURES = 10

SCOPE = Output(
    "risk_scope",
    "Materials assessed",
    "The materials of the workbook, what each is used for, and whether its name speaks of a strategic raw material.",
    {
        **MATERIAL,
        "strategic": text("The strategic raw material of Annex I, Section 1, that the name speaks of.", blank="none"),
        **USE,
        "demand": number("{unit}", "Demand of the horizon on the reference path, all uses of the material."),
        **UNIT,
    },
)
MAP = Output(
    "risk_map_of_sources",
    "Where it comes from",
    "Each offer: its stage, where it is, and what the plan orders of it.",
    {
        **OFFER,
        "stage": text("Extraction, processing or recycling, as far as the workbook tells."),
        "country": text("The country.", blank=NOT_STATED),
        "bloc": text("The supplier's bloc."),
        "origin": text("The origin that the workbook gives its material; of what is made of an input it may be the input's."),
        "feedstock": text("Where its feedstock comes from.", blank=NOT_STATED),
        "capacity": number("{unit} per year", "What it can deliver."),
        "ordered": number("{unit}", "What the plan orders of it over the horizon, mean over all futures."),
        "share": number("share", "Its share of what is ordered of the material.", blank="nothing is ordered"),
    },
)
CONCENTRATION = Output(
    "risk_concentration",
    "Concentration",
    "How much of what the plan orders comes from few places.",
    {
        **MATERIAL,
        "suppliers": whole("Suppliers of which the plan orders."),
        "largest_supplier": text("The largest supplier."),
        "supplier_share": number("share", "Its share of what is ordered."),
        "largest_country": text("The largest country."),
        "country_share": number("share", "Its share of what is ordered."),
        "index": number("of 10,000", "Herfindahl-Hirschman index of the countries; highly concentrated from 2,500 on."),
    },
)
FACTORS = Output(
    "risk_factors",
    "Factors",
    "The disruptions of the workbook: how likely, how long, what they do, and how much of what is ordered they strike.",
    {
        "disruption": text("The disruption."),
        "chance": number("share", "Chance that it is active at some time within the horizon."),
        "lasts": number("months", "How long it lasts on average."),
        "effect": text("What it does while it is active."),
        "material": text("A material whose offers it strikes.", blank="none"),
        "struck": number("share", "Share of what is ordered of the material that comes from offers that it strikes, or whose feedstock it does.", blank="none"),
    },
)
VULNERABLE = Output(
    "risk_vulnerable",
    "Vulnerability of uses",
    "How much of each demand is met over all futures, with the plan carried out.",
    {
        **MATERIAL,
        **USE,
        "fill_rate": number("share", "Expected share of demand that is met."),
        "expected_short": number("{unit}", "Expected quantity not delivered over the horizon."),
        **UNIT,
        "chance": number("share", "Chance of any shortage of this demand."),
        "significant": text(f"Whether that counts as significant here: from a chance of {MUCH:.0%} on."),
    },
)
FAILURES = Output(
    "risk_failures",
    "Stress test of sources",
    "For how long all demand can be met when a source fails at the plan's weakest moment, and when it is replaced, the dearest first.",
    {
        "kind": text("What fails."),
        "failure": text("Its name."),
        "survives": number("months", "The time to survive.", blank="without end"),
        "recovers": number("months", "The time to recover.", blank="nothing in the workbook replaces it"),
        "recovers_by": text("What then delivers in its place."),
        "loss": number("{currency}", "What the longest failure costs, discounted.", blank="not told"),
        "significant": text("Whether that counts as significant here: it recovers after the supply has run out."),
    },
)
MEASURES = Output(
    "risk_measures",
    "Mitigation",
    "What the plan does against the vulnerabilities, and what each measure is worth as far as that was asked.",
    {
        "kind": text(
            "Diversification (a contract outside of the country that delivers most of the material), another contract, new capacity, stock or substitution."
        ),
        "measure": text("What is done."),
        "worth": text("What going without it costs, from the study Why, and what reversing costs.", blank="that study was not asked, or does not tell"),
    },
)


def sections(plan: Plan, found: Found) -> list[Section]:
    """Write the sections of the assessment. found: the tables of the studies `stress` and, where they are there, `regret`."""
    return [_scope(plan), _map(plan), _factors(plan), _vulnerability(plan, found), _mitigation(plan, found), _missing(plan, found)]


def _scope(plan: Plan) -> Section:
    cover = plan.tables["cover"].groupby("material", sort=False)["demand"].sum()
    uses = {m.material: ", ".join(row.use for row in plan.case.demand if row.material == m.material) for m in plan.case.materials}
    rows: list[dict[str, Any]] = [
        {
            "material": m.material,
            "strategic": strategic_name(m.material) or None,
            "use": uses[m.material],
            "demand": float(cover.get(m.material, 0.0)),
            "unit": m.unit,
        }
        for m in plan.case.materials
    ]
    labels, known = plan.case.calendar.labels, [row["material"] for row in rows if row["strategic"]]
    lines = [
        f"The assessment covers {labels[0]} to {labels[-1]} and {len(plan.tables['scenarios']):,} futures, with the plan carried out.",
        f"By their names, {', '.join(known)} are or hold strategic raw materials; whether the grade is the one that Annex I means is to be checked."
        if known
        else "No name of a material speaks of a strategic raw material of Annex I.",
        "Article 24 asks for an assessment at least every three years, to the extent that the information is available.",
    ]
    return Section("What is assessed", lines, [(SCOPE, SCOPE.frame(rows))])


def _map(plan: Plan) -> Section:
    ordered, cases = expected_orders(plan), zip(plan.case.offers, stages(plan))
    totals = ordered.groupby(level="material").sum() if len(ordered) else ordered
    rows = []
    for offer, stage in cases:
        bought, whole = float(ordered.get(offer.key, 0.0)), float(totals.get(offer.material, 0.0))
        feedstock = ", ".join(filter(None, (offer.feedstock_country, offer.feedstock_bloc and f"{offer.feedstock_bloc} bloc")))
        rows.append(
            {
                **dict(zip(("supplier", "material", "offer"), offer.key)),
                "stage": stage,
                "country": offer.country or None,
                "bloc": offer.bloc,
                "origin": offer.origin,
                "feedstock": feedstock or None,
                "capacity": offer.capacity_per_year,
                "ordered": bought,
                "share": bought / whole if whole > 0 else None,
            }
        )
    concentrated = CONCENTRATION.frame(_concentration(plan, ordered))
    lines = [
        f"{r.material}: {percent(r.country_share)} of what is ordered comes from {r.largest_country}, {percent(r.supplier_share)} from {r.largest_supplier}; "
        f"the sources by country are {'highly concentrated' if r.index >= CONCENTRATED else 'not highly concentrated'} (index {figure(r.index)})."
        for r in concentrated.itertuples(index=False)
    ]
    return Section("(a) Where the materials are extracted, processed or recycled", lines, [(MAP, MAP.frame(rows)), (CONCENTRATION, concentrated)], chart="map")


def _concentration(plan: Plan, ordered: pd.Series) -> list[dict[str, Any]]:
    rows = []
    for material in (m.material for m in plan.case.materials):
        mine = [offer for offer in plan.case.offers if offer.material == material]
        bought = pd.Series([float(ordered.get(offer.key, 0.0)) for offer in mine], dtype=float)
        suppliers, countries = shares(bought, [offer.supplier for offer in mine]), shares(bought, [offer.country or NOT_STATED for offer in mine])
        if len(suppliers):
            rows.append(
                {
                    "material": material,
                    "suppliers": len(suppliers),
                    "largest_supplier": suppliers.index[0],
                    "supplier_share": float(suppliers.iloc[0]),
                    "largest_country": countries.index[0],
                    "country_share": float(countries.iloc[0]),
                    "index": concentration(countries),
                }
            )
    return rows


def _factors(plan: Plan) -> Section:
    chance, ordered = chance_within(plan), expected_orders(plan)
    rows: list[dict[str, Any]] = []
    for disruption in plan.case.disruptions:
        known = {"disruption": disruption.disruption, "chance": chance.get(disruption.disruption, 0.0), "lasts": disruption.mean_duration_months}
        known["effect"] = effect_of(disruption, plan.case)
        struck = [] if not strikes_supply(disruption) else [(m.material, _struck(plan, disruption, m.material, ordered)) for m in plan.case.materials]
        rows += [{**known, "material": material, "struck": share} for material, share in struck if share is not None] or [
            {**known, "material": None, "struck": None}
        ]
    table = FACTORS.frame(sorted(rows, key=lambda row: -row["chance"] * (row["struck"] or 0.0) * row["lasts"]))
    lines = []
    for name, rows_of in table.groupby("disruption", sort=False):
        first, hit = rows_of.iloc[0], rows_of[rows_of["struck"].notna()]
        shares_hit = ", ".join(f"{percent(share)} of {material}" for material, share in zip(hit["material"], hit["struck"]))
        words = f"{name}: active at some time in {percent(first['chance'])} of futures, {figure(first['lasts'])} months on average; it {first['effect']}."
        lines.append(f"{words} Of what is ordered, it strikes {shares_hit}." if shares_hit else words)
    return Section("(b) Factors that may affect supply", lines, [(FACTORS, table)], empty="The workbook lists no disruption.")


def _struck(plan: Plan, disruption: Disruption, material: str, ordered: pd.Series) -> float | None:
    """Return the share of what is ordered of a material that comes from offers which a disruption strikes; None where it strikes no offer of it."""
    mine = [offer for offer in plan.case.offers if offer.material == material]
    hit = [offer for offer in mine if disruption.strikes(offer) or (offer.feedstock_dependence > 0 and disruption.strikes_feedstock(offer))]
    whole = sum(float(ordered.get(offer.key, 0.0)) for offer in mine)
    return None if not hit else sum(float(ordered.get(offer.key, 0.0)) for offer in hit) / whole if whole > 0 else 0.0


def effect_of(disruption: Disruption, case: Case) -> str:
    """Say what a disruption does while it is active, by itself and through the sheets that name it."""
    name, parts = disruption.disruption, []
    if disruption.capacity_remaining < 1:
        parts.append("stops what it strikes" if disruption.capacity_remaining <= 0 else f"leaves {percent(disruption.capacity_remaining)} of what it strikes")
    if disruption.lead_time_added_months > 0:
        parts.append(f"adds {figure(disruption.lead_time_added_months)} months to lead times")
    for value, what in (
        (disruption.price_multiplier, "prices of what it strikes"),
        (disruption.spillover_price_multiplier, "prices of the other offers"),
        (disruption.demand_multiplier, "demand"),
    ):
        if value != 1:
            parts.append(f"multiplies {what} by {figure(value)}")
    if any(name in (row.while_active, row.unless_active) for row in case.duties):
        parts.append("changes which duties are due")
    if any(name in (row.while_active, row.unless_active) for row in case.origin_rules):
        parts.append("changes which origins may be used")
    if any(name in (row.raised_by, row.follows) for row in case.disruptions):
        parts.append("makes other disruptions likelier")
    return (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)) or "changes nothing by itself"


def _vulnerability(plan: Plan, found: Found) -> Section:
    rates = plan.tables["fill_rate"]
    uses = VULNERABLE.frame(
        {**{name: getattr(r, name) for name in ("material", "use", "fill_rate", "expected_short", "unit")}, "chance": r.probability_of_shortage}
        | {"significant": "yes" if r.probability_of_shortage >= MUCH else "no"}
        for r in rates.sort_values("fill_rate", kind="stable").itertuples(index=False)
    )
    lines = [
        f"{r.material} for {r.use}: {percent(r.fill_rate)} of demand is met on average; it goes short in {percent(r.chance)} of futures."
        for r in uses[uses["significant"] == "yes"].itertuples(index=False)
    ] or [f"No use goes short in {MUCH:.0%} of futures or more."]
    tables, stress = [(VULNERABLE, uses)], found.get("stress")
    if stress is None:
        lines.append("The stress test was not asked of this plan, so that nothing is told of how long supply lasts when a source fails.")
    elif not stress.empty:
        late = stress[~stress["in_time"]]
        lines.append(f"Of {len(stress):,} sources and disruptions that may fail, {len(late):,} recover only after the supply has run out.")
        lines += late["words"].head(MOST_FAILURES).tolist()
        renamed = stress.rename(columns={"survives_least": "survives", "longest_loss": "loss"})
        renamed = renamed.assign(significant=["no" if good else "yes" for good in renamed["in_time"]])[list(FAILURES.columns)]
        tables.append((FAILURES, FAILURES.frame(pd.concat([renamed[renamed["significant"] == "yes"], renamed[renamed["significant"] == "no"]]))))
    return Section("(c) Vulnerability to supply disruptions", lines, tables, chart="stress" if stress is not None else "")


def _mitigation(plan: Plan, found: Found) -> Section:
    worth, currency, rows = _worths(found), plan.case.settings.currency, []

    def add(kind: str, measure: str, begins: str, holds: str = "") -> None:
        said = next((words for decision, words in worth.items() if decision.startswith(begins) and holds in decision), None)
        rows.append({"kind": kind, "measure": measure, "worth": said})

    largest = {row["material"]: row["largest_country"] for row in _concentration(plan, expected_orders(plan))}
    country = {offer.key: offer.country for offer in plan.case.offers}
    for r in plan.tables["contracts"].itertuples(index=False):
        elsewhere = country[r.supplier, r.material, r.offer] != largest.get(r.material)
        add(
            "diversification" if elsewhere else "contract",
            f"Contract with {r.supplier} for {figure(r.per_year)} {r.unit} of {r.material} a year ({r.bloc} bloc).",
            f"Signing {r.supplier}",
            f" of {r.material} a year",
        )
    for r in plan.tables["projects"].itertuples(index=False):
        if isinstance(r.start, str):
            add("new capacity", f"{r.project} ({r.kind.replace('_', ' ')}), started in {r.start} for {money(r.cost, currency)}.", f"Starting {r.project} in")
    for m in plan.case.materials:
        held = plan.tables["cover"][plan.tables["cover"]["material"] == m.material]
        if len(held) and held["quantity"].max() > 0:
            words = f"Stock of up to {figure(held['quantity'].max())} {m.unit} of {m.material}, {figure(held['cover_days'].mean())} days of demand on average."
            add("stock", words, "Holding up to ", f" of {m.material} in stock")
    for r in plan.tables["substitution"].itertuples(index=False):
        if r.chance > 0:
            by = f"by {r.substitute}" if isinstance(r.substitute, str) else "by needing less"
            add("substitution", f"{r.material} for {r.use} replaced {by}, in {percent(r.chance)} of futures.", f"Replacing {r.material}")
    table = MEASURES.frame(rows)
    lines = [
        f"The plan takes {len(rows):,} measure{'s' * (len(rows) != 1)} for {money(plan.expected_cash, currency)} of cash in all on average, discounted."
        if rows
        else "The plan signs, starts, holds and replaces nothing.",
        *plan.sentences["protects"],
    ]
    return Section("Mitigation (Article 24(4))", lines, [(MEASURES, table)])


def _worths(found: Found) -> dict[str, str]:
    """Return decision -> what going without it costs, in words, from the study of what reversing costs; of a contract's size and a project's date nothing."""
    regret = found.get("regret")
    if regret is None:
        return {}
    rows = regret[~regret["kind"].isin(("contract size", "project date")) & (regret["verdict"] != "not known")]
    said = (words.removeprefix(decision).lstrip(": ") for decision, words in zip(rows["decision"], rows["words"]))
    # Its first two sentences say how much; where the difference lies, the study itself tells.
    short = (". ".join(words.split(". ")[:2]).removesuffix(".") + "." for words in said)
    return {decision: words[:1].upper() + words[1:] for decision, words in zip(rows["decision"], short)}


def _missing(plan: Plan, found: Found) -> Section:
    """Say what the assessment lacks: what the workbook does not tell, and which studies were not asked."""
    offers, lines = plan.case.offers, []
    unplaced = [offer.name for offer in offers if not offer.country]
    unstaged = [offer.name for offer, stage in zip(offers, stages(plan)) if stage == NOT_STATED]
    unfed = [offer.name for offer in offers if not (offer.feedstock_country or offer.feedstock_bloc)]
    for names, what in (
        (unplaced, "no country on the sheet Suppliers"),
        (unstaged, "no stage (extraction, processing or recycling): the workbook tells it only by inputs and by recycling projects"),
        (unfed, "nothing on where the feedstock comes from"),
    ):
        if names:
            lines.append(f"{len(names):,} of {len(offers):,} offers have {what}: {'; '.join(names[:3])}{' and others' if len(names) > 3 else ''}.")
    if lines:
        lines.append("Where suppliers do not give this on request, Article 24(3) allows public information in its place.")
    lines += [f"The study {name} was not asked of this plan." for name in (*RISK_ASSESSMENT.needs, *RISK_ASSESSMENT.better_with) if name not in found]
    return Section("What is missing", lines, empty="Nothing that this assessment asks for is missing.")


RISK_ASSESSMENT = Report(
    "risk",
    "Risk assessment of the raw materials supply chain",
    "Where the materials come from, what may disrupt them, how vulnerable that leaves you, and what the plan does about it, as Article 24 of Regulation (EU) "
    "2024/1252 (Critical Raw Materials Act) asks.",
    needs=("stress",),
    better_with=("regret",),
    sections=sections,
)
