"""Refusals of the records room. Facts hold ids, codes and days only; each sentence says what would be right."""

from __future__ import annotations

from pointsbank.errors import DomainError


class FutureService(DomainError):
    code, status = "future_service", 422
    zh = "服务日期 {day} 还没到,只能记已经做过的事。"
    en = "The day of service, {day}, has not come yet; only what was done can be recorded."


class BeforeTheBook(DomainError):
    code, status = "before_the_book", 422
    zh = "服务日期 {day} 早于本账簿开始的日期({first}),不能记。"
    en = "The day of service, {day}, lies before this book begins ({first})."


class NeedsLateMark(DomainError):
    code, status = "needs_late_mark", 422
    zh = "{day} 的服务已超过 {days} 天。请按“补录”登记,并写明为什么晚。"
    en = "Service of {day} is more than {days} days old. Mark it as a late entry and say why it is late."


class TooLongADay(DomainError):
    code, status = "too_long_a_day", 422
    zh = "{day} 这一天合计 {given},超过每人每日 {most} 的上限(此前已记 {before})。"
    en = "{day} would add up to {given}; one person serves at most {most} a day ({before} recorded before)."


class Overlapping(DomainError):
    code, status = "overlapping", 409
    zh = "{day} {span} 与已记录的 {other_span}(记录 {other},细则 {rule})时间重叠,同一时段只能记一次。"
    en = "{day} {span} overlaps {other_span} of record {other} (rule {rule}); the same time counts once."


class PastMidnight(DomainError):
    code, status = "past_midnight", 422
    zh = "服务跨过了零点。请分成两条:{day} 记到 24:00,余下的记在第二天。"
    en = "The service runs past midnight. Record two: {day} until 24:00 and the rest on the next day."


class LongerThanActivity(DomainError):
    code, status = "longer_than_activity", 422
    zh = "登记 {given},比活动本身的 {planned} 还长。"
    en = "{given} recorded, but the activity itself lasts {planned}."


class HouseholdClosed(DomainError):
    code, status = "household_closed", 409
    zh = "户号 {household} 已于 {day} 销户,不能再记。"
    en = "Household {household} was closed on {day}; nothing more can be recorded."


class NotOfThisHousehold(DomainError):
    code, status = "not_of_this_household", 422
    zh = "这个人不是户号 {household} 的成员,请核对。"
    en = "This person is no member of household {household}; please check."


class SameNumberOtherContent(DomainError):
    """The same external number came again with other content (C21)."""

    code, status = "same_number_other_content", 409
    zh = "外部编号 {number} 已于 {day} 记录过(记录 {first}),但内容不同。没有覆盖;要改请先撤回或更正那一条。"
    en = "External number {number} was recorded on {day} (record {first}) with other content. Nothing was overwritten."


class TwiceInOneBatch(DomainError):
    code, status = "twice_in_one_batch", 422
    zh = "与本批第 {first} 行是同一条,只记一次。"
    en = "The same as row {first} of this batch; it counts once."


class NotWaiting(DomainError):
    code, status = "not_waiting", 409
    zh = "这条记录现在是“{state}”,不能再做这一步。"
    en = "This record is now “{state}”; this step is not possible any more."


class OwnSubmission(DomainError):
    code, status = "own_submission", 403
    zh = "这条是您自己报的,须由别人审核。"
    en = "You submitted this record yourself; somebody else decides."


class NotTheSubmitter(DomainError):
    code, status = "not_the_submitter", 403
    zh = "这条不是您报的,只有提交人能撤回或修改。"
    en = "You did not submit this record; only its submitter withdraws or changes it."


class OwnHousehold(DomainError):
    code, status = "own_household", 403
    zh = "这条涉及您本户,须回避。"
    en = "This record is about your own household; you step aside."


class RelativesHousehold(DomainError):
    code, status = "relatives_household", 403
    zh = "这条涉及您登记的亲属户,须回避。"
    en = "This record is about a declared relative's household; you step aside."


class DecidedBefore(DomainError):
    code, status = "decided_before", 403
    zh = "这条的上一环节是您经手的,下一环节须由别人审核。"
    en = "You decided an earlier step of this record; another person decides the next."


class OwnObjection(DomainError):
    code, status = "own_objection", 403
    zh = "异议是您提出的,须由别人复核。"
    en = "You raised this objection; somebody else judges it."


class NotYourStep(DomainError):
    code, status = "not_your_step", 403
    zh = "这一步是“{step}”,不归您经手。"
    en = "This step is “{step}”; it is not yours to decide."


class NeedsAPerson(DomainError):
    code, status = "needs_a_person", 403
    zh = "审核须由本人登录后办理,系统不能代办。"
    en = "A person who is signed in decides; the system cannot."


class NeedsReason(DomainError):
    code, status = "needs_reason", 422
    zh = "请写明理由(2–500 字)。"
    en = "Give the reason (2–500 characters)."


class AlreadyObjected(DomainError):
    code, status = "already_objected", 409
    zh = "这条已有异议正在复核({day} 前答复),不用重复提出。"
    en = "An objection to this record is being judged already (answer due by {day})."


class TooMany(DomainError):
    code, status = "too_many", 422
    zh = "一次最多 {most} 条,这里有 {given} 条。请分几次办理。"
    en = "At most {most} at a time, {given} were given. Do it in several steps."
