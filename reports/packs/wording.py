"""Words of the packs: titles, what an entry was, spans of days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.amounts import MINUTE, format_hours, format_points
from pointsbank.people import Household
from pointsbank.words import words
from reports.packs.entries import Line

CHUNK = 500


def pack_title(kind: str, lang: str) -> str:
    _ = words(lang)
    return {"family": _("文明家庭推荐证据包"), "village": _("文明村镇创建证据包"), "unit": _("文明单位创建证据包"),
            "commendation": _("评优奖励证据包")}[kind]


def kind_name(kind: str, lang: str) -> str:
    _ = words(lang)
    return {"family": _("文明家庭"), "village": _("文明村镇"), "unit": _("文明单位"),
            "commendation": _("评优奖励")}[kind]


def span_words(start: date, end: date) -> str:
    """'2026-01-01/2026-11-25': the days as a query takes them."""
    return f"{start.isoformat()}/{end.isoformat()}"


def entry_words(line: Line, lang: str) -> str:
    """What an entry was, without a name: the rule with its version, or the kind of entry."""
    _ = words(lang)
    kinds = {"earned": _("入账"), "regained": _("补回封顶"), "deducted": _("扣分"), "sale": _("兑换"),
             "opening": _("期初转入"), "expired": _("到期")}
    name = kinds.get(line.kind, line.kind)
    if line.rule is None:
        return name
    return f"{name} {line.rule}@{line.version}" if line.version is not None else f"{name} {line.rule}"


def amount_words(commodity: str, amount: int) -> str:
    return format_hours(amount) if commodity == MINUTE else format_points(amount)


def codes_of_households(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """{household: its code}. One statement for every 500."""
    wanted, found = sorted(ids), dict[UUID, str]()
    for start in range(0, len(wanted), CHUNK):
        rows = s.execute(select(Household.id, Household.code).where(
            Household.book_id == book_id, Household.id.in_(wanted[start:start + CHUNK])))
        found.update((id_, code) for id_, code in rows)
    return found
