"""Questions of a defence prime's manager of compliance and supply."""

from __future__ import annotations

from optimizer.plan.explain import figure, percent
from questions.buyer import FEWER, MAGNETS
from questions.buyer import SAMPLE as MAGNET_SAMPLE
from questions.chips import BAN, GALLIUM, GERMANIUM
from questions.chips import FEWER as CHIP_FEWER
from questions.chips import SAMPLE as CHIP_SAMPLE
from questions.figures import contracted, fills, first, instead, lifted_on_average, listed
from questions.language import ASKED, IN_PART, YES, Cells, Copied, Edit, Part, Plans, Question, Row, Rows

ACTUATORS, RADAR, SIGHTS, POWER = "Defence actuators", "Radar modules (defence)", "Thermal sights (defence)", "Power and RF chips"
RETURN = "Return to the stockpile"


def clean_lots(plans: Plans) -> str:
    """Tell what it costs to count feed at its origin."""
    plan, plain = plans[ASKED], plans["by the maker's bloc"]
    return (
        "With the makers that rest partly on Chinese metal counted as `other`, not as allied, "
        f"{percent(first(plan, 'fill_rate', 'fill_rate', material=MAGNETS, use=ACTUATORS))} of the actuators' magnets are delivered, instead of "
        f"{percent(first(plain, 'fill_rate', 'fill_rate', material=MAGNETS, use=ACTUATORS))}. {instead(plan, plain)} A lot bears one of four words. Where "
        "the stages stand in the workbook (oxide, metal, magnet, by sheet Inputs), an output is no cleaner than its dirtiest input; where they do not, "
        "the origin is yours to state."
    )


RULE = {"rule": "Mined, refined, separated", "use": f"{RADAR}, {SIGHTS}", "allowed_origins": "allied, onshored", "from": "2027-01-01"}
REPEAL = "Congress repeals the rule"


def _rule(unless_active: str) -> tuple[Edit, ...]:
    """Return the lines of an origin rule that an event may end."""
    event = {"disruption": REPEAL, "annual_probability": 0, "mean_duration_months": 240, "capacity_remaining": 1}
    return (
        *(Cells("Demand", {"use": use}, {"allowed_origins": "", "allowed_origins_from": ""}) for use in (RADAR, SIGHTS)),
        Rows("Disruptions", ({**event, "decision_date": "2028-01-01", "decision_probability": 0.4},)),
        Rows("Origin rules", ({**RULE, "unless_active": unless_active},), alone=True),
    )


def repeal(plans: Plans) -> str:
    """Tell what a chance of repeal is worth."""
    plan, plain = plans[ASKED], plans["the rule stays"]
    return (
        f"Compared are a chance of 40% of a repeal at the start of 2028 and none. {instead(plan, plain)} A delay, or a second tier, is another row of the "
        "rule with dates of its own."
    )


def programmes(plans: Plans) -> str:
    """Tell which use is served first."""
    plan = plans[ASKED]
    chance = plan.tables["fill_rate"].set_index(["material", "use"])["probability_of_shortage"]
    return (
        f"The one with the highest shortage_cost. Met on average: of gallium {fills(plan, GALLIUM)}; of germanium {fills(plan, GERMANIUM)}. The chance "
        f"that the radar modules go short at all is {percent(chance[GALLIUM, RADAR])}. What a use gets in a single future is not listed, only what a "
        "material lacks there."
    )


MONTHS = (3, 6, 12, 21)


def _stops() -> tuple[Row, ...]:
    starts = {"disruption": BAN, "starts": "2027-Q2"}
    return tuple({"scenario": f"China stops for {months} months", "probability": 0.05, **starts, "duration_months": months} for months in MONTHS)


def survival(plans: Plans) -> str:
    """Tell how long each material lasts."""
    plan = plans[ASKED]
    rows = plan.tables["scenario_stock"]
    tells = []
    for months in MONTHS:
        mine = rows[(rows["scenario"] == f"China stops for {months} months") & (rows["short"] > 1e-6 * rows["demand"])]
        lost = (f"{figure(short['short'].sum())} kg of {name.split()[0].lower()} from {short['period'].min()}" for name, short in mine.groupby("material"))
        tells.append(f"{months} months: {listed(lost)}")
    return (
        f"What goes short, by the length of the stop: {'; '.join(tells)}. What is short before the stop is saved for uses that are worth more. Defence is "
        f"met to {percent(first(plan, 'fill_rate', 'fill_rate', use=RADAR))}. Weeks are read to the length of a period, for a material and not a use; "
        "nothing computes the time to survive by itself."
    )


def burnt(plans: Plans) -> str:
    """Tell how much stock must be gone before a date."""
    plan = plans[ASKED]
    rows = plan.tables["stock"]
    rows = rows[(rows["material"] == GALLIUM) & (rows["origin"] == "chinese")].set_index("period")["quantity"]
    plain = plans["no date"].tables["stock"]
    plain = plain[(plain["material"] == GALLIUM) & (plain["origin"] == "chinese")].set_index("period")["quantity"]
    course = listed(f"{figure(rows[period])} kg at the end of {period}" for period in ("2027-Q1", "2027-Q2", "2027-Q3"))
    return (
        f"Chinese gallium is run down: {course}, {figure(rows['2027-Q4'])} kg when the date comes, while events take their likeliest course; without the "
        f"date {figure(plain['2027-Q4'])} kg would be held at the end of 2027-Q4. LEDs may still draw it. {instead(plan, plans['no date'])}"
    )


