"""The statement as a spreadsheet: the same figures as the page and the paper, numbers as numbers."""

from __future__ import annotations

from decimal import Decimal

from pointsbank.clock import SHANGHAI
from pointsbank.sheets import Value, write_csv, write_xlsx
from pointsbank.words import words
from reports.statements.records import StatementData


def points(value: int) -> Decimal:
    """26828 -> Decimal('268.28'): exact, with its two decimals."""
    return Decimal(value).scaleb(-2)


def statement_table(data: StatementData) -> tuple[list[str], list[list[Value]]]:
    """Headers and rows: opening, lines, closing, then the three parts and the two times."""
    _ = words(data.lang)
    headers = [_("序号"), _("日期"), _("事由"), _("增减(分)"), _("余额(分)"), _("记入时间")]
    rows: list[list[Value]] = [[None, data.start, _("期初余额"), None, points(data.opening), None]]
    rows += [[line.numbers, line.effective_on, line.reason, points(line.points), points(line.balance),
              line.recorded_at.astimezone(SHANGHAI)] for line in data.lines]
    rows.append([None, data.end, _("期末余额"), None, points(data.closing), None])
    rows += [[None, None, label, None, points(value), None] for label, value in (
        (_("账面"), data.posted), (_("冻结"), data.held), (_("可用"), data.available))]
    rows += [[None, lapse.due_on, _("最后可用日"), None, points(lapse.points), None] for lapse in data.lapses]
    rows.append([None, data.end, _("截至日"), None, None, None])
    rows.append([None, None, _("记录截至"), None, None, data.known_at.astimezone(SHANGHAI)])
    rows.append([None, None, f"{_('户号')} {data.household_code} · {data.place_name}", None, None, None])
    return headers, rows


def statement_xlsx(data: StatementData) -> bytes:
    headers, rows = statement_table(data)
    return write_xlsx(headers, rows, sheet=f"{data.household_code} {data.start} {data.end}")


def statement_csv(data: StatementData) -> bytes:
    return write_csv(*statement_table(data))
