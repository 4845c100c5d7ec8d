"""Roles and powers in words, in the order in which people meet them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

ROLE_WORDS: dict[str, Any] = {
    "volunteer": _("村民"), "recorder": _("村工作人员(录入)"), "reviewer": _("评议小组成员、网格员"),
    "committee": _("村“两委”成员"), "supervisor": _("村务监督委员会"), "clerk": _("爱心超市收银员"),
    "storekeeper": _("爱心超市库管员"), "office": _("文明实践所"), "auditor": _("审计员(审计管理员)"),
    "admin": _("系统管理员"), "security": _("安全管理员"),
}

GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (_("自己家"), {"me.view": _("看自己一户的积分、时长和星级"), "ratings.enter": _("申报参评")}),
    (_("服务记录"), {
        "records.submit": _("录入、撤回、补正"), "records.view": _("看记录"), "records.group_review": _("小组评议"),
        "records.grid_check": _("网格核实"), "records.village_approval": _("村级审核"),
        "records.town_approval": _("乡镇审核"), "records.supervisor_check": _("监委会核查"),
        "records.object": _("答复异议"), "records.void": _("更正已入账的记录"), "imports.hours": _("导入时长"),
        "committee.view": _("看待办和全年情况")}),
    (_("农户"), {"people.view": _("看农户和成员"), "people.edit": _("登记农户、期初转入"),
                 "openings.enter": _("填期初余额"), "openings.confirm": _("确认期初余额"),
                 "village.export": _("导出全村的资料"),
                 "people.erase": _("依申请删除个人信息"),
                 "households.change": _("分户、并户、迁移、换户主"), "imports.roster": _("导入名册"),
                 "grids.edit": _("划网格、定网格员"),
                 "teams.edit": _("管队伍、志愿者、文明单位")}),
    (_("评星和评优"), {
        "ratings.view": _("看评定"), "ratings.run": _("评定、决定、确认"), "ratings.jury": _("群众评议打分"),
        "ratings.veto": _("一票否决"), "ratings.rules": _("定评星办法"), "honours.propose": _("提名"),
        "honours.award": _("授予"), "honours.second": _("复核"), "honours.answer": _("答复评优异议"),
        "honours.object": _("对评优提异议")}),
    (_("村级福利和上报"), {
        "benefits.view": _("看谁享受哪项福利"), "benefits.publish": _("发布福利办法"),
        "benefits.letter": _("出具证明信"),
        "reviews.view": _("看上级评定"), "reviews.register": _("登记上级评定"), "packs.make": _("做上报材料")}),
    (_("爱心超市"), {
        "till.sell": _("收银"), "till.return": _("退货"), "sales.view": _("看兑换记录"), "stock.view": _("看库存"),
        "stock.receive": _("入库"), "stock.count": _("盘点"), "stock.write_off": _("报损"),
        "stock.second": _("库存事项的第二人"), "goods.edit": _("定本处超市的商品和价格")}),
    (_("细则和查看"), {"schedule.view": _("看积分细则和价目"), "schedule.publish": _("发布积分细则"),
                       "place.view": _("看本地的名称和层级")}),
    (_("监督"), {"audit.view": _("查账、核查"), "statements.any": _("看任何一户的对账单"),
                 "trail.view": _("看操作留痕"), "powers.view": _("看谁能办什么")}),
    (_("系统"), {"users.manage": _("管理账号和角色"), "places.manage": _("管理地名和层级"),
                 "jobs.run": _("运行后台任务")}),
)


def role_word(role: str) -> str:
    return str(ROLE_WORDS.get(role, role))


def power_word(power: str) -> str:
    return str(next((named[power] for _title, named in GROUPS if power in named), power))


def grouped(powers: frozenset[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every power with its words, by group; one without words stands by its own name, never left out."""
    found = [(str(title), [(power, str(word)) for power, word in named.items() if power in powers])
             for title, named in GROUPS]
    known = {power for _title, named in GROUPS for power in named}
    rest = sorted(powers - known)
    return [*found, *([(str(_("其他")), [(power, power) for power in rest])] if rest else [])]
