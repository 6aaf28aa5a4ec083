"""Questions of a ministry's stockpile office."""

from __future__ import annotations

from optimizer.plan.explain import figure, percent
from questions.figures import CRITICAL, contracted, costs, instead, lifted_on_average, limit_kept, listed, money, part, total, worth
from questions.language import ASKED, IN_PART, YES, Cells, Copied, Edit, Part, Plans, Question, Removed, Row, Rows

SAMPLE = "national_stockpile"
FEWER = {"scenarios": 30, "mip_gap": 0.001}
SIXTY = "60 days of Gallium"
EMBARGO = "Full embargo in a conflict"
BAN = "US ban on gallium, germanium and antimony returns"
YEARS = range(2027, 2033)


def _sixty(**columns: str | float) -> tuple[Edit, ...]:
    """Return the lines by which one target for gallium holds from fiscal year 2028 to the end."""
    held = {"to": "", "penalty": 15000, "released_by": "", "refill_months": "", **columns}
    return Removed("Limits", {"limit": "180 days of Gallium"}), Cells("Limits", {"limit": SIXTY}, held)


def sixty_days(plans: Plans) -> str:
    """Tell in how many futures a cover target holds."""
    plan, always, once = plans[ASKED], plans["everywhere"], plans["reference path"]
    return (
        f"By probability, over its years, the target is {limit_kept(plan, SIXTY)}; {costs(plan)}. With `holds` = everywhere it is "
        f"{limit_kept(always, SIXTY)}; {costs(always)}. On the reference path alone it is {limit_kept(once, SIXTY)} of what it asks for; {costs(once)}. "
        "Without a penalty it would be hard, and no plan would stand where money or supply cannot do it."
    )


def left_at_the_end(plans: Plans) -> str:
    """Tell what is left at the end."""
    plan, plain = plans[ASKED], plans["no end stock"]
    last = str(YEARS[-1])
    days = plan.tables["cover"].set_index(["period", "material"])["cover_days"][last]
    before = plain.tables["cover"].set_index(["period", "material"])["cover_days"][last]
    told = listed(f"{name} {figure(days[name])} ({figure(before[name])})" for name in ("Gallium", "Germanium", "Dy oxide", "Tungsten"))
    return (
        f"Days of cover at the end while events take their likeliest course, in brackets where no end stock is asked for: {told}. Of all futures, the end "
        f"stock of gallium is {limit_kept(plan, 'End stock of Gallium')}. {instead(plan, plain)}"
    )


def missed_targets(plans: Plans) -> str:
    """Tell which targets the money does not meet."""
    plan, more = plans[ASKED], plans["10 million more"]
    rows = plan.tables["limits"]
    missed = rows[(rows["side"] == "minimum") & (rows["broken"] > 0.1)].sort_values("broken", ascending=False)
    names = listed(f"“{row['limit']}” ({percent(row['broken'])})" for row in missed.head(5).to_dict("records"))
    saved = plan.objective - more.objective
    return (
        f"The sheet Limits kept lists them, with the chance that each is broken: {names or 'none above 10%'}. By the sheet What binds one more thousand "
        f"USD in the 2027 budget is worth {figure(worth(plan, 'Budget', '2027'))} thousand; 10 million more save {money(plan, saved)} of the objective, "
        f"{figure(saved / 10000)} for each."
    )


def money_over_years(plans: Plans) -> str:
    """Tell what money is worth that stays."""
    plan, plain = plans[ASKED], plans["gone at the year's end"]
    carried = total(plan, "budget", "carried", material="Antimony")
    return (
        f"Money that stays until it is spent: {costs(plan)}; were it gone at each year's end, {costs(plain)}. Of the line for antimony "
        f"{money(plan, carried)} are carried over in all while events take their likeliest course. Money of two years can be said of one grant (carry_over "
        "1 in its year, 0 in the next), not of a new grant every year: what is carried over is not told apart by its age."
    )


def annual_plan(plans: Plans) -> str:
    """Tell what a most per year does."""
    plan, plain = plans[ASKED], plans["without it"]
    rows = plan.tables["mix"]
    bought = rows[rows["material"] == "Gallium"].groupby("period")["ordered"].sum()
    before = plain.tables["mix"]
    before = before[before["material"] == "Gallium"].groupby("period")["ordered"].sum()
    return (
        f"At most {figure(bought.max())} t are bought in any year while events take their likeliest course, instead of {figure(before.max())} t. "
        f"{instead(plan, plain)} A plant stands for the plan: all offers of the material share its capacity. It is warned that they are of several blocs; "
        "an offer that shares a real plant cannot share this one."
    )


STEPS = ("first 350 t", "next 350 t", "last 700 t")
SMELTERS = {"supplier": "Chinese antimony smelters", "material": "Antimony"}


def price_impact(plans: Plans) -> str:
    """Tell what is bought where more costs more."""
    plan, plain = plans[ASKED], plans["one price"]
    bought = listed(f"{figure(lifted_on_average(plan, **SMELTERS, offer=step))} t in the step “{step}”" for step in STEPS)
    return (
        "The smelters' supply as steps, each at the cost of one more tonne (what it pays itself and what it adds to the price of the tonnes before): on "
        f"average {bought} are bought over six years, instead of {figure(lifted_on_average(plain, **SMELTERS))} t at one price. {instead(plan, plain)} The "
        "steps are yours to give: the model has no market that answers to what is bought, and a rise that outlasts the year cannot be said."
    )


