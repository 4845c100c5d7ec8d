"""The daily retention job: uploads nobody imported go after thirty days, with their keys, and the trail says so."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user
from pointsbank.audit import events_of
from pointsbank.crypto import SubjectKey
from pointsbank.imports.models import DISCARDED
from pointsbank.imports.service import ReceiveFile, receive_file
from pointsbank.privacy.retaining import UPLOADS, uploads_go  # 30 days
from pointsbank.rosters.service import ReceiveRoster, receive_roster

SHEET = "户号,姓名,细则编码,服务日期,时长\nH002,孙桂芳,V01,2026-01-01,1\n".encode()
ROSTER = "户号,姓名,关系\nN900,赵新来,户主\n".encode()


@pytest.mark.parametrize("age, goes", [(UPLOADS + timedelta(seconds=1), True), (UPLOADS, False)])
def test_an_upload_nobody_imported_goes_after_thirty_days_with_its_key(app, s, village, age, goes):
    by, at = actor_of_user(s, s.scalars(select(AppUser).where(AppUser.login == "recorder")).one()), clock.now()
    hours = receive_file(s, ReceiveFile(uuid.uuid4(), village.place_code, "工时.csv", SHEET), by=by, at=at - age)
    roster = receive_roster(s, ReceiveRoster(uuid.uuid4(), village.place_code, "名册.csv", ROSTER), by=by, at=at - age)
    assert uploads_go(s, village.book_id, at) == (2 if goes else 0)
    for row, kind in ((hours, "import"), (roster, "roster")):
        s.refresh(row)
        assert (row.status == DISCARDED, row.about is None) == (goes, goes)
        assert (s.get(SubjectKey, (village.book_id, row.subject_id)) is None) is goes
        said = [one for one in events_of(s, village.book_id, f"{kind}:{row.id}") if one.action.endswith("discarded")]
        assert [one.detail for one in said] == ([{"reason": "retention"}] if goes else [])
    assert uploads_go(s, village.book_id, at) == 0, "again changes nothing"
