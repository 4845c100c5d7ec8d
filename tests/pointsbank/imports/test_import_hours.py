"""A sheet of hours: every bad row named, the good ones recorded once, the file gone afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, AppUser, actor_of_user, system_actor
from pointsbank.crypto import SubjectKey
from pointsbank.errors import KeyReused, NotAllowed
from pointsbank.imports import ChooseColumns, ReceiveFile, check_file, choose_columns, import_rows, import_view
from pointsbank.imports.errors import ColumnMissing, ColumnTwice, FileGone, NothingToImport
from pointsbank.imports.models import ImportFile
from pointsbank.imports.queries import find_import
from pointsbank.imports.running import start_check, start_import
from pointsbank.imports.service import discard_file, receive_file
from pointsbank.people import persons_of_place
from pointsbank.records import ServiceRecord
from pointsbank.schedule import load_demo_rules
from pointsbank.sheets import FileRefused, write_csv
from redemption.demo.people import Village
from tests.sheets_of_hours import BAD, sheet_with_mistakes

AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)


@pytest.fixture
def recorder(s: Session, village: Village) -> Actor:
    rules = Path(str(resources.files("redemption.demo") / "data" / "rules.json"))
    load_demo_rules(s, "230199000000", rules, by=system_actor(village.book_id, "test"),
                    at=datetime(2026, 1, 1, tzinfo=UTC), valid_from=date(2026, 1, 1))
    return by_login(s, "recorder")


def by_login(s: Session, login: str) -> Actor:
    return actor_of_user(s, s.scalars(select(AppUser).where(AppUser.login == login)).one())


@pytest.fixture
def upload(s: Session, recorder: Actor) -> Callable[..., uuid.UUID]:
    def take(data: bytes, name: str = "时长.xlsx", key: uuid.UUID | None = None) -> uuid.UUID:
        return receive_file(s, ReceiveFile(key or uuid.uuid4(), recorder.place_code, name, data), by=recorder, at=AT).id
    return take


def dry_run(s: Session, import_id: uuid.UUID, by: Actor, **choices: object):
    view, shown = import_view(s, import_id, by=by), find_import(s, import_id, by=by)
    choices = {"columns": view.choices.columns, **choices}
    choose_columns(s, ChooseColumns(import_id, **choices), shown.header, by=by, at=AT)
    assert start_check(s, import_id, by=by)
    check_file(s, import_id, by=by, at=AT)
    return import_view(s, import_id, by=by)


def confirm(s: Session, import_id: uuid.UUID, by: Actor):
    if start_import(s, import_id, by=by):
        import_rows(s, import_id, by=by, at=AT)
    return import_view(s, import_id, by=by)


def recorded(s: Session) -> int:
    s.rollback()
    return s.scalar(select(func.count()).select_from(ServiceRecord)) or 0


def csv(*rows: tuple[object, ...], header=("户号", "姓名", "细则编码", "服务日期", "时长(小时)")) -> bytes:
    return write_csv(header, rows)


def test_5000_rows_with_40_bad_ones_of_10_kinds_and_all_40_are_named(s, recorder, upload):
    data, wrong, good = sheet_with_mistakes(persons_of_place(s, recorder.place_code), TODAY)
    import_id = upload(data)
    view = dry_run(s, import_id, recorder)
    assert {finding.row: finding.code for finding in view.findings} == {row: BAD[kind][1] for row, kind in
                                                                        wrong.items()}
    assert {finding.row: finding.title for finding in view.findings if BAD[wrong[finding.row]][0]} == {
        row: BAD[kind][0] for row, kind in wrong.items() if BAD[kind][0]}
    assert recorded(s) == 0, "a dry run stores nothing"
    assert confirm(s, import_id, recorder).figures["recorded"] == len(good) == 4960
    minutes = sum({2: 120, "1.5小时": 90, 2.5: 150}[row[5]] for row in good)
    assert (recorded(s), s.scalar(select(func.sum(ServiceRecord.minutes)))) == (4960, minutes)


def test_importing_the_same_file_twice_changes_nothing_and_says_so(s, recorder, upload):
    data = csv(("H002", "李桂兰", "V01", "2026-11-20", 2), ("H007", "孙德旺", "V01", "2026-11-20", "1.5h"))
    first = upload(data)
    dry_run(s, first, recorder)
    confirm(s, first, recorder)
    again = upload(data)
    view = dry_run(s, again, recorder)
    assert view.same_as == AT and view.figures["good"] == 0 and view.figures["already"] == 2
    assert confirm(s, again, recorder).figures["recorded"] == 0
    assert recorded(s) == 2


def test_the_same_external_number_with_other_minutes_is_an_error_that_names_the_first(s, recorder, upload):
    header = ("户号", "姓名", "细则编码", "服务日期", "时长(小时)", "流水号")
    first = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2, "LJ-1"), header=header))
    dry_run(s, first, recorder)
    confirm(s, first, recorder)
    view = dry_run(s, upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 3, "LJ-1"), header=header)), recorder)
    assert [(f.row, f.title, f.code) for f in view.findings] == [(2, "流水号", "same_number_other_content")]
    assert "LJ-1" in view.findings[0].zh and "没有覆盖" in view.findings[0].zh


def test_columns_are_asked_for_once_and_remembered_for_the_next_sheet_like_it(s, recorder, upload):
    odd = ("家", "谁", "做了什么", "哪天", "多久")
    first = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2), header=odd))
    assert "household" not in import_view(s, first, by=recorder).choices.columns
    with pytest.raises(ColumnMissing):
        dry_run(s, first, recorder)
    columns = {"household": 0, "name": 1, "rule": 2, "service_on": 3, "minutes": 4}
    dry_run(s, first, recorder, columns=columns, unit="hours")
    view = import_view(s, upload(csv(("H007", "孙德旺", "V01", "2026-11-21", 1), header=odd)), by=recorder)
    assert view.remembered and view.choices.columns == columns


def test_one_column_cannot_mean_two_things(s, recorder, upload):
    import_id = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2)))
    with pytest.raises(ColumnTwice):
        dry_run(s, import_id, recorder, columns={"household": 0, "name": 0, "service_on": 3, "rule": 2})


def test_a_row_with_three_bad_cells_gives_three_findings(s, recorder, upload):
    view = dry_run(s, upload(csv(("H999", "李桂兰", "V01", "3月5日", "25"))), recorder)
    assert [(f.row, f.column, f.title) for f in view.findings] == [(2, "A", "户号"), (2, "D", "服务日期"),
                                                                   (2, "E", "时长(小时)")]


def test_a_child_without_a_guardians_consent_is_not_recorded(s, recorder, upload):
    view = dry_run(s, upload(csv(("H003", "张小满", "V01", "2026-11-20", 2),
                                 ("H006", "金俊浩", "V01", "2026-11-20", 2))), recorder)
    assert [(f.row, f.code) for f in view.findings] == [(2, "needs_consent")], "金俊浩's guardian has consented"


def test_a_name_alone_is_enough_when_it_is_one_persons(s, recorder, upload):
    view = dry_run(s, upload(csv(("李桂兰", "V01", "2026-11-20", 2), header=("姓名", "细则", "日期", "时长(小时)"))),
                   recorder)
    assert view.findings == [] and view.figures["good"] == 1


def test_the_file_is_destroyed_with_its_key_once_it_is_imported(s, recorder, upload):
    import_id = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2)))
    subject = s.get_one(ImportFile, (recorder.book_id, import_id)).subject_id
    dry_run(s, import_id, recorder)
    confirm(s, import_id, recorder)
    row = s.get_one(ImportFile, (recorder.book_id, import_id))
    assert row.content is None and row.about is None and s.get(SubjectKey, (recorder.book_id, subject)) is None
    with pytest.raises(FileGone):
        find_import(s, import_id, by=recorder)


def test_what_is_kept_of_a_file_until_then_shows_no_name(s, recorder, upload):
    import_id = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2)), name="李桂兰的时长.csv")
    row = s.get_one(ImportFile, (recorder.book_id, import_id))
    assert "李桂兰".encode() not in row.content + row.about and "李桂兰" not in str(row.choices)


def test_a_discarded_file_imports_nothing(s, recorder, upload):
    import_id = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2)))
    dry_run(s, import_id, recorder)
    discard_file(s, import_id, by=recorder, at=AT)
    discard_file(s, import_id, by=recorder, at=AT)
    assert recorded(s) == 0


def test_a_sheet_without_one_good_row_cannot_be_confirmed(s, recorder, upload):
    import_id = upload(csv(("H999", "无名", "V01", "2026-11-20", 2)))
    dry_run(s, import_id, recorder)
    with pytest.raises(NothingToImport):
        start_import(s, import_id, by=recorder)


def test_the_same_upload_sent_twice_is_one_upload(s, recorder, upload):
    key, data = uuid.uuid4(), csv(("H002", "李桂兰", "V01", "2026-11-20", 2))
    assert upload(data, key=key) == upload(data, key=key)
    with pytest.raises(KeyReused):
        upload(data + b"\r\n", key=key)


def test_an_import_that_was_cut_off_goes_on_and_counts_nothing_twice(s, recorder, upload):
    import_id = upload(csv(("H002", "李桂兰", "V01", "2026-11-20", 2), ("H007", "孙德旺", "V01", "2026-11-20", 2)))
    dry_run(s, import_id, recorder)
    assert start_import(s, import_id, by=recorder)
    import_rows(s, import_id, by=recorder, at=AT)
    row = s.get_one(ImportFile, (recorder.book_id, import_id))
    assert row.figures["recorded"] == 2
    assert import_rows(s, import_id, by=recorder, at=AT).figures["recorded"] == 2 and recorded(s) == 2


def test_a_clerk_may_not_import_and_a_recorder_not_for_the_next_village(s, recorder, village):
    data = csv(("H002", "李桂兰", "V01", "2026-11-20", 2))
    with pytest.raises(NotAllowed):
        receive_file(s, ReceiveFile(uuid.uuid4(), village.place_code, "x.csv", data), by=by_login(s, "clerk"), at=AT)
    with pytest.raises(NotAllowed):
        receive_file(s, ReceiveFile(uuid.uuid4(), "230199100201", "x.csv", data), by=recorder, at=AT)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04broken"])
def test_what_is_no_table_is_refused_and_nothing_is_kept(s, recorder, upload, data):
    with pytest.raises(FileRefused):
        upload(data)
    s.rollback()
    assert s.scalar(select(func.count()).select_from(ImportFile)) == 0
