"""Frozen records for the tests of paper documents, and reading PDFs back."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, date, datetime

from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from reports.pdf import CertificateData
from reports.statements.records import Lapse, StatementData, StatementLine

AT = datetime(2026, 4, 2, 2, 3, tzinfo=UTC)  # 10:03 in Asia/Shanghai
HARD_NAMES = "李𬭎 王㛃 阿依古丽·买买提"


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(pdf).pages)


def fonts_of(pdf: bytes) -> list[DictionaryObject]:
    """Every font any page names."""
    found: dict[str, DictionaryObject] = {}
    for page in read(pdf).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            found[str(font["/BaseFont"]) + str(font.get("/Name", ""))] = font
    return list(found.values())


def a_line(
    number: int,
    day: date,
    points: int,
    balance: int,
    reason: str = "志愿服务",
    *,
    recorded_at: datetime | None = None,
) -> StatementLine:
    at = recorded_at or datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return StatementLine(number, number, uuid.UUID(int=number), day, at, "earned", reason, points, balance)


def a_statement(**changed: object) -> StatementData:
    """March of H011: 54.00 at first, two lines, 49.00 at the end."""
    facts: dict[str, object] = {
        "book_id": 230199,
        "place_code": "230199100200",
        "place_name": "演示县 安和镇 向阳村",
        "issuer": "向阳村新时代文明实践站",
        "household_id": uuid.UUID(int=11),
        "household_code": "H011",
        "head_name": HARD_NAMES,
        "start": date(2026, 3, 1),
        "end": date(2026, 3, 31),
        "as_of": date(2026, 4, 2),
        "known_at": AT,
        "made_at": AT,
        "opening": 5400,
        "lines": (
            a_line(1, date(2026, 3, 1), 300, 5700),
            a_line(2, date(2026, 3, 9), -800, 4900, "兑换 毛巾 × 1"),
        ),
        "closing": 4900,
        "held": 2000,
        "available": 2900,
        "lapses": (Lapse(date(2027, 3, 31), 2000), Lapse(date(2028, 3, 31), 2900)),
    }
    return StatementData(**(facts | changed))  # type: ignore[arg-type]


def a_certificate() -> CertificateData:
    """Eight of ten, for a name no ordinary font has."""
    return CertificateData(
        issuer="向阳村新时代文明实践站", place_name="演示县 安和镇 向阳村", name=HARD_NAMES, title="银星户",
        scheme="十星级文明户评定办法", period="2026 年度", stars=("遵纪守法星",) * 8, of=10, number="100200-2026-0001",
        awarded_on=date(2026, 12, 22))
