"""The village's own data in one ZIP: spreadsheets of households, members, records, entries, sales, goods, stock,
honours and uploads, and its part of the ledger as JSON lines with each transaction's place in the sealed log.

It holds names and numbers in the clear: whoever takes it is in the trail, and keeps it locked away.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import ledger
from ledger.exporting import as_record
from ledger.reading import among
from ledger.tables import leaf, transaction
from ledger.views import heads, viewed
from pointsbank import accounts, audit
from pointsbank.access import Actor, can
from pointsbank.amounts import format_points
from pointsbank.clock import to_day
from pointsbank.crypto import open_many
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.honours.models import Honour
from pointsbank.imports.models import ImportFile
from pointsbank.people import Household, Person
from pointsbank.ratings.models import RatingCycle
from pointsbank.records.models import ServiceRecord
from pointsbank.rosters.models import RosterFile
from pointsbank.sheets import write_xlsx
from pointsbank.wallets import narrate
from redemption.goods import goods_on
from redemption.numbering import receipt_number
from redemption.shops import shops_of_place
from redemption.till.models import Sale, SaleLine

POWER, LEDGER, PAGE = "village.export", "ledger.jsonl", 500
Row = tuple[Any, ...]


class Place(NamedTuple):
    """What every sheet is read from."""

    book_id: int
    code: str
    homes: dict[Any, Household]
    people: list[tuple[Person, dict[str, Any]]]
    at: datetime


def village_zip(s: Session, place_code: str, *, by: Actor, at: datetime) -> bytes:
    """Raises NotFound, also for a village out of reach."""
    if int(place_code[:6]) != by.book_id or not can(by, POWER, place_code):
        raise NotFound("place")
    place = _read(s, by.book_id, place_code, at)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, (titles, rows) in SHEETS.items():
            packed.writestr(f"{name}.xlsx", write_xlsx(titles, list(rows(s, place)), sheet=name))
        with packed.open(LEDGER, "w") as file:
            for line in ledger_lines(s, place):
                file.write(line.encode())
    with unit_of_work(s):
        audit.record(s, by, "village.exported", f"place:{place_code}", at=at, households=len(place.homes))
    return buffer.getvalue()


def _read(s: Session, book_id: int, place_code: str, at: datetime) -> Place:
    homes = list(s.scalars(select(Household).where(Household.book_id == book_id, Household.place_code == place_code)
                           .order_by(Household.code)))
    rows = list(s.scalars(select(Person).join(Household, (Household.book_id == Person.book_id)
                                              & (Household.id == Person.household_id))
                          .where(Person.book_id == book_id, Household.place_code == place_code)
                          .order_by(Household.code, Person.id)))
    facts = open_many(s, book_id, [(one.id, one.sealed) for one in rows], "person")
    return Place(book_id, place_code, {home.id: home for home in homes},
                 [(one, told or {"name": "(已删除)"}) for one, told in zip(rows, facts, strict=True)], at)


def households(s: Session, place: Place) -> Iterator[Row]:
    names = {person.id: told.get("name", "") for person, told in place.people}
    wallets = {accounts.wallet(id_, place.code): id_ for id_ in place.homes}
    balances = {wallets[account]: found.posted for account, found in ledger.balances(
        s.connection(), place.book_id, wallets).items()}
    tags = open_many(s, place.book_id, [(home.id, home.sealed) for home in place.homes.values()], "household")
    for home, told in zip(place.homes.values(), tags, strict=True):
        head = names.get(home.head_person_id, "") if home.head_person_id else ""
        yield (home.code, home.group_no, head, "、".join((told or {}).get("tags", ())), home.opened_on, home.closed_on,
               format_points(balances.get(home.id, 0)))


def members(s: Session, place: Place) -> Iterator[Row]:
    for person, told in place.people:
        yield (place.homes[person.household_id].code, told.get("name", ""), told.get("relation", ""),
               told.get("phone", ""), told.get("id_no", ""), told.get("born_on", ""), person.joined_on, person.left_on)


def records(s: Session, place: Place) -> Iterator[Row]:
    names = {person.id: told.get("name", "") for person, told in place.people}
    rows = list(s.scalars(select(ServiceRecord).where(
        ServiceRecord.book_id == place.book_id, ServiceRecord.place_code == place.code).order_by(ServiceRecord.id)))
    texts = open_many(s, place.book_id, [(row.person_id or row.household_id, row.sealed) for row in rows],
                      "service_record")
    for row, text in zip(rows, texts, strict=True):
        home = place.homes.get(row.household_id)
        yield (home.code if home else "", names.get(row.person_id, "") if row.person_id else "", row.rule_code,
               row.service_on, row.minutes, row.status, row.source, (text or {}).get("note", ""))


def entries(s: Session, place: Place) -> Iterator[Row]:
    for home in place.homes.values():
        lines = ledger.lines(s.connection(), place.book_id, accounts.wallet(home.id, place.code))
        told = narrate(s, place.book_id, lines)
        for line in lines:
            yield (home.code, line.effective_on, told[line.transaction_id], format_points(line.amount),
                   format_points(line.balance), line.due_on, str(line.transaction_id))


def hours(s: Session, place: Place) -> Iterator[Row]:
    for person, told in place.people:
        for line in ledger.lines(s.connection(), place.book_id, accounts.hours(person.id)):
            yield (place.homes[person.household_id].code, told.get("name", ""), line.effective_on, line.rule or "",
                   line.amount, line.balance)


def sales(s: Session, place: Place) -> Iterator[Row]:
    shops = [shop.code for shop in shops_of_place(s, place.book_id, place.code)]
    for sale, line in s.execute(select(Sale, SaleLine).join(
            SaleLine, (SaleLine.book_id == Sale.book_id) & (SaleLine.sale_id == Sale.id)).where(
            Sale.book_id == place.book_id, Sale.shop_code.in_(shops)).order_by(Sale.id, SaleLine.line_no)):
        home = place.homes.get(sale.household_id)
        yield (receipt_number(sale.day, sale.number), sale.day, home.code if home else "", line.name, line.quantity,
               format_points(line.points))


def stock(s: Session, place: Place) -> Iterator[Row]:
    """What lies on the village's shelves, batch by batch, from the ledger itself."""
    shelves = tuple(f"shelf:{shop.code}:" for shop in shops_of_place(s, place.book_id, place.code))
    for row in ledger.trial_balance(s.connection(), place.book_id):
        if shelves and row.code.startswith(shelves) and row.balance:
            yield row.commodity, row.code.rpartition(":")[2], row.balance


