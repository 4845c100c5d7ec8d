"""The people of a made-up village, drawn from the seed, as lines of a roster. No number of theirs is anybody's."""

from __future__ import annotations

import random
from datetime import date

from pointsbank.people import age_on
from pointsbank.rosters.fields import HEAD
from pointsbank.rosters.reading import Line
from redemption.city.plan import VillagePlan

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = ("秀兰", "桂英", "建国", "志强", "玉珍", "春生", "淑华", "国栋", "凤琴", "德山", "丽娟", "海涛", "雪梅", "长河",
         "金凤", "立新", "晓东", "玉芬", "文彬", "红霞", "永财", "桂芝", "守义", "秋菊", "大伟", "小梅", "铁柱", "明月")
RELATIONS = ("配偶", "子女", "父母", "孙子女")
GROUPS, OLDEST, MINOR = 8, 85, 18


def lines_of(village: VillagePlan, seed: int, year: int) -> list[Line]:
    """Every household of the village: one to four members, the head of age, minors with the head's consent."""
    rng = random.Random(f"{seed}|people|{village.code}")
    today = date(year, 1, 1)
    lines: list[Line] = []
    for number in range(1, village.households + 1):
        code, surname = f"H{number:03d}", rng.choice(SURNAMES)
        head = surname + rng.choice(GIVEN)
        lines.append(_line(rng, len(lines), village, code, number, head, HEAD, date(year - rng.randint(24, OLDEST), 5,
                                                                                   rng.randint(1, 28)), ""))
        seen = {head}
        for relation in RELATIONS[:rng.choice((0, 1, 1, 2, 2, 3))]:
            name = (surname if relation != "配偶" else rng.choice(SURNAMES)) + rng.choice(GIVEN)
            if name in seen:
                continue
            seen.add(name)
            born = date(year - rng.randint(6, 60), rng.randint(1, 12), rng.randint(1, 28))
            lines.append(_line(rng, len(lines), village, code, number, name, relation, born,
                               head if age_on(born, today) < MINOR else ""))
    return lines


def _line(rng: random.Random, row: int, village: VillagePlan, code: str, number: int, name: str, relation: str,
          born: date, guardian: str) -> Line:
    return Line(row, village.code, code, name, relation, number % GROUPS + 1, "", "", born, guardian, "")
