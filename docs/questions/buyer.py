"""Questions of an EV maker that buys magnets."""

from __future__ import annotations

from optimizer.plan.explain import figure
from questions.figures import contracted, fills, instead, lifted_on_average, money, part, shortage, sources, started, total
from questions.language import ASKED, IN_PART, NO, YES, Cells, Copied, Edit, Part, Plans, Question, Rows

SAMPLE = "rare_earth_magnets"
FEWER = {"scenarios": 30, "mip_gap": 0.003}
MAGNETS = "NdFeB magnets"
JL_MAG = {"supplier": "JL Mag", "material": MAGNETS}
CHINESE = "JL Mag, Second Chinese magnet maker, Hai Phong Magnet Assembly"


def duties(plans: Plans) -> str:
    """Tell what a duty changes."""
    plan, plain = plans[ASKED], plans["no duty"]
    return (
        f"Duties are {money(plan, part(plan, 'duties'))} of the expected cost. Most magnets come from {sources(plan, MAGNETS)}; without duty from "
        f"{sources(plain, MAGNETS)}. {instead(plan, plain)} The chance of any shortage is {shortage(plan)} instead of {shortage(plain)}: the duty comes "
        "out of the same budget."
    )


def price_break(plans: Plans) -> str:
    """Tell which price is signed."""
    plan, plain = plans[ASKED], plans["list price alone"]
    cheap, dear = (contracted(plan, **JL_MAG, offer=offer) for offer in ("from 300 t", ""))
    taken = f"Yes: {figure(cheap)} t a year at the lower price" if cheap else f"No: {figure(dear)} t a year at the list price"
    return f"{taken}, where {figure(contracted(plain, **JL_MAG))} t would be signed without the offer. {instead(plan, plain)} One plant keeps the three rows within one capacity."


def recipe(plans: Plans) -> str:
    """Tell who goes short where a magnet takes several inputs."""
    plan, plain = plans[ASKED], plans["without dysprosium on the market"]
    made = lifted_on_average(plan, supplier="German magnet maker")
    return (
        f"On average {figure(made)} t of magnets are made from own metal, with {figure(0.012 * made)} t of dysprosium; of magnets are met: "
        f"{fills(plan, MAGNETS)}. Were there no dysprosium to buy but from China, {figure(lifted_on_average(plain, supplier='German magnet maker'))} t "
        f"would be made, and met: {fills(plain, MAGNETS)}. What stops first is worth least: shortage_cost decides, of the magnets and of the oxide."
    )


def thrift(plans: Plans) -> str:
    """Tell whether a grade with less dysprosium pays."""
    plan, plain = plans[ASKED], plans["without it"]
    saved = total(plan, "replaced", "quantity", material="Dy oxide")
    return (
        f"“Dy-free grade” {started(plan, 'Dy-free grade')}; it saves {figure(saved)} t of dysprosium oxide while events take their likeliest course. "
        f"{instead(plan, plain)} What is replaced follows the demand, up to its share, at a cost for each unit."
    )


def licence(plans: Plans) -> str:
    """Tell what one supplier's licence changes."""
    plan, plain = plans[ASKED], plans["renewed for certain"]
    return (
        f"With a chance of 40% that it lapses, JL Mag is signed for {figure(contracted(plan, **JL_MAG))} t a year instead of "
        f"{figure(contracted(plain, **JL_MAG))} t. {instead(plan, plain)} The draws of all other disruptions stay as they were, so the difference is the "
        "licence's own."
    )


NEW_PLANT = {"supplier": "Lynas Gebeng", "material": "Dy oxide", "offer": "new plant"}


def contract_with_a_life(plans: Plans) -> str:
    """Tell what is signed for which time."""
    plan, plain = plans[ASKED], plans["without the extension"]
    firm, right = contracted(plan, **NEW_PLANT), contracted(plan, **{**NEW_PLANT, "offer": "right to extend"})
    return (
        f"{figure(firm)} t a year are signed for 2028 and {figure(right)} t for the right to extend, of which "
        f"{figure(lifted_on_average(plan, **{**NEW_PLANT, 'offer': 'right to extend'}))} t are called off on average. {instead(plan, plain)} A band of 20% "
        "either way is a contract of 120% with take_or_pay 0.67. It holds in every quarter, not over the year, and the right may be used quarter by "
        "quarter."
    )


def rotors(plans: Plans) -> str:
    """Tell whether a line for own scrap is built."""
    plan, plain = plans[ASKED], plans["no rotors"]
    made = lifted_on_average(plan, supplier="Own motor recycling")
    return (
        f"“Recycling line” {started(plan, 'Recycling line')}; {figure(made)} t of NdPr oxide come out of it on average. {instead(plan, plain)} The rotors "
        "are entered by date, a material of their own: that they follow from the magnets sold, and that dysprosium comes out beside NdPr, cannot be said."
    )


def _duties(*rows: dict[str, float | str]) -> Rows:
    return Rows("Duties", tuple({**row, "supplier": CHINESE, "material": MAGNETS} for row in rows), alone=True)


