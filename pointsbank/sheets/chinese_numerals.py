"""Chinese numerals below one hundred, and years spelt digit by digit, as digits.

    >>> with_digits("二〇二六年三月十五日"), with_digits("两小时二十分")
    ('2026年3月15日', '2小时20分')
"""

from __future__ import annotations

import re

_DIGITS = {"〇": "0", "○": "0", "零": "0", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6",
           "七": "7", "八": "8", "九": "9"}
_TENS = re.compile("([一二两三四五六七八九]?)十([一二三四五六七八九]?)")
_ONE = re.compile("[〇○零一二两三四五六七八九]")
_COUNTED = re.compile("[〇○零一二两三四五六七八九十]+(?=年|月|日|号|点|时|小时|个小时|个半|分|刻|个钟头)")


def with_digits(text: str) -> str:
    """Numerals that stand before a unit of time become digits; anything else stays as it is."""
    return _COUNTED.sub(lambda match: _number(match[0]), text)


def _number(numeral: str) -> str:
    tens = _TENS.fullmatch(numeral)
    if tens is not None:
        return (_DIGITS[tens[1]] if tens[1] else "1") + (_DIGITS[tens[2]] if tens[2] else "0")
    return _ONE.sub(lambda match: _DIGITS[match[0]], numeral)
