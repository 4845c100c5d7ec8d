"""Venues and grids beside the places: read from a sheet, tried before they are taken, kept by hand."""

from __future__ import annotations

import io
import uuid
from datetime import date

import pytest
from sqlalchemy import func, select

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user, system_actor
from pointsbank.errors import NotAllowed, NotFound
from pointsbank.people.service import AlreadyThere
from pointsbank.sheets import open_workbook, write_csv
from pointsbank.territory import ImportPlaces, grid_of, import_places, read_tree
from pointsbank.territory.exporting import tree_rows
from pointsbank.territory.grids import AddGrid, ChangeGrid, add_grid, change_grid, grids_by_village, grids_of_place
from pointsbank.territory.judging import judge
from pointsbank.territory.models import Grid, GridHousehold, TreeFile, Venue
from pointsbank.territory.tree_sheet import TITLES, WrongPlaces
from pointsbank.territory.uploads import ReceiveTree, confirm_tree, discard_tree, receive_tree, tree_view
from pointsbank.territory.venues import AddVenue, CloseVenue, add_venue, close_venue, venues_under
from tests.visitor import Visitor

VILLAGE, TOWN = "230199100200", "230199100000"


def actor(s, login):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def county(village):
    return system_actor(village.book_id, "tree")


def line(code, name, kind="", **more):
    told = {"区划代码": code, "名称": name, "类别": kind, **more}
    return tuple(told.get(title, "") for title in TITLES)


def sheet(*lines):
    return write_csv(TITLES, lines)


def worker(village):
    head = village.members["H003"][0]
    return f"{head.name} H003"


def whole(village):
    """A town's square, two bases, a new village, two grids."""
    return sheet(line(TOWN, "镇文化广场", "广场"), line(VILLAGE, "红色教育基地", "基地", 启用日期="2026-01-01"),
                 line("230199100300", "新立村"), line("230199100300", "新立活动点", "点"),
                 line(VILLAGE, "第一网格", "网格", 网格编号="1", 网格员=worker(village), 网格内户号="H001至H003、H010"),
                 line(VILLAGE, "", "网格", 网格编号="2", 网格内户号="H011 H012"))


def taken(s, village, data=None):
    tree = read_tree(data or whole(village), "区划.csv")
    return import_places(s, ImportPlaces(uuid.uuid4(), *tree), by=county(village), at=clock.now())


def test_one_sheet_brings_places_venues_and_grids(s, village):
    done = taken(s, village)
    assert (done["places_new"], done["venues_new"], done["grids_new"], done["changed"]) == (1, 3, 2, 0)
    assert [one.name for one in venues_under(s, TOWN)] == ["镇文化广场", "红色教育基地", "新立活动点"]
    first, second = grids_of_place(s, village.book_id, VILLAGE)
    assert (first.worker, first.households) == (village.members["H003"][0].name, 4)
    assert (second.name, second.households, second.worker) == ("2", 2, "")
    assert grid_of(s, village.book_id, village.households["H010"].id).code == "1"
    counted = {row["code"]: (row["grids"], row["households"]) for row in grids_by_village(s, village.book_id, TOWN)}
    assert (counted[VILLAGE], counted["230199100300"]) == ((2, 6), (0, 0))


def test_the_same_sheet_again_and_what_was_written_out_change_nothing(s, village):
    taken(s, village)
    again = taken(s, village)
    assert (again["added"], again["changed"], again["same"]) == (0, 0, 6)
    written = write_csv(TITLES, list(tree_rows(s, county(village))))
    assert judge(s, read_tree(written, "places.csv"), county(village)).figures() | {"same": 0} == dict.fromkeys(
        again.keys() - {"added", "changed"}, 0)