DUTY_ENDS = Rows(
    "Disruptions",
    (
        {
            "disruption": "The duty on magnets ends",
            "annual_probability": 0,
            "mean_duration_months": 240,
            "capacity_remaining": 1,
            "decision_date": "2027-11-10",
            "decision_probability": 0.3,
        },
    ),
)
LIST = {"plant": "JL Mag", "choose_one": "JL Mag's price", "terms": "contract"}
PRICE_BREAK: tuple[Edit, ...] = (
    Rows("Plants", ({"plant": "JL Mag", "capacity_per_year": 380},)),
    Cells("Suppliers", JL_MAG, LIST),
    Copied("Suppliers", {**JL_MAG, "offer": ""}, {"offer": "from 300 t", "contract_price": 61, "minimum_contract": 300}),
    Copied(
        "Suppliers",
        {**JL_MAG, "offer": ""},
        {"offer": "spot", "terms": "spot", "choose_one": "", "contract_price": "", "contract_pricing": "", "take_or_pay": ""},
    ),
)
TOLLER = {"supplier": "German magnet maker", "material": MAGNETS}
RECIPE: tuple[Edit, ...] = (
    Cells("Suppliers", TOLLER, {"input_material": "", "input_per_unit": ""}),
    Rows(
        "Inputs",
        tuple(
            {**TOLLER, "offer": "tolling", "input_material": material, "input_per_unit": quantity}
            for material, quantity in (("NdPr oxide", 0.42), ("Dy oxide", 0.012), ("Tb oxide", 0.003))
        ),
    ),
)
THRIFT: tuple[Edit, ...] = (
    Rows("Projects", ({"project": "Dy-free grade", "kind": "qualification", "cost": 900, "lead_time_months": 9},)),
    Rows("Substitutes", ({"material": "Dy oxide", "use": "Motors, core models", "cost": 150, "maximum_share": 0.6, "project": "Dy-free grade"},)),
)


def _licence(lapses: float) -> tuple[Edit, ...]:
    """Return the line by which the licence lapses with a chance."""
    return (Cells("Disruptions", {"disruption": "JL Mag's general licence not renewed"}, {"decision_date": "2027-12-02", "decision_probability": lapses}),)


FIRM = Cells("Suppliers", NEW_PLANT, {"project": "", "available_from": "2028-01", "contract_from": "2028-01", "contract_to": "2028-12", "take_or_pay": 0.67})
EXTENSION = Copied("Suppliers", NEW_PLANT, {"offer": "right to extend", "contract_from": "2029-01", "contract_to": "", "take_or_pay": 0, "prepayment": 10})
SCRAP = "Rotor scrap"
LINE = Cells("Suppliers", {"supplier": "Own motor recycling"}, {"price": 30, "input_material": SCRAP, "input_per_unit": 3.6})
STORE = Rows("Materials", ({"material": SCRAP, "unit": "t", "disposal_cost": 0},))
QUARTERS = ("2028-Q1", "2028-Q2", "2028-Q3", "2028-Q4", "2029-Q1", "2029-Q2")
ROTORS = Rows("Inventory", tuple({"material": SCRAP, "origin": "onshored", "quantity": 10, "arrives": quarter} for quarter in QUARTERS))

BUYER = Part(
    "a",
    "EV maker: buyer of magnets",
    (
        Question(
            "a1",
            "Chinese magnets pay 25% since 1 January 2026, on top of 2.1%; the duty may go on a date. Which source wins landed?",
            YES,
            duties,
            SAMPLE,
            (
                DUTY_ENDS,
                _duties(
                    {"duty": "General duty", "rate": 0.021, "unless_active": ""},
                    {"duty": "Section 301", "rate": 0.25, "unless_active": "The duty on magnets ends"},
                ),
            ),
            {"no duty": (DUTY_ENDS, Rows("Duties", (), alone=True))},
            FEWER,
        ),
        Question("a2", "JL Mag gives 9% off from 300 t a year. Take it?", YES, price_break, SAMPLE, PRICE_BREAK, {"list price alone": ()}, FEWER),
        Question(
            "a3",
            "A magnet is NdPr, Dy, Tb and the making of it. If my toller runs out of Dy, which motors stop?",
            YES,
            recipe,
            SAMPLE,
            RECIPE,
            {
                "without dysprosium on the market": (
                    *RECIPE,
                    Cells("Suppliers", {"material": "Dy oxide", "bloc": "allied"}, {"capacity_per_year": 0.01, "spot_limit_per_year": ""}),
                )
            },
            FEWER,
        ),
        Question("a4", "When does a Dy-free grade pay, and how much Dy does it save?", YES, thrift, SAMPLE, THRIFT, {"without it": ()}, FEWER),
        Question(
            "a5",
            "JL Mag's general licence of one year (first given on 2 December 2025, for one customer) is renewed or not.",
            YES,
            licence,
            SAMPLE,
            _licence(0.4),
            {"renewed for certain": _licence(0)},
            FEWER,
        ),
        Question(
            "a6",
            "Lynas' new plant from 2028, with a yearly call-off of 20% more or less and a right to extend.",
            IN_PART,
            contract_with_a_life,
            SAMPLE,
            (FIRM, EXTENSION),
            {"without the extension": (FIRM,)},
            FEWER,
        ),
        Question(
            "a7",
            "Rotors come back from 2028, ten tonnes a quarter: build the line?",
            IN_PART,
            rotors,
            SAMPLE,
            (STORE, ROTORS, LINE),
            {"no rotors": (STORE, LINE)},
            FEWER,
        ),
        Question(
            "a8",
            "A deposit of 30% in China, 60 days in Japan, and 8 million of working capital.",
            NO,
            "Money counts in the period in which goods are bought (shipped, with ships_after_months), and budgets are by fiscal year: terms of payment, a "
            "credit line and interest on it cannot be said. What can: another currency (sheet Currencies), and money paid when a contract begins "
            "(prepayment), which is not set off against the price.",
        ),
    ),
)
