"""Evidence packs: each figure worked by hand, traced to its transactions, the same again at the same position."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import Actor, AppUser, actor_of_user
from pointsbank.crypto import erase_subject
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, KeyReused, NotAllowed
from pointsbank.reviews import RegisterResult, register_result
from redemption.demo.people import Village
from reports.packs import AskPack, ask_pack, discard_pack, make_pack, start_pack
from reports.packs.errors import PackGone
from reports.packs.keeping import put_old_away
from reports.packs.queries import figures_of, pack_file, pack_view, trace_figure
from reports.register import find_document
from reports.statements.errors import BadPeriod
from tests.reports.papers import fonts_of, text_of

AT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
START, END = date(2026, 1, 1), date(2026, 6, 30)


def deed(s: Session, village: Village, code: str, rule: str, day: date, points: int, *, minutes: int = 0,
         who: int = 0, kind: str = "earned", at: datetime | None = None) -> uuid.UUID:
    """One posted deed as the records room posts it: points and score to the household, minutes to the person."""
    home, person = village.households[code], village.members[code][who]
    moves = [Transfer(accounts.budget(home.place_code), accounts.wallet(home.id, home.place_code), abs(points)),
             Transfer(accounts.scored(home.place_code), accounts.score(home.id), abs(points))]
    if kind == "deducted":
        moves = [Transfer(accounts.score(home.id), accounts.scored(home.place_code), abs(points))]
    if minutes:
        moves.append(Transfer(accounts.served(home.place_code), accounts.hours(person.id), minutes))
    entry = Entry("test", str(uuid.uuid4()), kind, day, tuple(moves), Party(household=home.id, person=person.id),
                  rule=rule, place=home.place_code, meta={"version": 3})
    with unit_of_work(s):
        (made,) = ledger.post(s.connection(), village.book_id, [entry], recorded_at=at or AT)
    assert made.transaction_id is not None
    return made.transaction_id


def take_back(s: Session, village: Village, transaction: uuid.UUID) -> None:
    with unit_of_work(s):
        ledger.reverse(s.connection(), village.book_id, transaction, scope="test", key=str(uuid.uuid4()),
                       recorded_at=AT, effective_on=AT.date(), claw_back=True)


def half_a_year(s: Session, village: Village) -> None:
    """H001: five hours by two members, two yards, a talk, a deduction; one talk taken back. H002: a talk."""
    deed(s, village, "H001", "V01", date(2026, 1, 10), 300, minutes=180)
    deed(s, village, "H001", "V01", date(2026, 2, 10), 200, minutes=120, who=1)
    deed(s, village, "H001", "E01", date(2026, 3, 25), 1000)
    deed(s, village, "H001", "E02", date(2026, 4, 25), 500)
    deed(s, village, "H001", "L01", date(2026, 4, 1), 200)
    take_back(s, village, deed(s, village, "H001", "L01", date(2026, 4, 2), 200))
    deed(s, village, "H001", "N01", date(2026, 5, 1), 500, kind="deducted")
    deed(s, village, "H002", "L01", date(2026, 6, 30), 200)
    deed(s, village, "H002", "L01", date(2025, 12, 31), 200)  # the year before


def officer(s: Session, login: str = "committee") -> Actor:
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def asked(village: Village, kind: str = "village", household: str | None = None) -> AskPack:
    return AskPack(uuid.uuid4(), village.place_code, kind, START, END, household)


def made(s: Session, village: Village, kind: str = "village", household: str | None = None) -> uuid.UUID:
    by = officer(s)
    pack_id = ask_pack(s, asked(village, kind, household), by=by, at=AT).id
    assert start_pack(s, pack_id, by=by)
    make_pack(s, pack_id, by=by, at=AT, base_url="https://jifen.example/")
    return pack_id


def texts(s: Session, pack_id: uuid.UUID) -> dict[str, str]:
    return {one.code: one.text for one in figures_of(s, pack_id, by=officer(s), lang="zh")}


def test_a_familys_figures_are_those_worked_by_hand(s, village):
    half_a_year(s, village)
    found = texts(s, made(s, village, "family", "H001"))
    assert {code: found[code] for code in ("F11", "F16", "F51", "F52", "F53", "F54", "F61", "F62", "F65")} == {
        "F11": "1",  # two talks, one of them taken back
        "F16": "5.00", "F51": "5", "F52": "2", "F53": "1", "F54": "2",
        "F61": "17.00",  # 3 + 2 + 10 + 5 + 2 earned, 5 taken
        "F62": "22.00",
        "F65": ""}  # for people to write


def test_a_villages_figures_count_all_its_households_and_only_the_period(s, village):
    half_a_year(s, village)
    found = texts(s, made(s, village))
    assert {code: found[code] for code in ("V11", "V12", "V22", "V24", "V31", "V51", "V61", "V62", "V64")} == {
        "V11": "24", "V12": "0", "V22": "2", "V24": "5", "V31": "2", "V51": "1", "V61": "2", "V62": "24.00",
        "V64": "1"}


@pytest.mark.parametrize(("kind", "household"), [("family", "H001"), ("village", None), ("unit", None),
                                                 ("commendation", None)])
def test_each_figure_of_the_ledger_can_be_counted_again_from_its_transactions(s, village, kind, household):
    half_a_year(s, village)
    pack_id, by = made(s, village, kind, household), officer(s)
    for one in figures_of(s, pack_id, by=by, lang="zh"):
        if one.from_ledger:
            assert trace_figure(s, pack_id, one.code, by=by, lang="zh").same, one


def test_what_is_recorded_later_changes_neither_the_pack_nor_its_counting_again(s, village):
    half_a_year(s, village)
    pack_id = made(s, village)
    size = pack_view(s, pack_id, by=officer(s), lang="zh").size
    deed(s, village, "H003", "L01", date(2026, 6, 1), 200)  # late, about a day of the period
    again = made(s, village)
    first, second = (trace_figure(s, one, "V31", by=officer(s), lang="zh") for one in (pack_id, again))
    assert (first.printed, first.counted, first.same) == ("2", "2", True)
    assert (second.printed, second.same) == ("3", True)
    assert pack_view(s, again, by=officer(s), lang="zh").size == size + 1
    assert pack_view(s, pack_id, by=officer(s), lang="zh").since == 1


def test_the_paper_names_position_versions_and_where_each_figure_is_from_in_embedded_fonts(s, village):
    half_a_year(s, village)
    register_result(s, RegisterResult(
        uuid.uuid4(), village.place_code, "family", "county", "县文明家庭", "演示县文明办", date(2026, 5, 20),
        "演文明〔2026〕3号", household="H001"), by=officer(s), at=AT)
    pack_id = made(s, village, "family", "H001")
    pdf = pack_file(s, pack_id, "pdf", by=officer(s))
    text, view = text_of(pdf).replace("\n", ""), pack_view(s, pack_id, by=officer(s), lang="zh")
    for words in ("文明家庭推荐证据包", "H001 王德顺", f"封存记录前 {view.size} 条", view.root[:16], "L01@3",
                  "县文明家庭", "演文明〔2026〕3号", "账本·评价分账·L01、L02", "加盖公章处"):
        assert words in text, words
    assert all(font["/FontDescriptor"].get_object().get("/FontFile2") for font in fonts_of(pdf))


def test_the_sheet_holds_every_transaction_as_text_that_cannot_run(s, village):
    half_a_year(s, village)
    register_result(s, RegisterResult(
        uuid.uuid4(), village.place_code, "family", "county", "=1+1", "@SUM(1)", date(2026, 5, 20), "+86 号",
        household="H001"), by=officer(s), at=AT)
    sheet = openpyxl.load_workbook(io.BytesIO(pack_file(s, made(s, village, "family", "H001"), "xlsx",
                                                        by=officer(s)))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=1+1" in [cell.value for cell in cells if cell.data_type in ("s", "inlineStr")]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "F11"]
    assert [row[2] for row in rows if row[1]] == [1] and len(rows) == 3  # the figure, and the two talks
    assert [row[10] for row in rows if not row[1]] == [0, 2]  # one of them taken back


def test_the_register_knows_the_paper(s, village):
    half_a_year(s, village)
    text = text_of(pack_file(s, made(s, village), "pdf", by=officer(s)))
    code = text.split("/verify/")[1].split()[0].strip()
    card = find_document(s, code)
    assert card is not None and card.kind == "pack_village" and card.figures["V31"] == "2"


def test_the_same_key_asks_once_and_never_for_something_else(s, village):
    cmd, by = asked(village), officer(s)
    first = ask_pack(s, cmd, by=by, at=AT).id
    assert ask_pack(s, cmd, by=by, at=AT).id == first
    with pytest.raises(KeyReused):
        ask_pack(s, replace(cmd, kind="unit"), by=by, at=AT)


@pytest.mark.parametrize(("change", "refusal"), [
    ({"kind": "family"}, BadInput), ({"household": "H001"}, BadInput), ({"kind": "medal"}, BadInput),
    ({"start": date(2026, 7, 1)}, BadPeriod), ({"end": date(2026, 7, 2)}, BadPeriod),
    ({"place_code": "230199100201"}, NotAllowed)])
def test_a_question_that_makes_no_sense_is_refused(s, village, change, refusal):
    with pytest.raises(refusal):
        ask_pack(s, replace(asked(village), **change), by=officer(s), at=AT)


def test_a_clerk_makes_no_packs_and_an_auditor_does(s, village):
    with pytest.raises(NotAllowed):
        ask_pack(s, asked(village), by=officer(s, "clerk"), at=AT)
    assert ask_pack(s, asked(village), by=officer(s, "auditor"), at=AT).status == "waiting"


def test_a_run_that_was_stopped_starts_again_and_a_finished_one_does_not(s, village):
    by = officer(s)
    pack_id = ask_pack(s, asked(village), by=by, at=AT).id
    assert start_pack(s, pack_id, by=by) and not start_pack(s, pack_id, by=by)
    assert start_pack(s, pack_id, by=by, again=True)
    make_pack(s, pack_id, by=by, at=AT)
    assert not start_pack(s, pack_id, by=by, again=True)
    assert pack_view(s, pack_id, by=by, lang="zh").done == 40


def test_a_discarded_pack_is_gone_and_so_is_that_of_an_erased_family(s, village):
    by = officer(s)
    first, second = made(s, village), made(s, village, "family", "H002")
    discard_pack(s, first, by=by, at=AT)
    with unit_of_work(s):
        erase_subject(s, village.book_id, village.households["H002"].head_id)
    for pack_id in (first, second):
        with pytest.raises(PackGone):
            pack_file(s, pack_id, "pdf", by=by)


def test_packs_are_put_away_after_three_months_and_not_before(s, village):
    pack_id, by = made(s, village), officer(s)
    put_old_away(s, village.book_id, AT + timedelta(days=59), AT + timedelta(days=89))
    assert pack_file(s, pack_id, "xlsx", by=by)
    assert put_old_away(s, village.book_id, AT + timedelta(days=61), AT + timedelta(days=91)) == 1
    with pytest.raises(PackGone):
        pack_file(s, pack_id, "xlsx", by=by)


def test_ranks_come_from_the_score_and_never_from_what_is_left(s, village):
    half_a_year(s, village)
    text = text_of(pack_file(s, made(s, village, "commendation"), "pdf", by=officer(s)))
    rows = [line.strip() for line in text.split("\n") if line.strip()]
    first = rows.index("H001")
    assert rows[first - 1] == "1" and rows[first + 2] == "17.00"
