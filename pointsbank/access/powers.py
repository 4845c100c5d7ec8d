"""Who may do what: one table. A grant of a role at a place covers that place and everything below it.

Making and checking are never in one hand: whoever submits a record does not approve it, whatever roles they hold;
that rule stands in the services, this table only opens doors.
"""

from __future__ import annotations

ROLES = ("volunteer", "recorder", "reviewer", "committee", "supervisor", "clerk", "storekeeper", "office", "auditor",
         "admin", "security")

_VIEW = frozenset({"schedule.view", "place.view", "honours.object"})

POWERS: dict[str, frozenset[str]] = {
    # 村民:看自己一户
    "volunteer": frozenset({"me.view", "schedule.view", "ratings.enter", "honours.object"}),
    # 村工作人员:录入、导入
    "recorder": _VIEW | {"records.submit", "records.view", "imports.hours", "people.view",
                         "imports.roster", "packs.make", "openings.enter", "grids.edit", "teams.edit"},
    # 评议小组成员、网格员
    "reviewer": _VIEW | {"records.view", "records.group_review", "records.grid_check", "ratings.jury"},
    # 村“两委”
    "committee": _VIEW | {"records.view", "records.group_review", "records.village_approval", "records.object",
                          "records.void", "ratings.view", "ratings.run", "ratings.jury", "ratings.veto",
                          "ratings.enter", "honours.answer", "honours.award", "honours.propose", "honours.second",
                          "people.view",
                          "committee.view", "stock.view", "stock.second", "sales.view",
                          "households.change", "grids.edit", "teams.edit", "openings.confirm", "village.export",
                          "benefits.view", "benefits.letter",
                          "reviews.view", "reviews.register", "packs.make"},
    # 村务监督委员会
    "supervisor": _VIEW | {"records.view", "records.supervisor_check", "stock.view", "stock.second", "ratings.view",
                           "honours.answer", "honours.second", "sales.view", "audit.view", "statements.any",
                           "benefits.view", "reviews.view", "packs.make"},
    # 爱心超市收银
    "clerk": _VIEW | {"till.sell", "till.return", "stock.view", "sales.view"},
    # 爱心超市库管
    "storekeeper": _VIEW | {"stock.view", "stock.receive", "stock.count", "stock.write_off", "goods.edit",
                            "sales.view"},
    # 乡镇(街道)所
    "office": _VIEW | {"records.view", "records.town_approval", "ratings.view", "ratings.veto",
                       "honours.answer", "honours.award", "honours.second",
                       "committee.view", "people.view", "households.change", "openings.confirm", "teams.edit",
                       "benefits.view", "reviews.view", "reviews.register", "packs.make"},
    # 审计
    "auditor": _VIEW | {"audit.view", "trail.view", "powers.view", "statements.any", "people.view", "records.view",
                        "ratings.view", "stock.view", "sales.view", "benefits.view", "reviews.view", "packs.make"},
    # 系统管理员:管规则和运行,不碰业务,也不管账号
    "admin": _VIEW | {"places.manage", "grids.edit", "teams.edit", "powers.view",
                      "people.edit", "people.view", "imports.roster",
                      "people.erase", "schedule.publish", "ratings.rules", "jobs.run", "benefits.publish",
                      "benefits.view"},
    # 安全管理员:管账号和角色,别的都不碰(三员分立:系统、安全、审计)
    "security": frozenset({"place.view", "users.manage", "powers.view"}),
}

ALL = frozenset().union(*POWERS.values())

# Powers by which somebody decides on what others did or asked for, and those by which somebody runs the bank or watches
# it. Whoever holds one of them anywhere signs in with a second factor.
APPROVING = frozenset({
    "records.group_review", "records.grid_check", "records.village_approval", "records.town_approval",
    "records.supervisor_check", "records.object", "records.void", "ratings.run", "ratings.jury", "ratings.veto",
    "honours.answer", "honours.award", "honours.second", "openings.confirm", "stock.second", "reviews.register"})
ADMINISTERING = frozenset({
    "users.manage", "places.manage", "people.erase", "schedule.publish", "ratings.rules", "benefits.publish",
    "jobs.run", "trail.view", "village.export"})
SECOND_FACTOR = frozenset(role for role, powers in POWERS.items() if powers & (APPROVING | ADMINISTERING))
