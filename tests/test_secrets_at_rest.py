"""Nothing personal lies in the clear: not in the database, its write-ahead log, the logs or the data folder.

The demo is loaded with its past, then used in every way that takes names in: sheets, typed records, objections,
proxies, donors, searches, papers, wrong sign-ins. Then every byte is searched for every member's name, phone and ID
number, in the encodings a program would leave them in.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine, inspect

from pointsbank import clock
from pointsbank.jobs import JOBS
from pointsbank.people import HouseholdCard
from redemption.demo.people import Village, data
from tests.demo_today import Api, lived_today  # noqa: F401
from tests.sheets_of_hours import workbook
from tests.visitor import Visitor, words

TOLD = "王德顺看见刘欣怡那天没有到场"  # what a neighbour writes about others
PROXY, DONOR, DONOR_PHONE = "赵小雨代领", "徐长海个人", "19900077777"


def secrets() -> dict[str, str]:
    """{what: text} of every member, and what the test itself tells the bank."""
    found = {"told": TOLD, "proxy": PROXY, "donor": DONOR, "donor's phone": DONOR_PHONE}
    for person in [*data("village.json")["persons"], *data("members.json")["members"], *data("members.json")["heads"]]:
        for kind in ("name", "phone", "id_no"):
            if person.get(kind):
                found[f"{person['hh']} {kind} {person[kind]}"] = person[kind]
    for household in data("village.json")["households"]:
        found[f"{household['no']} head"] = household["head"]
    return found


def disguises(text: str) -> Iterator[bytes]:
    """A text as bytes. A name of two characters makes four bytes in some encodings: chance alone would find those."""
    yield text.encode("utf-8")
    if not text.isascii():
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode()
        yield quote(text).encode()
    for encoding in ("utf-16-le", "utf-16-be", "gb18030"):
        if len(found := text.encode(encoding)) > 5:
            yield found


def in_the_clear(heap: bytes) -> list[str]:
    """What of the secrets stands in the bytes. Places' codes are public; beside a date they look like a phone."""
    for region in data("village.json")["regions"]:
        heap = heap.replace(region["code"].encode(), b"#")
    return sorted(what for what, text in secrets().items() if any(one in heap for one in disguises(text)))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything any logger says, as an operator could set it up: all but the driver's own echo of SQL."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    root.setLevel(level)


def a_sheet(today: Any, number: str) -> bytes:
    day = today - timedelta(days=1)
    return workbook([["H002", "李桂兰", "V01", day, "7:00", 1, "王德顺家门前清雪", number],
                     ["H002", "刘欣怡", "V01", day, "7:00", 1, "户号与姓名不符", f"{number}-2"],
                     ["H011", "19900000011", "V01", day, "7:00", 30, "写错了列", f"{number}-3"]])


