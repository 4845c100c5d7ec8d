"""The columns a sheet of service hours may have: their names here, and the names people give them."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import lazy_gettext as _


class Field(NamedTuple):
    """One thing a row may say. `synonyms` are column names as found in real sheets, the template's first."""

    name: str
    label: object
    synonyms: tuple[str, ...]
    required: bool = False
    example: str = ""


FIELDS: tuple[Field, ...] = (
    Field("household", _("户号"), ("户号", "户编号", "家庭编号", "积分户号"), example="H002"),
    Field("name", _("姓名"), ("姓名", "志愿者姓名", "志愿者", "参加人", "服务人员"), example="(示例行,请改成您村的人)"),
    Field("rule", _("细则编码"), ("细则编码", "细则", "项目编码", "积分项目", "规则", "编码"), example="V01"),
    Field("service_on", _("服务日期"), ("服务日期", "日期", "活动日期", "服务时间", "活动时间"), required=True,
          example="2026-11-21"),
    Field("started", _("开始时间"), ("开始时间", "签到时间", "起始时间"), example="9:00"),
    Field("minutes", _("时长"), ("时长(小时)", "时长", "服务时长", "时长(分钟)", "小时数", "工时"), example="2.5"),
    Field("quantity", _("次数"), ("次数", "数量", "件数", "场次"), example="1"),
    Field("amount", _("金额(元)"), ("金额", "捐赠金额", "折价金额"), example=""),
    Field("level", _("级别"), ("级别", "表彰级别"), example=""),
    Field("activity", _("活动名称"), ("活动名称", "活动", "项目名称", "服务内容"), example="村道清扫"),
    Field("team", _("队伍"), ("队伍", "志愿队伍", "服务队", "所属队伍"), example=""),
    Field("external_no", _("流水号"), ("流水号", "外部流水号", "记录编号", "平台编号"), example="LJ-20261121-001"),
    Field("evidence", _("凭据"), ("凭据", "佐证", "证明材料"), example="签到表"),
    Field("late_reason", _("补录原因"), ("补录原因", "补录说明"), example=""),
    Field("note", _("备注"), ("备注", "说明"), example=""),
)
WANTED = {field.name: field.synonyms for field in FIELDS}
BY_NAME = {field.name: field for field in FIELDS}
