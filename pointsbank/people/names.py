"""Names as people write them: masking by code point, pinyin order, ages.

    >>> mask_name("王德顺"), mask_name("李𬭎"), mask_name("阿依古丽·买买提")
    ('王*顺', '李*', '阿依古丽·***')
"""

from __future__ import annotations

from datetime import date

from pypinyin import Style, lazy_pinyin

# The library reads these family names by their common sound; as surnames they sound otherwise.
SURNAMES = {"单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "任": "ren",
            "盖": "ge", "乐": "yue", "覃": "qin", "尉": "yu", "员": "yun", "燕": "yan", "华": "hua", "翟": "zhai",
            "瞿": "qu", "缪": "miao", "宓": "mi", "牟": "mu", "逄": "pang", "冼": "xian", "郇": "xun", "冯": "feng"}


def mask_name(name: str) -> str:
    """For lists that others see: first and last character; of two, the first; of a name with ·, its first part."""
    if "·" in name:
        return name.split("·")[0] + "·***"
    if len(name) <= 1:
        return "*"
    return name[0] + "*" if len(name) == 2 else name[0] + "*" * (len(name) - 2) + name[-1]


def sort_key(name: str) -> str:
    """Pinyin order with surnames' own sounds; a character without a known sound sorts by itself, last."""
    sounds = lazy_pinyin(name, style=Style.NORMAL)
    if name and name[0] in SURNAMES:
        sounds[0] = SURNAMES[name[0]]
    return " ".join(sounds) + "|" + name


def initials(name: str) -> str:
    """'李桂兰' -> 'lgl': what a clerk types to find someone."""
    return "".join(sound[0] for sound in sort_key(name).split("|")[0].split(" ") if sound)


def age_on(born_on: date, day: date) -> int:
    """Full years on a day; someone born on 29 February turns a year older on 1 March of common years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
