"""A roster comes in: every bad row named, nobody twice, a killed run goes on, 100,000 rows in flat memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user
from pointsbank.crypto import SubjectKey
from pointsbank.errors import NotFound
from pointsbank.people import (
    AddHousehold,
    AddPerson,
    Household,
    Person,
    add_household,
    add_person,
    find_household,
    persons_of_household,
    recordable,
)
from pointsbank.places import AddPlace, add_place
from pointsbank.rosters import (
    ChooseRosterColumns,
    ReceiveRoster,
    check_roster,
    choose_roster_columns,
    findings_of,
    import_roster,
    receive_roster,
    roster_columns,
    roster_view,
    start_roster_check,
    start_roster_import,
)
from pointsbank.rosters.models import RosterContent, RosterFindings
from pointsbank.sheets import write_csv
from tests.sheets_of_people import HEADER, id_number, roster

AT = clock.now()
pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
LONG = os.environ.get("LONG") == "1"


@pytest.fixture
def recorder(s: Session, village):
    return actor_of_user(s, s.query(AppUser).filter_by(login="recorder").one())


def sheet(*lines: tuple[object, ...]) -> bytes:
    return write_csv(HEADER, [list(line) + [""] * (len(HEADER) - len(line)) for line in lines])


def dry_run(s, by, data: bytes, **choices):
    row = receive_roster(s, ReceiveRoster(uuid.uuid4(), by.place_code, "名册.csv", data), by=by, at=AT)
    shown = roster_columns(s, row.id, by=by)
    choices = {"columns": roster_view(s, row.id, by=by).choices.columns, "sheet": shown.book.sheet, **choices}
    choose_roster_columns(s, ChooseRosterColumns(row.id, **choices), shown.header, by=by, at=AT)
    assert start_roster_check(s, row.id, by=by)
    check_roster(s, row.id, by=by, at=AT)
    return roster_view(s, row.id, by=by)


def confirm(s, by, view):
    assert start_roster_import(s, view.id, by=by)
    import_roster(s, view.id, by=by, at=AT)
    return roster_view(s, view.id, by=by).figures


def codes(s, by, view) -> dict[int, str]:
    return {one.row: one.code for one in findings_of(s, view.id, by=by)}


def people(s) -> int:
    return int(s.scalar(select(func.count()).select_from(Person)))


def test_every_bad_row_is_named_and_the_good_ones_are_registered(s, recorder):
    data, wrong = roster(2_300, TODAY)
    before, keys = people(s), s.scalar(select(func.count()).select_from(SubjectKey))
    view = dry_run(s, recorder, data)
    assert codes(s, recorder, view) == wrong
    assert view.figures["new"] == 2_300 - len(wrong) and view.figures["bad"] == len(wrong)
    assert people(s) == before, "a dry run registers nobody"
    done = confirm(s, recorder, view)
    assert done["persons"] == 2_300 - len(wrong) == people(s) - before
    home = find_household(s, recorder.place_code, "J00001")
    members = persons_of_household(s, home.book_id, home.id)
    assert (home.head_name, home.group_no, len(members)) == (members[0].name, 1, 4) and members[0].is_head
    assert s.scalar(select(func.count()).select_from(RosterContent)) == 0
    assert s.scalar(select(func.count()).select_from(RosterFindings)) == 0
    assert s.scalar(select(func.count()).select_from(SubjectKey)) == keys + done["persons"] + done["households"]


def test_the_same_roster_again_registers_nobody(s, recorder):
    data, _ = roster(60, TODAY)
    confirm(s, recorder, dry_run(s, recorder, data))
    before = people(s)
    view = dry_run(s, recorder, data)
    assert view.figures["new"] == 0 and view.figures["already"] > 0
    assert people(s) == before


def test_a_person_registered_elsewhere_is_not_entered_twice_and_nothing_of_the_record_is_shown(s, recorder):
    add_place(s, AddPlace("230199100209", "village", "前进村"))
    home = add_household(s, AddHousehold("230199100209", "Q1", 1, TODAY))
    add_person(s, AddPerson(home.book_id, home.id, "孙秘密", TODAY, id_no=id_number(5)))
    view = dry_run(s, recorder, sheet(("H900", "孙秘密", "户主", 1, "", id_number(5))))
    found, = findings_of(s, view.id, by=recorder)
    assert found.code == "known_elsewhere" and "前进村" in found.zh and "Q1" not in found.zh and "秘密" not in found.zh


def test_who_looks_like_somebody_registered_waits_for_a_decision(s, recorder):
    confirm(s, recorder, dry_run(s, recorder, sheet(("H900", "王芳", "户主", 1, "13900000001", "", "1970-01-02"))))
    again = sheet(("H901", "王　芳", "户主", 1, "", "", "1970-01-02"),
                  ("H902", "王芳", "户主", 1, "", "", "1980-01-02"))
    view = dry_run(s, recorder, again)
    assert codes(s, recorder, view) == {2: "looks_alike"} and view.figures["new"] == 1
    view = dry_run(s, recorder, again, take_alike=True)
    assert codes(s, recorder, view) == {} and confirm(s, recorder, view)["persons"] == 2


def test_old_people_share_one_phone_and_all_are_stored(s, recorder):
    lines = [(f"H90{n}", f"老人{name}", "户主", 1, "13812345678") for n, name in enumerate("甲乙丙")]
    assert confirm(s, recorder, dry_run(s, recorder, sheet(*lines)))["persons"] == 3


def test_one_number_in_every_way_of_typing_it_is_one_person(s, recorder):
    number = next(id_number(n) for n in range(2000) if id_number(n).endswith("X"))
    forms = [number, number.lower(), number[:-1] + "Ⅹ", "".join(chr(ord(c) + 0xFEE0) for c in number)]
    view = dry_run(s, recorder, sheet(*((f"H91{n}", "同一人", "户主", 1, "", form) for n, form in enumerate(forms))))
    assert view.figures["new"] == 1 and set(codes(s, recorder, view).values()) == {"twice_in_file"}


@pytest.mark.parametrize(("number", "code"), [("23O199196208172010", "id_wrong_character"),
                                              ("2301991962081720l0", "id_wrong_character"),
                                              ("230199621317201", "id_birth_day"), ("abcdefghijklmno",
                                                                                    "id_wrong_character"),
                                              ("230199196208172", "id_truncated")])
def test_a_number_that_cannot_be_is_refused_by_its_place(s, recorder, number, code):
    assert codes(s, recorder, dry_run(s, recorder, sheet(("H900", "王芳", "户主", 1, "", number)))) == {2: code}


def test_a_name_of_blanks_is_none_and_padding_does_not_make_another_person(s, recorder):
    view = dry_run(s, recorder, sheet(("H900", "　　", "户主"), ("H901", "\u00a0", "户主")))
    assert set(codes(s, recorder, view).values()) == {"blank"}


def test_a_child_comes_with_the_guardian_who_signed(s, recorder):
    born = date(TODAY.year - 9, 1, 2).isoformat()
    lines = [("H900", "王小满", "孙女", 1, "", "", born, "王大满"),
             ("H900", "王大满", "户主", 1, "", "", "1970-01-02"),
             ("H901", "李小满", "孙女", 1, "", "", born, "查无此人"),
             ("H901", "李大满", "户主", 1, "", "", "1971-01-02")]
    view = dry_run(s, recorder, sheet(*lines))
    assert codes(s, recorder, view) == {4: "guardian_unknown"}
    assert confirm(s, recorder, view)["consents"] == 1
    home = find_household(s, recorder.place_code, "H900")
    members = persons_of_household(s, home.book_id, home.id)
    assert all(recordable(s, members, TODAY).values()) and len(members) == 2


def test_a_towns_roster_names_the_village_of_each_row(s, village):
    add_place(s, AddPlace("230199100209", "village", "前进村"))
    admin = actor_of_user(s, s.query(AppUser).filter_by(login="admin").one())
    data = write_csv(("村", "户号", "姓名", "关系"), [
        ("前进村", "Q1", "赵一", "户主"), ("没有村", "Q2", "赵二", "户主"), ("230199100209", "Q3", "赵三", "户主")])
    view = dry_run(s, admin, data)
    assert codes(s, admin, view) == {3: "unknown_village"}
    assert confirm(s, admin, view)["households"] == 2


def test_a_stranger_finds_no_upload_of_somebody_elses_place(s, recorder, village):
    row = receive_roster(s, ReceiveRoster(uuid.uuid4(), recorder.place_code, "a.csv", sheet(("H1", "王", "户主"))),
                         by=recorder, at=AT)
    clerk = actor_of_user(s, s.query(AppUser).filter_by(login="clerk").one())
    with pytest.raises(NotFound):
        roster_view(s, row.id, by=clerk)


# -- killed in the middle ------------------------------------------------------------------------------------------
COUNT = 100_000 if LONG else 2_500


def command(settings, file: Path) -> list[str]:
    return [sys.executable, "-c", RUN, "bank", "import-roster", str(file), "--login", "recorder", "--json"]


RUN = """
import sys, json, resource
from wsgi import create_app
app = create_app()
with app.app_context():
    run = app.test_cli_runner().invoke(args=sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"exit": run.exit_code, "peak_mb": peak, "out": json.loads(run.stdout.splitlines()[-1])["figures"]
                  if run.stdout.strip().startswith("{") else run.output + run.stderr + repr(run.exception)}))