LOAN = Rows("Inventory", ({"material": GALLIUM, "origin": "allied", "quantity": 80, "arrives": "2027-Q4"},))
GIVEN_BACK = Rows(
    "Demand", ({"material": GALLIUM, "use": RETURN, "annual_demand": 0, "shortage_cost": 100000, "allowed_origins": "allied, onshored", "2028-Q4": 80},)
)


def loan(plans: Plans) -> str:
    """Tell what a loan in kind is worth."""
    plan, plain = plans[ASKED], plans["without the loan"]
    return (
        f"A loan of 80 kg in 2027-Q4 that is given back in 2028-Q4: {percent(first(plan, 'fill_rate', 'fill_rate', use=RETURN))} is given back. "
        f"{instead(plan, plain)} Quantity and dates are yours to fix, once for all futures: whether to borrow only when trouble comes cannot be left to "
        "the plan."
    )


TRAIL = {"supplier": "Teck Trail", "material": GERMANIUM}
FIRM_YEAR = Cells("Suppliers", TRAIL, {"terms": "contract", "contract_to": "2027-12"})
OPTION_YEAR = Copied(
    "Suppliers", TRAIL, {"offer": "option year 2028", "contract_from": "2028-01", "contract_to": "2028-12", "take_or_pay": 0, "prepayment": 80}
)


def option_years(plans: Plans) -> str:
    """Tell which years are signed and exercised."""
    plan, plain = plans[ASKED], plans["without the option"]
    option = {**TRAIL, "offer": "option year 2028"}
    return (
        f"{figure(contracted(plan, **TRAIL, offer=''))} kg are signed for 2027 and {figure(contracted(plan, **option))} kg for the option on 2028, of "
        f"which {figure(lifted_on_average(plan, **option))} kg are called off on average. {instead(plan, plain)} Each year is a row, its option paid for "
        "by prepayment; it is used quarter by quarter, as the futures unfold: that exercising it binds for the whole year cannot be said."
    )


def _feed(origin: str) -> tuple[Edit, ...]:
    makers = ({"supplier": "Japanese magnet maker"}, {"supplier": "Neo Narva", "offer": "finished"})
    return tuple(Cells("Suppliers", {**maker, "material": MAGNETS}, {"origin": origin}) for maker in makers)


def _by_2028(origins: str, begins: str) -> tuple[Edit, ...]:
    return (Cells("Demand", {"material": GALLIUM, "use": POWER}, {"allowed_origins": origins, "allowed_origins_from": begins}),)


DEFENCE = Part(
    "b",
    "Defence prime: compliance and supply",
    (
        Question(
            "b1",
            "Is each lot clean at every stage: mined, separated, metal, alloy, magnet?",
            IN_PART,
            clean_lots,
            MAGNET_SAMPLE,
            _feed("other"),
            {"by the maker's bloc": _feed("")},
            FEWER,
        ),
        Question(
            "b2",
            "What if Congress repeals or delays the rule of 1 January 2027 on what is mined, refined and separated?",
            YES,
            repeal,
            CHIP_SAMPLE,
            _rule(REPEAL),
            {"the rule stays": _rule("")},
            settings=CHIP_FEWER,
        ),
        Question(
            "b3",
            "Which programme is served first?",
            YES,
            programmes,
            CHIP_SAMPLE,
            (Cells("Demand", {"material": GALLIUM, "use": RADAR}, {"shortage_cost": 40000}),),
            settings=CHIP_FEWER,
        ),
        Question(
            "b4",
            "How many weeks does each programme live if China stops for three months, six, twelve, or longer?",
            IN_PART,
            survival,
            CHIP_SAMPLE,
            (Rows("Scenarios", _stops(), alone=True), Cells("Settings", {"setting": "scenario_method"}, {"value": "listed"})),
            settings=CHIP_FEWER,
        ),
        Question(
            "b5",
            "How much stock that will not comply must be burnt before the date?",
            YES,
            burnt,
            CHIP_SAMPLE,
            _by_2028("other, allied, onshored", "2028-01-01"),
            {"no date": _by_2028("", "")},
            settings=CHIP_FEWER,
        ),
        Question(
            "b6",
            "May we borrow from the National Defense Stockpile and give back in kind?",
            IN_PART,
            loan,
            CHIP_SAMPLE,
            (LOAN, GIVEN_BACK),
            {"without the loan": ()},
            settings=CHIP_FEWER,
        ),
        Question(
            "b7",
            "Option years: sign five, exercise yearly.",
            IN_PART,
            option_years,
            CHIP_SAMPLE,
            (FIRM_YEAR, OPTION_YEAR),
            {"without the option": (FIRM_YEAR,)},
            settings=CHIP_FEWER,
        ),
    ),
)
