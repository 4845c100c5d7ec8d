"""What may be refused about honours, in both languages."""

from __future__ import annotations

from pointsbank.errors import DomainError


class NotDecidedYet(DomainError):
    code, status = "not_decided_yet", 422
    zh = "决定的日子 {day} 还没有到。请等正式文件下来再登记。"
    en = "The day of the decision, {day}, has not come. Register it when the document is there."


class NotWithdrawable(DomainError):
    code, status = "not_withdrawable", 409
    zh = "这一项没有授予,或者已经撤销,不能再撤销。"
    en = "This was not awarded, or was taken back already."
