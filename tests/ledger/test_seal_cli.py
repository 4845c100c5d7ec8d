"""The operator's commands of the seal, the key and its memory, and the sealer that the server starts."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from ledger.sealing import standing
from pointsbank import sealing
from pointsbank.database import db, write_connection
from pointsbank.sealer import Sealer, start_sealer
from pointsbank.settings import Settings
from tests.ledger.house import BOOK, Book, earn, noon, wallet
from tests.ledger.sealed import alone


@pytest.fixture
def run(app: Flask, village: Any) -> Any:
    Book(db.engine).post(*[earn(1000 + at, "2026-03-01", to=wallet(f"h{at}")) for at in range(3)])
    return app.test_cli_runner().invoke


def test_seal_checkpoint_and_verify_from_end_to_end(run: Any, tmp_path: Path) -> None:
    assert json.loads(run(args=["ledger", "seal", "--json"]).output)[str(BOOK)]["sealed"] == 3
    kept, log = tmp_path / "kept.txt", tmp_path / "log.jsonl"
    told = run(args=["ledger", "checkpoint", "--output", str(kept), "--json"])
    assert told.exit_code == 0
    note, key = json.loads(told.output)["checkpoint"], json.loads(told.output)["key"]
    assert kept.read_text(encoding="utf-8") == note and note.startswith(f"pointsbank/{BOOK}\n3\n")
    assert run(args=["ledger", "checkpoint", "--key"]).output.strip() == key
    Book(db.engine).one(earn(1, "2026-03-02"))
    assert run(args=["ledger", "seal", "--export", str(log)]).exit_code == 0
    assert alone("--key", key, "--checkpoint", str(kept), str(log)) == 0
    good = run(args=["ledger", "verify", "--checkpoint", str(kept), "--key", key])
    assert (good.exit_code, good.output.splitlines()) == (0, [
        f"{BOOK}: 4 sealed, 0 waiting, 2 checkpoints, 0 faults",
        f"{BOOK}: trail: 0 sealed, 0 waiting, 0 checkpoints, 0 faults"])
    with write_connection(db.engine) as connection:
        connection.execute(text("UPDATE ledger_balance SET posted = posted + 1 WHERE last_seq > 0"))
    bad = run(args=["ledger", "verify", "--json"])
    assert bad.exit_code == 1
    assert ({one["account"] for one in json.loads(bad.output)[str(BOOK)]["faults"]}
            == {"wallet:h0", "wallet:h1", "wallet:h2"})
    assert "wallet:h0" in run(args=["ledger", "verify"]).output
    Book(db.engine).one(earn(1, "2026-03-02", to=wallet("h9")))
    refused = run(args=["ledger", "checkpoint"])
    assert refused.exit_code == 2 and "wallet:h" in refused.output
    evidence = run(args=["ledger", "seal", "--export", str(log)])
    assert evidence.exit_code == 1 and log.exists()


def test_what_cannot_run_ends_with_2(run: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("pointsbank/230199\n3\nAAAA\n\n\u2014 nobody AAAA\n", encoding="utf-8")
    for arguments in (["verify", "--checkpoint", str(bad)], ["verify", "--key", "nonsense+1+2"],
                      ["verify", "--book", "1"], ["seal", "--book", "1"], ["checkpoint", "--book", "1"],
                      ["checkpoint", "--acknowledge-loss"]):
        assert run(args=["ledger", *arguments]).exit_code == 2, arguments


def test_every_command_has_help_with_an_example(run: Any) -> None:
    for command in ("seal", "checkpoint", "verify"):
        assert "Example: flask --app wsgi ledger" in run(args=["ledger", command, "--help"]).output


def test_a_lost_history_is_acknowledged_on_the_command_line(run: Any, keys: Path) -> None:
    assert run(args=["ledger", "checkpoint"]).exit_code == 0
    memory = keys / "seal-state" / f"{BOOK}.json"
    remembered = json.loads(memory.read_text(encoding="ascii"))
    memory.write_text(json.dumps(remembered | {"size": 8}), encoding="ascii")  # it had signed more than is here
    refused = run(args=["ledger", "checkpoint"])
    assert refused.exit_code == 2 and "leaves 3 to 7 are lost" in refused.output
    assert run(args=["ledger", "verify"]).exit_code == 1
    done = run(args=["ledger", "checkpoint", "--acknowledge-loss", "--reason", "old disk"])
    assert done.exit_code == 0 and "\nlost 3 8 " in done.output and "acknowledged as lost" in done.output
    assert run(args=["ledger", "verify"]).exit_code == 0
    assert json.loads(memory.read_text(encoding="ascii"))["lost"][0]["reason"] == "old disk"


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = sealing.load_key(tmp_path / "k")
    assert sealing.load_key(tmp_path / "k").public == first.public
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "k" / sealing.KEY_FILE).stat().st_mode) == 0o600
    (tmp_path / "k" / sealing.KEY_FILE).write_text("rubbish")
    with pytest.raises(RuntimeError, match="cannot be read"):
        sealing.load_key(tmp_path / "k")


def test_signers_of_one_book_take_turns(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def remember() -> None:
        for _ in range(5):
            with sealing.memory_of(tmp_path, BOOK):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.002)
                inside[0] -= 1

    threads = [threading.Thread(target=remember) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def soon(holds: Callable[[], bool]) -> bool:
    for _ in range(200):
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_the_servers_sealer_seals_in_the_background_and_signs_when_it_stops(run: Any, app: Flask,
                                                                            settings: Settings) -> None:
    def sealed() -> int:
        with db.engine.connect() as connection:
            return standing(connection, BOOK).size

    assert sealed() == 0  # making the application starts nothing
    sealer = start_sealer(app)
    try:
        assert soon(lambda: sealed() == 3)
        Book(db.engine).one(earn(1, "2026-03-02"))
        assert soon(lambda: sealed() == 4)
    finally:
        sealer.stop()
    assert not sealer.is_alive()
    state = sealing.recall(settings.keys_dir, BOOK).state
    assert state is not None and state.size == 4
    assert run(args=["ledger", "verify"]).exit_code == 0


def test_a_sealer_says_its_trouble_once_and_goes_on_sealing(run: Any, app: Flask, keys: Path,
                                                            caplog: pytest.LogCaptureFixture) -> None:
    sealing.sign_now(db.engine, keys, BOOK, at=noon("2026-03-02"))
    memory = keys / "seal-state" / f"{BOOK}.json"
    memory.write_text(memory.read_text().replace('"size": 3', '"size": 30'))
    sealer = Sealer(app)
    for _ in range(3):
        Book(db.engine).one(earn(1, "2026-03-02"))
        sealer.round()
        sealer.sign(BOOK)
    with db.engine.connect() as connection:
        assert standing(connection, BOOK).size == 6
    assert sum("is not signed" in record.message for record in caplog.records) <= 3
    assert "不再签署" in caplog.text
