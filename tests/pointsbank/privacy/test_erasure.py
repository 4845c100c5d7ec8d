"""A hundred people are erased: nothing of them is left anywhere, no old copy can be opened, and the ledger verifies."""

from __future__ import annotations

import io
import logging
import uuid
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts, clock, crypto
from pointsbank.access import AppUser, actor_of_user
from pointsbank.backups import make_backup
from pointsbank.backups.making import unwatched
from pointsbank.backups.verifying import usable
from pointsbank.crypto import (
    BrokenSeal,
    SubjectKey,
    destroy_old_keys,
    load_keys,
    open_json,
    rotate_wrapping_key,
    use_keys,
)
from pointsbank.crypto.sealing import _label, unwrap
from pointsbank.database import unit_of_work
from pointsbank.errors import KeyReused, NotFound
from pointsbank.people import Household, Person, persons_of_place
from pointsbank.privacy import ErasePerson, erase_person, forget_again, own_data, retain
from pointsbank.privacy.erasing import OwnErasure, noted
from pointsbank.rosters import ReceiveRoster, receive_roster
from pointsbank.rosters.models import RosterFile
from pointsbank.settings import Settings
from pointsbank.sheets import write_csv
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.pointsbank.backups.bank import tools_folder
from tests.pointsbank.rosters.test_import_roster import confirm, dry_run
from tests.sheets_of_people import HEADER, id_number
from tests.visitor import Visitor

COUNT = 100
pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
GIVEN = "鑫淼焱垚犇骉羴猋麤鱻"


