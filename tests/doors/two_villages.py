"""The demo village and its neighbour, with somebody in every role, and things in both to ask for.

    here, there = Side(app, village), Side(app, neighbour, "b-")
    here.thing("record")        # the id of a record of the demo village, made once
    there.write("/records")     # a write of the API about the neighbour, as `tests/api_writes.py` has it
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_2

import ledger
import tests.api_writes_honours as honours
import tests.api_writes_people  # noqa: F401
from pointsbank import clock
from pointsbank.access import ROLES, Actor, AddUser, AppUser, SignInSession, add_user, issue_token, system_actor
from pointsbank.amounts import Points
from pointsbank.clock import to_day
from pointsbank.database import db, unit_of_work
from pointsbank.households.consents import GiveConsent, give_consent
from pointsbank.households.numbers import GiveNumber, give_number
from pointsbank.households.transfers import AskTransfer, ask_transfer
from pointsbank.people import (
    AddHousehold,
    AddPerson,
    add_household,
    add_person,
    find_household,
    household_cards,
)
from pointsbank.places import AddPlace, add_place
from pointsbank.records import policy_of
from pointsbank.sheets import write_csv
from pointsbank.teams.service import AddTeam, JoinTeam, add_team, join_team
from pointsbank.teams.units import AddUnit, PairUp, add_unit, find_unit, pair
from pointsbank.territory.grids import AddGrid, add_grid
from pointsbank.territory.tree_sheet import TITLES
from pointsbank.territory.uploads import ReceiveTree, receive_tree
from pointsbank.territory.venues import AddVenue, add_venue
from pointsbank.wallets import CarryOver, carry_over
from redemption.demo.people import Village, data
from redemption.demo.village_data import goods_facts
from redemption.shops import AddShop, SetPolicy, SetShopDay, add_shop, set_policy, set_shop_day
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods
from tests.api_writes import CASES, PASSWORD, World, Write, a_result, jury_star
from tests.api_writes_people import a_newcomer, merged_newcomers
from tests.conftest import LOADERS
from tests.databases import prepared
from tests.demo_today import Api, the_bare_village
from tests.visitor import Visitor

NEIGHBOUR, NOWHERE = "230199100201", "230199100299"
HOUSEHOLDS = ("H001", "H002", "H003", "H005", "H006", "H007", "H008", "H090")
ONLY_THERE, ONLY_HERE, NO_HOUSEHOLD = "H090", "H002", "H999"
OWN = "H011"  # the household of those who ask
STAFF = ("recorder", "reviewer", "committee", "supervisor", "clerk", "storekeeper")
REGISTERED = date(2020, 1, 1)


@dataclass(frozen=True)
class Two:
    here: Village
    there: Village


def the_two_villages(s: Session) -> Two:
    here = the_bare_village(s)
    at = clock.now()
    with unit_of_work(s):
        there = _neighbour(s)
        _set_up(s, there)
        head = here.members[OWN][0]
        for role in ROLES:
            add_user(s, AddUser(f"as-{role}", "staff", here.place_code, PASSWORD, ((role, here.place_code),),
                                person_id=head.id, household_id=head.household_id), at=at)
        for role in STAFF:
            add_user(s, AddUser(f"b-{role}", "staff", there.place_code, PASSWORD, ((role, there.place_code),)), at=at)
        add_user(s, AddUser("b-reviewer2", "staff", there.place_code, PASSWORD, (("reviewer", there.place_code),)),
                 at=at)
        add_user(s, AddUser("b-admin", "staff", there.place_code, PASSWORD, (("admin", there.place_code),)), at=at)
    return Two(here, there)


def _neighbour(s: Session) -> Village:
    add_place(s, AddPlace(NEIGHBOUR, "village", "邻村"))
    homes = [add_household(s, AddHousehold(NEIGHBOUR, code, 1, REGISTERED, ())) for code in HOUSEHOLDS]
    people = {home.code: [add_person(s, AddPerson(home.book_id, home.id, f"邻{relation}{home.code}", REGISTERED,
                                                  relation=relation, is_head=relation == "户主"))
                          for relation in ("户主", "子女")] for home in homes}
    cards = household_cards(s, homes[0].book_id, [home.id for home in homes])
    return Village(NEIGHBOUR, homes[0].book_id, {card.code: card for card in cards.values()}, people)


def _set_up(s: Session, village: Village) -> None:
    """The neighbour's shop and balances, two months ago."""
    by, at = system_actor(village.book_id, "test"), clock.now() - timedelta(days=60)
    shop = add_shop(s, AddShop(village.place_code, "邻村超市", to_day(at)), by=by, at=at)
    set_policy(s, SetPolicy(shop.code, to_day(at), data("goods.json")["shop"]["policy"]), by=by, at=at)
    lines = tuple(GoodsIn(good.sku, 50, market_fen=good.market_fen, use_by=(
        to_day(at) + timedelta(days=700) if good.shelf_life_days else None)) for good in goods_facts())
    receive_goods(s, ReceiveGoods(uuid.uuid4(), shop.code, "opening", lines), by=by, at=at)
    due = policy_of(s, village.place_code).due_on(to_day(at))
    carry_over(s, CarryOver({home.id: Points(20000) for home in village.households.values()}, due),
               by=by, at=at)
    set_shop_day(s, SetShopDay(shop.code, to_day(clock.now()), True, "00:00", "23:59", "试"), by=by, at=clock.now())


