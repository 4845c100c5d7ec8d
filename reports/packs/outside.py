"""Figures that do not stand in the ledger: people, stars, vetoes, notices, activities, honours; each with its source.

Read for all households of a place at once; a number of statements that does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pointsbank.clock import SHANGHAI
from pointsbank.people import Household, Person
from pointsbank.ratings import Held, Scheme, scheme_version, standing_vetoes, stars_held
from pointsbank.records import ServiceRecord
from pointsbank.records.models import POSTED, Objection
from pointsbank.reviews import results_of_household, standing_by_level
from pointsbank.words import words
from redemption.stock.models import StockPaper
from reports.packs.entries import Scope

ABOVE = ("county", "city", "province", "nation")


class Told(NamedTuple):
    """A figure and where it is kept."""

    value: int
    where: str


class Outside:
    """Everything a pack needs from outside the ledger, each part read once and only when asked for."""

    def __init__(self, s: Session, scope: Scope, lang: str) -> None:
        self.s, self.scope, self._ = s, scope, words(lang)
        self._ids: list[UUID] | None = None
        self._held: dict[UUID, Held] | None = None
        self._schemes: dict[tuple[str, int], Scheme] = {}

    @property
    def ids(self) -> list[UUID]:
        """The households of the scope that were there on its last day. One statement."""
        if self._ids is None:
            scope = self.scope
            self._ids = [scope.household] if scope.household else list(self.s.scalars(
                select(Household.id).where(
                    Household.book_id == scope.book_id, Household.place_code.like(f"{scope.stem}%"),
                    Household.opened_on <= scope.end,
                    or_(Household.closed_on.is_(None), Household.closed_on > scope.end))))
        return self._ids

    @property
    def held(self) -> Mapping[UUID, Held]:
        """Stars by each household's newest evaluation that looks no further than the period and is of its years."""
        if self._held is None:
            found = stars_held(self.s, self.scope.book_id, self.ids, until=self.scope.end) if self.ids else {}
            self._held = {key: held for key, held in found.items() if held.year >= self.scope.start.year}
        return self._held

    def scheme_of(self, held: Held) -> Scheme:
        key = (held.scheme_code, held.scheme_version)
        if key not in self._schemes:
            self._schemes[key] = scheme_version(self.s, *key)
        return self._schemes[key]

    @property
    def schemes(self) -> list[tuple[str, int]]:
        """The schemes and versions that the stars were given by."""
        return sorted({(held.scheme_code, held.scheme_version) for held in self.held.values()})

    def tell(self, source: str) -> Told:
        """One figure by the name of its source."""
        return getattr(self, f"_{source}")()  # type: ignore[no-any-return]

    # -- people --------------------------------------------------------------------------------------------------
    def _households(self) -> Told:
        return Told(len(self.ids), self._("户籍册:期末在册的户"))

    def _members(self) -> Told:
        scope = self.scope
        count = self.s.scalar(
            select(func.count()).select_from(Person).join(
                Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id))
            .where(Person.book_id == scope.book_id, Household.place_code.like(f"{scope.stem}%"),
                   Person.joined_on <= scope.end, or_(Person.left_on.is_(None), Person.left_on > scope.end),
                   or_(Household.closed_on.is_(None), Household.closed_on > scope.end)))
        return Told(count or 0, self._("户籍册:期末在册的人"))

    # -- stars, vetoes -------------------------------------------------------------------------------------------
    def _where_stars(self) -> str:
        names = "、".join(self._("%(code)s 第 %(n)s 版", code=code, n=version) for code, version in self.schemes)
        return self._("星级评定:%(scheme)s,评定结论和村“两委”决定", scheme=names or "—")

    def _rated(self) -> Told:
        return Told(len(self.held), self._where_stars())

    def _banded(self) -> Told:
        count = sum(1 for held in self.held.values() if self.scheme_of(held).band(held.stars))
        return Told(count, self._where_stars())

    def _top_band(self) -> Told:
        count = sum(1 for held in self.held.values()
                    if (bands := self.scheme_of(held).bands) and self.scheme_of(held).band(held.stars) == bands[0])
        return Told(count, self._where_stars())

    def _stars(self) -> Told:
        return Told(sum(held.stars for held in self.held.values()), self._where_stars())

    def _vetoes(self) -> Told:
        found = standing_vetoes(self.s, self.scope.book_id, self.ids, self.scope.end) if self.ids else {}
        return Told(sum(len(codes) for codes in found.values()), self._("一票否决登记(事由按权限查看)"))

    # -- records -------------------------------------------------------------------------------------------------
    def _records(self) -> list[object]:
        scope = self.scope
        place = ([ServiceRecord.household_id == scope.household] if scope.household
                 else [ServiceRecord.place_code.like(f"{scope.stem}%")])
        return [ServiceRecord.book_id == scope.book_id, *place]

    def _activities(self) -> Told:
        count = self.s.scalar(select(func.count(func.distinct(ServiceRecord.activity_id))).where(
            *self._records(), ServiceRecord.status == POSTED,  # type: ignore[arg-type]
            ServiceRecord.service_on.between(self.scope.start, self.scope.end)))
        return Told(count or 0, self._("服务记录:有已入账记录的活动"))

    def _notices(self) -> Told:
        count = self.s.scalar(select(func.count()).select_from(ServiceRecord).where(
            *self._records(),  # type: ignore[arg-type]
            ServiceRecord.notice_from.between(self.scope.start, self.scope.end)))
        return Told(count or 0, self._("服务记录:在期内开始公示的"))

    def _objections(self) -> Told:
        first = datetime.combine(self.scope.start, time(), SHANGHAI).astimezone(UTC)
        last = datetime.combine(self.scope.end + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)
        count = self.s.scalar(select(func.count()).select_from(Objection).join(
            ServiceRecord, (ServiceRecord.book_id == Objection.book_id) & (ServiceRecord.id == Objection.record_id))
            .where(*self._records(), Objection.resolved_at.is_not(None),  # type: ignore[arg-type]
                   Objection.raised_at >= first, Objection.raised_at < last))
        return Told(count or 0, self._("异议登记:期内提出、已答复"))

    def _donations(self) -> Told:
        scope = self.scope
        count = self.s.scalar(select(func.count()).select_from(StockPaper).where(
            StockPaper.book_id == scope.book_id, StockPaper.shop_code.like(f"{scope.stem}%"),
            StockPaper.kind == "receipt", StockPaper.source_kind == "donation",
            StockPaper.day.between(scope.start, scope.end)))
        return Told(count or 0, self._("爱心超市入库单:来源为捐赠"))

    # -- honours -------------------------------------------------------------------------------------------------
    def _honours(self) -> Told:
        count = sum(1 for one in results_of_household(self.s, self.scope.book_id, self.ids[0])
                    if one.granted and one.decided_on <= self.scope.end
                    and (one.withdrawn_on is None or one.withdrawn_on > self.scope.end))
        return Told(count, self._("联审结果登记:期末有效"))

    def _standing(self, kind: str, levels: Callable[[str], bool]) -> Told:
        found = standing_by_level(self.s, self.scope.book_id, self.scope.stem.ljust(12, "0"), kind, self.scope.end)
        return Told(sum(count for level, count in found.items() if levels(level)),
                    self._("联审结果登记:期末有效"))

    def _families(self) -> Told:
        return self._standing("family", lambda level: level in ABOVE)

    def _unit_honours(self) -> Told:
        return self._standing("unit", lambda level: True)