def name_of(number: int) -> str:
    return "欧阳" + GIVEN[number // 10] + GIVEN[number % 10]


def traces(number: int) -> list[bytes]:
    """As text, and as a server shows bytes."""
    texts = [one.encode() for one in (name_of(number), f"1577{number:07d}", id_number(5_000 + number))]
    return texts + [one.hex().encode() for one in texts]


@pytest.fixture
def own_keys(tmp_path, keys):
    """Keys of this test's own, for it destroys some; the session's come back afterwards."""
    folder = tmp_path / "own-keys"
    ring = load_keys(keys)
    crypto.keyring()
    folder.mkdir()
    (folder / "master-keys.json").write_bytes((keys / "master-keys.json").read_bytes())
    use_keys(load_keys(folder))
    yield folder
    use_keys(ring)


@pytest.fixture
def there(app, bare_today, own_keys):  # noqa: F811
    return bare_today


def actor(s, login: str):
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def a_hundred(s, there) -> list[uuid.UUID]:
    """Imported by a roster, with hours and points to their name."""
    lines = [(f"E{n // 2:03d}", name_of(n), "户主" if n % 2 == 0 else "配偶", 1, f"1577{n:07d}",
              id_number(5_000 + n), "", "") for n in range(COUNT)]
    by = actor(s, "recorder")
    confirm(s, by, dry_run(s, by, write_csv(HEADER, lines)))
    receive_roster(s, ReceiveRoster(uuid.uuid4(), by.place_code, "又一份.csv", write_csv(HEADER, lines)), by=by,
                   at=clock.now())
    people = [one for one in persons_of_place(s, there.place_code) if one.name.startswith("欧阳")]
    assert len(people) == COUNT
    with unit_of_work(s):
        ledger.post(s.connection(), there.book_id, [ledger.Entry(
            "test", str(one.id), "earned", TODAY, (
                ledger.Transfer(accounts.served(one.place_code), accounts.hours(one.id), 120),
                ledger.Transfer(accounts.budget(one.place_code), accounts.wallet(one.household_id, one.place_code),
                                200)), ledger.Party(one.household_id, one.id), rule="V01", place=one.place_code)
            for one in people], recorded_at=clock.now())
    return [one.id for one in people]


def whole(s: Session, folder: Path, kind: str) -> bytes:
    """Everything on disk: database file, WAL, uploads, exports, logs, backups; a dump where a server holds the data."""
    found = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    if kind == "postgresql":
        for table in inspect(s.get_bind()).get_table_names():
            for row in s.execute(text(f"SELECT CAST(t AS text) FROM {table} t")):
                found += row[0].encode()
    return found


def exported(app, home_id: uuid.UUID, folder: Path) -> None:
    """What leaves the house afterwards: a family's data, the whole village, the trail. Archives lie unpacked."""
    folder.mkdir()
    committee, auditor = Visitor(app, "committee"), Visitor(app, "auditor")
    (folder / "family.json").write_bytes(Visitor(app, "admin").get(f"/privacy/{home_id}/data.json").data)
    (folder / "trail.csv").write_bytes(auditor.get("/audit/trail.csv").data)
    with zipfile.ZipFile(io.BytesIO(committee.get("/village/export.zip").data)) as archive:
        archive.extractall(folder / "village")
    for sheet in list((folder / "village").rglob("*.xlsx")):
        with zipfile.ZipFile(sheet) as parts:
            parts.extractall(sheet.with_suffix(".parts"))


def in_the_backup(settings: Settings, file: Path, people: list[uuid.UUID], book_id: int) -> bytes:
    """What an old backup says of them, with every key there is today: put back as it is, read row by row."""
    manifest, store = usable(settings, file)
    with store.scratch(file, manifest.revision, unwatched) as engine, Session(engine) as old:
        keys = dict(old.execute(select(SubjectKey.subject_id, SubjectKey.wrapped)
                                .where(SubjectKey.subject_id.in_(people))).all())
        assert len(keys) == len(people) and old.scalar(select(func.count()).select_from(Person).where(
            Person.id.in_(people), Person.sealed.is_not(None))) == len(people), "the backup is older than the keys' end"
        for person, wrapped in keys.items():
            with pytest.raises(BrokenSeal):
                unwrap(wrapped, _label(book_id, person, "subject_key"))
        return b"".join(repr(row).encode() for table in inspect(engine).get_table_names()
                        for row in old.execute(text(f"SELECT * FROM {table}")))


def verified(app) -> None:
    run = app.test_cli_runner()
    assert run.invoke(args=["ledger", "seal"]).exit_code == 0
    for command in ("check", "verify"):
        result = run.invoke(args=["ledger", command])
        assert result.exit_code == 0, result.output


def test_a_hundred_people_erased_leave_no_trace_and_the_ledger_verifies(app, s, settings, there, own_keys, tmp_path,
                                                                       database_kind):
    log, root = tmp_path / "data" / "bank.log", logging.getLogger()
    handler, level = logging.FileHandler(log, encoding="utf-8"), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("alembic").setLevel(logging.NOTSET)  # a program that was started in this process made it quiet
    people, admin = a_hundred(s, there), actor(s, "admin")
    s.rollback()
    settings = replace(settings, keys_dir=own_keys, pg_bin=tools_folder() if database_kind == "postgresql" else None)
    backup = make_backup(settings, at=clock.now())
    kept = s.execute(select(SubjectKey.wrapped).where(SubjectKey.subject_id == people[0])).scalar_one()
    label = _label(there.book_id, people[0], "subject_key")
    hours = ledger.balances(s.connection(), there.book_id, [accounts.hours(people[0])])
    for person in people:
        erase_person(s, ErasePerson(uuid.uuid4(), person, "withdrawn"), by=admin, at=clock.now())
    assert unwrap(kept, label), "a young backup can still be restored"
    for days in (0, 40):  # the retention job: the key is replaced now, the old one destroyed five weeks later
        retain(s, there.book_id, clock.now() + timedelta(days=days))
    with pytest.raises(BrokenSeal):
        unwrap(kept, label)
    assert s.scalar(select(RosterFile.status).where(RosterFile.done == 0)) == "discarded"
    home_id = s.get(Person, (there.book_id, people[0])).household_id
    exported(app, home_id, tmp_path / "data" / "exports")
    s.rollback()
    bytes_left = whole(s, tmp_path / "data", database_kind)
    root.removeHandler(handler)
    root.setLevel(level)
    assert log.stat().st_size > 0
    bytes_left += in_the_backup(settings, backup.file, people, there.book_id)
    assert [n for n in range(COUNT) if any(trace in bytes_left for trace in traces(n))] == []
    assert ledger.balances(s.connection(), there.book_id, [accounts.hours(people[0])]) == hours
    rows = s.scalars(select(Person).where(Person.id.in_(people))).all()
    assert all(row.sealed is row.name_hash is row.phone_hash is row.id_hash is None for row in rows)
    assert all(row.sealed is None for row in s.scalars(select(Household).where(Household.code.like("E0%"))))
    s.rollback()
    verified(app)


def test_the_living_are_read_as_before_after_the_keys_were_replaced(s, there):
    before = [one.name for one in persons_of_place(s, there.place_code)]
    assert rotate_wrapping_key(s, today=TODAY) > 24
    assert destroy_old_keys(s, today=TODAY + timedelta(days=34)) == 0
    assert destroy_old_keys(s, today=TODAY + timedelta(days=35)) == 1
    assert [one.name for one in persons_of_place(s, there.place_code)] == before


def test_a_key_replaced_by_another_process_is_read_again(s, there, own_keys):
    ring = crypto.keyring()
    rotate_wrapping_key(s, today=TODAY)
    use_keys(ring)  # as a server that has not noticed
    assert persons_of_place(s, there.place_code)[0].name != "(已删除)"
    assert crypto.keyring().wrap != ring.wrap


def test_a_restored_backup_forgets_again(s, there):
    person, admin = there.members["H003"][1], actor(s, "admin")
    row, key = s.get(Person, (there.book_id, person.id)), s.get(SubjectKey, (there.book_id, person.id))
    held = row.sealed, key.wrapped
    erase_person(s, ErasePerson(uuid.uuid4(), person.id, "asked"), by=admin, at=clock.now())
    assert (there.book_id, person.id) in noted()
    with unit_of_work(s):  # the backup of before, put back
        s.add(SubjectKey(book_id=there.book_id, subject_id=person.id, wrapped=held[1]))
        row = s.get(Person, (there.book_id, person.id))
        row.sealed, row.left_on = held[0], None
    assert open_json(s, there.book_id, person.id, held[0], "person")["name"] == person.name
    assert forget_again(s, there.book_id, clock.now()) == 1
    assert s.get(SubjectKey, (there.book_id, person.id)) is None
    assert forget_again(s, there.book_id, clock.now()) == 0


def test_the_same_erasure_twice_is_one_and_nobody_erases_the_own_or_a_strangers(s, there):
    person, admin, key = there.members["H003"][1], actor(s, "admin"), uuid.uuid4()
    first = erase_person(s, ErasePerson(key, person.id, "asked"), by=admin, at=clock.now())
    assert erase_person(s, ErasePerson(key, person.id, "asked"), by=admin, at=clock.now()).made_at == first.made_at
    with pytest.raises(KeyReused):
        erase_person(s, ErasePerson(key, person.id, "died"), by=admin, at=clock.now())
    with pytest.raises(NotFound):
        erase_person(s, ErasePerson(uuid.uuid4(), person.id, "asked"), by=actor(s, "committee"), at=clock.now())
    own = replace(admin, person_id=there.members["H001"][0].id)
    with pytest.raises(OwnErasure):
        erase_person(s, ErasePerson(uuid.uuid4(), there.members["H001"][1].id, "asked"), by=own, at=clock.now())


def test_a_family_downloads_everything_kept_about_it(app, s, there):
    Api(app, "recorder").done("/records", {"household": "H003", "person": there.members["H003"][0].name, "rule": "V01",
                                           "minutes": 60, "service_on": str(TODAY - timedelta(days=2))})
    family = Visitor(app, "H003")
    data = family.get("/me/data.json").get_json()
    assert {one["name"] for one in data["persons"]} == {one.name for one in there.members["H003"]}
    assert data["records"] and any(account["entries"] for account in data["accounts"])
    assert "下载全部资料" in family.page("/me/data")
    home = there.households["H003"]
    with pytest.raises(NotFound):
        own_data(s, home.id, by=actor(s, "committee"), at=clock.now())
