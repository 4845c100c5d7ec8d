"""Units and categories in the reader's language: goods are written down in Chinese, measure words and all.

English has no measure word for a bar, a bag and a bottle alike: it says how many, or "each". Names of goods stay as
the village wrote them, and so do categories that are not in the list below.
"""

from __future__ import annotations

from flask_babel import gettext as _

from pointsbank.web.viewer import language


def _english() -> bool:
    return language() == "en"


def pieces(count: int, unit: str) -> str:
    """3 块; in English 3."""
    return str(count) if _english() else f"{count} {unit}"


def each(unit: str) -> str:
    """块, after a price; in English each."""
    return _("每件") if _english() else unit


def unit_word(unit: str) -> str:
    """块, beside a field; in English the word for pieces of anything."""
    return _("件") if _english() else unit


def comma() -> str:
    """What stands between the goods of a list."""
    return ", " if _english() else "、"


def category_words() -> dict[str, str]:
    """The categories we know, and the conditions that stand behind their dot."""
    return {"日用": _("日用"), "粮油": _("粮油"), "家居": _("家居"), "农用": _("农用"), "助学": _("助学"),
            "节庆": _("节庆"), "服务": _("服务"), "大件": _("大件"), "短保": _("短保"), "冬季": _("冬季"),
            "腊月限时": _("腊月限时"), "限未成年人家庭": _("限未成年人家庭"), "限户1台/3年": _("限户1台/3年")}


def category_word(category: str) -> str:
    """粮油·短保, every part in the reader's language."""
    if not _english():
        return category
    known = category_words()
    return "·".join(known.get(part, part) for part in category.split("·"))