LOADERS["two_villages"] = the_two_villages


@pytest.fixture
def two_villages(database_kind: str, database_urls: tuple[str, str]) -> Two:
    return prepared(database_kind, the_two_villages)[1]


class Everywhere(dict[str, Any]):
    """A mapping in which every code means one household: for writes about the actor's own."""

    def __init__(self, whole: dict[str, Any], code: str) -> None:
        super().__init__(dict.fromkeys(whole, whole[code]))


@dataclass
class Side(World):
    """A village to build things in. `prefix` of its staff's logins; `only` turns every household into that one."""

    prefix: str = ""
    only: str | None = None
    count: int = 0
    made: dict[str, str] = field(default_factory=dict)
    writes: dict[str, Write] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.only:
            self.village = replace(self.village, households=Everywhere(self.village.households, self.only),
                                   members=Everywhere(self.village.members, self.only))

    def by(self, login: str) -> Api:
        return super().by(self.prefix + login)

    def deed(self, code: str, rule: str = "V01", back: int = 2, **more: Any) -> dict[str, Any]:
        """Every deed is another one, so that writes about records do not get in each other's way."""
        self.count += 1
        if rule == "V01":
            more.setdefault("minutes", 20 + self.count)
        told = super().deed(code, rule, 1 + self.count % 6, **more)
        return {**told, "place": self.place, "household": self.only or code}

    def basket(self, code: str, sku: str) -> dict[str, Any]:
        return {**super().basket(self.only or code, sku), "confirm_again": True}

    def second(self, login: str) -> dict[str, str]:
        return super().second(self.prefix + login)

    def evaluated(self) -> str:
        if "cycle" not in self.made:
            self.made["cycle"] = super().evaluated()
        return self.made["cycle"]

    def settled(self) -> str:
        """Not settled at all: a confirmed year would close the door to the other writes."""
        return self.evaluated()

    def write(self, path: str) -> Write:
        if path not in self.writes:
            self.writes[path] = CASES[path](self)
        return self.writes[path]

    def thing(self, kind: str) -> str:
        """The id or code of one thing of this village."""
        if kind not in self.made:
            self.made[kind] = getattr(self, f"a_{kind}")()
        return self.made[kind]

    def a_place(self) -> str:
        return self.place

    a_shop = a_place

    def a_household(self) -> str:
        return self.only or (ONLY_THERE if self.prefix else ONLY_HERE)

    def a_household_id(self) -> str:
        return str(self.village.households[self.a_household()].id)

    def a_session(self) -> str:
        """Of somebody of this village; nobody else's to end."""
        with db.engine.connect() as connection:
            login = f"{self.prefix}recorder"
            Visitor(self.app, login)
            return str(connection.execute(select(SignInSession.id).join(
                AppUser, (AppUser.book_id == SignInSession.book_id) & (AppUser.id == SignInSession.user_id))
                .where(AppUser.login == login)).scalars().first())

    def a_token(self) -> str:
        """Of somebody of this village; nobody else's to end."""
        return str(issue_token(db.session(), f"{self.prefix}recorder", "test", at=clock.now())[0])

    def a_user(self) -> str:
        with db.engine.connect() as connection:
            return str(connection.execute(select(AppUser.id).where(
                AppUser.login == f"{self.prefix}supervisor")).scalar_one())

    def a_record(self) -> str:
        return self.record("H005")

    def a_notice(self) -> str:
        return self.approved("H006", "D01")

    def a_objection(self) -> str:
        self.made["record"] = self.approved("H005", "D01")
        answer = self.by("supervisor").done(f"/records/{self.made['record']}/objections", {"text": "请再核实"})
        return str(answer["objection_id"])

    def a_cycle(self) -> str:
        return self.evaluated()

    def a_rated(self) -> str:
        return honours.open_one(self)

    def a_honour(self) -> str:
        return honours.honour_in(self, honours.noticed(self), self.a_household())

    def a_put_up(self) -> str:
        return honours.noticed(self)

    def a_awarded(self) -> str:
        return honours.awarded(self, self.a_household())

    def a_honour_objection(self) -> str:
        return honours.objected(self, self.a_household())[1]

    def a_honour_measure(self) -> str:
        return honours.proposed(self, self.a_household())[1]

    def a_honour_recheck(self) -> str:
        return honours.rechecked(self, self.a_household())[1]

    def a_honour_correction(self) -> str:
        return honours.to_correct(self, self.a_household())[1]

    def a_star(self) -> str:
        return jury_star()

    def a_import(self) -> str:
        home = self.village.households["H002"]
        sheet = f"户号,姓名,细则编码,服务日期,时长\n{home.code},{home.head_name},V01,{self.day(1)},1\n".encode()
        return str(self.by("recorder").done("/imports", file=(io.BytesIO(sheet), "hours.csv"))["id"])

    def a_opening(self) -> str:
        """Of a household that came after the others' balances were carried over."""
        home = a_newcomer(self.place, f"N{len(self.made):02d}{self.prefix[:1]}{'o' if self.only else ''}".upper())
        body = {"lines": [{"household": str(home), "points": 100}]}
        return str(self.by("recorder").done("/openings", body)["id"])

    def a_opening_count(self) -> str:
        return self.counted()

    def a_person_one(self) -> str:
        return str(self.village.members[self.a_household()][0].id)

    def a_person_other(self) -> str:
        return str(self.village.members[self.a_household()][1].id)

    def a_person_merge(self) -> str:
        """Two newcomers of this side, merged."""
        return merged_newcomers(self, self.by("committee"))

    def a_roster(self) -> str:
        sheet = "户号,姓名,关系\nN900,赵新来,户主\n".encode()
        return str(self.by("recorder").done("/rosters", file=(io.BytesIO(sheet), "roster.csv"))["id"])

    def a_tree(self) -> str:
        data = write_csv(TITLES, [(self.place, "试村", *[""] * (len(TITLES) - 2))])
        return str(receive_tree(db.session(), ReceiveTree(uuid.uuid4(), "tree.csv", data), by=self.keeper(),
                                at=clock.now()).id)

    def keeper(self) -> Actor:
        """Whoever keeps this side's village in order."""
        by = system_actor(self.village.book_id, f"keeper{self.prefix}")
        return replace(by, place_code=self.place)

    def a_venue(self) -> str:
        return str(add_venue(db.session(), AddVenue(uuid.uuid4(), self.place, "square", f"广场{len(self.made)}"),
                             by=self.keeper(), at=clock.now()).id)

    def a_newborn(self) -> tuple[str, str]:
        """(child, parent) of a household of their own."""
        home = a_newcomer(self.place, f"K{len(self.made)}{self.prefix[:1]}{'o' if self.only else ''}".upper())
        parent = add_person(db.session(), AddPerson(self.village.book_id, home, "赵有后", REGISTERED, is_head=True))
        child = add_person(db.session(), AddPerson(self.village.book_id, home, "赵小后", REGISTERED,
                                                   born_on=clock.today() - timedelta(days=5000)))
        return str(child.id), str(parent.id)

    def a_consent(self) -> str:
        child, parent = self.a_newborn()
        return str(give_consent(db.session(), GiveConsent(uuid.uuid4(), uuid.UUID(child), uuid.UUID(parent),
                                                          clock.today()), by=self.keeper(), at=clock.now()).id)

    def a_number_claim(self) -> str:
        child, _ = self.a_newborn()
        return str(give_number(db.session(), GiveNumber(uuid.uuid4(), uuid.UUID(child), "110105201312310021",
                                                        "身份证原件"), by=self.keeper(), at=clock.now()).id)

    def a_transfer(self) -> str:
        """Somebody of this side whom the other village asks for."""
        return self.asked_over(self.place, self.other_place, 1)

    def a_transfer_asked(self) -> str:
        """Somebody of the other village whom this side asks for."""
        return self.asked_over(self.other_place, self.place, 5)

    @property
    def other_place(self) -> str:
        return "230199100200" if self.prefix else NEIGHBOUR

    def asked_over(self, here: str, there: str, number: int) -> str:
        number += 2 * bool(self.prefix) + bool(self.only)
        told = f"2301021970010100{number}"
        told += str(mod_11_2.calc_check_digit(told))
        home, to = a_newcomer(here, f"X{told[-4:]}"), find_household(db.session(), there, "H001")
        add_person(db.session(), AddPerson(self.village.book_id, home, "赵转移", REGISTERED, id_no=told, is_head=True))
        by = system_actor(self.village.book_id, "asks")
        return str(ask_transfer(db.session(), AskTransfer(uuid.uuid4(), told, to.id, "本人签字"), by=by,
                                at=clock.now()).id)

    def a_team(self) -> str:
        name = f"队{uuid.uuid4()}"
        return str(add_team(db.session(), AddTeam(uuid.uuid4(), self.place, "special", name, REGISTERED),
                            by=self.keeper(), at=clock.now()).id)

    def a_team_member(self) -> str:
        return str(join_team(db.session(), JoinTeam(uuid.uuid4(), uuid.UUID(self.thing("team")),
                                                    uuid.UUID(self.thing("person_other"))), by=self.keeper(),
                             at=clock.now()).id)

    def a_unit(self) -> str:
        code = {"": "91350100M000100Y43", "b-": "91110000600037341L"}[self.prefix]
        found = find_unit(db.session(), self.village.book_id, code)
        return str(found or add_unit(db.session(), AddUnit(uuid.uuid4(), self.place, "试点单位", "county", code),
                                     by=self.keeper(), at=clock.now()).id)

    def a_pairing(self) -> str:
        today = clock.today() + timedelta(days=4000 if self.only else 0)
        return str(pair(db.session(), PairUp(uuid.uuid4(), uuid.UUID(self.thing("unit")), self.place,
                                             today - timedelta(days=1), today + timedelta(days=9), 4),
                        by=self.keeper(), at=clock.now()).id)

    def a_grid(self) -> str:
        return str(add_grid(db.session(), AddGrid(uuid.uuid4(), self.place, f"T{len(self.made)}", "试格"),
                            by=self.keeper(), at=clock.now()).id)

    def a_sale(self) -> str:
        return self.sale("H001")

    def a_paper(self) -> str:
        body = {"source": "donation", "source_name": "安和粮油店", "lines": [{"sku": "P01", "pieces": 1}]}
        return str(self.by("storekeeper").done(f"/shops/{self.place}/receipts", body)["id"])

    def a_result(self) -> str:
        return str(self.by("committee").done("/reviews", a_result(self))["id"])

    def a_pack(self) -> str:
        body = {"place": self.place, "kind": "village", "start": self.day(9), "end": self.day(0)}
        return str(self.by("committee").done("/packs", body)["id"])

    def a_transaction(self) -> str:
        """The opening balance of the household that stands for this side."""
        home = self.village.households[self.a_household()]
        with db.engine.connect() as connection:
            return str(ledger.transactions(connection, home.book_id, household=home.id, limit=1)[0].id)


@dataclass
class Asker:
    """Somebody of a role at the demo village, at the pages and at the API."""

    app: Flask
    role: str
    api: Api = field(init=False)
    pages: Visitor = field(init=False)
    csrf: str = field(init=False)

    def __post_init__(self) -> None:
        login = f"as-{self.role}"
        self.api, self.pages = Api(self.app, login), Visitor(self.app, login)
        self.csrf = self.pages.page("/password").split('name="csrf_token" value="')[1].split('"')[0]
