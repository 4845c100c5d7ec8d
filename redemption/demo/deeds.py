"""What the demo's villagers did, day by day: a seeded plan without a database.

Amounts of service are quarter hours, so that every figure of the schedule comes out in hundredths. How busy a
household is follows from the balance it is given in the data: who ends with more did more.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from pointsbank.people import PersonCard, age_on
from redemption.demo.people import Village

ADULT, OLD = 18, 78
ACTIVITIES = {
    "V01": (("村道清扫", 120), ("敬老院陪伴", 150), ("集市秩序维护", 180), ("文化广场保洁", 120),
            ("帮独居老人劈柴", 90)),
    "V02": (("义诊量血压", 150), ("法律咨询日", 120), ("手机使用辅导", 120)),
    "V03": (("清冰雪应急", 180), ("防火值守", 240), ("防汛巡堤", 240)),
    "E03": (("集体环境整治", 0),), "L01": (("理论宣讲会", 0), ("村民大会", 0), ("农技夜校", 0)),
}


class Deed(NamedTuple):
    """One thing one household (and person) did on a day; `title` groups what was done together."""

    code: str
    household: str
    person: str | None
    minutes: int = 0
    started: int | None = None
    title: str = ""
    amount_fen: int = 0
    level: str | None = None
    cause: str | None = None


@dataclass
class Plan:
    """Deeds by day, drawn from one seeded generator."""

    village: Village
    targets: dict[str, int]  # hundredths: what each household ends on
    seed: int
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.seed)

    def zeal(self, code: str) -> int:
        """How readily a household takes part, in per cent."""
        return min(95, 25 + self.targets[code] // 220)

    def workers(self, day: date) -> list[PersonCard]:
        """Members who serve, of an age to, in a random order weighted by their household's zeal."""
        able = [person for people in self.village.members.values() for person in people
                if person.born_on and ADULT <= age_on(person.born_on, day) <= OLD]
        return [person for person in self.draw.sample(able, len(able))
                if self.draw.randrange(100) < self.zeal(person.household_code) // 2]

    def heads(self) -> list[str]:
        codes = [code for code in self.village.households if self.draw.randrange(100) < self.zeal(code)]
        return self.draw.sample(codes, len(codes))

    def of_day(self, day: date) -> list[Deed]:
        """Everything that happened on a day."""
        deeds = self._service(day)
        if day.day == 10:
            title = self.draw.choice(ACTIVITIES["L01"])[0]
            deeds += [Deed("L01", code, self._adult(code, day), title=title) for code in self.heads()[:12]]
        if day.day == 15:
            deeds += [Deed("E03", code, self._adult(code, day), title="集体环境整治") for code in self.heads()[:9]]
        if day.day == 25:
            deeds += [Deed("E01" if self.draw.randrange(100) < self.zeal(code) else "E02", code, None,
                           title="月度庭院卫生评比") for code in self.village.households
                      if self.draw.randrange(100) < 88]
        if day.day == 28 and day.month % 3 == 0:
            deeds += [Deed("E05", code, None, title="垃圾分类季度检查") for code in self.heads()]
        return deeds + self._occasions(day)

    def _adult(self, code: str, day: date) -> str:
        grown = [person.name for person in self.village.members[code]
                 if person.born_on and age_on(person.born_on, day) >= ADULT]
        return self.draw.choice(grown)

    def _service(self, day: date) -> list[Deed]:
        """Saturdays: general service; in winter clearing snow; once a month something professional."""
        if day.isoweekday() != 6:
            return []
        title, minutes = self.draw.choice(ACTIVITIES["V01"])
        deeds = [self._served("V01", person, title, minutes, 8 * 60) for person in self.workers(day)[:8]]
        if day.month in (11, 12, 1, 2, 3) and self.draw.randrange(3) == 0:
            title, minutes = self.draw.choice(ACTIVITIES["V03"])
            deeds += [self._served("V03", person, title, minutes, 13 * 60) for person in self.workers(day)[:4]]
        elif day.day <= 7:
            title, minutes = self.draw.choice(ACTIVITIES["V02"])
            deeds += [self._served("V02", person, title, minutes, 13 * 60) for person in self.workers(day)[:2]]
        return deeds

    def _served(self, code: str, person: PersonCard, title: str, minutes: int, started: int) -> Deed:
        left_early = 0 if code == "V02" else self.draw.choice((0, 0, 0, 15, 30))  # at 1.5 an hour: quarters
        return Deed(code, person.household_code, person.name, minutes - left_early, started, title)

    def _occasions(self, day: date) -> list[Deed]:
        """What happens on days of its own."""
        one = self.draw.choice
        when = (day.month, day.day)
        codes = list(self.village.households)
        if when == (3, 8):
            return [Deed("F01", code, None, title="最美家庭表彰", cause="村最美家庭") for code in ("H002", "H014")]
        if when in ((4, 5), (8, 27)):
            return [Deed("C03", code, None, title="文明祭祀") for code in self.heads()[:10]]
        if when == (1, 12):
            return [Deed("C02", code, None, title="移风易俗承诺") for code in codes if code not in ("H022", "H023")]
        if day.month == 5 and day.day in (6, 7, 8):
            return [Deed("G02", code, self._adult(code, day), title="春季修路清沟") for code in self.heads()[:6]]
        if when == (8, 20):
            return [Deed("L03", "H010", self._adult("H010", day), title="考入大学")]
        if when == (7, 1):
            return [Deed("A01", "H001", None, level="镇", title="优秀党员表彰", cause="镇优秀党员"),
                    Deed("A01", "H020", None, level="村", title="优秀党员表彰", cause="村优秀党员")]
        if day.day == 18 and day.month % 2 == 0:
            return [Deed("D01", one(codes), None, title="拾到财物归还失主"),
                    Deed("G01", one(codes), None, title="合理化建议被采纳")]
        if day.day == 20:
            return [Deed("V04", one(("H001", "H010", "H020")), None, title="志愿活动组织"),
                    Deed("D03", "H014", None, title="照护邻居老人"),
                    *([Deed("B01", one(codes), None, amount_fen=one((15000, 19999, 30000)), title="向超市捐赠")]
                      if day.month % 4 == 1 else [])]
        if day.day == 6 and day.month in (12, 1, 2):
            return [Deed("E04", code, None, title="主动清雪") for code in self.heads()[:6]]
        return []


def saturday_before(day: date) -> date:
    """The last Saturday before a day: the last market of the past."""
    back = (day.isoweekday() - 6) % 7 or 7
    return day - timedelta(days=back)
