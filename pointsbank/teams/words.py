"""The 1 + 8 + N form in words: kinds of teams, the eight fields, and what volunteers can say of themselves."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

KINDS: dict[str, Any] = {"chief": _("总队"), "standing": _("常备队"), "special": _("特色队")}
FIELDS: dict[str, Any] = {
    "lecture": _("理论政策宣讲"), "culture": _("文化文艺服务"), "teaching": _("助学支教"), "health": _("医疗健身"),
    "science": _("科学普及"), "law": _("法律服务"), "clean": _("卫生环保"), "relief": _("扶贫帮困")}
UNIT_LEVELS: dict[str, Any] = {"nation": _("全国"), "province": _("省级"), "city": _("市级"), "county": _("区县级")}
SKILLS: dict[str, Any] = {
    "lecture": _("宣讲"), "art": _("文艺"), "teach": _("辅导功课"), "medic": _("医疗护理"), "science": _("农技科普"),
    "law": _("法律"), "clean": _("卫生环保"), "care": _("陪护帮困"), "mend": _("水电维修"), "hair": _("理发"),
    "drive": _("驾驶"), "cook": _("做饭"), "computer": _("电脑手机"), "sport": _("体育健身"), "rescue": _("应急救援"),
    "mediate": _("调解")}
LANGUAGES: dict[str, Any] = {
    "mandarin": _("普通话"), "korean": _("朝鲜语"), "manchu": _("满语"), "mongolian": _("蒙古语"),
    "daur": _("达斡尔语"), "russian": _("俄语"), "english": _("英语"), "sign": _("手语")}
TIMES: dict[str, Any] = {
    "weekday": _("平日白天"), "evening": _("平日晚上"), "weekend": _("周末"), "holiday": _("节假日"),
    "off_season": _("农闲"), "urgent": _("有急事随时")}


def choices(words: dict[str, Any]) -> list[tuple[str, str]]:
    return [(code, str(word)) for code, word in words.items()]
