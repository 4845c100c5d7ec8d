"""The trial balance on paper. Pure."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports.pdf import (
    CheckCode,
    Column,
    Sheet,
    build_sheet,
    check_lines,
    day_text,
    moment_text,
    ruled_table,
    seal_room,
    space,
    words,
)
from reports.trial_balance.names import commodity_name, kind_name
from reports.trial_balance.records import TrialBalance, amount_text


def trial_balance_pdf(data: TrialBalance, check: CheckCode | None = None) -> bytes:
    """One group of rows per commodity, its totals, and whether debits equal credits."""
    _ = words(data.lang)
    sheet = Sheet(
        title=_("试算平衡表"),
        issuer=data.issuer,
        made_at=data.made_at,
        check=check,
        lang=data.lang,
        mark=_("演示数据") if data.demo else "",
        running=_("截至 %(day)s", day=day_text(data.as_of, data.lang)),
        facts=(
            (_("账簿"), str(data.book_id)),
            (_("截至日"), day_text(data.as_of, data.lang)),
            (_("记录截至"), moment_text(data.known_at, data.lang)),
            (_("结论"), verdict(data)),
        ),
    )
    columns = [
        Column(_("科目"), wrap=True),
        Column(_("账户数"), 22, "right"),
        Column(_("借方"), 34, "right"),
        Column(_("贷方"), 34, "right"),
        Column(_("余额"), 34, "right"),
    ]
    rows, groups = table_rows(data)
    if not rows:
        rows = [[_("账簿里还没有任何记录。"), "", "", "", ""]]
    story: list[Flowable] = [space(2), ruled_table(columns, rows, strong=groups), space(4)]
    story.append(
        seal_room(
            data.lang,
            data.issuer,
            check_lines(
                [
                    (
                        _("余额"),
                        _(
                            "余额 = 贷方 − 借方。每一笔都同时记入一个账户的借方和另一个账户的贷方,"
                            "所以合计必须相等、余额合计必须为零。"
                        ),
                    ),
                    (_("制单"), moment_text(data.made_at, data.lang)),
                ]
            ),
        )
    )
    return build_sheet(sheet, story)


def verdict(data: TrialBalance) -> str:
    _ = words(data.lang)
    if data.balances:
        return _("平衡:借方等于贷方")
    return _("不平衡,请立即核查")


def table_rows(data: TrialBalance) -> tuple[list[list[str]], list[int]]:
    """The rows, and the numbers of those that open a commodity."""
    _ = words(data.lang)
    rows: list[list[str]] = []
    groups: list[int] = []
    for total in data.totals:
        groups.append(len(rows))
        rows.append(
            [
                commodity_name(total.commodity, data.lang, data.goods.get(total.commodity, "")),
                "",
                amount_text(total.commodity, total.debits),
                amount_text(total.commodity, total.credits),
                amount_text(total.commodity, total.balance),
            ]
        )
        rows += [
            [
                "　" + kind_name(row.kind, data.lang),
                str(row.accounts),
                amount_text(row.commodity, row.debits),
                amount_text(row.commodity, row.credits),
                amount_text(row.commodity, row.balance),
            ]
            for row in data.rows
            if row.commodity == total.commodity
        ]
    return rows, groups
