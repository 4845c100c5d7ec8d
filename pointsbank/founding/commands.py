"""`bank begin`: the short wizard of the first day. Every question can be given as an option instead."""

from __future__ import annotations

import click
from flask import current_app

from pointsbank import clock
from pointsbank.commands import show
from pointsbank.database import db
from pointsbank.founding.beginning import BeginBook, begin_book, leave_demo


def _village(text: str) -> tuple[str, str]:
    code, _, name = text.partition("=")
    if not (code.isdigit() and len(code) == 12 and name.strip()):
        raise click.BadParameter("12 digits, '=' and the village's name, such as 230183100200=向阳村")
    return code, name.strip()


@click.command("begin")
@click.option("--county", prompt="区县代码(6 位)/ county code", help="Six digits, such as 230183.")
@click.option("--county-name", prompt="区县名称 / its name", help="Such as 尚志市.")
@click.option("--town", prompt="乡镇(街道)代码(12 位)/ town code", help="Twelve digits, such as 230183100000.")
@click.option("--town-name", prompt="乡镇(街道)名称 / its name", help="Such as 尚志镇.")
@click.option("--village", "villages", multiple=True, help="CODE=NAME, once for each village or community.")
@click.option("--admin", prompt="系统管理员账号 / administrator's account", help="Who adds everybody else.")
@click.option("--password", prompt="首次密码 / first password", hide_input=True, confirmation_prompt=True,
              help="Changed by the administrator at the first sign-in.")
@click.option("--leave-demo", "leave", is_flag=True, help="Put the demo's data aside first (SQLite; stop the server).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def begin(county: str, county_name: str, town: str, town_name: str, villages: tuple[str, ...], admin: str,
          password: str, leave: bool, as_json: bool) -> None:
    """Begin a real book: places, and the first administrator. Nothing of the demo comes along.

    Example: flask --app wsgi bank begin --leave-demo --county 230183 --county-name 尚志市 --town 230183100000
    --town-name 尚志镇 --village 230183100200=向阳村 --admin zhang
    """
    asked = list(villages)
    while not asked:
        asked.append(click.prompt("村(社区),如 230183100200=向阳村 / village as CODE=NAME"))
        while click.confirm("还有别的村吗 / another village", default=False):
            asked.append(click.prompt("村(社区)/ village"))
    places, aside = tuple(_village(one) for one in asked), None
    if leave:
        db.session.remove()
        db.engine.dispose()
        aside = leave_demo(current_app.extensions["settings"], at=clock.now())
    book_id = begin_book(db.session(), BeginBook(county, county_name, town, town_name, places, admin, password),
                         at=clock.now())
    lines = [f"账本 {book_id} 已建好 / book {book_id} is ready: {len(places)} villages, administrator {admin}"]
    if aside:
        lines.append(f"演示数据另存在 / the demo is kept in {aside}")
    lines.append("下一步 / next: 登录,导入名册 /rosters,填期初余额 /openings,打印卡 /people/cards.pdf")
    show({"book": book_id, "villages": [code for code, _ in places], "demo_aside": aside and str(aside)}, as_json,
         "\n".join(lines))