def test_a_row_changes_a_grid_and_a_household_goes_along(s, village):
    taken(s, village)
    done = taken(s, village, sheet(line(VILLAGE, "第二网格", "网格", 网格编号="2", 网格内户号="H001"),
                                   line(TOWN, "镇文化广场", "广场", 停用日期="2026-06-30")))
    assert (done["grids_changed"], done["venues_changed"]) == (1, 1)
    first, second = grids_of_place(s, village.book_id, VILLAGE)
    assert (first.households, second.households, second.name) == (3, 3, "第二网格")
    assert s.scalar(select(Venue.valid_until).where(Venue.name == "镇文化广场")) == date(2026, 6, 30)


def test_every_bad_cell_is_named_by_row_and_nothing_is_taken(s, village):
    with pytest.raises(WrongPlaces) as refused:
        read_tree(sheet(line(VILLAGE, "甲", "戏台"), line(VILLAGE, "乙", "网格", 网格编号="第一"),
                        line(VILLAGE, "丙", "网格", 网格编号="1", 网格内户号="H001至K9"),
                        line(VILLAGE, "丁", "点", 启用日期="2026-02-01", 停用日期="2026-01-01"),
                        line(VILLAGE, "戊", "网格", 网格编号="3", 网格内户号="H001"),
                        line(VILLAGE, "己", "网格", 网格编号="4", 网格内户号="H001"),
                        line("230199100300", "庚", 替代代码="230199100300")), "区划.csv")
    assert [(one.row, one.title, one.code) for one in refused.value.findings] == [
        (2, "类别", "kind_unknown"), (3, "网格编号", "grid_form"), (4, "网格内户号", "household_form"),
        (5, "停用日期", "days_crossed"), (7, "网格内户号", "twice_in_file"), (8, "替代代码", "code_form")]
    with pytest.raises(WrongPlaces) as refused:
        taken(s, village, sheet(line("230199100299", "没有的村", "广场"), line(TOWN, "镇格", "网格", 网格编号="1"),
                                line(VILLAGE, "甲格", "网格", 网格编号="1", 网格员="没有这人", 网格内户号="H999"),
                                line("230183100000", "外县镇", "点"),
                                line("230199100300", "新村", 替代代码="230199100399")))
    assert [(one.row, one.code) for one in refused.value.findings] == [
        (2, "unknown_place"), (3, "grid_in_village"), (4, "household_unknown"), (4, "worker_unknown"),
        (5, "out_of_reach"), (6, "successor_unknown")]
    assert s.scalar(select(func.count()).select_from(Grid)) == s.scalar(select(func.count()).select_from(Venue)) == 0


def test_an_upload_is_tried_before_it_is_taken_and_its_content_goes(s, village):
    by = actor(s, "admin")
    data = sheet(line(VILLAGE, "村文化广场", "广场"), line(VILLAGE, "一格", "网格", 网格编号="1", 网格内户号="H001"))
    row = receive_tree(s, ReceiveTree(key := uuid.uuid4(), "区划.csv", data), by=by, at=clock.now())
    assert receive_tree(s, ReceiveTree(key, "区划.csv", data), by=by, at=clock.now()).id == row.id
    view = tree_view(s, row.id, by=by)
    assert (view.findings, view.figures["venues_new"], view.figures["grids_new"]) == ([], 1, 1)
    assert s.scalar(select(func.count()).select_from(Venue)) == 0
    confirm_tree(s, row.id, by=by, at=clock.now())
    confirm_tree(s, row.id, by=by, at=clock.now())
    assert s.scalar(select(func.count()).select_from(Venue)) == s.scalar(select(func.count()).select_from(Grid)) == 1
    assert s.get_one(TreeFile, (village.book_id, row.id)).sealed is None
    assert tree_view(s, row.id, by=by).status == "done"
    other = receive_tree(s, ReceiveTree(uuid.uuid4(), "b.csv", data), by=by, at=clock.now())
    assert discard_tree(s, other.id, by=by, at=clock.now()).status == "discarded"
    with pytest.raises(NotAllowed):
        receive_tree(s, ReceiveTree(uuid.uuid4(), "c.csv", data), by=actor(s, "clerk"), at=clock.now())


