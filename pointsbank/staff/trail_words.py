"""What the trail's actions are called by people. One without words fails a test: none reaches an auditor bare."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

ACTION_WORDS: dict[str, Any] = {
    "looked": _("查看"), "signed_in": _("登录"), "password_right": _("密码对了,等验证码"),
    "second_factor_set": _("绑定手机验证器"), "second_factor_reset": _("重设手机验证器"),
    "recovery_codes_made": _("换备用码"), "token_made": _("生成令牌"), "token_ended": _("停用令牌"),
    "session_ended": _("退出一台设备"), "password_reset": _("换密码"),
    "pin.renewed": _("换新密码"), "role_given": _("加上角色"), "role_taken": _("收回角色"), "user_added": _("新建账号"),
    "user_disabled": _("停用账号"), "user_enabled": _("恢复账号"),
    "backup.acknowledge": _("认下旧备份"), "book.begun": _("建账本"),
    "records.submit": _("录入记录"), "records.resubmit": _("补正记录"), "records.withdraw": _("撤回记录"),
    "records.approve": _("通过记录"), "records.return": _("退回记录"), "records.reject": _("驳回记录"),
    "records.void": _("更正记录"), "records.policy": _("改审核办法"), "records.post_notices": _("公示期满入账"),
    "records.carry_capped": _("年末结转上限"),
    "records.object": _("提出异议"), "records.objection_upheld": _("异议成立"),
    "records.objection_dismissed": _("异议不成立"),
    "import.received": _("收下时长表"), "import.done": _("导入时长"), "import.discarded": _("放弃时长表"),
    "roster.received": _("收下名册"), "roster.imported": _("导入名册"), "roster.discarded": _("放弃名册"),
    "places.received": _("收下区划表"), "places.imported": _("导入区划表"),
    "places.discarded": _("放弃区划表"), "venue.added": _("登记阵地"), "venue.closed": _("停用或恢复阵地"),
    "team.added": _("登记队伍"), "team.closed": _("撤销队伍"), "team.joined": _("入队"),
    "team.member": _("改队员"), "volunteer.kept": _("改志愿者资料"), "unit.added": _("登记文明单位"),
    "unit.paired": _("登记结对"), "unit.pairing_ended": _("结对结束"), "unit.code_shown": _("看信用代码"),
    "grid.added": _("划网格"), "grid.changed": _("改网格"),
    "openings.entered": _("填期初余额"), "openings.confirmed": _("确认期初余额"),
    "openings.withdrawn": _("撤回期初余额"), "wallets.carried_over": _("期初转入"),
    "household.split": _("分户"), "household.merge": _("并户"), "household.move": _("迁移"),
    "household.away": _("迁出本区县"), "household.death": _("登记去世"), "household.head": _("换户主"),
    "household.transfer": _("转出一人"), "transfer.asked": _("申请转移"), "transfer.agreed": _("同意转移"),
    "transfer.refused": _("不同意转移"), "transfer.withdrawn": _("撤回转移申请"),
    "consent.given": _("登记监护人同意书"), "consent.withdrawn": _("撤回同意书"),
    "number.given": _("登记证件号"),
    "number.claimed": _("报校验位不对的证件号"),
    "number.confirmed": _("确认证件号"), "number.refused": _("不确认证件号"),
    "household.exported": _("导出一户的资料"), "village.exported": _("导出全村的资料"),
    "person.erased": _("删除个人信息"),
    "person.merged": _("合并重复登记"), "person.split_again": _("拆开合并"),
    "proxy.added": _("添加代领人"), "proxy.ended": _("取消代领人"),
    "schedule.publish": _("发布积分细则"), "schedule.retire": _("停用积分细则"),
    "eligibility.rule_published": _("发布规则"), "benefit.published": _("发布福利"),
    "ratings.scheme_published": _("发布评定办法"), "ratings.opened": _("开始评定"), "ratings.applied": _("报名参评"),
    "ratings.withdrawn": _("撤回报名"), "ratings.frozen": _("固定数据"), "ratings.evaluated": _("评定"),
    "ratings.jury_scored": _("群众评议打分"), "ratings.decided": _("逐星决定"), "ratings.confirmed": _("确认评定"),
    "ratings.veto_entered": _("登记一票否决"), "ratings.veto_lifted": _("解除一票否决"),
    "honours.on_notice": _("公示荣誉"), "honours.awarded": _("授予荣誉"), "honours.objected": _("对荣誉提异议"),
    "honours.objection_upheld": _("异议成立"), "honours.objection_dismissed": _("异议不成立"),
    "honours.proposed": _("提出处理"), "honours.measure_in_force": _("处理生效"),
    "honours.recheck_queued": _("排队复核"), "honours.measure_refused": _("处理没有通过"),
    "honours.plaque": _("记牌子的情况"), "honours.recheck_kept": _("维持原结果"), "honours.corrected": _("公示更正"),
    "review_result.registered": _("登记联审结果"), "review_result.withdrawn": _("登记撤销"),
    "pack.asked": _("生成上报材料"), "pack.made": _("做好上报材料"), "pack.discarded": _("删除上报材料"),
    "sale.made": _("兑换"), "sale.returned": _("退货"), "shop.added": _("开办超市"), "shop.day": _("改开门时间"),
    "shop.rules": _("改超市规矩"), "good.added": _("添商品"), "good.price": _("改价"), "good.barcode": _("登记条码"),
    "good.rule": _("改兑换条件"), "good.retired": _("停售商品"), "stock.receipt": _("入库"), "stock.count": _("盘点"),
    "stock.opening_counted": _("数期初库存"), "stock.opening_differs": _("期初库存对不上"),
    "stock.opening_confirmed": _("确认期初库存"),
    "stock.write_off": _("报损"), "stock.found": _("盘盈"), "stock.correction": _("更正库存"),
    "period.closed": _("结账"), "period.reopened": _("重开月份"), "ledger_checked": _("核查账簿"),
    "document_printed": _("打印单据"), "cards_printed": _("打印积分卡"),
}


def action_word(action: str) -> str:
    return str(ACTION_WORDS.get(action, action))


def action_choices() -> list[tuple[str, str]]:
    return [(action, str(word)) for action, word in ACTION_WORDS.items()]
