"""Files that cannot be read are refused with what to do instead, quickly, and never with a crash."""

from __future__ import annotations

import io
import random
import re
import time
import zipfile

import pytest

from pointsbank.errors import DomainError
from pointsbank.sheets import FileRefused, find_header, limits, open_workbook, refusals, safe_filename
from pointsbank.sheets.ole2 import SIGNATURE
from tests.pointsbank.sheets.making import WORKBOOK, sheet_xml, xlsx, xlsx_by_hand, xlsx_by_xlsxwriter


def refusal_of(data: bytes, name: str = "a.xlsx") -> DomainError:
    started = time.process_time()
    with pytest.raises(FileRefused) as refusal:
        list(open_workbook(data, name).rows())
    assert time.process_time() - started < 5
    assert refusal.value.sentence("zh") and refusal.value.sentence("en")
    return refusal.value


def zipped(parts: dict[str, bytes | str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\0" * 512, b"\xef\xbb\xbf", b"\xff\xfe"])
def test_c44_an_empty_file_is_called_empty(data):
    assert refusal_of(data).code == "file_empty"


def test_an_empty_workbook_is_called_empty():
    assert refusal_of(xlsx([])).code == "file_empty"


def test_a_file_of_sixty_megabytes_is_refused_by_its_size():
    refusal = refusal_of(b"x" * (60 * limits.MEGABYTE))
    assert refusal.code == "file_too_large" and refusal.status == 413
    assert "60 MB" in refusal.sentence("zh") and "50 MB" in refusal.sentence("zh")


def bomb(size: int, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    data = io.BytesIO(xlsx_by_hand(sheet_xml("")))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive, \
            archive.open(part.replace("sheet1", "sheet2"), "w", force_zip64=True) as stream:
        for _ in range(size // limits.MEGABYTE):
            stream.write(b" " * limits.MEGABYTE)
    return data.getvalue()


@pytest.mark.parametrize("megabytes", [30, 500])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(megabytes):
    data = bomb(megabytes * limits.MEGABYTE)
    assert len(data) < limits.MEGABYTE
    assert refusal_of(data).code == "file_expands_too_far"


def test_a_bomb_that_lies_about_its_size_is_stopped():
    data = xlsx_by_hand(sheet_xml("<row><c><v>1</v></c></row>" * 200_000))
    place = data.index(b"PK\x01\x02", data.rindex(b"xl/_rels/workbook.xml.rels") - 100)
    directory = data.rindex(b"PK\x01\x02")
    lying = bytearray(data)
    lying[directory + 24:directory + 28] = (50).to_bytes(4, "little")
    assert place and refusal_of(bytes(lying)).code in ("file_damaged", "file_expands_too_far")


def test_an_archive_of_thousands_of_parts_is_refused():
    assert refusal_of(zipped({f"xl/{number}.xml": "" for number in range(2_500)})).code == "file_expands_too_far"


ENTITIES = '<!DOCTYPE lolz [<!ENTITY lol "lol">' + "".join(
    f'<!ENTITY lol{n} "{"&lol" + str(n - 1) + ";" if n else ""}">' for n in range(1, 10)) + "]>"
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declaration", [ENTITIES, OUTSIDE, '<!DOCTYPE worksheet SYSTEM "http://127.0.0.1:9/x.dtd">'])
def test_entities_are_refused_wherever_they_stand(declaration):
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>')
    assert refusal_of(xlsx_by_hand(declaration + sheet)).code == "file_unsafe_xml"
    good = xlsx_by_xlsxwriter(lambda book, page: page.write_column(0, 0, ["姓名", "王芳"]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        content = parts[name].decode()
        head, _, rest = content.rpartition("?>") if content.startswith("<?xml") else ("", "", content)
        harmed = zipped({**parts, name: f"{head}?>{declaration}{rest}" if head else declaration + rest})
        assert refusal_of(harmed).code == "file_unsafe_xml", name


def test_a_million_columns_are_refused_by_row():
    refusal = refusal_of(xlsx_by_hand(sheet_xml('<row r="7"><c r="A7"><v>1</v></c><c r="XFD7"><v>1</v></c></row>')))
    assert refusal.code == "too_many_columns" and refusal.facts["row"] == 7
    many = "".join("<c><v>1</v></c>" for _ in range(300))
    assert refusal_of(xlsx_by_hand(sheet_xml(f"<row>{many}</row>"))).code == "too_many_columns"
    assert refusal_of((",".join("a" * 300) + "\n").encode(), "a.csv").code == "too_many_columns"


def test_rows_beyond_the_limit_are_refused_and_empty_ones_do_not_count():
    content = "a,b\n" + "1,2\n" * limits.ROWS_MAX
    assert refusal_of(content.encode(), "a.csv").code == "too_many_rows"
    blank = '<row r="1"><c r="A1"><v>1</v></c></row>' + "".join(
        f'<row r="{number}" spans="1:2"><c r="A{number}" s="0"/></row>' for number in range(2, limits.ROWS_MAX + 5))
    assert len(list(open_workbook(xlsx_by_hand(sheet_xml(blank)), "a.xlsx").rows())) == 1


def test_a_text_too_long_for_a_cell_is_refused_by_row():
    long = "长" * 40_000
    cell = f'<row r="3"><c r="A3" t="inlineStr"><is><t>{long}</t></is></c></row>'
    assert refusal_of(xlsx_by_hand(sheet_xml(cell))).facts["row"] == 3
    assert refusal_of(f"a,b\n{long},2\n".encode(), "a.csv").code == "cell_text_too_long"
    assert refusal_of(f"<table><tr><td>{long}</td><td>1</td></tr></table>".encode()).code == "cell_text_too_long"


@pytest.mark.parametrize(("data", "code", "word"), [
    (b"%PDF-1.7 ...", "file_not_a_table", "PDF"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "file_not_a_table", "图片"),
    (b"Rar!\x1a\x07\0" + b"\0" * 50, "file_not_a_table", "解压"),
    (zipped({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}), "file_not_a_table", "Word"),
    (zipped({"readme.txt": "hello"}), "file_not_a_table", "解压"),
    (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
     "file_other_spreadsheet", ".ods"),
    (zipped({"xl/workbook.bin": b"x", "[Content_Types].xml": "<x/>"}), "file_other_spreadsheet", ".xlsb"),
    (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
     "file_other_spreadsheet", "另存为"),
    (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "file_other_spreadsheet", "另存为"),
    (b'{"rows": []}', "file_not_a_table", "JSON"), (b"{\\rtf1 x}", "file_not_a_table", "RTF"),
    (b"MZ\x90\0" + b"\0\1" * 50, "file_not_a_table", "程序")])
def test_c44_c45_other_kinds_of_file_are_named_and_told_what_to_do(data, code, word):
    refusal = refusal_of(data, "时长.xlsx")
    assert refusal.code == code and word in refusal.sentence("zh")
    assert "xlsx" in refusal.sentence("zh")


def container(stream: str) -> bytes:
    """An OLE2 container with one empty stream of that name."""
    def entry(name: str, kind: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        return (text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes([kind, 1]) + b"\xff" * 12 + b"\0" * 36
                + b"\xfe\xff\xff\xff" + b"\0" * 8)

    head = bytearray(SIGNATURE.ljust(76, b"\0")) + b"\xff" * 436
    head[24:34] = bytes([0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0])
    head[44:52] = (1).to_bytes(4, "little") * 2
    head[56:76] = (4096).to_bytes(4, "little") + b"\xfe\xff\xff\xff" + b"\0" * 4 + b"\xfe\xff\xff\xff" + b"\0" * 4
    head[76:80] = (0).to_bytes(4, "little")
    table = (b"\xfd\xff\xff\xff" + b"\xfe\xff\xff\xff").ljust(512, b"\xff")
    return bytes(head) + table + (entry("Root Entry", 5) + entry(stream, 2)).ljust(512, b"\0")


@pytest.mark.parametrize(("stream", "code"), [
    ("EncryptedPackage", "file_locked"), ("WordDocument", "file_not_a_table"),
    ("ETBook", "file_other_spreadsheet"), ("Contents", "file_not_a_table"), ("Workbook", "file_damaged")])
def test_c44_c45_old_office_containers_are_told_apart(stream, code):
    refusal = refusal_of(container(stream), "a.et")
    assert refusal.code == code
    if code == "file_other_spreadsheet":
        assert "WPS" in refusal.sentence("zh") and "另存为" in refusal.sentence("zh")


def test_a_workbook_with_only_hidden_sheets_is_refused():
    hidden = WORKBOOK.replace("<sheet ", '<sheet state="veryHidden" ')
    assert refusal_of(xlsx_by_hand(sheet_xml(""), workbook=hidden)).code == "no_visible_sheet"


def test_random_bytes_and_random_damage_never_crash():
    dice = random.Random(4)
    good = xlsx([["姓名", "时长"], ["王芳", 1.5]])
    for round_number in range(300):
        data = bytearray(dice.randbytes(dice.randrange(1, 3000)) if round_number % 3 == 0 else good)
        if round_number % 3:
            for _ in range(dice.randrange(1, 6)):
                data[dice.randrange(len(data))] = dice.randrange(256)
        if round_number % 3 == 2:
            data = data[:dice.randrange(len(data))]
        try:
            list(open_workbook(bytes(data), "a.xlsx").rows())
        except FileRefused as refusal:
            assert refusal.sentence("zh")


@pytest.mark.parametrize("content", ["3,4\n5,6\n", "2026-03-05,1\n", "标题\n1,2\n"])
def test_a_table_without_a_header_is_refused(content):
    with pytest.raises(DomainError) as refusal:
        find_header(open_workbook(content.encode(), "a.csv"))
    assert refusal.value.code == "no_header"


def test_file_names_are_shown_without_folders_and_tricks():
    assert safe_filename("..\\..\\Windows\\时长\u202excod.xlsx\r\n") == "时长xcod.xlsx"
    assert safe_filename("../..") == "未命名" and len(safe_filename("长" * 500 + ".xlsx")) == 120


def test_every_refusal_has_both_sentences_with_the_same_facts():
    for refusal in vars(refusals).values():
        if isinstance(refusal, type) and issubclass(refusal, DomainError):
            assert set(re.findall(r"{(\w+)}", refusal.zh)) == set(re.findall(r"{(\w+)}", refusal.en)), refusal
