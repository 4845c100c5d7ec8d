"""What the households room refuses."""

from __future__ import annotations

from pointsbank.errors import DomainError


class StepAsideHere(DomainError):
    code, status = "step_aside_household", 403
    zh = "这是您本户或亲属家的事,按规定要回避,请由别人来办。"
    en = "This concerns your own or a relative's household; the rules ask you to step aside. Somebody else does it."


class HouseholdClosed(DomainError):
    code, status = "household_closed", 409
    zh = "户号 {code} 已经销户,不能再变动。"
    en = "Household {code} is closed and cannot change any more."


class OpenMatters(DomainError):
    code, status = "open_matters", 409
    zh = "户号 {code} 还有没办完的事:{count} 项(待审的记录、冻结的积分)。请先办完,再来办这一件。"
    en = "Household {code} has {count} open matters (records under review, points on hold). Finish them first."


class NotAMember(DomainError):
    code, status = "not_a_member", 422
    zh = "选的人不在这一户里,请刷新后重选。"
    en = "Somebody chosen does not belong to this household; refresh and choose again."


class EverybodyLeaves(DomainError):
    code, status = "everybody_leaves", 422
    zh = "分户后原户至少要留一人。全家搬走请办迁移。"
    en = "At least one member stays behind in a split. When all move, use the move."


class NeedsHead(DomainError):
    code, status = "needs_head", 422
    zh = "请选出新的户主。"
    en = "Choose who is the new head."


class NotSoMany(DomainError):
    code, status = "not_so_many_points", 409
    zh = "户里可用 {available} 分,分不出 {needed} 分。"
    en = "The household has {available} points available, not {needed}."


class SameHousehold(DomainError):
    code, status = "same_household", 422
    zh = "两户是同一户,请另选一户。"
    en = "Both are the same household; choose another."


class NotBeforeTheirDay(DomainError):
    code, status = "not_before_their_day", 422
    zh = "日期不能晚于今天,也不能早于 {first}。"
    en = "The day lies between {first} and today."


class HeadMerged(DomainError):
    code, status = "head_merged", 409
    zh = "要并掉的这份登记是另一户的户主。请先给那一户换户主,再来合并。"
    en = "The record to be merged is the head of another household. Change that household's head first."
