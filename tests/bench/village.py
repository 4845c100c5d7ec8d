"""The bank's main jobs: a sheet of 5,000 rows in, its records approved, goods redeemed."""

from __future__ import annotations

import io
import random
import uuid
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

import openpyxl
from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import system_actor
from pointsbank.database import engine_for, unit_of_work
from pointsbank.imports import ChooseColumns, ReceiveFile, check_file, choose_columns, import_rows, import_view
from pointsbank.imports.queries import find_import
from pointsbank.imports.running import start_check, start_import
from pointsbank.imports.service import receive_file
from pointsbank.people import persons_of_place
from pointsbank.records import DecideMany, ServiceRecord, decide_many
from pointsbank.schedule import load_demo_rules
from redemption import accounts as shop_accounts
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods
from tests import databases
from tests.bench.measuring import Line, Rate, Table, once, repeat
from tests.redemption.a_shop import NOW, OPENED, TODAY, Market, actor, give_points, load_market, market_in
from tests.sheets_of_hours import sheet_with_mistakes


def read_by_openpyxl(data: bytes) -> int:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1
    book.close()
    return rows


def importing(table: Table, kind: str, s: Session, count: int) -> None:
    recorder = actor(s, "recorder")
    rules = Path(str(resources.files("redemption.demo") / "data" / "rules.json"))
    load_demo_rules(s, "230199000000", rules, by=system_actor(recorder.book_id, "bench"), at=OPENED,
                    valid_from=date(2026, 1, 1))
    data, _, good = sheet_with_mistakes(persons_of_place(s, recorder.place_code), TODAY, count)
    reference = once(lambda: read_by_openpyxl(data))
    file_id = receive_file(s, ReceiveFile(uuid.uuid4(), recorder.place_code, "bench.xlsx", data), by=recorder,
                           at=NOW).id

    def dry_run() -> int:
        view, found = import_view(s, file_id, by=recorder), find_import(s, file_id, by=recorder)
        choose_columns(s, ChooseColumns(file_id, columns=view.choices.columns), found.header, by=recorder, at=NOW)
        start_check(s, file_id, by=recorder)
        check_file(s, file_id, by=recorder, at=NOW)
        return count

    def confirm() -> int:
        start_import(s, file_id, by=recorder)
        import_rows(s, file_id, by=recorder, at=NOW)
        return len(good)

    tell(table, kind, f"import of {count:,} rows, dry run", once(dry_run), reference, "openpyxl reading the file")
    tell(table, kind, f"import of {len(good):,} rows, confirmed", once(confirm), reference, "openpyxl reading the file")


def as_approved(s: Session, count: int) -> Rate:
    """ledger.post() of as many entries with minutes, points and score each, in one batch."""
    people = persons_of_place(s, actor(s, "recorder").place_code)
    place, book_id = people[0].place_code, people[0].book_id
    made = []
    for _ in range(count):
        one = random.choice(people)
        made.append(Entry("bench", uuid.uuid4().hex, "bench", TODAY, (
            Transfer(accounts.served(place), accounts.hours(one.id), 120),
            Transfer(accounts.budget(place), accounts.wallet(one.household_id, place), 200, due_on=date(2027, 3, 31)),
            Transfer(accounts.scored(place), accounts.score(one.household_id), 200)),
            Party(one.household_id, one.id)))

    def post() -> int:
        with unit_of_work(s):
            ledger.post(s.connection(), book_id, made, recorded_at=NOW)
        return count

    return once(post)


def approving(table: Table, kind: str, s: Session) -> None:
    committee = actor(s, "committee2")
    waiting = tuple(s.scalars(select(ServiceRecord.id)))
    s.rollback()
    reference = as_approved(s, len(waiting))

    def approve() -> int:
        outcome = decide_many(s, DecideMany(uuid.uuid4(), waiting), by=committee, at=NOW + timedelta(hours=1))
        return len(waiting) - len(outcome.refused)

    tell(table, kind, f"approving {len(waiting):,} records", once(approve), reference, "ledger.post() of as many")


def as_sold(market: Market, seconds: float) -> Rate:
    """ledger.post() of one entry that moves points and one good from a shelf, one at a time."""
    village, s = market.village, market.s
    homes = list(village.households.values())
    shelf = ledger.member("BENCH", "shelf:bench:1", floor=0)
    bought, given = ledger.system("BENCH", "bought:bench"), ledger.system("BENCH", "given:bench")
    spent = shop_accounts.spent(market.shop.code)

    def post(*transfers: Transfer, party: Party = Party()) -> int:
        with unit_of_work(s):
            ledger.post(s.connection(), village.book_id, [
                Entry("bench", uuid.uuid4().hex, "bench", TODAY, transfers, party)], recorded_at=NOW)
        return 1

    post(Transfer(bought, shelf, 1_000_000))

    def one() -> int:
        home = random.choice(homes)
        return post(Transfer(accounts.wallet(home.id, home.place_code), spent, 300), Transfer(shelf, given, 1),
                    party=Party(household=home.id))

    return repeat(seconds, one)


def redeeming(table: Table, kind: str, s: Session, seconds: float) -> None:
    market = market_in(s)
    receive_goods(s, ReceiveGoods(uuid.uuid4(), market.shop.code, "opening", (GoodsIn("P01", 100_000, None),)),
                  by=market.system, at=OPENED)
    codes = sorted(set(market.village.households) - {"H019"})  # the clerk steps aside from her own
    for code in codes:
        give_points(s, market.village, code, 10_000_000, "bench")

    def sell() -> int:
        market.sell(random.choice(codes), ("P01", 1), confirm_again=True)
        return 1

    tell(table, kind, "redeeming one good", repeat(seconds, sell), as_sold(market, seconds),
         "ledger.post() of one entry")


def tell(table: Table, kind: str, what: str, ours: Rate, reference: Rate, named: str) -> None:
    table.add(Line(kind, what, named, ours.per_second, reference.per_second, ours.per_second / reference.per_second))


def bench(table: Table, kind: str, folder: Path) -> None:
    table.doing(f"{kind}: the village")
    urls = databases.fresh(kind, folder / kind / "village", load_market)
    engine = engine_for(urls[0])
    with Session(engine) as s:
        importing(table, kind, s, table.sizes.rows)
        approving(table, kind, s)
        redeeming(table, kind, s, table.sizes.seconds)
    engine.dispose()
    databases.drop(urls[1])
