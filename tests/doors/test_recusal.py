"""Whoever decides about a household steps aside from the own one and from a declared relative's, at every door.

`DECIDES` says for each power by which a household gains or loses something which writes of the API it opens; each is
sent about one's own household and about a relative's. A new power fails the first test until it stands in one of the
two tables below.
"""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import POWERS, Actor, AddUser, AppUser, actor_of_user, add_user, system_actor
from pointsbank.access.powers import ALL
from pointsbank.database import db, unit_of_work
from pointsbank.founding.openings import EnterOpenings, OpeningLine, OwnOpening, confirm_openings, enter_openings
from pointsbank.people import DeclareKinship, declare_kinship, relatives_of
from pointsbank.records.chain import decider, power_of, why_not
from pointsbank.records.models import WAITING, ServiceRecord
from pointsbank.records.words import STEPS as WAYS
from redemption.errors import OwnHousehold as OwnAtTheTill
from redemption.till.pins import RenewPin, renew_pin
from redemption.till.returning import ReturnItem, ReturnSale, take_back
from tests.api_writes import PASSWORD
from tests.api_writes_people import a_newcomer
from tests.demo_today import Api
from tests.doors.test_matrix import code_of
from tests.doors.two_villages import OWN, Side, Two, two_villages  # noqa: F401

ASIDE = {"own_household", "relatives_household", "step_aside", "step_aside_household", "own_erasure", "own_opening"}
KIN = "H012"  # whose head is declared a relative of OWN
RECORD = "/records/{record_id}/decisions"
STEPS = {power_of(step) for step in WAYS if power_of(step) in ALL}
DECIDES: dict[str, tuple[str, ...]] = {
    "records.village_approval": (RECORD,), "records.void": ("/records/{record_id}/void",),
    "records.object": ("/records/objections/{objection_id}/answer",),
    "ratings.run": ("/ratings/cycles/{cycle_id}/decisions", "/honours/rechecks/{recheck_id}/keep",
                    "/honours/corrections/{correction_id}/publish"),
    "ratings.jury": ("/ratings/cycles/{cycle_id}/scores",),
    "ratings.veto": ("/ratings/vetoes", "/ratings/vetoes/{veto_id}/lift"),
    "honours.answer": ("/honours/objections/{objection_id}/answer",),
    "honours.propose": ("/honours/{honour_id}/measures",),
    "honours.second": ("/honours/measures/{measure_id}/decision",),
    "households.change": ("/households/{household_id}/split", "/households/{household_id}/merge",
                          "/households/{household_id}/departure", "/households/{household_id}/deaths",
                          "/households/{household_id}/head"),
    "people.erase": ("/privacy/erasures",),
    "till.sell": ("/sales",), "till.return": ("/sales/{sale_id}/returns",),
}
BY_SERVICE = {"openings.confirm", "stock.second"} | STEPS  # tested below, without the API
NOT_ABOUT_A_HOUSEHOLD = {
    **dict.fromkeys(("records.submit", "imports.hours", "imports.roster", "openings.enter", "ratings.enter"),
                    "enters; somebody else decides"),
    **dict.fromkeys(("honours.award",), "the whole village at once, when every notice has run out"),
    **dict.fromkeys(("reviews.register",), "copies what another authority decided, with its document's number"),
    **dict.fromkeys(("schedule.publish", "benefits.publish", "ratings.rules", "places.manage", "grids.edit",
                     "teams.edit", "users.manage", "people.edit", "jobs.run"), "rules, places, accounts and runs"),
    **dict.fromkeys(("goods.edit", "stock.receive", "stock.count", "stock.write_off"), "goods; two persons"),
    **dict.fromkeys(("packs.make", "village.export", "benefits.letter", "statements.any", "honours.object", "me.view",
                     *(power for power in ALL if power.endswith(".view"))), "reads, asks or prints"),
}


def test_every_power_says_whether_it_decides_about_a_household():
    assert ALL - DECIDES.keys() - BY_SERVICE - NOT_ABOUT_A_HOUSEHOLD.keys() == set(), "new powers: who steps aside?"
    assert (DECIDES.keys() | BY_SERVICE | NOT_ABOUT_A_HOUSEHOLD.keys()) - ALL == set(), "powers that are no more"
    assert not (DECIDES.keys() | BY_SERVICE) & NOT_ABOUT_A_HOUSEHOLD.keys()


