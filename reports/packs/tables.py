"""The lists that belong to a pack: a family's stars and honours, a unit's activities, who is put forward for an award.

Ranks come from the rating score, then from what was earned: never from the balance, so shopping lowers nobody.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.amounts import MINUTE, POINT, SCORE, format_hours, format_points
from pointsbank.people import household_cards, person_cards
from pointsbank.ratings import standing_vetoes
from pointsbank.records import ServiceRecord
from pointsbank.records.models import POSTED
from pointsbank.records.queries import activity_titles
from pointsbank.reviews import level_words, results_of_household
from pointsbank.words import words
from reports.packs.asked import AWARDS
from reports.packs.entries import Scope, by_household, by_person
from reports.packs.models import EvidencePack
from reports.packs.outside import Outside
from reports.packs.records import Row, Table
from reports.pdf import day_text

ROWS_MAX = 300
VOLUNTEER_STARS = (100, 300, 600, 1000, 1500)  # hours in all (志愿服务记录办法, 2012)


def tables_of(s: Session, pack: EvidencePack, scope: Scope, outside: Outside, *, by: Actor) -> tuple[Table, ...]:
    if pack.kind == "family":
        return (_stars(pack, outside), _honours(s, pack))
    if pack.kind == "village":
        return (_bands(pack, outside),)
    if pack.kind == "unit":
        return (_activities(s, pack, scope),)
    return (_households(s, pack, scope, outside, by), _volunteers(s, pack, scope, by))


def _stars(pack: EvidencePack, outside: Outside) -> Table:
    _ = words(pack.lang)
    said = {True: _("得星"), False: _("未得"), None: _("暂不能判定")}
    rows = []
    for held in outside.held.values():
        scheme = outside.scheme_of(held)
        rows = [Row((star.code, star.title(pack.lang), said[held.outcomes.get(star.code)],
                     f"{star.rule.code}@{star.rule.version}", day_text(held.as_of, pack.lang)))
                for star in scheme.stars]
    return Table(_("星级文明户评定"), (_("编码"), _("星"), _("结论"), _("规则版本"), _("算到")), (), tuple(rows))


def _honours(s: Session, pack: EvidencePack) -> Table:
    _ = words(pack.lang)
    found = results_of_household(s, pack.book_id, pack.household_id) if pack.household_id else []
    rows = [Row((one.title, level_words(one.level, pack.lang),
                 _("已撤销") if one.withdrawn_on else _("授予") if one.granted else _("未授予"),
                 f"{one.decided_by} {day_text(one.decided_on, pack.lang)}", one.document_no)) for one in found]
    return Table(_("登记过的上级荣誉和联审结果"), (_("荣誉"), _("级别"), _("结果"), _("谁定的、哪天"), _("文件号")), (),
                 tuple(rows))


def _bands(pack: EvidencePack, outside: Outside) -> Table:
    _ = words(pack.lang)
    counts: dict[str, int] = {}
    for held in outside.held.values():
        band = outside.scheme_of(held).band(held.stars)
        if band is not None:
            name = band.title_en if pack.lang == "en" else band.title_zh
            counts[name] = counts.get(name, 0) + 1
    whole = len(outside.held)
    rows = [Row((name, str(count), f"{count * 1000 // whole // 10}.{count * 1000 // whole % 10}%"))
            for name, count in sorted(counts.items(), key=lambda pair: pair[1])]
    return Table(_("星级文明户分布"), (_("星级"), _("户数"), _("占参评户")), (1, 2), tuple(rows))


def _activities(s: Session, pack: EvidencePack, scope: Scope) -> Table:
    """Activities with posted records: their day, how many people, the time they gave."""
    _ = words(pack.lang)
    held = s.execute(
        select(ServiceRecord.activity_id, func.min(ServiceRecord.service_on),
               func.count(func.distinct(ServiceRecord.person_id)), func.sum(ServiceRecord.minutes))
        .where(ServiceRecord.book_id == scope.book_id, ServiceRecord.place_code.like(f"{scope.stem}%"),
               ServiceRecord.status == POSTED, ServiceRecord.activity_id.is_not(None),
               ServiceRecord.service_on.between(scope.start, scope.end))
        .group_by(ServiceRecord.activity_id).order_by(func.min(ServiceRecord.service_on))).all()
    titles = activity_titles(s, scope.book_id, [activity for activity, *_rest in held if activity])
    rows = [Row((day_text(day, pack.lang), titles.get(activity, "") if activity else "", str(people),
                 format_hours(int(minutes or 0)))) for activity, day, people, minutes in held[:ROWS_MAX]]
    return Table(_("活动清单"), (_("日期"), _("活动"), _("人数"), _("时长(小时)")), (2, 3), tuple(rows),
                 max(0, len(held) - ROWS_MAX))


def _households(s: Session, pack: EvidencePack, scope: Scope, outside: Outside, by: Actor) -> Table:
    """Households by rating score, then by what they earned."""
    _ = words(pack.lang)
    connection = s.connection()
    score, earned = by_household(connection, scope, SCORE), by_household(connection, scope, POINT, AWARDS)
    minutes = by_household(connection, scope, MINUTE)
    barred = standing_vetoes(s, scope.book_id, outside.ids, scope.end) if outside.ids else {}
    order = sorted(outside.ids, key=lambda id_: (-score.get(id_, (0, 0))[0], -earned.get(id_, (0, 0))[0], id_))
    cards = household_cards(s, scope.book_id, order[:ROWS_MAX])
    rows = []
    for number, id_ in enumerate(order[:ROWS_MAX], 1):
        card, stars = cards[id_], outside.held.get(id_)
        name = card.head_name if can(by, "people.view", card.place_code) else card.masked_name
        rows.append(Row((
            str(number), card.code, name, format_points(score.get(id_, (0, 0))[0]),
            format_points(earned.get(id_, (0, 0))[0]), format_hours(minutes.get(id_, (0, 0))[0]),
            str(stars.stars) if stars else "—", format_points(score.get(id_, (0, 0))[1]),
            _("有") if barred.get(id_) else _("无"))))
    heads = (_("名次"), _("户号"), _("户主"), _("评价分"), _("获得积分"), _("时长(小时)"), _("星"), _("扣分"),
             _("否决"))
    return Table(_("各户(按评价分,其次按获得积分)"), heads, (0, 3, 4, 5, 6, 7), tuple(rows),
                 max(0, len(order) - ROWS_MAX))


def _volunteers(s: Session, pack: EvidencePack, scope: Scope, by: Actor) -> Table:
    """Volunteers by hours of the period, with the star that all their hours so far give."""
    _ = words(pack.lang)
    now = by_person(s.connection(), scope, MINUTE)
    ever = by_person(s.connection(), Scope(scope.book_id, scope.stem, None, scope.start.replace(year=1900), scope.end,
                                           scope.size), MINUTE)
    order = sorted((person for person, (_home, amount) in now.items() if amount > 0),
                   key=lambda person: (-now[person][1], person))
    cards, named = person_cards(s, scope.book_id, order[:ROWS_MAX]), can(by, "people.view", pack.place_code)
    rows = [Row((str(number), cards[person].household_code,
                 cards[person].name if named else cards[person].masked_name,
                 format_hours(now[person][1]), format_hours(ever.get(person, (person, 0))[1]),
                 str(sum(1 for hours in VOLUNTEER_STARS if ever.get(person, (person, 0))[1] >= hours * 60))))
            for number, person in enumerate((one for one in order[:ROWS_MAX] if one in cards), 1)]
    heads = (_("名次"), _("户号"), _("志愿者"), _("期内时长(小时)"), _("累计时长(小时)"), _("志愿者星级"))
    return Table(_("志愿者(按期内时长)"), heads, (0, 3, 4, 5), tuple(rows), max(0, len(order) - ROWS_MAX))