def rotation(plans: Plans) -> str:
    """Tell what is sold of the oldest."""
    plan, plain = plans[ASKED], plans["kept for ever"]
    brings = -part(plan, "sales")
    sold = f"Sales bring {money(plan, brings)} on average" if brings > CRITICAL else "Nothing is sold: what is used every year turns the stock over in time"
    return f"{sold}. {instead(plan, plain)} First in, first out: what is older than the shelf life is used, sold or thrown away before."


GUARANTEED = {"supplier": "MP Materials", "material": "NdPr oxide"}


def guarantee(plans: Plans) -> str:
    """Tell what a guaranteed price costs."""
    plan, plain, none = plans[ASKED], plans["without a guarantee"], plans["without the offer"]
    return (
        f"{figure(contracted(plan, **GUARANTEED))} t a year are signed with floor and upside, {figure(contracted(plain, **GUARANTEED))} t at the index "
        f"alone: with the guarantee {costs(plan)}; at the index {costs(plain)}; without the offer, where stock and the others must help, {costs(none)}. "
        "That is as a buyer: a guarantee for metal that others buy, paid in money alone, cannot be said."
    )


def _guarantee(**columns: str | float) -> tuple[Edit, ...]:
    return (Cells("Suppliers", GUARANTEED, columns),)


def _stays(share_kept: float) -> tuple[Edit, ...]:
    antimony: tuple[Row, ...] = tuple(
        {"fiscal_year": year, "amount": 120000, "category": "purchases", "material": "Antimony", "carry_over": share_kept} for year in YEARS
    )
    return Cells("Budget", {"category": "purchases"}, {"carry_over": share_kept}), Rows("Budget", antimony)


MINISTRY = Part(
    "d",
    "Ministry stockpile office",
    (
        Question(
            "d1",
            "Sixty days, in every future, until I release.",
            YES,
            sixty_days,
            SAMPLE,
            _sixty(holds="unless released", released_by=f"{EMBARGO}", refill_months=24),
            {"everywhere": _sixty(holds="everywhere"), "reference path": _sixty(holds="reference path")},
            FEWER,
        ),
        Question(
            "d2",
            "What is left at the end?",
            YES,
            left_at_the_end,
            SAMPLE,
            (Cells("Limits", {"limit": "End stock of Gallium"}, {"measure": "stock_cover_days", "minimum": 60, "from": "2031-10-01", "holds": "everywhere"}),),
            {"no end stock": (Removed("Limits", {"holds": "everywhere"}),)},
            FEWER,
        ),
        Question(
            "d3",
            "Which targets can the money not meet, and what would more of it buy?",
            YES,
            missed_targets,
            SAMPLE,
            (Cells("Budget", {"fiscal_year": 2027, "category": "purchases"}, {"amount": 420000}),),
            {"10 million more": (Cells("Budget", {"fiscal_year": 2027, "category": "purchases"}, {"amount": 430000}),)},
            FEWER,
        ),
        Question(
            "d4",
            "Money available until expended; money of two years; a line for antimony only.",
            IN_PART,
            money_over_years,
            SAMPLE,
            _stays(1),
            {"gone at the year's end": _stays(0)},
            FEWER,
        ),
        Question(
            "d5",
            "A most per material and year, as in the Annual Materials Plan.",
            YES,
            annual_plan,
            SAMPLE,
            (
                Rows("Plants", ({"plant": "Annual plan for gallium", "capacity_per_year": 8},)),
                Cells("Suppliers", {"material": "Gallium"}, {"plant": "Annual plan for gallium"}),
            ),
            {"without it": ()},
            FEWER,
        ),
        Question(
            "d6",
            "What does buying thousands of tonnes of antimony do to the price?",
            IN_PART,
            price_impact,
            SAMPLE,
            (
                Copied("Suppliers", SMELTERS, {"offer": STEPS[1], "price": 54, "capacity_per_year": 350}),
                Copied("Suppliers", {**SMELTERS, "offer": ""}, {"offer": STEPS[2], "price": 66, "capacity_per_year": 700}),
                Cells("Suppliers", {**SMELTERS, "offer": ""}, {"offer": STEPS[0], "price": 45, "capacity_per_year": 350}),
            ),
            {"one price": (Cells("Suppliers", SMELTERS, {"capacity_per_year": 1400}),)},
            FEWER,
        ),
        Question(
            "d7",
            "Rotate: sell the oldest, buy new, five years at most.",
            YES,
            rotation,
            SAMPLE,
            (Cells("Materials", {"material": "Antimony"}, {"shelf_life_months": 60, "sale_price": 40, "sale_limit_per_year": 400}),),
            {"kept for ever": ()},
            FEWER,
        ),
        Question(
            "d8",
            "We guarantee 110 a kg to a plant and take 30% of the upside: what does it cost, and is it cheaper than stock?",
            IN_PART,
            guarantee,
            SAMPLE,
            _guarantee(price_floor=110, upside_trigger=130, upside_share=0.3),
            {"without a guarantee": _guarantee(price_floor="", upside_trigger="", upside_share=""), "without the offer": (Removed("Suppliers", GUARANTEED),)},
            FEWER,
        ),
    ),
)
