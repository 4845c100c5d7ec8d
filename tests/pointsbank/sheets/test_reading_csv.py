"""Text files of any encoding, separator and line end; every broken row named by its line."""

from __future__ import annotations

import tracemalloc

import pytest

from pointsbank.errors import DomainError
from pointsbank.sheets import data_rows, find_header, guess_mapping, open_workbook, parse_number

ROSTER = "姓名,电话,备注\r\n李𬭎,13800138000,党员\r\n王㛃,13900139000,\r\n阿依古丽·买买提,,村东\r\n"


def texts(content: str | bytes, encoding: str = "utf-8", name: str = "a.csv") -> list[tuple[str, ...]]:
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return [row.texts() for row in open_workbook(data, name).rows()]


@pytest.mark.parametrize(("codec", "shown"), [
    ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"), ("utf-16", "UTF-16LE"),
    ("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE"), ("utf-32", "UTF-32LE")])
def test_c46_c47_the_same_roster_reads_alike_in_every_encoding(codec, shown):
    book = open_workbook(ROSTER.encode(codec), "花名册.csv")
    assert book.survey.encoding == shown
    assert [row.cell(0).value for row in book.rows()] == ["姓名", "李𬭎", "王㛃", "阿依古丽·买买提"]


def test_c47_plain_gbk_and_big_endian_with_mark_read_alike():
    content = ROSTER.replace("𬭎", "强").replace("㛃", "洁")
    assert texts(content, "gbk") == texts(content, "utf-8")
    assert texts(b"\xfe\xff" + content.encode("utf-16-be")) == texts(content)


def test_c46_a_byte_order_mark_never_sticks_to_the_first_header():
    for codec in ("utf-8", "utf-8-sig"):
        book = open_workbook(ROSTER.encode(codec), "a.csv")
        assert guess_mapping(find_header(book).names, {"name": ["姓名"]}) == {"name": 0}
    doubled = open_workbook(("\ufeff" + ROSTER).encode("utf-8-sig"), "a.csv")       # a program added a second one
    assert find_header(doubled).names[0] == "姓名"


def test_c47_a_short_gbk_text_that_looks_like_utf8_is_read_as_chinese():
    tricky = "小计,裕".encode("gbk")
    assert texts(tricky)[0][0] == "小计"
    accidental = b"\xd2\xbb\xd0\xa9,\xd2\xbb\r\n"          # 一些,一 in GBK; also well-formed UTF-8
    assert accidental.decode("utf-8") and texts(accidental) == [("一些", "一")]


def test_utf8_with_one_broken_byte_is_refused_by_line_not_turned_into_nonsense():
    lines = [f"村民{number},打扫村里的道路\n".encode() for number in range(30)]
    lines[20] = lines[20][:3] + b"\xff" + lines[20][3:]
    with pytest.raises(DomainError) as refusal:
        open_workbook(b"".join(lines), "a.csv")
    assert refusal.value.code == "unknown_encoding" and "21" in refusal.value.sentence("zh")


def test_bytes_of_no_encoding_at_all_are_refused_by_line():
    with pytest.raises(DomainError) as refusal:
        open_workbook("姓名,备注\n王芳,".encode("gbk") + b"\xff\xff\xff\n", "a.csv")
    assert refusal.value.code == "unknown_encoding" and refusal.value.facts["line"] == 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_c63_every_separator_and_line_end_reads_alike_without_a_last_line_end_too(separator, end):
    field = f'"清雪{separator}扫路\r\n下午"'
    content = end.join(separator.join(cells) for cells in [
        ("姓名", "活动", "小时"), ("王芳", field, "1.5"), ("李强", "他说""好", "2")])
    rows = list(open_workbook(content.encode(), "a.csv").rows())
    assert [row.texts() for row in rows] == [
        ("姓名", "活动", "小时"), ("王芳", f"清雪{separator}扫路\r\n下午", "1.5"), ("李强", "他说好", "2")]
    assert [(row.number, row.line) for row in rows] == [(1, 1), (2, 2), (3, 4)]


def test_c63_doubled_quotes_and_blanks_around_quotes_are_read():
    assert texts('名称,说明\n板, "5"" 的板" \n"",""\nx,""\n') == [("名称", "说明"), ("板", '5" 的板'), ("x", "")]


@pytest.mark.parametrize("bad", ['板,5" board,3', '板,"5" board,3', 'a"b,c,3'])
def test_c63_a_stray_quote_is_refused_by_line_and_other_rows_stay(bad):
    rows = list(open_workbook(f"名称,说明,数\n皂,香,1\n{bad}\n米,白,2\n".encode(), "a.csv").rows())
    assert [row.problem and row.problem.code for row in rows] == [None, None, "stray_quote", None]
    assert "第 3 行" in rows[2].problem.zh and "Line 3" in rows[2].problem.en
    assert rows[3].texts() == ("米", "白", "2")


@pytest.mark.parametrize("content", [
    '名称,说明\n皂,"香\n米,白\n', '名称,说明\n皂,"香\n米,"白"皂,x\n', '名称,说明\n皂,"' + "x\n" * 2000])
def test_c63_a_quote_that_is_never_closed_refuses_the_file_with_the_line_it_began(content):
    with pytest.raises(DomainError) as refusal:
        list(open_workbook(content.encode(), "a.csv").rows())
    assert refusal.value.code == "unclosed_quote" and refusal.value.facts["line"] == 2


def test_c62_an_unquoted_thousands_comma_is_a_column_mismatch_named_by_line():
    book = open_workbook('姓名,备注,积分\n王芳,x,"1,234"\n李强,y,1,234\n赵敏,z,5\n孙丽,只有两列\n'.encode(), "a.csv")
    good, bad, other, short = data_rows(book, find_header(book))
    assert parse_number(good.cell(2)).value == 1234
    assert bad.problem.code == "column_count" and bad.problem.facts == {"line": 3, "found": 4, "expected": 3}
    assert "第 3 行有 4 列" in bad.problem.zh
    assert other.problem is None and short.problem is None and short.cell(2).is_blank


def test_empty_fields_behind_the_last_column_are_no_mismatch():
    book = open_workbook("姓名,积分\n王芳,1,,\n".encode(), "a.csv")
    assert [row.problem for row in data_rows(book, find_header(book))] == [None]


def test_a_semicolon_file_with_decimal_commas_is_split_at_semicolons():
    assert texts("姓名;积分;备注\n王芳;1,5;好\n李强;2,5;好\n")[1] == ("王芳", "1,5", "好")


def test_an_announced_separator_is_believed_and_lines_still_count_from_the_file():
    rows = list(open_workbook("sep=|\n姓名|数,量\n王芳|1,5\n".encode(), "a.csv").rows())
    assert rows[1].texts() == ("王芳", "1,5") and rows[1].line == 3


def test_blank_lines_are_passed_over_but_counted():
    rows = list(open_workbook("姓名,数\n\n\n王芳,1\n,,\n".encode(), "a.csv").rows())
    assert [(row.number, row.line) for row in rows] == [(1, 1), (4, 4)]


def test_c44_csv_named_xlsx_is_read_as_csv():
    book = open_workbook(ROSTER.encode("gb18030"), "花名册.xlsx")
    assert book.kind == "csv" and len(list(book.rows())) == 4


def test_rows_of_a_text_file_are_streamed():
    data = ("姓名,活动,小时\n" + "王德顺,打扫村里的道路,1.5\n" * 100_000).encode("gb18030")
    book = open_workbook(data, "a.csv")
    tracemalloc.start()
    assert sum(1 for _row in book.rows()) == 100_001
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
