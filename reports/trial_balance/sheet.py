"""The trial balance as a spreadsheet: one row per commodity and kind, numbers as numbers."""

from __future__ import annotations

from decimal import Decimal

from pointsbank.sheets import Value, write_csv, write_xlsx
from pointsbank.words import words
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.records import HUNDREDTHS, TrialBalance


def _number(commodity: str, amount: int) -> Value:
    return Decimal(amount).scaleb(-2) if commodity in HUNDREDTHS else amount


def trial_balance_table(data: TrialBalance) -> tuple[list[str], list[list[Value]]]:
    """Headers and rows; each commodity closes with its total."""
    _ = words(data.lang)
    headers = [_("计量"), _("科目"), _("账户数"), _("借方"), _("贷方"), _("余额"), _("截至日")]
    rows: list[list[Value]] = []
    for total in data.totals:
        name = commodity_name(total.commodity, data.lang, data.goods.get(total.commodity, ""))
        for row in data.rows:
            if row.commodity == total.commodity:
                rows.append([name, kind_name(row.kind, data.lang), row.accounts, *(
                    _number(row.commodity, value) for value in (row.debits, row.credits, row.balance)), data.as_of])
        rows.append([name, _("合计"), None, *(
            _number(total.commodity, value) for value in (total.debits, total.credits, total.balance)), data.as_of])
    return headers, rows


def trial_balance_xlsx(data: TrialBalance) -> bytes:
    headers, rows = trial_balance_table(data)
    return write_xlsx(headers, rows, sheet=f"{data.book_id} {data.as_of}")


def trial_balance_csv(data: TrialBalance) -> bytes:
    return write_csv(*trial_balance_table(data))
