"""Hand-solved cases of values of offers that change by date; see term_cases.py."""

from __future__ import annotations

from constraint_cases import HOLD, LATER, Solved, contract
from support import case, need, offer, ore, settings

from optimizer.case import Duty, OfferChange, Project


def change(start: int, supplier: str = "A", **values) -> OfferChange:
    """A row of Offer changes of the offer of A."""
    return OfferChange(2, supplier, "ore", start, **values)


def changed(*changes: OfferChange, **sheets):
    """A case in which nothing is bought ahead, with these changes."""
    return case(**{**HOLD, "offer_changes": changes, **sheets})


THREE_YEARS = settings(periods=3)

CHANGES = (
    Solved("changed price", changed(change(1, price=3.0)), 40, "10 t at 1, then 10 t at 3"),
    Solved("change of another offer", changed(change(0, "B", price=0.5), offers=(offer(), offer("B", price=2.0))), 10, "B at 0.5 is cheaper than A at 1"),
    Solved(
        "changed price grows from the change",
        changed(change(1, price=12.0), settings=THREE_YEARS, offers=(offer(price_growth=1.0),)),
        370,
        "prices double each year: 1, then 12 and 24 from the change on",
    ),
    Solved("price changed before the horizon", changed(change(-3, price=2.0), offers=(offer(price_growth=1.0),)), 60, "2, doubled once within the horizon"),
    Solved("latest of several prices", changed(change(1, price=2.0), change(0, price=5.0)), 70, "5 from the first year on, 2 from the second"),
    Solved(
        "a blank leaves the price as it was", changed(change(0, price=5.0), change(1, capacity_per_year=500.0)), 100, "the second row is about the capacity"
    ),
    Solved("duty on a changed price", changed(change(1, price=3.0), duties=(Duty(2, "tariff", 0.5),)), 60, "half of 10 and of 30 on top"),
    Solved("changed capacity", changed(change(1, capacity_per_year=7.0)), 317, "10 t at 1; then 7 t at 1 and 3 short at 100"),
    Solved("capacity that ends", changed(change(1, capacity_per_year=0.0)), 1010, "10 t at 1; then 10 short"),
    Solved(
        "blank spot limit follows the capacity",
        changed(change(1, capacity_per_year=8.0), offers=(offer(capacity=4.0),)),
        812,
        "4 t and 6 short; then 8 t and 2 short",
    ),
    Solved(
        "a spot limit that is given stays",
        changed(change(1, capacity_per_year=8.0), offers=(offer(capacity=4.0, spot_limit_per_year=4.0),)),
        1208,
        "4 t and 6 short each year: the spot market gives no more",
    ),
    Solved("changed spot limit", changed(change(1, spot_limit_per_year=6.0)), 416, "10 t; then 6 t and 4 short"),
    Solved(
        "minimum order above a changed capacity",
        changed(change(1, capacity_per_year=5.0), offers=(offer(minimum_order=8.0),)),
        1010,
        "10 t; in the second year no order reaches 8 t, and all goes short",
    ),
    Solved(
        "a gain from a price that falls",
        case(
            materials=(ore(salvage_value=2.0),),
            offers=(offer(price=5.0, capacity=100.0),),
            offer_changes=(change(1, price=1.0),),
            demand=(need(by_period={1: 0.0}),),
        ),
        -50,
        "10 t at 5; then 100 t are bought at 1 and sold at 2",
    ),
    Solved(
        "orders by the capacity of the year in which they are placed",
        changed(change(1, capacity_per_year=10.0), settings=THREE_YEARS, offers=(offer(capacity=4.0, **LATER),)),
        1614,
        "10 short; 4 t, as were ordered, and 6 short; 10 t",
    ),
)

CHANGED_CONTRACTS = (
    Solved(
        "a contract counts by the capacity of the year",
        changed(change(1, capacity_per_year=10.0), offers=(contract(capacity=20.0, reservation_price=1.0),)),
        50,
        "half of a contract can be called off in the second year: 20 are contracted, reserved for 20 and then 10, and 20 t lifted",
    ),
    Solved(
        "take-or-pay by the capacity of the year",
        changed(change(1, capacity_per_year=10.0), offers=(contract(capacity=20.0, take_or_pay=1.0),), demand=(need(by_period={0: 8.0, 1: 4.0}),)),
        12,
        "of a contract of 8 a half is paid for in the second year, just what is needed",
    ),
    Solved(
        "largest capacity of the years of the contract",
        changed(change(1, capacity_per_year=5.0), offers=(contract(capacity=20.0, prepayment=1.0, contract_from=1),)),
        1510,
        "10 short; then 5 are paid in advance for a contract of 5, the capacity while it is live, 5 t lifted and 5 short",
    ),
    Solved(
        "minimum contract up to the largest capacity",
        changed(change(1, capacity_per_year=10.0), offers=(contract(capacity=5.0, minimum_contract=8.0),)),
        515,
        "a contract of 10: 5 t and 5 short; then 10 t",
    ),
    Solved(
        "a contract that waits for its plant, of the largest capacity",
        changed(
            change(1, capacity_per_year=20.0),
            offers=(contract(capacity=10.0, reservation_price=2.0, project="plant"),),
            projects=(Project(2, "plant", 5.0, 12.0),),
            demand=(need(by_period={1: 20.0}),),
        ),
        1065,
        "the plant (5) is ready in the second year: 10 short first, with nothing reserved; then 2·20 for the reservation and 20 t",
    ),
    Solved(
        "changed contract price grows from the change",
        changed(change(1, contract_price=4.0), settings=THREE_YEARS, offers=(contract(contract_price_growth=1.0),)),
        130,
        "1, then 4 and 8",
    ),
    Solved("a blank contract price is the offer's own price", changed(change(1, price=9.0), offers=(contract(),)), 20, "the spot price alone changes"),
    Solved(
        "an indexed contract keeps its ratio",
        changed(change(1, price=8.0), offers=(contract(price=2.0, contract_price=1.0, contract_pricing="indexed"),)),
        50,
        "half of 2, then half of 8",
    ),
    Solved(
        "a changed contract price sets the ratio before growth",
        changed(change(1, contract_price=1.0), offers=(contract(price=2.0, price_growth=1.0, contract_pricing="indexed"),)),
        40,
        "2; then half, 1 over 2, of the price that has doubled to 4",
    ),
    Solved(
        "a changed contract price sets the ratio by the price that changes with it",
        changed(
            change(1, price=8.0, contract_price=2.0),
            settings=THREE_YEARS,
            offers=(contract(price=2.0, contract_price=1.0, price_growth=1.0, contract_pricing="indexed"),),
        ),
        70,
        "half of 2; then a quarter of 8 and of 16",
    ),
    Solved(
        "a ratio stays when the price changes later",
        changed(
            change(1, contract_price=4.0),
            change(2, price=10.0),
            settings=THREE_YEARS,
            offers=(contract(price=2.0, contract_price=1.0, contract_pricing="indexed"),),
        ),
        250,
        "half of 2; twice 2, as 4 over 2; twice 10",
    ),
)
