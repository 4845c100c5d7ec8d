"""Loading the demo village: only into an empty database, with its past or bare; and keeping its till open today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TextIO

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user, system_actor
from pointsbank.access.powers import SECOND_FACTOR
from pointsbank.amounts import Points
from pointsbank.clock import to_day
from pointsbank.errors import DomainError
from pointsbank.places import Place, book_of, is_demo
from pointsbank.records import policy_of
from pointsbank.wallets import CarryOver, carry_over
from redemption.demo.office import moment
from redemption.demo.past import live_the_past
from redemption.demo.people import Village, data, load_village
from redemption.demo.village_data import goods_facts, key, load_setting, offer_benefits
from redemption.shops import SetShopDay, set_shop_day
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods

BAR = 30


class NotEmpty(DomainError):
    code, status = "not_empty", 409
    zh = "数据库里已经有数据。演示村只能装进空库。"
    en = "The database holds data already. The demo village can only be loaded into an empty one."


def is_empty(s: Session) -> bool:
    return s.scalar(select(Place.code).limit(1)) is None


def a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else day - timedelta(days=366)


def load_demo(s: Session, *, today: date, now: datetime, bare: bool, out: TextIO) -> Village:
    """The village into an empty database. The clock of the past is made here and nowhere else. Raises NotEmpty."""
    if not is_empty(s):
        raise NotEmpty()
    s.rollback()
    if bare:
        village = load_village(s, at=now)
        shop = load_setting(s, village, at=now)
        give_openings(s, village, shop, at=now)
        offer_benefits(s, village, at=now)
        return village
    first = a_year_before(today)
    print("装入演示村:过去十二个月逐日生成 / loading the demo village, day by day", file=out, flush=True)
    village = load_village(s, at=moment(first, 6))
    shop = load_setting(s, village, at=moment(first, 6, 30))
    live_the_past(s, village, shop, first, today, lambda done, total: show_progress(done, total, out))
    offer_benefits(s, village, at=moment(today - timedelta(days=1), 20))
    print(file=out, flush=True)
    return village


def show_progress(done: int, total: int, out: TextIO) -> None:
    """One line that grows; on a pipe only every tenth."""
    if out.isatty() or done * 10 // total != (done - 1) * 10 // total:
        filled = done * BAR // total
        print(f"\r  [{'#' * filled}{'.' * (BAR - filled)}] {done * 100 // total:3d}%", end="", file=out, flush=True)


def give_openings(s: Session, village: Village, shop: str, *, at: datetime) -> None:
    """The bare demo: balances and stock as given, carried over today."""
    staff = {user.login: actor_of_user(s, user) for user in s.scalars(
        select(AppUser).where(AppUser.book_id == village.book_id, AppUser.kind == "staff")).all()}
    due = policy_of(s, village.place_code).due_on(to_day(at))
    balances = {village.households[row["no"]].id: Points(row["opening_points"] * 100)
                for row in data("village.json")["households"]}
    carry_over(s, CarryOver(balances, due), by=staff["admin"], at=at)
    lines = tuple(GoodsIn(good.sku, good.stock, market_fen=good.market_fen, use_by=(
        to_day(at) + timedelta(days=good.shelf_life_days) if good.shelf_life_days else None)) for good in goods_facts())
    receive_goods(s, ReceiveGoods(key("receive", "bare"), shop, "opening", lines), by=staff["storekeeper"], at=at)


def open_today(s: Session, *, at: datetime) -> None:
    """A demo's till is open whenever somebody tries it."""
    village = data("staff.json")["village"]
    set_shop_day(s, SetShopDay(village, to_day(at), True, "00:00", "23:59", "演示"),
                 by=system_actor(book_of(village), "demo"), at=at)


def load_if_empty(s: Session, *, bare: bool, out: TextIO) -> bool:
    """For the server's start: load the demo into an empty database, keep what is there otherwise. True when loaded."""
    loaded = is_empty(s)
    if loaded:
        load_demo(s, today=clock.today(), now=clock.now(), bare=bare, out=out)
    if is_demo(s, book_of(data("staff.json")["village"])):
        open_today(s, at=clock.now())
    return loaded


def who_needs_a_second_factor() -> str:
    return "、".join(row["login"] for row in data("staff.json")["staff"] if SECOND_FACTOR & set(row["roles"]))


def sign_in_hints(s: Session) -> list[str]:
    """For the sign-in page of the demo; nothing where there is none."""
    staff = data("staff.json")
    if not is_demo(s, book_of(staff["village"])):
        return []
    return [_("演示村:村民用户号 H001 到 H024,密码 %(pin)s;工作账号的密码是 %(word)s。", pin=staff["household_pin"],
              word=staff["password"]),
            _("%(logins)s 还要第二道验证:输完密码,页面上会显示现在的验证码。手机号登录的短信显示在服务器的窗口里。",
              logins=who_needs_a_second_factor())]


def print_sign_ins(s: Session, *, out: TextIO) -> None:
    """Who can sign in to the demo, and with what; nothing for a real book."""
    staff = data("staff.json")
    if not is_demo(s, book_of(staff["village"])):
        return
    print(f"\n演示登录 / demo sign-ins (工作人员密码 staff password: {staff['password']})", file=out)
    for row in staff["staff"]:
        print(f"  {row['login']:<12} {row['title']}", file=out)
    print(f"  第二道验证 / second factor: {who_needs_a_second_factor()}", file=out)
    print(f"  登录时页面上会显示现在的验证码;也可以把密钥 {staff['second_factor']} 加进手机验证器。", file=out)
    print("  The demo's page shows the code of the moment; or put that secret into an authenticator app.", file=out)
    print(f"  H001 … H024  村民(户号),密码 / households, PIN: {staff['household_pin']}\n", file=out, flush=True)