@pytest.fixture
def kin(app: Flask, two_villages: Two) -> Two:  # noqa: F811
    """`kin-<role>`: everybody again, as the head of a household that a relative of OWN lives in."""
    here, s, at = two_villages.here, db.session(), clock.now()
    head = here.members[KIN][0]
    with unit_of_work(s):
        declare_kinship(s, DeclareKinship(here.book_id, head.id, here.households[OWN].id, clock.today()))
        for role in POWERS:
            add_user(s, AddUser(f"kin-{role}", "staff", here.place_code, PASSWORD, ((role, here.place_code),),
                                person_id=head.id, household_id=head.household_id), at=at)
    return two_villages


def actor(login: str) -> Actor:
    s = db.session()
    return actor_of_user(s, s.scalars(select(AppUser).where(AppUser.login == login)).one())


def test_nobody_decides_about_the_own_household_or_a_relatives(app, kin):
    own, wrong = Side(app, kin.here, only=OWN), []
    for power, paths in DECIDES.items():
        role = next(role for role, powers in POWERS.items() if power in powers)
        for path in paths:
            write = own.write(path)
            body = {**write.body, "into": str(kin.here.households["H006"].id)} if path.endswith("merge") else write.body
            for who in ("as", "kin"):
                answer = Api(app, f"{who}-{role}").post(write.path, body)
                if (answer.status_code, code_of(answer) in ASIDE) != (403, True):
                    wrong.append(f"{power} {path} as {who}-{role}: {answer.status_code} {code_of(answer)}")
    assert wrong == []


def test_what_no_api_opens_steps_aside_too(app, kin):
    """One village for all of these: it is not quick to set up."""
    kinship_holds_both_ways(kin)
    every_step_of_a_chain_steps_aside(kin)
    two_persons_are_two_who_have_no_hand_in_it(app, kin)
    nobody_confirms_the_own_opening_balance(kin)


def kinship_holds_both_ways(kin: Two) -> None:
    s, here = db.session(), kin.here
    one, other = here.households[OWN].id, here.households[KIN].id
    assert {one, other} <= relatives_of(s, here.book_id, here.members[OWN][0].id)
    assert {one, other} <= relatives_of(s, here.book_id, here.members[KIN][0].id)


def every_step_of_a_chain_steps_aside(kin: Two) -> None:
    s, here = db.session(), kin.here
    for step in sorted(WAYS):
        if power_of(step) not in ALL:
            continue
        role = next(role for role, powers in POWERS.items() if power_of(step) in powers)
        record = ServiceRecord(book_id=here.book_id, id=uuid.uuid4(), place_code=here.place_code, round=1,
                               household_id=here.households[OWN].id, status=WAITING, waiting_for=step)
        for who in ("as", "kin"):
            refusal = why_not(record, decider(s, actor(f"{who}-{role}")))
            assert refusal is not None and refusal.code in ASIDE, (step, who, refusal)


def two_persons_are_two_who_have_no_hand_in_it(app: Flask, kin: Two) -> None:
    """Opening balances, a new PIN, goods that come back days later: the second person steps aside too."""
    s, here, at = db.session(), kin.here, clock.now()
    home = here.households[OWN]
    with pytest.raises(OwnAtTheTill):
        renew_pin(s, RenewPin(here.place_code, home.id), by=actor("clerk"), second=actor("kin-committee"), at=at)
    with pytest.raises(OwnAtTheTill):
        renew_pin(s, RenewPin(here.place_code, home.id), by=actor("kin-clerk"), second=actor("committee"), at=at)
    sale = uuid.UUID(Side(app, kin.here, only=OWN).sale(OWN))
    with pytest.raises(OwnAtTheTill):
        take_back(s, ReturnSale(uuid.uuid4(), sale, (ReturnItem(1, 1, "damaged"),)), by=actor("clerk"),
                    second=actor("kin-committee"), at=at)


def nobody_confirms_the_own_opening_balance(kin: Two) -> None:
    s, here, at = db.session(), kin.here, clock.now()
    by = system_actor(here.book_id, "test")
    new = a_newcomer(here.place_code, "N77")
    with unit_of_work(s):
        declare_kinship(s, DeclareKinship(here.book_id, here.members[KIN][0].id, new, clock.today()))
    lines = (OpeningLine(new, 100, None),)
    sheet = enter_openings(s, EnterOpenings(uuid.uuid4(), here.place_code, lines), by=by, at=at)
    with pytest.raises(OwnOpening):
        confirm_openings(s, sheet.id, by=actor("kin-committee"), at=at)
    assert confirm_openings(s, sheet.id, by=actor("as-committee"), at=at).status == "posted"
