"""Merged blocks: only their first cell holds the value; the others get it here, marked as filled.

Rows stream through; what is remembered is one cell per block that is still open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Cell, Kind, Mark, Row, column_letters
from pointsbank.sheets.sources import Block

_FILLED = frozenset({Mark.FILLED_FROM_MERGED})


def fill(rows: Iterable[Row], blocks: Iterable[Block]) -> Iterator[Row]:
    """The rows with the cells of merged blocks filled. Rows are not invented: a row that is not there stays away."""
    waiting = sorted(blocks, reverse=True)
    if not waiting:
        yield from rows
        return
    active: list[tuple[Block, Cell | None]] = []
    for row in rows:
        active = [(block, origin) for block, origin in active if block.last_row >= row.number]
        while waiting and waiting[-1].first_row <= row.number:
            block = waiting.pop()
            if block.last_row >= row.number and block.first_column < limits.COLUMNS_MAX:
                starts_here = block.first_row == row.number
                active.append((block, row.cell(block.first_column) if starts_here else None))
        yield _filled(row, active) if active else row


def _filled(row: Row, active: list[tuple[Block, Cell | None]]) -> Row:
    cells = list(row.cells)
    for block, origin in active:
        if origin is None or origin.value is None:
            continue
        last = min(block.last_column, limits.COLUMNS_MAX - 1)
        while len(cells) <= last:
            cells.append(Cell(None, Kind.BLANK, row.number, column_letters(len(cells))))
        for index in range(block.first_column, last + 1):
            if (row.number == block.first_row and index == block.first_column) or cells[index].value is not None:
                continue
            marks = _FILLED | origin.marks
            cells[index] = Cell(origin.value, origin.kind, row.number, column_letters(index), marks)
    return row._replace(cells=tuple(cells))
