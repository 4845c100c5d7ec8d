"""What the honours refuse. Each sentence says what would be right."""

from __future__ import annotations

from pointsbank.errors import DomainError


class NotConfirmed(DomainError):
    code, status = "rating_not_confirmed", 409
    zh = "村“两委”还没有确认评定结果,不能公示。"
    en = "The committee has not confirmed the outcome yet; it cannot be put on notice."


class AlreadyOnNotice(DomainError):
    code, status = "already_on_notice", 409
    zh = "本期结果已在公示或已经授牌。"
    en = "This outcome is on notice already, or awarded."


class WrongState(DomainError):
    code, status = "honour_wrong_state", 409
    zh = "这一户现在是“{state}”,不能这样做。"
    en = "The honour is “{state}” now; that cannot be done."


class HasObjection(DomainError):
    code, status = "honour_has_objection", 409
    zh = "这一户已有没答复的异议,{day} 前答复。"
    en = "There is an objection without its answer already; it will be answered by {day}."


class NeedsAPerson(DomainError):
    code, status = "honour_needs_a_person", 401
    zh = "请先登录,再提出异议。"
    en = "Please sign in first."


class OwnObjection(DomainError):
    code, status = "honour_own_objection", 403
    zh = "异议是您提出的,或公示是您发布的,须由别人答复。"
    en = "You raised this objection or published the notice; somebody else answers it."


class NoticeRunning(DomainError):
    code, status = "notice_running", 409
    zh = "公示还没有期满(到 {day}),或还有没答复的异议,现在没有可以授牌的。"
    en = "The notice runs until {day}, or objections wait for their answer; nothing can be awarded yet."


class SameHand(DomainError):
    code, status = "same_hand", 403
    zh = "上一步是您做的,这一步须由另一个人来做。"
    en = "The step before was yours; somebody else takes this one."


class WriteWhy(DomainError):
    code, status = "honour_needs_reason", 422
    zh = "请写明理由(至少 5 个字)。"
    en = "Write down why (at least 5 characters)."


class MeasureWaiting(DomainError):
    code, status = "measure_waiting", 409
    zh = "这一户已有一项处理等第二人决定,请先决定那一项。"
    en = "A measure waits for its second person already; decide that one first."
