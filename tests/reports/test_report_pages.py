"""The auditor's and the volunteer's reports over HTTP: pages, files, API, verification."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from ledger import verifier
from pointsbank import sealing
from pointsbank.database import db
from reports.register import ReportDocument
from tests.reports.conftest import BOOK, VILLAGE, Book, noon
from tests.reports.papers import text_of

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def past(app_book: Book) -> Book:
    """267.39 earned, 0.89 earned, 12.50 spent, 1.00 earned and taken back."""
    app_book.post(app_book.h011, 26739, date(2026, 3, 1))
    app_book.post(app_book.h011, 89, date(2026, 3, 2))
    app_book.post(app_book.h011, -1250, date(2026, 3, 9))
    wrong = app_book.post(app_book.h011, 100, date(2026, 3, 10))
    app_book.reverse(wrong, date(2026, 3, 11))
    return app_book


PERIOD = "from=2026-03-01&to=2026-03-31"


@pytest.fixture
def public_url(app: Flask) -> str:
    """PUBLIC_URL is set."""
    app.extensions["settings"] = replace(app.extensions["settings"], public_url="https://jifen.example.cn")
    return "https://jifen.example.cn"


def csrf(client: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def test_page_pdf_spreadsheet_csv_and_api_show_the_same_figure(past: Book, signed_in: SignIn):
    # C54, C07
    client = signed_in("auditor")
    page = client.get(f"/audit/statements/H011?{PERIOD}")
    assert page.status_code == 200 and "255.78" in page.text
    paper = client.get(f"/audit/statements/H011.pdf?{PERIOD}")
    assert paper.content_type == "application/pdf" and "255.78" in text_of(paper.data)
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/audit/statements/H011.xlsx?{PERIOD}").data))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert [str(row[4]) for row in cells if row[2] == "期末余额"] == ["255.78"]
    table = client.get(f"/audit/statements/H011.csv?{PERIOD}").data.decode("utf-8-sig")
    assert "期末余额,,255.78" in table
    answer = client.get(f"/api/v1/statements/H011?{PERIOD}").json
    assert (answer["closing"], answer["posted"], answer["available"]) == (25578, 25578, 25578)
    assert answer["as_of"] == "2026-03-31" and answer["known_at"]


def test_a_reader_of_the_api_sees_every_line_with_its_number(past: Book, signed_in: SignIn):
    lines = signed_in("auditor").get(f"/api/v1/statements/H011?{PERIOD}").json["lines"]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["points"] for line in lines] == [26739, 89, -1250, 100, -100]
    assert "更正" in lines[4]["reason"]


def test_the_paper_carries_its_proofs_and_is_checked_offline_with_a_key_and_an_old_checkpoint(
        past: Book, signed_in: SignIn, keys: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    key = sealing.key_line(keys, BOOK)
    kept, pdf = tmp_path / "kept.txt", tmp_path / "h011.pdf"
    kept.write_text(sealing.sign_now(db.engine, keys, BOOK, at=noon(date(2026, 3, 12))), encoding="utf-8")
    past.post(past.h011, 1, date(2026, 3, 31))
    past.post(past.h011, 5, date(2026, 4, 1))  # of another month: in the proof, not on the paper
    client = signed_in("auditor")
    pdf.write_bytes(client.get(f"/audit/statements/H011.pdf?{PERIOD}").data)
    attached, = PdfReader(pdf).attachments["statement.json"]
    assert json.loads(attached)["period"] == {
        "from": "2026-03-01", "to": "2026-03-31", "opening": 0, "closing": 25579, "position": 7,
        "known_at": json.loads(attached)["period"]["known_at"]}
    assert verifier.main(["--key", key, "--checkpoint", str(kept), str(pdf)]) == 0
    assert "2026-03-01 to 2026-03-31: from 0 to 25579" in capsys.readouterr().out
    assert "statement.json" in text_of(pdf.read_bytes()) and "检查点 7 ·" in text_of(pdf.read_bytes())
    alone = [sys.executable, "-I", "-S", str(Path(verifier.__file__)), "--key", key, "--checkpoint", str(kept)]
    for change, status, said in ((b'"amount":89', 1, "line 2: leaf 1"), (b'"closing":25579', 1, "closing balance"),
                                 (b"endstream", 2, "no statement is attached")):
        changed = tmp_path / "changed.pdf"
        changed.write_bytes(pdf.read_bytes().replace(change, change[:-1] + b"8"))
        done = subprocess.run([*alone, str(changed)], capture_output=True, text=True, check=False)
        assert done.returncode == status and said in done.stdout + done.stderr, (change, done)
    assert client.get(f"/api/v1/statements/H011.pdf?{PERIOD}").data.count(b'{"opening":null') == 1


def test_a_household_gets_its_statement_without_proofs_while_the_signer_refuses(past: Book, signed_in: SignIn,
                                                                                keys: Path):
    sealing.sign_now(db.engine, keys, BOOK, at=noon(date(2026, 3, 12)))
    memory = keys / "seal-state" / f"{BOOK}.json"
    memory.write_text(memory.read_text("ascii").replace('"size": 5', '"size": 50'), encoding="ascii")
    paper = signed_in("auditor").get(f"/audit/statements/H011.pdf?{PERIOD}")
    assert paper.status_code == 200 and b"EmbeddedFile" not in paper.data and "255.78" in text_of(paper.data)


def test_a_household_gets_its_own_statement_and_nobody_elses(past: Book, signed_in: SignIn):
    client = signed_in("volunteer", VILLAGE, past.h011)
    assert "李𬭎" in text_of(client.get(f"/me/statement.pdf?{PERIOD}").data)
    assert client.get("/audit/statements/H021.pdf").status_code == 403
    assert client.get("/api/v1/statements/H021").status_code == 404
    assert client.get("/api/v1/statements/H011").status_code == 200


def test_a_visitor_is_sent_to_sign_in(client: FlaskClient):
    assert client.get("/me/statement.pdf").status_code in (302, 303, 401)
    assert client.get("/api/v1/statements/H011").status_code == 401


def test_a_printed_paper_is_verified_by_anyone_without_personal_data(past: Book, signed_in: SignIn,
                                                                      client: FlaskClient, public_url: str):
    paper = text_of(signed_in("auditor").get(f"/audit/statements/H011.pdf?{PERIOD}").data)
    found = re.search(r"/verify/([0-9A-Z-]+)", paper)
    assert found and f"{public_url}/verify/{found[1]}" in paper
    page = client.get(f"/verify/{found[1]}")
    assert page.status_code == 200 and "这张单据是真的" in page.text
    for figure in ("255.78", "+269.28", "2026年3月1日 — 2026年3月31日", "向阳村新时代文明实践站"):
        assert figure in page.text, figure
    assert "H011" not in page.text and "李" not in page.text
    assert client.get(f"/verify/{found[1].lower().replace('-', ' ')}").status_code == 200
    assert client.get(f"/api/v1/verify/{found[1]}").json["figures"]["closing"] == 25578


def test_a_paper_printed_at_this_machines_own_address_carries_the_code_and_no_link(past: Book, signed_in: SignIn):
    # the test's browser asks http://localhost, as a clerk at the office PC does
    paper = text_of(signed_in("auditor").get(f"/audit/statements/H011.pdf?{PERIOD}").data)
    found = re.search(r"在本站 /verify 输入 ([0-9A-Z-]+)", paper)
    assert found and "localhost" not in paper and "http" not in paper
    assert signed_in("auditor").get(f"/verify?code={found[1]}", follow_redirects=True).status_code == 200


def test_a_code_that_was_never_printed_is_told_in_one_line(client: FlaskClient):
    for code in ("230199-AAAAA-AAAAA-AAAAA-AAAAA-AAAAA-A", "nonsense", "0" * 500, "%00"):
        answer = client.get(f"/verify/{code}")
        assert answer.status_code in (400, 404), code
    assert "没有查到这张单据" in client.get("/verify/nonsense").text


def test_every_print_gets_a_code_of_its_own_and_only_its_hash_is_kept(past: Book, signed_in: SignIn, public_url: str):
    client = signed_in("auditor")
    papers = [text_of(client.get(f"/audit/statements/H011.pdf?{PERIOD}").data) for _ in range(2)]
    codes = [re.search(r"/verify/([0-9A-Z-]+)", paper)[1] for paper in papers]  # type: ignore[index]
    assert len(set(codes)) == 2
    rows = db.session.query(ReportDocument).all()
    assert len(rows) == 2 and all(len(row.code_hash) == 32 for row in rows)
    assert "李" not in str([row.figures for row in rows])


@pytest.mark.parametrize("query", ["from=2026-13-01", "from=gestern", "to=2026-02-30", "place=12", "known_at=3099",
                                   "from=2026-04-01&to=2026-03-01", "known_at=3099-01-01T00:00:00Z"])
def test_a_wrong_question_is_answered_with_a_sentence(past: Book, signed_in: SignIn, query: str):
    client = signed_in("auditor")
    for address in (f"/audit/statements/H011?{query}", f"/audit/statements/H011.pdf?{query}",
                    f"/api/v1/statements/H011?{query}"):
        assert client.get(address).status_code == 422, address


def test_the_trial_balance_balances_on_page_paper_spreadsheet_and_api(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    page = client.get("/audit/trial-balance")
    assert page.status_code == 200 and "账簿平衡" in page.text and "各户积分账户" in page.text
    assert "平衡:借方等于贷方" in text_of(client.get("/audit/trial-balance.pdf").data)
    assert client.get("/audit/trial-balance.xlsx").data[:2] == b"PK"
    assert "255.78" in client.get("/audit/trial-balance.csv").data.decode("utf-8-sig")
    answer = client.get("/api/v1/trial-balance").json
    assert answer["balances"] and answer["totals"][0]["debits"] == answer["totals"][0]["credits"]


def test_a_trial_balance_of_another_day_is_a_file_of_that_day(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    for kind in ("pdf", "xlsx", "csv"):
        answer = client.get(f"/audit/trial-balance.{kind}?on=2026-03-09")
        assert f'filename="trial-balance-2026-03-09.{kind}"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("on", "says"), [("2030-01-01", "截至哪一天"), ("2026-02-30", "截至哪一天"),
                                          ("gestern", "截至哪一天")])
def test_a_trial_balance_of_a_day_that_is_none_is_refused_by_name(past: Book, signed_in: SignIn, on: str, says: str):
    client = signed_in("auditor")
    for address in ("/audit/trial-balance", "/audit/trial-balance.csv", "/audit/trial-balance/POINT/wallet"):
        answer = client.get(f"{address}?on={on}")
        assert answer.status_code == 422 and says in answer.text, address
    assert client.get(f"/api/v1/trial-balance?on={on}").json["field"] == "on"


def test_the_trial_balance_opens_to_the_accounts_behind_a_sum(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    page = client.get("/audit/trial-balance/POINT/wallet")
    assert page.status_code == 200 and "H011" in page.text and "255.78" in page.text
    assert client.get("/audit/trial-balance/POINT/nothing").status_code == 404


def test_the_search_takes_anything_and_lands_on_the_transaction(past: Book, signed_in: SignIn):
    client = signed_in("auditor")

    def lands_on(text: str) -> str:
        answer = client.get("/audit/search", query_string={"q": text}, follow_redirects=True)
        assert answer.status_code == 200, text
        return answer.request.path if "/search" not in answer.request.path else answer.text

    sale = client.get(f"/api/v1/statements/H011?{PERIOD}").json["lines"][2]["transaction_id"]
    for text in ("12.50", "−12.5", "12.50分", "2026-03-09", "2026年3月9日", "20260309", "H011-3", "h011 3", sale):
        assert lands_on(text) == f"/audit/transactions/{sale}", text
    assert lands_on("h011") == "/audit/statements/h011".replace("h011", "H011")
    assert "没有找到" in lands_on("没有这个") and "没有找到" in lands_on("999.99")
    assert lands_on("") == "/audit"


def test_the_transaction_page_shows_transfers_and_what_reversed_it(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    lines = client.get(f"/api/v1/statements/H011?{PERIOD}").json["lines"]
    wrong, correction = lines[3]["transaction_id"], lines[4]["transaction_id"]
    page = client.get(f"/audit/transactions/{wrong}").text
    assert correction in page and "已被更正" in page and "各户积分账户 H011" in page and "V01" in page
    assert wrong in client.get(f"/audit/transactions/{correction}").text
    assert client.get(f"/audit/transactions/{uuid.uuid4()}").status_code == 404


def test_an_auditor_of_the_county_chooses_a_village_and_sees_its_households(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    page = client.get("/audit").text
    assert "向阳村" in page and "永丰村" in page and f"village={VILLAGE}" in page and "2 户" in page
    homes = client.get(f"/audit?village={VILLAGE}").text
    assert "H011" in homes and "255.78" in homes and "李𬭎" in homes
    assert "H011" in signed_in("auditor", VILLAGE).get("/audit").text
    assert signed_in("auditor", "230199100201").get(f"/audit?village={VILLAGE}").status_code == 404


def test_names_follow_one_rule_on_statement_and_transaction(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    sale = client.get(f"/api/v1/statements/H011?{PERIOD}").json["lines"][2]["transaction_id"]
    assert "李𬭎" in client.get(f"/audit/statements/H011?{PERIOD}").text
    page = client.get(f"/audit/transactions/{sale}").text
    assert "H011 李𬭎" in page and "李*" not in page
    assert "<dd>兑换</dd>" in page and "<dd>sale</dd>" not in page


def test_the_statement_says_why_its_numbers_are_not_in_order(past: Book, signed_in: SignIn):
    page = signed_in("auditor").get(f"/audit/statements/H011?{PERIOD}").text
    assert "按发生日排列" in page and "记账的先后" in page


def test_a_check_is_run_from_the_page_and_its_outcome_stays(past: Book, signed_in: SignIn):
    client = signed_in("auditor")
    assert "还没有核查过" in client.get("/audit").text
    form = {"csrf_token": csrf(client, "/audit"), "key": str(uuid.uuid4())}
    assert client.post("/audit/check", data=form).status_code == 303
    assert client.post("/audit/check", data=form).status_code == 303  # the same click again
    page = client.get("/audit").text
    assert "没有发现问题" in page
    from reports.audit.service import checks_of

    assert len(checks_of(db.session(), 230199)) == 1


def test_the_next_villages_auditor_sees_neither_statement_nor_transaction(past: Book, signed_in: SignIn):
    county, next_door = signed_in("auditor"), signed_in("auditor", "230199100201")
    sale = county.get(f"/api/v1/statements/H011?{PERIOD}").json["lines"][2]["transaction_id"]
    assert next_door.get(f"/audit/transactions/{sale}").status_code == 404
    assert next_door.get("/audit/statements/H011").status_code == 404
    assert "没有找到" in next_door.get("/audit/search?q=12.50").text
    assert "H011" not in next_door.get("/audit/trial-balance/POINT/wallet").text


def test_the_command_line_prints_and_writes_the_same_figures(app: Flask, past: Book, tmp_path):  # type: ignore[no-untyped-def]
    import json

    run = app.test_cli_runner()
    shown = run.invoke(args=["reports", "statement", "H011", "--from", "2026-03-01", "--to", "2026-03-31", "--json",
                             "--output", str(tmp_path / "h011.pdf")])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["closing"] == 25578
    assert "255.78" in text_of((tmp_path / "h011.pdf").read_bytes())
    assert run.invoke(args=["reports", "trial-balance"]).exit_code == 0
    assert run.invoke(args=["reports", "statement", "H999"]).exit_code == 2
    assert run.invoke(args=["reports", "statement", "H011", "--output", str(tmp_path / "x.doc")]).exit_code == 2
    assert "Example" in run.invoke(args=["reports", "statement", "--help"]).output


def test_a_late_fact_is_marked_on_the_page(past: Book, signed_in: SignIn):
    past.post(past.h011, 300, date(2026, 3, 28), at=noon(date(2026, 4, 10)))
    page = signed_in("auditor").get(f"/audit/statements/H011?{PERIOD}").text
    assert "期末之后补记" in page and "※" in page
