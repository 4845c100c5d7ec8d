"""Lengths of service as people write them, into whole minutes of one day.

    >>> parse_duration("1.5h"), parse_duration("90分钟"), parse_duration("1:30"), parse_duration("1小时30分")
    (90, 90, 90, 90)

A bare number is ambiguous ("90"? "1.5"?), so the caller says what its column means or the text is refused. Hours with
decimals go to the nearest minute (0.33 h is 20 minutes): two decimals of an hour cannot say it finer.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pointsbank.amounts import Minutes
from pointsbank.schedule.errors import BadDuration
from pointsbank.schedule.pricing import MINUTES_A_DAY

NUMBER = r"([0-9]{1,5}(?:\.[0-9]{1,4})?)"
HOURS = r"(?:小时|个小时|钟头|个钟头|时|h|hr|hrs|hour|hours)"
MINUTES = r"(?:分钟|分|m|min|mins|minute|minutes)"
CLOCK = re.compile(rf"([0-9]{{1,3}}):([0-5][0-9])(?::00)?{HOURS}?")
WORDS = re.compile(rf"(?:{NUMBER}{HOURS})?(?:{NUMBER}{MINUTES})?")
BARE = re.compile(NUMBER)


def parse_duration(text: str, bare: Literal["hours", "minutes"] | None = None, field: str = "minutes") -> Minutes:
    """Minutes between 1 and 1,440. Raises BadDuration for anything else: 25 h, 0, −30 min, '1e2', words."""
    given = text.strip()[:40]
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    exact = _minutes(plain, bare)
    if exact is None:
        if plain.startswith(("-", "−", "–")):
            raise BadDuration(field, given, "时长应大于 0。", "it must be above 0.")
        raise BadDuration(field, given, "请写成“1.5小时”“90分钟”或“1:30”。", "write “1.5h”, “90 min” or “1:30”.")
    minutes = int(exact + Fraction(1, 2))
    if minutes <= 0:
        raise BadDuration(field, given, "时长应大于 0。", "it must be above 0.")
    if exact > MINUTES_A_DAY:
        raise BadDuration(field, given, "一天最多 24 小时。", "a day has at most 24 hours.")
    return Minutes(minutes)


def _minutes(plain: str, bare: Literal["hours", "minutes"] | None) -> Fraction | None:
    if match := CLOCK.fullmatch(plain):
        return Fraction(int(match[1]) * 60 + int(match[2]))
    if plain and (match := WORDS.fullmatch(plain)):
        return Fraction(Decimal(match[1] or "0")) * 60 + Fraction(Decimal(match[2] or "0"))
    if bare is not None and (match := BARE.fullmatch(plain)):
        return Fraction(Decimal(match[1])) * (60 if bare == "hours" else 1)
    return None