"""


def environment(settings) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(settings.data_dir), "KEYS_DIR": str(settings.keys_dir),
            "DATABASE_URL": settings.database_url, "MIGRATE_URL": settings.migrate_url}


@pytest.mark.timeout(3600)
def test_an_import_killed_in_the_middle_and_run_again_doubles_nobody_and_loses_nobody(s, settings, village, tmp_path):
    data, wrong = roster(COUNT, TODAY, every=500 if LONG else 50)
    file = tmp_path / "roster.xlsx"
    file.write_bytes(data)
    before = people(s)
    began = time.monotonic()
    first = subprocess.Popen(command(settings, file), env=environment(settings), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
    while first.poll() is None:
        s.rollback()
        if before < people(s):
            first.send_signal(signal.SIGKILL)
            break
        time.sleep(0.02)
    told = first.communicate()
    s.rollback()
    assert before < people(s) < before + COUNT - len(wrong), f"not killed between two portions: {told}"
    done = subprocess.run(command(settings, file), env=environment(settings), capture_output=True, text=True,
                          check=False)
    result = json.loads(done.stdout.splitlines()[-1])
    print(f"{COUNT} rows on {settings.database_url.split(':')[0]}: {time.monotonic() - began:.0f} s with the kill, "
          f"peak {result['peak_mb']} MB", file=sys.stderr)
    s.rollback()
    assert people(s) - before == COUNT - len(wrong) == result["out"]["persons"], done.stderr
    assert result["out"]["checked"]["bad"] == len(wrong)
    doubled = s.execute(text("SELECT count(*) FROM (SELECT household_id, name_hash, id_hash FROM person GROUP BY "
                             "household_id, name_hash, id_hash HAVING count(*) > 1) AS d")).scalar_one()
    heads = s.execute(text("SELECT count(*) FROM household WHERE head_person_id IS NULL")).scalar_one()
    assert doubled == 0 and heads == 0
    assert s.scalar(select(func.count()).select_from(Household)) > (COUNT - len(wrong)) // 4
