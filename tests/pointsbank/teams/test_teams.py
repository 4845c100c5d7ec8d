"""Teams in the 1 + 8 + N form, their hours, volunteers and what they offer, units and their pairings."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user, system_actor
from pointsbank.audit import AuditEvent, reasons_of
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotAllowed, NotFound
from pointsbank.households.persons import MergePersons, UndoMerge, merge_persons, undo_merge
from pointsbank.people import AddPerson, Consent, NeedsConsent, RecordConsent, add_person, record_consent
from pointsbank.people.service import AlreadyThere
from pointsbank.privacy.exporting import own_data
from pointsbank.records import Decide, RecordFacts, SubmitRecord, decide, submit_record
from pointsbank.teams import AddTeam, AddTeams, JoinTeam, add_team, add_teams, join_team, serving, teams_in
from pointsbank.teams.credit_codes import credit_code
from pointsbank.teams.models import CivilUnit, Team, Volunteer
from pointsbank.teams.queries import team_view
from pointsbank.teams.service import ChangeMember, CloseTeam, TeamClosed, TeamTaken, change_member, close_team
from pointsbank.teams.units import (
    AddUnit,
    EndPairing,
    PairedAlready,
    PairUp,
    add_unit,
    end_pairing,
    find_unit,
    pair,
    pairings_in,
    show_code,
    units,
)
from pointsbank.teams.volunteers import KeepVolunteer, keep_volunteer, volunteer_of, volunteers_of_place
from pointsbank.teams.words import FIELDS
from redemption.demo.village_data import load_setting
from tests.visitor import Visitor

VILLAGE, TOWN, COUNTY = "230199100200", "230199100000", "230199000000"
FOUNDED = date(2024, 5, 1)
CODE = "91350100M000100Y43"


def actor(s, login):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def team_of(s, by, kind="special", name="铁骑巡逻队", place=VILLAGE, **more):
    return add_team(s, AddTeam(uuid.uuid4(), place, kind, name, FOUNDED, **more), by=by, at=clock.now())


def test_a_place_has_one_chief_one_team_a_field_and_any_special_ones(s, village):
    by = actor(s, "recorder")
    team_of(s, by, "chief", "向阳志愿服务总队")
    for field in FIELDS:
        team_of(s, by, "standing", f"{field}队", field=field)
    for name in ("铁骑队", "锣鼓队", "冰雪队"):
        team_of(s, by, name=name)
    found = teams_in(s, village.book_id, VILLAGE, on=clock.today())
    assert [(one.kind, one.field) for one in found][:9] == [("chief", None), *(("standing", field) for field in FIELDS)]
    assert len(found) == 12
    for refused, more in ((TeamTaken, {"kind": "chief", "name": "又一总队"}), (AlreadyThere, {"name": "铁骑队"}),
                          (TeamTaken, {"kind": "standing", "name": "文艺二队", "field": "culture"}),
                          (BadInput, {"kind": "standing", "name": "没写类别"}), (BadInput, {"name": "　"}),
                          (BadInput, {"name": "写了类别", "field": "law"}), (BadInput, {"kind": "brigade"})):
        with pytest.raises(refused):
            team_of(s, by, **more)
    with pytest.raises(NotAllowed):
        team_of(s, actor(s, "clerk"), name="收银队")
    close_team(s, CloseTeam(uuid.uuid4(), next(one.id for one in found if one.kind == "chief"), clock.today()), by=by,
               at=clock.now())
    team_of(s, by, "chief", "新总队")  # its place is free again


def test_many_teams_come_at_once_or_not_at_all_and_the_same_key_once(s, village):
    by = system_actor(village.book_id, "test")
    given = tuple(AddTeam(uuid.UUID(int=n), place, "special", f"队{n}", FOUNDED)
                  for n, place in enumerate((VILLAGE, TOWN, COUNTY)))
    cmd = AddTeams(uuid.uuid4(), given)
    assert add_teams(s, cmd, by=by, at=clock.now()) == add_teams(s, cmd, by=by, at=clock.now()) == 3
    with pytest.raises(AlreadyThere):
        add_teams(s, AddTeams(uuid.uuid4(), (AddTeam(uuid.uuid4(), VILLAGE, "special", "新队", FOUNDED), given[0])),
                  by=by, at=clock.now())
    assert len(teams_in(s, village.book_id, COUNTY, on=clock.today())) == 3
    assert set(serving(s, village.book_id, VILLAGE).values()) == {"队0", "队1", "队2"}
    assert set(serving(s, village.book_id, TOWN).values()) == {"队1", "队2"}


def test_members_join_lead_and_leave_and_a_minor_needs_the_consent(s, village):
    by = actor(s, "recorder")
    team, head = team_of(s, by), village.members["H003"][0]
    stay = join_team(s, JoinTeam(uuid.uuid4(), team.id, head.id, is_leader=True), by=by, at=clock.now())
    with pytest.raises(AlreadyThere):
        join_team(s, JoinTeam(uuid.uuid4(), team.id, head.id), by=by, at=clock.now())
    child = add_person(s, AddPerson(village.book_id, head.household_id, "王小满", clock.today(),
                                    born_on=clock.today() - timedelta(days=16 * 365)))
    with pytest.raises(NeedsConsent):
        join_team(s, JoinTeam(uuid.uuid4(), team.id, child.id), by=by, at=clock.now())
    record_consent(s, RecordConsent(village.book_id, child.id, head.id, clock.today()))
    join_team(s, JoinTeam(uuid.uuid4(), team.id, child.id), by=by, at=clock.now())
    assert [(one.name, one.is_leader) for one in team_view(s, team, on=clock.today()).members] == [
        (head.name, True), ("王小满", False)]
    for what in ("follow", "lead", "leave"):
        change_member(s, ChangeMember(uuid.uuid4(), team.id, stay.id, what), by=by, at=clock.now())
    assert [one.name for one in team_view(s, team, on=clock.today()).members] == ["王小满"]
    close_team(s, CloseTeam(uuid.uuid4(), team.id, clock.today()), by=by, at=clock.now())
    with pytest.raises(TeamClosed):
        join_team(s, JoinTeam(uuid.uuid4(), team.id, head.id), by=by, at=clock.now())
    with pytest.raises(NotFound):
        join_team(s, JoinTeam(uuid.uuid4(), uuid.uuid4(), head.id), by=by, at=clock.now())


def served(s, village, team, minutes, code="H003", **more):
    person = village.members[code][0]
    facts = RecordFacts(person.household_id, "V01", clock.today() - timedelta(days=1), person.id, minutes=minutes,
                        team=team, **more)
    done = submit_record(s, SubmitRecord(uuid.uuid4(), facts), by=actor(s, "recorder"), at=clock.now())
    decide(s, Decide(uuid.uuid4(), done.id), by=actor(s, "committee"), at=clock.now())
    return done


def test_a_record_names_a_team_and_its_hours_are_the_teams(app, s, village):
    load_setting(s, village, at=clock.now() - timedelta(days=30))
    by = actor(s, "recorder")
    team, other = team_of(s, by), team_of(s, system_actor(village.book_id, "t"), name="镇队", place=TOWN)
    join_team(s, JoinTeam(uuid.uuid4(), team.id, village.members["H003"][0].id), by=by, at=clock.now())
    served(s, village, team.id, 90)
    served(s, village, team.id, 60, code="H005")
    served(s, village, other.id, 30, code="H006")
    view = team_view(s, team, on=clock.today() - timedelta(days=1))
    assert (view.minutes, view.this_year, view.guests, view.deeds) == (150, 150, 60, 2)
    assert [one.minutes for one in view.members] == [90]
    rows = {one.id: one.minutes for one in teams_in(s, village.book_id, TOWN, on=clock.today() - timedelta(days=1))}
    assert rows == {team.id: 150, other.id: 30}
    with pytest.raises(BadInput):
        served(s, village, uuid.uuid4(), 10, code="H007")


def test_a_volunteer_says_what_they_offer_and_is_found_by_it(app, s, village):
    by, person = actor(s, "recorder"), village.members["H003"][0]
    keep = KeepVolunteer(uuid.uuid4(), person.id, ("hair", "care"), ("mandarin", "korean"), ("weekend",), "有理发工具")
    keep_volunteer(s, keep, by=by, at=clock.now())
    keep_volunteer(s, KeepVolunteer(uuid.uuid4(), village.members["H005"][0].id, ("law",)), by=by, at=clock.now())
    today = clock.today()
    assert len(volunteers_of_place(s, village.book_id, VILLAGE, on=today)) == 2
    found = volunteers_of_place(s, village.book_id, VILLAGE, on=today, skill="hair", language="korean", time="weekend")
    assert [(one.card.id, one.note) for one in found] == [(person.id, "有理发工具")]
    assert volunteers_of_place(s, village.book_id, VILLAGE, on=today, skill="hair", time="urgent") == []
    row = s.get_one(Volunteer, (village.book_id, person.id))
    assert "hair" not in str(row.sealed) and "理发" not in str(row.sealed)
    told = own_data(s, person.household_id, by=system_actor(village.book_id, "x"), at=clock.now())
    assert told["volunteers"][0]["skills"] == ["care", "hair"]
    with pytest.raises(BadInput):
        keep_volunteer(s, KeepVolunteer(uuid.uuid4(), person.id, ("juggling",)), by=by, at=clock.now())
    keep_volunteer(s, KeepVolunteer(uuid.uuid4(), person.id, active=False), by=by, at=clock.now())
    assert len(volunteers_of_place(s, village.book_id, VILLAGE, on=today)) == 1


def test_a_minor_volunteer_is_not_shown_once_the_consent_is_gone(s, village):
    by, head = actor(s, "recorder"), village.members["H003"][0]
    child = add_person(s, AddPerson(village.book_id, head.household_id, "王小满", clock.today(),
                                    born_on=clock.today() - timedelta(days=15 * 365)))
    with pytest.raises(NeedsConsent):
        keep_volunteer(s, KeepVolunteer(uuid.uuid4(), child.id, ("art",)), by=by, at=clock.now())
    record_consent(s, RecordConsent(village.book_id, child.id, head.id, clock.today()))
    keep_volunteer(s, KeepVolunteer(uuid.uuid4(), child.id, ("art",)), by=by, at=clock.now())
    assert len(volunteers_of_place(s, village.book_id, VILLAGE, on=clock.today())) == 1
    with unit_of_work(s):
        s.scalars(select(Consent).where(Consent.person_id == child.id)).one().withdrawn_on = clock.today()
    assert volunteers_of_place(s, village.book_id, VILLAGE, on=clock.today()) == []
    with pytest.raises(NotFound):
        volunteer_of(s, child.id, by=by, on=clock.today(), power="people.view")


def test_two_records_of_one_person_bring_their_teams_together_and_part_again(s, village):
    by, head = actor(s, "committee"), village.members["H003"][0]
    twin = add_person(s, AddPerson(village.book_id, head.household_id, head.name, clock.today()))
    team = team_of(s, by)
    join_team(s, JoinTeam(uuid.uuid4(), team.id, twin.id, is_leader=True), by=by, at=clock.now())
    keep_volunteer(s, KeepVolunteer(uuid.uuid4(), twin.id, ("hair",)), by=by, at=clock.now())
    done = merge_persons(s, MergePersons(uuid.uuid4(), head.id, twin.id, (), "同一人"), by=by, at=clock.now())
    assert [one.person_id for one in team_view(s, team, on=clock.today()).members] == [head.id]
    assert volunteer_of(s, head.id, by=by, on=clock.today(), power="people.view")[1].skills == ("hair",)
    undo_merge(s, UndoMerge(uuid.uuid4(), done.id), by=by, at=clock.now())
    assert [one.person_id for one in team_view(s, team, on=clock.today()).members] == [twin.id]


@pytest.mark.parametrize(("given", "says"), [
    ("91350100M000100Y4", "17"), ("91350100M000100Y4I", "第 18 位"), ("9135O100M000100Y43", "第 5 位"),
    ("91350100M000100Y44", "校验位"), ("", "0 位"), ("91350100M000100YA3", "校验位")])
def test_a_wrong_credit_code_is_refused_with_what_is_wrong(given, says):
    with pytest.raises(BadInput) as refused:
        credit_code(given)
    assert says in refused.value.sentence("zh")


def test_the_inner_check_of_a_credit_code_counts_too():
    from stdnum.cn import uscc

    base = "91350100M000100Y"  # another check digit inside, and the outer one made to fit
    wrong = f"{base}5{uscc.calc_check_digit(base + '5')}"
    with pytest.raises(BadInput) as refused:
        credit_code(wrong)
    assert "组织机构代码" in refused.value.sentence("zh")


def test_a_unit_is_found_by_its_code_which_is_shown_whole_only_with_a_reason(s, village):
    by = actor(s, "committee")
    wide = "９１３５０１００ｍ０００１００ｙ４３"
    unit = add_unit(s, AddUnit(uuid.uuid4(), VILLAGE, "安和中学", "county", wide), by=by, at=clock.now())
    assert find_unit(s, village.book_id, CODE) == unit.id
    assert units(s, village.book_id)[0].code == "91" + "*" * 12 + "0Y43"
    assert CODE.encode() not in s.scalars(select(CivilUnit.sealed)).one()
    with pytest.raises(AlreadyThere):
        add_unit(s, AddUnit(uuid.uuid4(), VILLAGE, "又一中学", "county", CODE), by=by, at=clock.now())
    with pytest.raises(BadInput):
        show_code(s, unit.id, " ", by=by, at=clock.now())
    assert show_code(s, unit.id, "核对协议", by=by, at=clock.now()) == CODE
    event = s.scalars(select(AuditEvent).where(AuditEvent.action == "unit.code_shown")).one()
    assert (event.subject, reasons_of(s, event.book_id, [event])) == (f"unit:{unit.id}", {event.id: "核对协议"})


def test_a_unit_and_a_village_are_paired_for_a_time_once(s, village):
    by, today = actor(s, "committee"), clock.today()
    unit = add_unit(s, AddUnit(uuid.uuid4(), VILLAGE, "安和中学", "county", CODE), by=by, at=clock.now())

    def up(start, end, place=VILLAGE):
        return pair(s, PairUp(uuid.uuid4(), unit.id, place, today + timedelta(days=start), today + timedelta(days=end),
                              4), by=by, at=clock.now())

    first = up(-30, 300)
    assert [one.running for one in pairings_in(s, village.book_id, TOWN, on=today)] == [True]
    for refused, given in ((PairedAlready, (200, 400)), (BadInput, (500, 400)), (BadInput, (400, 9000))):
        with pytest.raises(refused):
            up(*given)
    with pytest.raises(NotAllowed):
        up(400, 500, TOWN)
    end_pairing(s, EndPairing(uuid.uuid4(), first.id, today), by=by, at=clock.now())
    up(1, 300)
    assert [one.running for one in pairings_in(s, village.book_id, VILLAGE, on=today)] == [True, False]


def test_the_pages_found_a_team_keep_a_volunteer_and_pair_a_unit(app, s, village):
    person = Visitor(app, "recorder")
    made = person.send(person.form("/teams", "/teams"), kind="standing", field="culture", name="向阳秧歌队")
    assert made.status_code == 303
    head = village.members["H003"][0]
    form = person.form(made.location, f"{made.location}/members")
    assert person.send(form, person=str(head.id), is_leader="1").status_code == 303
    page = person.page(made.location)
    assert head.name in page and "队长" in page and "文化文艺服务" in page
    assert s.scalars(select(Team.name)).all() == ["向阳秧歌队"]
    profile = person.form(f"/volunteers/{head.id}", "/volunteers")
    assert person.send(profile, skills=["hair"], times=["weekend"], note="有工具").status_code == 303
    assert head.name in person.page("/volunteers", skill="hair")
    assert head.name not in person.page("/volunteers", skill="law").split("<form")[1]
    assert person.send(person.form("/pairings", "/pairings/units"), name="安和中学", level="county",
                       credit_code="91350100M000100Y44").status_code == 422
    assert person.send(person.form("/pairings", "/pairings/units"), name="安和中学", level="county",
                       credit_code=CODE).status_code == 303
    page = person.page("/pairings")
    assert CODE not in page and "0Y43" in page
    form = next(one for one in person.forms("/pairings") if one.action == "/pairings")
    day = clock.today()
    assert person.send(form, until_on=str(day + timedelta(days=300))).status_code == 303
    assert "协议期" in person.page("/pairings")
    whole = next(one for one in person.forms("/pairings") if one.action.endswith("/code"))
    assert CODE in person.send(whole, why="核对协议").text
