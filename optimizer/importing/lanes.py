"""Tables whose rows are none of the case, but say more of those of another table: freight and transit days of a lane, added to its offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from optimizer.importing.mapping import TableMapping
from optimizer.importing.records import PLACE, Cell, Findings, Record
from optimizer.intake.cells.parse import is_blank
from optimizer.schema.language import fold


def with_additions(records: Sequence[Record], made: Sequence[TableMapping], findings: Findings) -> list[Record]:
    """Return the records that are rows of the case, with what other tables add to them.

    A name of which a table says two different things is asked; where it says nothing of a name, the sum is missing, and asked for with the rows.
    """
    rows = [record for record in records if not made[record.table].added_by]
    for number, table in enumerate(made):
        if table.added_by:
            lanes = [record for record in records if record.table == number]
            _add(rows, lanes, table.added_by, made, findings)
    return rows


def _add(rows: Sequence[Record], lanes: Sequence[Record], key: str, made: Sequence[TableMapping], findings: Findings) -> None:
    """Add the cells of each lane to the rows that have its name."""
    sheet = key.partition(".")[0]
    targets = list(dict.fromkeys(target for lane in lanes for target in lane.cells if target != key and target.startswith(f"{sheet}.")))
    by_name: dict[str, list[Record]] = defaultdict(list)
    for lane in lanes:
        by_name[fold(lane.text(key))].append(lane)
    for row in rows:
        name = fold(row.text(key))
        if made[row.table].sheet != sheet or not name:
            continue
        found = by_name.get(name, [])
        for target in targets:
            cells = [cell for lane in found for cell in lane.cells.get(target, []) if not is_blank(cell.value)]
            if len({(str(cell.value), cell.unit) for cell in cells}) > 1:
                places = " and ".join(str(cell.origin) for cell in cells[:2])
                words = (
                    f"Several rows say {target.partition('.')[2].replace('_', ' ')} of {row.text(key)}, and not the same ({places}). Leave the one that counts."
                )
                findings.ask(str(cells[0].origin), words, PLACE, found[0].table)
            row.cells.setdefault(target, []).append(cells[0] if cells else Cell(None, row.origin))
            row.added.add(target)
