"""Words of the packs: titles, what an entry was, amounts."""

from __future__ import annotations

from collections.abc import Iterable
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


def kind_words(kind: str, lang: str) -> str:
    """A kind of entry in words."""
    _ = words(lang)
    kinds = {"earned": _("入账"), "regained": _("补回封顶"), "deducted": _("扣分"), "sale": _("兑换"),
             "sale_return": _("退货"), "opening": _("期初转入"), "expired": _("到期")}
    return kinds.get(kind, kind)


def entry_words(line: Line, lang: str) -> str:
    """What an entry was, without a name: the rule with its version, or the kind of entry."""
    name = kind_words(line.kind, lang)
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