def play(app: Flask, homes: dict[str, HouseholdCard]) -> None:
    """A day at the bank with names everywhere."""
    today = clock.today()
    recorder, committee = Visitor(app, "recorder"), Visitor(app, "committee2")
    clerk, auditor, home = Visitor(app, "clerk"), Visitor(app, "auditor"), Visitor(app, "H011")
    Visitor(app, None).sign_in("王德顺", "19900000001")
    Visitor(app, None).sign_in("230199196702130019", "刘欣怡")

    for number in ("A-1", "A-2"):  # one is imported, one stays where it is
        upload = recorder.send(recorder.form("/imports", "/imports"),
                               file=(io.BytesIO(a_sheet(today, number)), "王德顺等人的时长.xlsx"))
        columns = upload.headers["Location"]
        show = recorder.send(recorder.form(columns, columns)).headers["Location"]
        assert "H002 里没有登记这个人" in recorder.page(show)
        if number == "A-1":
            recorder.send(recorder.form(show, f"{show}/confirm"))
    api = Api(app, "recorder")
    record = api.done("/records", {"household": "H005", "person": homes["H005"].head_name, "rule": "D01",
                                   "service_on": str(today), "note": TOLD, "evidence": TOLD, "cause": "王德顺"})["id"]
    committee.get(f"/records/{record}")
    Api(app, "reviewer").post(f"/records/{record}/decisions", {"decision": "return", "reason": TOLD})
    notice = next(row for row in api.get("/records", status="on_notice").json["rows"])
    Api(app, "auditor").get(f"/records/{notice['id']}")
    home.get(f"/public/notices/{notice['id']}")
    Api(app, "supervisor").post(f"/records/{notice['id']}/objections", {"text": TOLD})

    sold = clerk.send(clerk.form("/till?who=H001&items=P01*2", "/till/sales"), confirm_again="1")
    assert sold.status_code == 303, words(sold.text)
    assert clerk.send(clerk.form("/till/proxies/H001", "/till/proxies"), name=PROXY, relation="女儿").status_code == 303
    clerk.get("/till", code="王德顺")
    Api(app, "storekeeper").done("/shops/230199100200/receipts", {
        "source": "donation", "source_name": DONOR, "source_phone": DONOR_PHONE, "note": TOLD,
        "lines": [{"sku": "P01", "pieces": 1}]})
    Api(app, "committee2").done("/ratings/vetoes", {
        "household_id": str(homes["H005"].id), "veto": data("ratings.json")["vetoes"][0]["code"],
        "happened_on": str(today), "grounds": TOLD, "document": TOLD})
    for path in ("/audit/statements/H011.pdf", "/audit/statements/H011.xlsx", "/audit/trial-balance.pdf"):
        assert auditor.get(path).status_code == 200, path
    auditor.get("/audit/search", q="王德顺")
    auditor.get("/nowhere/王德顺", q="19900000001")
    home.get("/me/statement.pdf")
    for job in JOBS:
        app.test_cli_runner().invoke(args=["jobs", "run", job])


def test_after_a_day_of_use_no_byte_at_rest_names_anybody(app, engine, settings, lived_today: Village,  # noqa: F811
                                                          logged, tmp_path):
    play(app, lived_today.households)
    heaps = {str(path.relative_to(settings.data_dir)): path.read_bytes()
             for path in settings.data_dir.rglob("*") if path.is_file()}
    if engine.dialect.name == "sqlite":
        assert {"test.db", "test.db-wal"} <= heaps.keys()
    else:
        heaps |= dump(engine)
    heaps["log"] = logged.getvalue().encode()
    assert {name: found for name, heap in heaps.items() if (found := in_the_clear(heap))} == {}
    assert sum(map(len, heaps.values())) > 2_000_000, "the whole past was searched"


def dump(engine: Engine) -> dict[str, bytes]:
    """Every table of a PostgreSQL database as the server would write it to a file."""
    found = {}
    with engine.connect() as connection:
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        for table in inspect(engine).get_table_names():
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT BINARY)') as copy:
                found[table] = b"".join(bytes(part) for part in copy)
    return found


@pytest.mark.parametrize("what", ["王德顺", "19900000001", "230199196702130019", "李𬭎"])
def test_the_search_would_find_a_name_left_in_the_clear(what):
    for heap in (what.encode(), f'{{"a": "{what}"}}'.encode(), json.dumps([what]).encode(), quote(what).encode()):
        assert any(what in found for found in in_the_clear(b"\x00\x01" + heap + b"\xff"))


def test_a_copy_of_the_data_folder_is_no_copy_of_the_keys(app, settings, tmp_path):
    assert settings.data_dir not in settings.keys_dir.parents and settings.keys_dir != settings.data_dir
    copied = shutil.copytree(settings.data_dir, tmp_path / "copied")
    held = [path.read_bytes().strip() for path in Path(settings.keys_dir).rglob("*") if path.is_file()]
    assert held
    for path in copied.rglob("*"):
        assert not path.is_file() or not any(key in path.read_bytes() for key in held if key)
