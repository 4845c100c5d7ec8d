"""The room's own words in both languages: states, steps, decisions, where a record came from.

    >>> STATES["on_notice"]["zh"], STEPS["village_approval"]["zh"], short_no(UUID(int=255))
    ('公示中', '村级审核', '000000FF')

They stand here and not in the message catalogue because refusals, jobs and narrations use them without a request.
"""

from __future__ import annotations

from uuid import UUID

STATES = {
    "waiting": {"zh": "待审核", "en": "waiting"},
    "approved": {"zh": "待年末入账", "en": "approved, posted at year end"},
    "on_notice": {"zh": "公示中", "en": "on notice"},
    "objected": {"zh": "有异议,复核中", "en": "objected, under review"},
    "posted": {"zh": "已入账", "en": "posted"},
    "returned": {"zh": "已退回", "en": "returned"},
    "rejected": {"zh": "未通过", "en": "rejected"},
    "withdrawn": {"zh": "已撤回", "en": "withdrawn"},
    "voided": {"zh": "已更正作废", "en": "voided"},
}
STEPS = {
    "auto": {"zh": "自动核验", "en": "automatic check"},
    "group_review": {"zh": "小组评议", "en": "review by the group"},
    "grid_check": {"zh": "网格员核实", "en": "check by the grid worker"},
    "village_approval": {"zh": "村级审核", "en": "approval by the village"},
    "town_approval": {"zh": "所级审核", "en": "approval by the town"},
    "supervisor_check": {"zh": "监委会核对", "en": "check by the supervisors"},
    "recheck": {"zh": "异议复核", "en": "judging the objection"},
    "correction": {"zh": "更正", "en": "correction"},
    "submission": {"zh": "提交", "en": "submission"},
    "notice": {"zh": "公示", "en": "notice"},
    "posting": {"zh": "入账", "en": "posting"},
}
DECISIONS = {
    "approve": {"zh": "通过", "en": "approved"},
    "return": {"zh": "退回", "en": "returned"},
    "reject": {"zh": "不通过", "en": "rejected"},
    "withdraw": {"zh": "撤回", "en": "withdrawn"},
    "resubmit": {"zh": "改后重报", "en": "resubmitted"},
    "start": {"zh": "开始公示", "en": "put on notice"},
    "post": {"zh": "期满无异议,入账", "en": "no objection, posted"},
    "object": {"zh": "提出异议", "en": "objected"},
    "uphold": {"zh": "异议成立", "en": "objection upheld"},
    "dismiss": {"zh": "异议不成立", "en": "objection dismissed"},
    "void": {"zh": "更正作废", "en": "voided"},
}
SOURCES = {
    "typed": {"zh": "手工录入", "en": "typed in"},
    "import": {"zh": "表格导入", "en": "imported"},
    "checkin": {"zh": "签到签退", "en": "check-in"},
    "claim": {"zh": "自主申报", "en": "claimed"},
    "order": {"zh": "点单服务", "en": "service order"},
    "donation": {"zh": "捐赠收据", "en": "donation receipt"},
    "system": {"zh": "系统生成", "en": "by the system"},
}
TIMINGS = {
    "timed": {"zh": "系统计时", "en": "timed by the system"},
    "typed": {"zh": "人工填写", "en": "typed in"},
    "unclosed": {"zh": "没有签退,按活动结束计", "en": "no check-out: counted to the activity's end"},
}


def short_no(record_id: UUID) -> str:
    """The last eight digits of an id: enough to tell a villager which record is meant."""
    return record_id.hex[-8:].upper()


def clock_time(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span(started: int, minutes: int) -> str:
    """'09:00–11:00'"""
    return f"{clock_time(started)}–{clock_time(started + minutes)}"
