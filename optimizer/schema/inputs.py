# ruff: noqa: E501, one column a line reads as the table that it is
"""The rows of Inputs: what an offer converts that has several inputs."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.schema.fields import Record, column


# fmt: off
@dataclass(frozen=True, slots=True)
class InputRow(Record):
    """A row of Inputs: one of several inputs that an offer converts."""

    supplier: str = column("name", "Who converts.", key=True, refers=("Suppliers.supplier",), example="Northern Separation")
    material: str = column("name", "What is made.", key=True, refers=("Materials.material",), example="Dysprosium oxide")
    offer: str = column("name", "The supplier's offer, where it makes several of the material.", key=True, default="")
    input_material: str = column("name", "What is used up.", key=True, refers=("Materials.material",), example="Mixed carbonate")
    input_per_unit: float = column("number", "Units of it used per unit of output.", "units per unit", low=0, above=True, example=1.4)
# fmt: on
