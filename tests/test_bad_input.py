"""Bad files at the front door: the upload page and the API say in Chinese what is wrong, and keep nothing.

What a cell may mean is tested in tests/pointsbank/sheets; here the same files come in through a request, as they do
in life, and the tables are counted before and after.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from pointsbank import clock
from redemption.demo.people import Village
from tests.api_writes import state
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.pointsbank.sheets.making import sheet_xml, xlsx, xlsx_by_hand
from tests.sheets_of_hours import HEADER, workbook
from tests.visitor import Visitor, words

MEGABYTE = 1024 * 1024


def bomb(megabytes: int) -> bytes:
    """A small .xlsx with a part that unpacks to very much."""
    data = io.BytesIO(xlsx_by_hand(sheet_xml("")))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive, \
            archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as stream:
        for _ in range(megabytes):
            stream.write(b" " * MEGABYTE)
    return data.getvalue()


# what it is -> (file name, content, code, what the sentence says, status)
REFUSED: dict[str, tuple[str, bytes, str, str, int]] = {
    "empty": ("hours.xlsx", b"", "file_empty", "文件是空的", 422),
    "only a mark": ("hours.csv", b"\xef\xbb\xbf\r\n", "file_empty", "文件是空的", 422),
    "a picture": ("hours.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "file_not_a_table", "这不是表格文件", 422),
    "cut off": ("hours.xlsx", workbook([["H001"]])[:-200], "file_damaged", "已损坏或没有下载完整", 422),
    "no column names": ("hours.csv", "H001,王德顺,V01,2026-11-20,2\n".encode(), "no_header", "没有找到表头", 422),
    "60 MB": ("hours.csv", b"x" * (60 * MEGABYTE), "file_too_large", "超过了 50 MB 的上限", 413),
    "a zip bomb": ("hours.xlsx", bomb(300), "file_expands_too_far", "大得不正常", 422),
    "entities": ("hours.xlsx", xlsx_by_hand(
        '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>' + sheet_xml("<row><c><v>&c;</v></c></row>")),
        "file_unsafe_xml", "XML 实体", 422),
}


@pytest.fixture
def recorder(app: Flask, bare_today: Village) -> Visitor:  # noqa: F811
    return Visitor(app, "recorder")


def upload(visitor: Visitor, data: bytes, name: str = "hours.xlsx") -> Any:
    return visitor.send(visitor.form("/imports", "/imports"), file=(io.BytesIO(data), name))


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_table_of_hours_is_refused_in_chinese_and_nothing_is_kept(app, s, recorder, what):
    name, data, code, sentence, status = REFUSED[what]
    before = state(s)
    page = upload(recorder, data, name)
    assert (page.status_code, sentence in words(page.text)) == (status, True), words(page.text)
    assert 'name="file"' in page.text, "the form is there again"
    problem = Api(app, "recorder").post("/imports", file=(io.BytesIO(data), name))
    assert (problem.status_code, problem.content_type) == (status, "application/problem+json"), problem.text
    assert (problem.json["code"], sentence in problem.json["detail"]) == (code, True)
    assert state(s) == before


def test_the_same_refusals_speak_english_to_who_chose_it(app, s, bare_today):  # noqa: F811
    page = upload(Visitor(app, "recorder", lang="en"), b"")
    assert page.status_code == 422 and "The file is empty" in words(page.text)


def test_more_than_the_server_takes_is_refused_before_it_is_read(app, s, recorder):
    before = state(s)
    page = recorder.client.post("/imports", data={"file": (io.BytesIO(b"x" * (65 * MEGABYTE)), "hours.csv")})
    assert page.status_code == 413 and "文件太大" in words(page.text)
    assert state(s) == before


@pytest.mark.parametrize("changes", [{}, {"key": "no-key"}, {"key": ""}])
def test_a_form_without_a_file_or_without_its_key_is_asked_again(s, recorder, changes):
    before = state(s)
    answer = recorder.send(recorder.form("/imports", "/imports"), **changes)
    assert answer.status_code == 422 and 'name="file"' in answer.text
    assert state(s) == before


@pytest.mark.parametrize("name", ["../../../etc/cron.d/时长.xlsx", "..\\..\\boot.ini", "/tmp/a.xlsx", "a\x00b.xlsx",
                                  "<img src=x onerror=alert(1)>.xlsx", "con.xlsx", "é" * 300 + ".xlsx"])
def test_a_files_name_leads_nowhere(s, settings, recorder, name):
    files = sorted(path for path in settings.data_dir.parent.rglob("*") if "test.db" not in path.name)
    answer = upload(recorder, workbook([["H002", "李桂兰", "V01", clock.today(), "8:00", 1, "清扫", "N-1"]]), name)
    assert answer.status_code == 303, words(answer.text)
    shown = recorder.page(answer.headers["Location"])
    assert "<img src=x" not in shown and "../" not in words(shown) and "etc/cron" not in shown
    assert sorted(path for path in settings.data_dir.parent.rglob("*") if "test.db" not in path.name) == files


def day(back: int) -> date:
    return clock.today() - timedelta(days=back)


def good(number: int, **more: Any) -> list[Any]:
    row = {"household": "H002", "name": "李桂兰", "rule": "V01", "day": day(number), "start": "8:00", "hours": 1,
           "activity": "村道清扫", "no": f"R-{number}", **more}
    return list(row.values())


# row -> what its finding says
ROWS: list[tuple[list[Any], str | None]] = [
    (good(1), None),
    (good(2, day="1899-12-31"), "1899"),
    (good(3, day="0226-11-05"), "0226"),
    (good(4, day="2026-02-30"), "日期"),
    (good(5, day="26-3-5"), "日期"),
    (good(6, day="本月某日"), "日期"),
    (good(7, hours=25), "24 小时"),
    (good(8, hours="１２３４５６７８９０"), "时长"),
    (good(9, hours=-2), "时长"),
    (good(10, hours=0), "时长"),
    (good(11, hours="'; DROP TABLE person; --"), "时长"),
    (good(12, household="H999"), "户号"),
    (good(13, household="<script>alert(1)</script>"), "户号"),
    (good(14, name="查无此人"), "没有登记这个人"),
    (good(15, rule="Q77"), "细则"),
    (good(1), "第 2 行"),
    (good(17, hours="１.５"), None),
    (good(18, day=str(day(-3))), "日期"),
]


def test_bad_rows_are_named_by_row_and_reason_and_only_the_good_ones_go_in(s, recorder):
    columns = upload(recorder, workbook([row for row, _ in ROWS])).headers["Location"]
    before = state(s)
    show = recorder.send(recorder.form(columns, columns)).headers["Location"]
    page = recorder.page(show)
    rows = {int(part.split('"')[0]): words("<i " + part.split("</tr>")[0]) for part in page.split('data-row="')[1:]}
    wanted = {number: said for number, (_, said) in enumerate(ROWS, start=2) if said}
    assert rows.keys() == wanted.keys()
    assert {number: said for number, said in wanted.items() if said not in rows[number]} == {}, rows
    assert "<script>alert" not in page
    assert {name for name, count in state(s).items() if count != before[name]} <= {"import_column_choice"}
    assert recorder.send(recorder.form(show, f"{show}/confirm")).status_code == 303
    assert state(s)["service_record"] - before["service_record"] == len(ROWS) - len(wanted) == 2
    assert "新记录 2 条" in words(recorder.page(show))


def test_a_sheet_of_other_columns_is_asked_for_them_and_goes_no_further(s, recorder):
    columns = upload(recorder, "品名,单价\n香皂,3\n".encode(), "价目.csv").headers["Location"]
    before = state(s)
    answer = recorder.send(recorder.form(columns, columns))
    assert answer.status_code == 422 and "还没有指定“服务日期”是哪一列" in words(answer.text)
    assert state(s) == before


def test_a_sheet_of_formulas_is_taken_by_the_values_that_were_saved_and_by_nothing_else(s, recorder):
    text_cell = '<c t="inlineStr"><is><t>{}</t></is></c>'.format
    header = "<row>" + "".join(map(text_cell, HEADER)) + "</row>"
    rows = [f'{"".join(map(text_cell, ("H002", "李桂兰", "V01", str(day(number)), "8:00")))}{hours}'
            f'{text_cell("清扫")}{text_cell(f"F-{number}")}' for number, hours in enumerate((
                '<c><f>1+1</f><v>2</v></c>', '<c><f>1+1</f></c>', '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
                text_cell("=1+1"), '<c t="str"><f>HYPERLINK("http://x","2")</f><v>2</v></c>'), start=1)]
    data = xlsx_by_hand(sheet_xml(header + "".join(f"<row>{row}</row>" for row in rows)))
    columns = upload(recorder, data).headers["Location"]
    show = recorder.send(recorder.form(columns, columns)).headers["Location"]
    page = recorder.page(show)
    bad = {int(part.split('"')[0]) for part in page.split('data-row="')[1:]}
    assert bad == {3, 4, 5}, words(page)
    recorder.send(recorder.form(show, f"{show}/confirm"))
    assert state(s)["service_record"] == 2


def test_a_sheet_without_a_single_good_row_cannot_be_confirmed(app, s, recorder):
    columns = upload(recorder, workbook([good(1, household="H999")])).headers["Location"]
    show = recorder.send(recorder.form(columns, columns)).headers["Location"]
    assert [form.action for form in recorder.forms(show) if form.action.endswith("/confirm")] == []
    form = next(form for form in recorder.forms(show) if form.action.endswith("/discard"))
    form.action = f"{show}/confirm"
    answer = recorder.send(form)
    assert answer.status_code == 409 and "没有可以导入的行" in words(answer.text)
    assert state(s)["service_record"] == 0


def test_what_a_sheet_says_about_people_does_not_come_back_as_a_formula(s, recorder):
    columns = upload(recorder, xlsx([HEADER, good(1, household="=HYPERLINK(\"http://x\")", name="+cmd|' /C calc'!A0")])
                     ).headers["Location"]
    show = recorder.send(recorder.form(columns, columns)).headers["Location"]
    answer = recorder.get(f"{show}/findings.xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
