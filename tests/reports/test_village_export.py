"""What a village takes along: every household, member, record and entry, readable without this program."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user
from pointsbank.errors import NotFound
from pointsbank.sheets import open_workbook
from reports.village.exporting import SHEETS, village_zip
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.visitor import Visitor


def test_a_village_takes_everything_along(app, s, bare_today):  # noqa: F811
    Api(app, "clerk").done("/sales", {"shop": bare_today.place_code, "household": "H001",
                                      "items": [{"sku": "P01", "quantity": 2}]})
    answer = Visitor(app, "committee").get("/village/export.zip")
    packed = zipfile.ZipFile(io.BytesIO(answer.data))
    rows = {name: [[cell.text for cell in row.cells] for row in open_workbook(
        packed.read(f"{name}.xlsx"), f"{name}.xlsx").rows()][1:]
        for name in SHEETS if name not in ("服务记录", "时长账")}
    assert len(rows["农户"]) == 24 and {row[0] for row in rows["农户"]} == set(bare_today.households)
    assert {row[1] for row in rows["成员"]} == {one.name for some in bare_today.members.values() for one in some}
    assert any("兑换" in row[2] for row in rows["积分账"]) and rows["兑换"][0][2] == "H001" and rows["库存"]
    assert len(rows["商品价目"]) == 22 and rows["商品价目"][0][3] and rows["荣誉"] == rows["上传文件"] == []
    lines = [json.loads(line) for line in packed.read("ledger.jsonl").decode().splitlines()]
    assert {one["place"] for one in lines} <= {bare_today.place_code, None}
    assert "sale" in {one["kind"] for one in lines}
    assert [one["id"] for one in lines] == sorted(one["id"] for one in lines) and "leaf" in lines[0]
    moved = sum(line["amount"] for one in lines for line in one["transfers"] if one["kind"] == "sale")
    assert moved > 0 and not any("H001" in str(one) for one in lines), "ids only"


def test_only_whom_the_village_trusts_and_only_the_own_village(app, s, bare_today):  # noqa: F811
    assert Visitor(app, "recorder").get("/village/export.zip").status_code == 403
    committee = actor_of_user(s, s.query(AppUser).filter_by(login="committee").one())
    with pytest.raises(NotFound):
        village_zip(s, "230199100201", by=committee, at=clock.now())
