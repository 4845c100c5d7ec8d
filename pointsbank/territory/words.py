"""What stands in the column 类别 of a sheet of the tree, and what the pages call it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

VENUE_KINDS = ("square", "point", "base")
VENUE_WORDS: dict[str, Any] = {"square": _("广场"), "point": _("点"), "base": _("基地")}
LEVEL_WORDS: dict[str, Any] = {"province": _("省"), "city": _("市"), "county": _("区县"), "town": _("乡镇(街道)"),
                               "village": _("村(社区)")}
# As they are written in sheets: words of the files, not of the pages.
SHEET_KINDS = {"": "place", "地区": "place", "区划": "place", "广场": "square", "点": "point", "基地": "base",
               "网格": "grid"}
SHEET_WORDS = {"square": "广场", "point": "点", "base": "基地", "grid": "网格"}