def ledger_lines(s: Session, place: Place) -> Iterator[str]:
    """The village's transactions in the order of posting; `leaf` is the place in the book's sealed log."""
    connection, last = s.connection(), UUID(int=0)
    ours = or_(transaction.c.place == place.code, among(connection, transaction.c.household, list(place.homes)))
    while page := viewed(connection, place.book_id, heads(place.book_id).where(ours, transaction.c.id > last).order_by(
            transaction.c.id).limit(PAGE), with_reversals=False):
        sealed = s.execute(select(leaf.c.transaction_id, leaf.c.position).where(
            leaf.c.book_id == place.book_id, leaf.c.transaction_id.in_([one.id for one in page])))
        leaves = {row[0]: row[1] for row in sealed}
        for one in page:
            yield json.dumps({"leaf": leaves.get(one.id), **as_record(one)}, ensure_ascii=False) + "\n"
        last = page[-1].id


def goods(s: Session, place: Place) -> Iterator[Row]:
    """The price list of today, with each good's unit."""
    for card in goods_on(s, place.book_id, to_day(place.at)).values():
        price = card.price
        yield (card.sku, card.name, card.unit, format_points(price.points) if price else "",
               format_points(price.market_fen) if price else "", price.valid_from if price else None, card.retired_on)


def ratings(s: Session, place: Place) -> Iterator[Row]:
    for honour, cycle in s.execute(select(Honour, RatingCycle).join(
            RatingCycle, (RatingCycle.book_id == Honour.book_id) & (RatingCycle.id == Honour.cycle_id)).where(
            Honour.book_id == place.book_id, Honour.place_code == place.code).order_by(Honour.id)):
        home = place.homes.get(honour.household_id)
        yield (cycle.scheme_code, cycle.scheme_version, cycle.year, cycle.period, home.code if home else "",
               " ".join(honour.stars), honour.level, honour.state, honour.number, honour.awarded_on, honour.plaque)


def uploads(s: Session, place: Place) -> Iterator[Row]:
    """What was uploaded and what became of it; the files themselves are put away."""
    kinds: tuple[tuple[str, Any], ...] = (("时长表", ImportFile), ("名册", RosterFile))
    for kind, model in kinds:
        for row in s.scalars(select(model).where(model.book_id == place.book_id, model.place_code == place.code)
                             .order_by(model.id)):
            yield (kind, str(row.id), f"{row.made_at:%Y-%m-%dT%H:%M:%SZ}", row.status, row.done, row.total,
                   " ".join(f"{name}={value}" for name, value in row.figures.items()), row.digest)


SHEETS: dict[str, tuple[tuple[str, ...], Callable[[Session, Place], Iterable[Row]]]] = {
    "农户": (("户号", "组别", "户主", "标签", "登记日", "销户日", "积分余额"), households),
    "成员": (("户号", "姓名", "与户主关系", "电话", "证件号", "出生日期", "登记日", "离开日"), members),
    "服务记录": (("户号", "姓名", "细则编码", "服务日期", "分钟", "状态", "来源", "备注"), records),
    "积分账": (("户号", "日期", "事由", "增减", "余额", "到期日", "账号"), entries),
    "时长账": (("户号", "姓名", "日期", "细则编码", "分钟", "累计"), hours),
    "兑换": (("小票", "日期", "户号", "商品", "数量", "积分"), sales),
    "库存": (("商品编码", "批次", "件数"), stock),
    "商品价目": (("商品编码", "品名", "单位", "积分", "市场参考价(元)", "执行日期", "停售日期"), goods),
    "荣誉": (("评定办法", "版本", "年度", "周期", "户号", "星", "等级", "状态", "证书编号", "授予日期", "牌子"),
             ratings),
    "上传文件": (("类别", "编号", "上传时间", "状态", "已处理", "总行数", "结果", "文件校验码"), uploads),
}
