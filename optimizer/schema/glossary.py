"""The words of the product: each term with its meaning in one sentence, declared once.

The app's help and its page Glossary, and docs/glossary.md, are made from GLOSSARY. The product says the same word for the same thing
everywhere; `not_said` lists the words that it could have said and does not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the product.

    meaning: one sentence in the planner's words. called: the names that sheets, columns, settings and result tables have for it.
    not_said: other words for the same thing, which no sentence of the product uses.
    """

    name: str
    meaning: str
    called: tuple[str, ...] = ()
    not_said: tuple[str, ...] = ()


GLOSSARY = (
    Term("audit", "The check of a finished plan by plain arithmetic, apart from the solver: every rule of the workbook, and every cost, in every future."),
    Term("bloc", "The group of countries that a supplier belongs to, which disruptions and limits may name: Chinese, allied, onshored or other.", ("bloc",)),
    Term("budget", "What may be spent in a fiscal year, in all or on purchases, storage or projects.", ("Budget",)),
    Term("call-off", "A quantity that is ordered under a contract; it depends on the future, the contract does not.", ("lifted", "contract"), ("drawdown",)),
    Term(
        "contract",
        "The right to a yearly quantity of an offer over the whole horizon, at the contract price, signed at the start.",
        ("Contracts", "contract_price"),
    ),
    Term("cover", "The days of demand that a stock would last at the period's demand.", ("cover_days", "stock_cover_days")),
    Term(
        "CVaR",
        "The mean cost of the worst futures, also called conditional value at risk: with a CVaR level of 90%, these are the dearest tenth by probability.",
        ("cvar_level",),
        ("expected shortfall",),
    ),
    Term("discount rate", "The yearly rate by which later money counts less.", ("discount_rate",), ("interest rate",)),
    Term(
        "disruption", "Something that may begin, last for a time and end, and that cuts capacity, raises prices or demand, or delays orders.", ("Disruptions",)
    ),
    Term("duty", "What is paid at the border on the price of what crosses it, by schedule or while an event lasts.", ("Duties", "duty")),
    Term("expected cost", "The mean of the total cost over all futures, each by its probability, discounted.", ("costs",), ("average cost",)),
    Term(
        "feedstock",
        "What a supplier itself buys to make its product; a disruption of the bloc or country that it comes from strikes the supplier, too.",
        ("feedstock_bloc", "feedstock_country", "feedstock_dependence"),
    ),
    Term("fill rate", "The share of the demand that is met, over all futures.", ("fill_rate", "minimum_fill_rate"), ("service level",)),
    Term(
        "future",
        "One way in which events may go, with its probability: which disruptions begin when and how long they last.",
        ("Scenarios", "scenario", "scenarios"),
        ("state of the world",),
    ),
    Term("gap", "How much more than the best possible plan a plan can cost at most, as a share of its cost.", ("mip_gap",)),
    Term("horizon", "The time that a plan covers: its periods, from the first to the last.", ("start", "periods"), ("planning window",)),
    Term("lead time", "The months from an order to its arrival, or from the start of a project until it is ready.", ("lead_time_months",)),
    Term("limit", "A rule of your own on shares, cover or stock; it is hard, or a penalty is paid where it is broken.", ("Limits",)),
    Term(
        "naive plan",
        "What a buyer would do by a simple rule, such as always the cheapest supplier and no stock, in the same futures.",
        (),
        ("baseline", "benchmark plan"),
    ),
    Term("offer", "What a supplier sells of a material, on its terms: price, capacity, lead time, spot or contract.", ("Suppliers", "offer")),
    Term("origin", "The bloc that counts for the rules of a use: that of the supplier, or of the input that was converted.", ("origin", "allowed_origins")),
    Term("period", "A month, quarter or year of the horizon, in which orders are placed and at whose end stock is counted.", ("period",), ("time step",)),
    Term("playbook", "What the plan does if a disruption begins at a date: the cheapest answer from then on.", ("playbook",)),
    Term("project", "What must be started before an offer can be used: a qualification, a new plant, an expansion.", ("Projects", "project")),
    Term(
        "range",
        "The least and the most that an annual probability may truly be; the plan itself counts with the probability of the workbook.",
        ("annual_probability_low", "annual_probability_high"),
    ),
    Term(
        "reference path",
        "The future in which events take their likeliest course in every period; a plan's orders and stock are shown on it.",
        ("reference",),
        ("base case", "baseline scenario"),
    ),
    Term("regret", "What it costs to take back one decision of a plan, everything else decided anew on the same futures.", ("regret",)),
    Term("reservation", "What a contract is paid for each unit and year, whether it is called off or not.", ("reservation_price",), ("capacity fee",)),
    Term(
        "risk weight",
        "How much the worst futures count against the expected cost: 0% is the expected cost alone, 100% is CVaR alone.",
        ("risk_weight",),
        ("risk aversion",),
    ),
    Term("sale", "What is sold out of the stock, at the sale price of its material.", ("sale_price", "sale_limit_per_year"), ("resale",)),
    Term("salvage value", "The value of a unit that is left in stock at the end of the horizon.", ("salvage_value",), ("scrap value", "residual value")),
    Term("shelf life", "How long a material can be used after it arrives; the oldest goes out first.", ("shelf_life_months",), ("expiry",)),
    Term(
        "shortage",
        "Demand that is not met in its period; it is lost, and costs its shortage cost.",
        ("short", "shortage_cost"),
        ("stockout", "backlog", "unmet demand"),
    ),
    Term("spot market", "Buying for one period at the price of that period, without a contract.", ("spot", "spot_limit_per_year")),
    Term("stock", "What is held of a material at the end of a period.", ("Inventory", "stock"), ("stockpile", "inventory")),
    Term(
        "substitute",
        "A material that a use can take in place of its own; thrift is doing with less of it.",
        ("Substitutes", "substitute", "replaced"),
        ("alternative",),
    ),
    Term("supplier", "Who sells or converts a material.", ("supplier",), ("vendor", "seller")),
    Term(
        "tail",
        "The periods that are planned for beyond the horizon, so that decisions do not ignore what comes after it; they are reported separately.",
        ("tail_periods", "Tail cost parts", "Tail costs by year"),
    ),
    Term("take-or-pay", "The share of a contracted quantity that is paid for in each period even if it is not called off.", ("take_or_pay",)),
    Term(
        "time to recover",
        "How long it takes to replace the supply of a source that has failed: a disruption's mean duration, or the lead times of the offers that take over.",
        ("recovers",),
    ),
    Term("time to survive", "For how long all demand can be met after a source has failed, out of stock and from the other sources.", ("survives",)),
    Term("use", "What a material is needed for; each use has its own demand, shortage cost and allowed origins.", ("use",), ("end use",)),
    Term("worst futures", "The dearest futures, of which CVaR is the mean cost.", ("in_tail",), ("tail scenarios",)),
)
"""Every term, in the order of the alphabet."""


def meaning(name: str) -> str:
    """Return the meaning of a term; KeyError if it is none of the glossary."""
    return _MEANINGS[name]


_MEANINGS = {term.name: term.meaning for term in GLOSSARY}
