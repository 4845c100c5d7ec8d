"""Paper documents read back: text, fonts, pages, totals."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from reports.pdf import (
    CardData,
    CheckCode,
    Column,
    NoticeData,
    SlipData,
    SlipLine,
    certificate_pdf,
    member_card_pdf,
    notice_pdf,
    plaque_pdf,
    slip_pdf,
)
from reports.register import check_code
from reports.statements.pdf import statement_pdf
from reports.trial_balance.pdf import trial_balance_pdf
from reports.trial_balance.records import KindRow, TrialBalance
from tests.reports.papers import AT, HARD_NAMES, a_certificate, a_line, a_statement, fonts_of, read, text_of

CODE = "230199-0A1B2-C3D4E-F5G6H-7J8K9-M0N1P-Q"
CHECK = CheckCode("https://jifen.example/verify/ABCDEFGH", "ABCDEFGH")


def a_slip(**changed: object) -> SlipData:
    facts: dict[str, object] = {
        "shop": "向阳村爱心超市",
        "receipt": "0007",
        "made_at": AT,
        "household_code": "H011",
        "household_name": "李*",
        "lines": (SlipLine("香皂(125g)", 2, "块", 300, 600),),
        "before": 14600,
        "taken": 600,
        "after": 14000,
        "clerk": "赵*",
        "check": CHECK,
    }
    return SlipData(**(facts | changed))  # type: ignore[arg-type]


def a_notice(rows: int = 3) -> NoticeData:
    return NoticeData(
        title="2026年3月积分公示",
        issuer="向阳村新时代文明实践站",
        place_name="向阳村",
        lead="现予公示。",
        columns=(
            Column("户号", 22),
            Column("姓名", 26),
            Column("事由", wrap=True),
            Column("积分(分)", 24, "right"),
        ),
        rows=tuple((f"H{i:03d}", "李*", "清雪", "+5.00") for i in range(rows)),
        start=date(2026, 4, 1),
        end=date(2026, 4, 5),
        objections="到村委会当面提出",
        made_at=AT,
    )


def a_trial_balance() -> TrialBalance:
    rows = (
        KindRow("POINT", "wallet", 24, 123400, 345600, 222200),
        KindRow("POINT", "budget", 1, 345600, 0, -345600),
        KindRow("POINT", "spent", 1, 0, 123400, 123400),
        KindRow("MINUTE", "hours", 9, 0, 90, 90),
        KindRow("MINUTE", "served", 1, 90, 0, -90),
    )
    return TrialBalance(230199, "演示县新时代文明实践中心", date(2026, 3, 31), AT, AT, rows)


def text_by_poppler(pdf: bytes) -> str:
    shown = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return shown.stdout.decode()


READERS = [
    text_of,
    *([text_by_poppler] if shutil.which("pdftotext") else []),
]  # a second opinion where there is one

ALL_DOCUMENTS = {
    "statement": lambda: statement_pdf(a_statement(), CHECK),
    "trial balance": lambda: trial_balance_pdf(a_trial_balance(), CHECK),
    "slip": lambda: slip_pdf(a_slip()),
    "card": lambda: member_card_pdf([CardData("向阳村", "H011", "李𬭎", "JF1-ABC", "H011")]),
    "notice": lambda: notice_pdf(a_notice(), CHECK),
    "certificate": lambda: certificate_pdf(a_certificate(), CHECK),
    "plaque": lambda: plaque_pdf(a_certificate(), CHECK),
}


@pytest.mark.parametrize("name", ALL_DOCUMENTS)
def test_every_font_of_every_document_is_embedded_and_readable(name: str):
    fonts = fonts_of(ALL_DOCUMENTS[name]())
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/FontDescriptor"].get_object(), font["/BaseFont"]
        assert "/ToUnicode" in font


@pytest.mark.parametrize("name", ALL_DOCUMENTS)
def test_the_same_record_gives_the_same_bytes_and_a_small_file(name: str):
    first = ALL_DOCUMENTS[name]()
    assert first == ALL_DOCUMENTS[name]()
    assert len(first) < 100_000


@pytest.mark.parametrize("reader", READERS)
def test_rare_names_are_extracted_exactly(reader: Callable[[bytes], str]):
    # C52
    assert HARD_NAMES in reader(statement_pdf(a_statement()))
    assert "李𬭎" in reader(member_card_pdf([CardData("向阳村", "H011", "李𬭎", "JF1-ABC", "H011")]))


def test_a_statement_shows_opening_lines_closing_three_parts_and_what_lapses_when():
    text = text_of(statement_pdf(a_statement(), CHECK))
    for part in (
        "积分对账单",
        "H011",
        "2026年3月1日 — 2026年3月31日",
        "2026年4月2日 10:03",
        "54.00",
        "+3.00",
        "−8.00",
        "49.00",
        "兑换 毛巾 × 1",
        "账面(分)",
        "冻结(分)",
        "20.00",
        "可用(分)",
        "29.00",
        "2027年3月31日",
        "2028年3月31日",
        "加盖公章处",
        "第 1 页 / 共 1 页",
        str(CHECK.url),
    ):
        assert part in text, part


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_head_of_a_statement_cuts_no_name_of_a_place(lang: str):
    names = "演示县(虚构) 安和镇(虚构) 向阳村(虚构)"
    text = text_of(statement_pdf(a_statement(place_name=names, lang=lang), CHECK))
    assert names.replace(" ", "") in re.sub(r"\s", "", text) and "…" not in text


def test_a_code_without_an_address_is_scanned_and_typed_as_it_is():
    alone = CheckCode(None, CODE)
    assert (CHECK.scanned, alone.scanned) == (CHECK.url, CODE)
    for made in (statement_pdf(a_statement(), alone), slip_pdf(a_slip(check=alone))):
        text = text_of(made)
        assert CODE in text and "在本站 /verify 输入" in text and "http" not in text


@pytest.mark.parametrize(("base", "url"), [
    ("https://jifen.example.cn/", f"https://jifen.example.cn/verify/{CODE}"),
    ("http://192.168.1.20:8443/", f"http://192.168.1.20:8443/verify/{CODE}"),
    ("http://127.0.0.1:8000/", None), ("http://[::1]:8000/", None), ("http://localhost/", None),
    ("http://0.0.0.0:8000", None)])
def test_only_an_address_that_a_phone_can_open_is_printed(base: str, url: str | None):
    assert check_code(CODE, base) == CheckCode(url, CODE)


def test_a_figure_with_cents_is_shown_with_two_decimals():
    # C07: 267.39 + 0.89 = 268.28
    lines = (a_line(1, date(2026, 3, 2), 26739, 26739), a_line(2, date(2026, 3, 3), 89, 26828))
    text = text_of(statement_pdf(a_statement(opening=0, lines=lines, closing=26828, held=0, available=26828)))
    assert text.count("268.28") >= 3 and "268.280" not in text


def test_a_fact_recorded_after_the_month_is_marked_and_named_apart():
    # C55: about 28 January, recorded on 10 February
    late = a_line(3, date(2026, 1, 28), 300, 5700, recorded_at=datetime(2026, 2, 10, 3, tzinfo=UTC))
    data = a_statement(start=date(2026, 1, 1), end=date(2026, 1, 31), lines=(late,), closing=5700)
    assert data.adds_up() and data.late_lines == (late,)
    text = text_of(statement_pdf(data))
    assert "※ 志愿服务" in text and "期末之后补记 1 笔" in text and "2026年2月10日记入" in text


def test_a_long_statement_repeats_its_head_numbers_its_pages_and_keeps_every_line():
    running, lines = 5400, []
    for number in range(1, 301):
        running += 100
        lines.append(
            a_line(
                number,
                date(2026, 3, 1 + number // 10 % 30),
                100,
                running,
                f"第{number}笔 " + "清雪" * (number % 40),
            )
        )
    pdf = statement_pdf(a_statement(lines=tuple(lines), closing=running))
    pages = [page.extract_text() for page in read(pdf).pages]
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert f"第 {number} 页 / 共 {len(pages)} 页" in page
    assert all("事由" in page for page in pages if "笔 " in page)
    found = re.findall(r"第(\d+)笔", "\n".join(pages))
    assert [int(n) for n in found] == list(range(1, 301))
    closing = next(page for page in pages if "合计" in page)
    assert "第300笔" in closing, "totals never stand alone on a page"


def test_text_a_user_typed_is_printed_as_typed():
    typed = "<b>粗</b> & <font color=red>红</font> ]]> %s {x}"
    lines = (a_line(1, date(2026, 3, 2), 300, 5700, typed),)
    text = text_of(statement_pdf(a_statement(lines=lines, closing=5700)))
    assert re.sub(r"\s", "", typed) in re.sub(r"\s", "", text)


def test_an_endless_reason_still_prints():
    lines = (a_line(1, date(2026, 3, 2), 300, 5700, "很长" * 5000),)
    assert len(read(statement_pdf(a_statement(lines=lines, closing=5700))).pages) <= 2


def test_a_statement_without_movement_says_so():
    assert "本期没有积分变动" in text_of(statement_pdf(a_statement(lines=(), closing=5400, lapses=())))


def test_english_documents_have_english_dates():
    text = text_of(statement_pdf(a_statement(lang="en")))
    assert "1 Mar 2026 — 31 Mar 2026" in text and "2 Apr 2026 10:03" in text


def test_the_trial_balance_shows_per_commodity_that_debits_equal_credits():
    data = a_trial_balance()
    assert data.balances
    text = text_of(trial_balance_pdf(data))
    assert "4690.00" in text and "平衡" in text and "各户积分账户" in text and "−3456.00" in text


def test_a_trial_balance_that_does_not_balance_says_so():
    broken = TrialBalance(1, "中心", date(2026, 3, 31), AT, AT, (KindRow("POINT", "wallet", 1, 0, 100, 100),))
    assert "不平衡" in text_of(trial_balance_pdf(broken))


def test_a_slip_is_80_millimetres_wide_and_shows_before_taken_and_after():
    pdf = slip_pdf(a_slip())
    page = read(pdf).pages[0]
    assert round(page.mediabox.width * 254 / 720) == 80 and len(read(pdf).pages) == 1
    text = text_of(pdf)
    for part in ("单号 0007", "香皂(125g)", "2 块 × 3.00 分", "146.00 分", "6.00 分", "140.00 分", "H011"):
        assert part in text, part


def test_a_reprinted_slip_and_a_return_say_what_they_are():
    text = text_of(slip_pdf(a_slip(kind="return", original="0006", taken=-600, reprinted_at=AT)))
    assert "退货小票" in text and "0006" in text and "本次退回" in text and "补打 2026年4月2日 10:03" in text


def test_cards_come_eight_to_a_sheet():
    cards = [
        CardData("向阳村新时代文明实践站", f"H{i:03d}", "李*", f"JF1-{i}", f"H{i:03d}") for i in range(1, 18)
    ]
    pages = read(member_card_pdf(cards)).pages
    assert len(pages) == 3
    assert "H008" in pages[0].extract_text() and "H009" in pages[1].extract_text()


def test_a_notice_names_the_last_day_to_object_and_hides_nothing_it_lists():
    text = text_of(notice_pdf(a_notice(60)))
    assert "2026年4月5日" in text and "到村委会当面提出" in text and "H059" in text and "加盖公章处" in text


def test_a_closing_quotation_mark_never_begins_a_line():
    lines = tuple(a_line(n, date(2026, 3, n), 100, 5400 + 100 * n, "评比" * n + "“优秀”") for n in range(1, 12))
    pdf = statement_pdf(a_statement(lines=lines, closing=6500))
    assert not [line for line in text_of(pdf).splitlines() if line.startswith(("”", ")"))]
