"""`till settle`: a shop's account of a month or a day, on the command line. Exit 1 when papers and ledger differ."""

from __future__ import annotations

import sys
from datetime import date, datetime

import click
from sqlalchemy import select

from pointsbank import clock
from pointsbank.amounts import format_points
from pointsbank.console import Refusing, show
from pointsbank.database import db
from redemption.shops import Shop, ShopCard
from redemption.till.settlement import Settlement, month_of, settle


@click.group(cls=Refusing)
def till() -> None:
    """The love supermarket's till.

    Example: flask --app wsgi till settle --month 2026-11
    """


def _month(text: str | None) -> tuple[date, date]:
    if not text:
        today = clock.today()
        return month_of(today.year, today.month)
    try:
        found = datetime.strptime(text, "%Y-%m").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise click.BadParameter("write a month like 2026-11", param_hint="--month") from None
    return month_of(found.year, found.month)


def _as_json(found: Settlement) -> dict[str, object]:
    return {"shop": found.shop.code, "name": found.shop.name, "from": found.start, "to": found.end,
            "sales": found.sales, "returns": found.returns, "households": found.households,
            "points": format_points(found.points), "points_sold": format_points(found.points_sold),
            "points_returned": format_points(found.points_returned), "value_yuan": format_points(found.value_fen),
            "agrees_with_ledger": found.agrees,
            "goods": [{"sku": good.sku, "name": good.name, "pieces": good.pieces, "unit": good.unit,
                       "points": format_points(good.points), "value_yuan": format_points(good.value_fen)}
                      for good in found.goods]}


def _as_text(found: Settlement) -> str:
    lines = [f"{found.shop.name} {found.shop.code}  {found.start} – {found.end}"]
    lines += [f"  {good.sku:<8} {good.pieces:>6} {good.unit}  {format_points(good.points):>12} 分  "
              f"{format_points(good.value_fen):>12} 元  {good.name}" for good in found.goods]
    lines.append(f"  兑换 {found.sales} 笔 {found.households} 户,退货 {found.returns} 次;"
                 f"净用 {format_points(found.points)} 分,折合 {format_points(found.value_fen)} 元;"
                 f"与总账{'一致' if found.agrees else '不一致'}")
    return "\n".join(lines)


@till.command("settle")
@click.option("--shop", "code", default=None, help="The shop's code (default: every shop).")
@click.option("--month", default=None, help="YYYY-MM (default: this month).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def settle_command(code: str | None, month: str | None, as_json: bool) -> None:
    """What was redeemed in a month: sales, points, goods, value in yuan, compared with the ledger.

    Example: flask --app wsgi till settle --shop 230199100200 --month 2026-11
    """
    s, (start, end) = db.session(), _month(month)
    query = select(Shop).where(Shop.closed_on.is_(None)).order_by(Shop.book_id, Shop.code)
    rows = s.scalars(query if code is None else query.where(Shop.code == code)).all()
    if not rows:
        click.echo(f"no such shop: {code}" if code else "no shop yet: load the demo or add one", err=True)
        sys.exit(2)
    found = [settle(s, ShopCard(row.book_id, row.code, row.place_code, row.name), start, end) for row in rows]
    show([_as_json(one) for one in found], as_json, "\n\n".join(_as_text(one) for one in found))
    if not all(one.agrees for one in found):
        sys.exit(1)
