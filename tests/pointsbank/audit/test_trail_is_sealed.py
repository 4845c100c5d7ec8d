"""The trail's own log: what is written is sealed and signed, and whoever edits it past the triggers is named."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from ledger.leaves import run
from ledger.merkle import Frontier
from ledger.sealing import standing
from ledger.sealing_errors import HistoryShrank, RowsChanged
from ledger.stores import store_for
from ledger.verifier import open_note, read_key
from ledger.verifying import Fault
from pointsbank import audit, sealing
from pointsbank.access import system_actor
from pointsbank.audit.leaves import columns, event_hash
from pointsbank.audit.models import TRAIL
from pointsbank.audit.verifying import verify
from pointsbank.crypto import erase_subject
from pointsbank.database import db, engine_for, unit_of_work
from pointsbank.sealer import Sealer
from tests.conftest import VILLAGE_AT
from tests.visitor import Visitor, words

BOOK, WHOM = 230199, uuid.UUID(int=7)
VICTIM, OTHER = 5, 6  # leaves; twelve are sealed, checkpoints stand at 4, 8 and 12


class Trail:
    """A trail of twelve events, sealed and signed after every four."""

    def __init__(self, engine: Engine, keys_dir: Path) -> None:
        self.engine, self.keys_dir = engine, keys_dir

    def write(self, count: int) -> None:
        by = system_actor(BOOK, "test")
        with Session(self.engine) as s, unit_of_work(s):
            for at in range(count):
                audit.record(s, by, "records.void", f"record:{at}", at=VILLAGE_AT, why=f"理由{at}", about=WHOM,
                             given=at)

    def sign(self) -> str:
        return sealing.sign_now(self.engine, self.keys_dir, BOOK, at=VILLAGE_AT, log=sealing.TRAIL)

    def faults(self, connection: Connection, memory: bool = True) -> list[Fault]:
        key = read_key(sealing.key_line(self.keys_dir, BOOK))
        state = sealing.recall(self.keys_dir, BOOK, sealing.TRAIL).state if memory else None
        return verify(connection, BOOK, key, remembered=state).faults


@pytest.fixture
def trail(engine: Engine, tmp_path: Path) -> Trail:
    made = Trail(engine, tmp_path / "trail-keys")
    for _ in range(3):
        made.write(4)
        made.sign()
    return made


@contextmanager
def edited(url: str) -> Iterator[Connection]:
    """Somebody with full access to the database, triggers off; what they did is undone afterwards."""
    engine = engine_for(url)
    with engine.connect() as connection, connection.begin() as work:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            for name in connection.scalars(text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        work.rollback()
    engine.dispose()


def event_at(connection: Connection, leaf: int) -> str:
    found = connection.execute(text("SELECT event_id FROM audit_leaf WHERE position = :at"), {"at": leaf}).scalar_one()
    return str(found).replace("-", "")


def sql(*statements: str) -> Callable[[Connection], None]:
    def edit(connection: Connection) -> None:
        ids = {"victim": event_at(connection, VICTIM), "other": event_at(connection, OTHER)}
        for statement in statements:
            for name, value in ids.items():
                statement = statement.replace(f":{name}", f"'{value}'")
            assert connection.execute(text(statement)).rowcount, statement

    return edit


def with_its_leaf(connection: Connection) -> None:
    """The event and the leaf that its edited row gives: the log looks untouched."""
    sql("UPDATE audit_event SET action = 'other' WHERE id = :victim")(connection)
    store = store_for(connection, BOOK)
    row = next(row for row in run(store, f"SELECT {columns(store, 'e')} FROM audit_event e WHERE e.book_id = ?", BOOK)
               if row[0] == event_at(connection, VICTIM))
    connection.execute(text("UPDATE audit_leaf SET hash = :hash WHERE position = :at"),
                       {"hash": event_hash(BOOK, row), "at": VICTIM})


def cut_off(connection: Connection) -> None:
    """The last two events vanish with their leaves, and the log says so."""
    for leaf in (11, 10):
        one = event_at(connection, leaf)
        for table, column in (("audit_event", "id"), ("audit_leaf", "event_id")):
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = '{one}'"))
    tree = Frontier()
    for value in connection.scalars(text("SELECT hash FROM audit_leaf ORDER BY position")):
        tree.append(bytes(value))
    connection.execute(text("UPDATE audit_log SET size = 10, frontier = :packed"), {"packed": tree.packed()})


COPY = ("INSERT INTO audit_event (book_id, id, at, user_id, scope, action, subject, detail) "
        f"SELECT book_id, '{'ab' * 16}', at, user_id, scope, 'forged', subject, detail FROM audit_event "
        "WHERE id = :victim")
SET, OF = "UPDATE audit_event SET", "WHERE id = :victim"
EDITS: dict[str, tuple[Callable[[Connection], None], set[str]]] = {
    **{name: (sql(f"{SET} {name} = {value} {OF}"), {"changed"}) for name, value in {
        "action": "'signed_in'", "subject": "'record-x'", "scope": "'system-x'", "role": "'admin'",
        "place_code": "'230199100201'", "origin": "'elsewhere'", "at": "'2020-01-01 00:00:00.000000'",
        "user_id": f"'{'cd' * 16}'", "detail": "'{}'", "why_subject": f"'{'cd' * 16}'",
        "why": "NULL"}.items()},
    "id": (sql(f"{SET} id = '{'ef' * 16}' {OF}"), {"deleted", "unsealed"}),
    "deleted": (sql("DELETE FROM audit_event WHERE id = :victim"), {"deleted"}),
    "deleted with its leaf": (sql("DELETE FROM audit_event WHERE id = :victim",
                                  "DELETE FROM audit_leaf WHERE event_id = :victim"), {"leaves"}),
    "inserted past the door": (sql(COPY), {"unsealed"}),
    "swapped": (sql(f"{SET} action = 'a' {OF}", f"{SET} action = 'b' WHERE id = :other"), {"changed"}),
    "leaves swapped": (sql("UPDATE audit_leaf SET position = 99 WHERE event_id = :victim",
                           f"UPDATE audit_leaf SET position = {VICTIM} WHERE event_id = :other",
                           f"UPDATE audit_leaf SET position = {OTHER} WHERE position = 99"), {"root"}),
    "put back into the queue": (sql("INSERT INTO audit_unsealed (book_id, event_id) SELECT book_id, id "
                                    "FROM audit_event WHERE id = :victim"), {"queue"}),
    "event and leaf together": (with_its_leaf, {"root"}),
    "end cut off": (cut_off, {"truncated"}),
    "checkpoint": (sql("UPDATE audit_checkpoint SET note = replace(note, 'ledger 0', 'ledger 1')"), {"checkpoint"}),
}


def test_every_edit_past_the_triggers_is_found_and_named(trail: Trail, database_urls: tuple[str, str]) -> None:
    for name, (edit, laws) in EDITS.items():
        with edited(database_urls[1]) as connection:
            victim = event_at(connection, VICTIM)
            assert trail.faults(connection) == [], f"a clean trail, before: {name}"
            edit(connection)
            found = trail.faults(connection)
            assert laws <= {one.law for one in found}, (name, found)
            said = " ".join(one.message for one in found)
            if laws == {"changed"} or name == "deleted":
                assert victim in said, (name, said)
            if name == "swapped":
                assert event_at(connection, OTHER) in said
            if laws == {"root"}:
                assert "among leaves 4 to 7" in said, (name, said)
            if name == "inserted past the door":
                assert "ab" * 16 in said
            if name == "end cut off":
                assert "leaves 10 to 11" in said
                # without the signer's memory and the newest checkpoint nobody would see it
                connection.execute(text("DELETE FROM audit_checkpoint WHERE size = 12"))
                assert trail.faults(connection, memory=False) == []


def test_an_event_that_waits_and_was_deleted_is_missed_too(trail: Trail, database_urls: tuple[str, str]) -> None:
    trail.write(1)
    with edited(database_urls[1]) as connection:
        connection.execute(text("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_unsealed)"))
        assert [one.law for one in trail.faults(connection)] == ["deleted"]


def test_what_was_edited_is_not_signed(trail: Trail, database_urls: tuple[str, str]) -> None:
    note = open_note(trail.sign(), read_key(sealing.key_line(trail.keys_dir, BOOK, sealing.TRAIL)))
    assert (note.origin, note.size) == (f"pointsbank/{BOOK}/trail", 12)
    trail.write(2)
    assert sealing.seal_waiting(trail.engine, BOOK, log=sealing.TRAIL) == 2
    with edited(database_urls[1]) as connection:
        connection.execute(text(f"UPDATE audit_event SET origin = 'x' WHERE id = '{event_at(connection, 13)}'"))
        state = sealing.recall(trail.keys_dir, BOOK, sealing.TRAIL).state
        with pytest.raises(RowsChanged, match="第 13 条"):
            sealing.TRAIL.draw(connection, BOOK, state)
    with edited(database_urls[1]) as connection:
        sealing.TRAIL.draw(connection, BOOK, sealing.recall(trail.keys_dir, BOOK, sealing.TRAIL).state)
        cut_off(connection)
        with pytest.raises(HistoryShrank, match="操作留痕"):
            sealing.TRAIL.draw(connection, BOOK, sealing.recall(trail.keys_dir, BOOK, sealing.TRAIL).state)


def test_an_erasure_takes_the_words_and_leaves_the_proof(trail: Trail) -> None:
    with Session(trail.engine) as s:
        events = audit.events_of(s, BOOK, "record:1")
        assert set(audit.reasons_of(s, BOOK, events).values()) == {"理由1"}
        with unit_of_work(s):
            erase_subject(s, BOOK, WHOM)
        assert set(audit.reasons_of(s, BOOK, events).values()) == {None}
    with trail.engine.connect() as connection:
        assert trail.faults(connection) == []
    trail.write(1)
    assert trail.sign().splitlines()[1] == "13"


def test_no_reason_stands_in_the_trail_in_the_clear(trail: Trail) -> None:
    with trail.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM audit_event")).all()
        assert rows and not any("理由".encode() in bytes(value) if isinstance(value, bytes | memoryview)
                                else "理由" in str(value) for row in rows for value in row)


def test_what_goes_against_somebody_needs_a_reason(s: Session, village: Any) -> None:
    by = system_actor(BOOK, "test")
    with unit_of_work(s):
        for action in audit.NEEDS_WHY:
            with pytest.raises(ValueError, match="needs a reason"):
                audit.record(s, by, action, "thing:1", at=VILLAGE_AT)
        audit.record(s, by, "records.void", "record:1", at=VILLAGE_AT, why="重复登记")
        audit.record(s, by, "stock.write_off", "stock_paper:1", at=VILLAGE_AT, reason="damaged")


def test_the_servers_sealer_seals_and_signs_both_logs(app: Any, village: Any, keys: Path) -> None:
    Visitor(app, "clerk")
    sealer = Sealer(app)
    sealer.round()
    sealer.sign(BOOK)
    with db.engine.connect() as connection:
        size = standing(connection, BOOK, TRAIL).size
        assert size >= 1 and connection.execute(text("SELECT count(*) FROM audit_unsealed")).scalar_one() == 0
    state = sealing.recall(keys, BOOK, sealing.TRAIL).state
    assert state is not None and state.size == size


def test_the_operator_verifies_the_trail_with_the_ledger(app: Any, village: Any, database_urls: tuple[str, str],
                                                         tmp_path: Path) -> None:
    Visitor(app, "clerk")
    db.session.remove()
    run_ = app.test_cli_runner().invoke
    assert json.loads(run_(args=["ledger", "seal", "--json"]).output)[str(BOOK)]["trail"]["sealed"] >= 1
    kept = tmp_path / "trail.txt"
    assert run_(args=["ledger", "checkpoint", "--trail", "--output", str(kept)]).exit_code == 0
    assert kept.read_text(encoding="utf-8").startswith(f"pointsbank/{BOOK}/trail\n")
    good = run_(args=["ledger", "verify", "--checkpoint", str(kept)])
    assert good.exit_code == 0 and f"{BOOK}: trail: " in good.output and "0 faults" in good.output, good.output
    owner = engine_for(database_urls[1])
    with owner.begin() as connection:
        if owner.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER audit_event_no_update"))
        connection.execute(text("UPDATE audit_event SET action = 'looked' WHERE action = 'signed_in'"))
    owner.dispose()
    bad = run_(args=["ledger", "verify", "--json"])
    faults = json.loads(bad.output)[str(BOOK)]["trail"]["faults"]
    assert bad.exit_code == 1 and faults and {one["law"] for one in faults} == {"changed"}
    assert "looked session" in faults[0]["message"] or "looked user" in faults[0]["message"], faults


def test_the_auditor_reads_seal_and_reason_on_the_page_and_in_the_export(app: Any, village: Any, keys: Path) -> None:
    with unit_of_work(db.session()):
        audit.record(db.session(), system_actor(BOOK, "test"), "records.void", "record:1", at=VILLAGE_AT,
                     why="重复登记", about=village.households["H001"].id)
    db.session.remove()
    auditor = Visitor(app, "auditor")
    assert "待封存" in words(auditor.page("/audit/trail", action="records.void"))
    sealing.sign_now(db.engine, keys, BOOK, at=VILLAGE_AT, log=sealing.TRAIL)
    page = words(auditor.page("/audit/trail", action="records.void"))
    assert "重复登记" in page and "待封存" not in page
    rows = auditor.get("/audit/trail.csv", action="records.void").data.decode("utf-8-sig").splitlines()
    assert rows[0].split(",")[-3:] == ["原因", "封存序号", "记录编号"]
    reason, seal, name = rows[1].split(",")[-3:]
    assert reason == "重复登记" and seal.isdecimal() and len(name) == 32
    with unit_of_work(db.session()):
        erase_subject(db.session(), BOOK, village.households["H001"].id)
    db.session.remove()
    assert "(已删除)" in words(auditor.page("/audit/trail", action="records.void"))