def test_a_household_stands_in_one_grid_and_only_of_its_village(s, village):
    by = actor(s, "recorder")
    first, second = (add_grid(s, AddGrid(uuid.uuid4(), VILLAGE, code, f"{code}格"), by=by, at=clock.now())
                     for code in ("1", "2"))
    homes = [village.households[code].id for code in ("H001", "H002")]
    for grid in (first, second):
        change_grid(s, ChangeGrid(uuid.uuid4(), grid.id, grid.name, village.members["H005"][0].id, tuple(homes)),
                    by=by, at=clock.now())
    assert s.scalar(select(func.count()).select_from(GridHousehold)) == 2
    assert {one.code: one.households for one in grids_of_place(s, village.book_id, VILLAGE)} == {"1": 0, "2": 2}
    with pytest.raises(NotFound):
        change_grid(s, ChangeGrid(uuid.uuid4(), first.id, "一格", None, (uuid.uuid4(),)), by=by, at=clock.now())
    with pytest.raises(AlreadyThere):
        add_grid(s, AddGrid(uuid.uuid4(), VILLAGE, "1", "又一格"), by=by, at=clock.now())
    with pytest.raises(NotAllowed):
        add_grid(s, AddGrid(uuid.uuid4(), VILLAGE, "3", "三格"), by=actor(s, "clerk"), at=clock.now())


def test_a_venue_stands_at_any_level_ends_and_is_opened_again(s, village):
    by = county(village)
    for place in ("230199000000", TOWN, VILLAGE):
        made = add_venue(s, AddVenue(uuid.uuid4(), place, "base", "实践基地"), by=by, at=clock.now())
    assert [one.level for one in venues_under(s, "230199000000")] == ["county", "town", "village"]
    for until in (clock.today(), None):
        assert close_venue(s, CloseVenue(uuid.uuid4(), made.id, until), by=by, at=clock.now()).valid_until == until
    with pytest.raises(AlreadyThere):
        add_venue(s, AddVenue(uuid.uuid4(), VILLAGE, "base", "实践基地"), by=by, at=clock.now())


def test_the_pages_take_a_sheet_a_venue_and_a_grid(app, village):
    person = Visitor(app, "admin")
    data = sheet(line(VILLAGE, "村文化广场", "广场"), line(VILLAGE, "一格", "网格", 网格编号="1", 网格内户号="H00X"))
    sent = person.send(person.form("/territory", "/territory"), file=(io.BytesIO(data), "区划.csv"))
    page = person.page(sent.location)
    assert "household_unknown" not in page and "H00X" in page and "/confirm" not in page
    book = open_workbook(person.get(f"{sent.location}/findings.xlsx").data, "f.xlsx")
    assert "H00X" in str([[cell.text for cell in row.cells] for row in book.rows()])
    good = sheet(line(VILLAGE, "村文化广场", "广场"), line(VILLAGE, "一格", "网格", 网格编号="1", 网格内户号="H001"))
    sent = person.send(person.form("/territory", "/territory"), file=(io.BytesIO(good), "区划.csv"))
    assert person.send(person.form(sent.location, f"{sent.location}/confirm")).status_code == 303
    assert "村文化广场" in person.page("/venues") and "一格" in person.page("/grids", place=VILLAGE)
    recorder = Visitor(app, "recorder")
    made = recorder.send(recorder.form("/grids", "/grids"), code="2", name="二格")
    form = recorder.form(made.location, made.location)
    home = str(village.households["H002"].id)
    assert recorder.send(form, households=[home], worker=str(village.members["H003"][0].id)).status_code == 303
    page = recorder.page(made.location)
    assert f'value="{home}" checked' in page and village.members["H003"][0].name in page
    assert "二格" in recorder.page(f"/households/{home}")
    form = person.form("/venues", "/venues")
    assert person.send(form, kind="point", name="村头文化点").status_code == 303
    closing = next(one for one in person.forms("/venues") if one.action.endswith("/close"))
    assert person.send(closing).status_code == 303 and "停用" in person.page("/venues")
