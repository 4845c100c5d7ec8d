"""The tree from a spreadsheet: codes with their days, Harbin's eighteen districts, nothing beyond one's own place."""

from __future__ import annotations

import io
import uuid
from datetime import date

import pytest

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user
from pointsbank.errors import KeyReused
from pointsbank.places import Place, place_by_code
from pointsbank.sheets import write_csv
from pointsbank.territory import ImportPlaces, harbin, import_places, level_of, read_places
from pointsbank.territory.importing import TITLES, WrongPlaces
from tests.visitor import Visitor


def admin(s):
    return actor_of_user(s, s.query(AppUser).filter_by(login="admin").one())


def rows(*lines: tuple[str, ...]):
    return read_places(write_csv(TITLES, [line + ("",) * (len(TITLES) - len(line)) for line in lines]), "区划.csv")


@pytest.mark.parametrize(("code", "level"), [("230000000000", "province"), ("230100000000", "city"),
                                             ("230183000000", "county"), ("230183100000", "town"),
                                             ("230183100200", "village")])
def test_a_code_says_its_level(code, level):
    assert level_of(code) == level


def test_harbin_has_its_eighteen_districts(app, s):
    assert len([row for row in harbin() if level_of(row.code) == "county"]) == 18
    run = app.test_cli_runner().invoke(args=["bank", "import-places", "--harbin"])
    assert run.exit_code == 0 and "added 20" in run.output, run.output
    assert place_by_code(s, "230184000000").name == "五常市"
    again = app.test_cli_runner().invoke(args=["bank", "import-places", "--harbin"])
    assert "added 0, changed 0" in again.output


def test_villages_come_from_a_sheet_and_an_abolished_one_keeps_its_days(s, village):
    given = rows(("230199100300", "新立村", "", "2020-01-01"), ("230199100301", "旧立村", "", "", "2025-12-31",
                                                             "230199100300"), ("230199101", "太平镇"))
    done = import_places(s, ImportPlaces(uuid.uuid4(), given), by=admin(s), at=clock.now())
    assert done["added"] == 3 and place_by_code(s, "230199101000").level == "town"
    old = s.get(Place, "230199100301")
    assert (old.valid_until, old.replaced_by) == (date(2025, 12, 31), "230199100300")


def test_every_bad_row_is_named_and_nothing_is_taken(s, village):
    with pytest.raises(WrongPlaces) as refused:
        rows(("23019910030", "少一位"), ("230199100300", "一村"), ("230199100300", "又一村"), ("230199100302", ""),
             ("230199100303", "三村", "", "不是日期"))
    assert [(one.row, one.code) for one in refused.value.findings] == [
        (2, "code_form"), (4, "twice_in_file"), (5, "name_form"), (6, "day_unreadable")]
    with pytest.raises(WrongPlaces):  # its town is not there
        import_places(s, ImportPlaces(uuid.uuid4(), rows(("230183100300", "外县村"))), by=admin(s), at=clock.now())
    assert s.get(Place, "230183100300") is None


def test_the_same_sheet_twice_changes_nothing_and_its_key_is_its_own(s, village):
    command = ImportPlaces(uuid.uuid4(), rows(("230199100300", "新立村")))
    first = import_places(s, command, by=admin(s), at=clock.now())
    assert import_places(s, command, by=admin(s), at=clock.now()) == first
    with pytest.raises(KeyReused):
        import_places(s, ImportPlaces(command.key, rows(("230199100301", "二村"))), by=admin(s), at=clock.now())


def test_the_page_takes_a_sheet_and_gives_it_back(app, village):
    person = Visitor(app, "admin")
    data = write_csv(TITLES, [("230199100300", "新立村", "", "", "", "")])
    sent = person.send(person.form("/territory", "/territory"), file=(io.BytesIO(data), "区划.csv"))
    assert "新立村" not in person.page("/territory")  # tried first
    assert person.send(person.form(sent.location, f"{sent.location}/confirm")).status_code == 303
    assert "新立村" in person.page("/territory") and person.get("/territory/places.xlsx").status_code == 200
