"""The words of states, kinds and plaques, in both languages."""

from __future__ import annotations

from pointsbank.honours import models as m

HONOUR_STATES: dict[str, dict[str, str]] = {
    m.NOTICE: {"zh": "公示中", "en": "on notice"},
    m.OBJECTED: {"zh": "有异议,复核中", "en": "objected to"},
    m.NOT_AWARDED: {"zh": "没有评上", "en": "not awarded"},
    m.AWARDED: {"zh": "已授予", "en": "awarded"},
    m.SUSPENDED: {"zh": "暂停", "en": "suspended"},
    m.REVOKED: {"zh": "已撤销", "en": "revoked"},
    m.LAPSED: {"zh": "更正后不再符合", "en": "no longer met after a correction"},
}
PLAQUES: dict[str, dict[str, str]] = {
    m.NONE: {"zh": "没有牌子", "en": "no plaque"},
    m.TO_HANG: {"zh": "待挂牌", "en": "to be hung"},
    m.HUNG: {"zh": "已挂牌", "en": "hung"},
    m.TO_TAKE_DOWN: {"zh": "应摘牌", "en": "to be taken down"},
    m.TAKEN_DOWN: {"zh": "已摘牌", "en": "taken down"},
    m.WITHHELD: {"zh": "评上但暂不挂牌", "en": "held without a plaque"},
}
MEASURES: dict[str, dict[str, str]] = {
    "warn": {"zh": "警示提醒", "en": "warning"},
    "suspend": {"zh": "暂停荣誉", "en": "suspension"},
    "reinstate": {"zh": "恢复荣誉", "en": "reinstatement"},
    "revoke": {"zh": "撤销荣誉", "en": "revocation"},
    "correct": {"zh": "更正星级", "en": "correction of the stars"},
}
MEASURE_STATES: dict[str, dict[str, str]] = {
    m.PROPOSED: {"zh": "等第二人决定", "en": "waits for the second person"},
    m.IN_FORCE: {"zh": "已生效", "en": "in force"},
    m.REFUSED: {"zh": "没有通过", "en": "refused"},
}
RECHECKS: dict[str, dict[str, str]] = {
    m.QUEUED: {"zh": "等待复核", "en": "queued"},
    m.CHECKED: {"zh": "已复核,等村“两委”决定", "en": "rechecked, waits for the committee"},
    m.SETTLED: {"zh": "已了结", "en": "settled"},
}


def word(table: dict[str, dict[str, str]], state: str, lang: str) -> str:
    return table[state]["en" if lang.startswith("en") else "zh"]
