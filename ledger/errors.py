"""Errors a person may read: each carries a code, the field it is about, and a sentence in two languages.

    >>> class NotEnough(DomainError):
    ...     code, status = "not_enough", 409
    ...     zh, en = "需要 {need},可用 {have}。", "{need} needed, {have} available."
    >>> NotEnough("items", need=5, have=3).sentence("en")
    '5 needed, 3 available.'

The base class lives on the lowest floor so that every floor raises the same kind; the ledger itself has no
message catalogue, hence both sentences stand in the class.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal with a reason. `field` names the input concerned (dotted path) or is None.

    `facts` fill the sentence's placeholders and travel to API clients, so they must be plain values without
    personal data.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    zh: ClassVar[str] = "这一步没有办成。"
    en: ClassVar[str] = "This could not be done."

    def __init__(self, field: str | None = None, **facts: Any) -> None:
        self.field = field
        self.facts = facts
        super().__init__(self.code, field, facts)

    def sentence(self, lang: str = "zh") -> str:
        """The sentence in `zh` or `en`, filled with the facts (a fact may offer both: {'zh': …, 'en': …})."""
        key = "en" if lang.startswith("en") else "zh"
        facts = {name: value[key] if isinstance(value, dict) and key in value else value
                 for name, value in self.facts.items()}
        return (self.en if key == "en" else self.zh).format(**facts)

    def __str__(self) -> str:
        return self.sentence("zh")


class BelowFloor(DomainError):
    """A debit would take an account below its floor; `day` is the first day that it would break."""

    code, status = "below_floor", 409
    zh = "账户 {account} 余额不足:需要 {needed},{day} 可用 {available}。"
    en = "Account {account} has too little: {needed} needed, {available} available on {day}."

    def __init__(self, account: Any, needed: int, available: int, day: Any, held: int = 0) -> None:
        self.account, self.needed, self.available, self.day, self.held = account, needed, available, day, held
        super().__init__(None, account=account.code, commodity=account.commodity, needed=needed,
                         available=available, held=held, day=day.isoformat())


class KeyReused(DomainError):
    """The same key came again with other content; `first` is the transaction that holds it."""

    code, status = "key_reused", 409
    zh = "这个编号已经用于另一笔内容不同的记账({first}),没有重复记账。"
    en = "This key already belongs to an entry with other content ({first}); nothing was posted."

    def __init__(self, first: Any, recorded_at: Any) -> None:
        self.first, self.recorded_at = first, recorded_at
        super().__init__("key", first=str(first), recorded_at=recorded_at.isoformat())


class NotPositive(DomainError):
    """An amount must be a whole number above zero (True, 1.0, 0 and -5 are not) and within the limit."""

    code, status = "not_positive", 422
    zh = "数量必须是大于零的整数,且不超过上限:{given}。"
    en = "An amount must be a whole number above zero and within the limit: {given}."


class FutureDay(DomainError):
    """No effective day lies after the day (Asia/Shanghai) on which the entry is recorded."""

    code, status = "future_day", 422
    zh = "生效日 {day} 晚于记账日 {today}。"
    en = "The effective day {day} lies after the day of recording, {today}."

    def __init__(self, day: Any, today: Any) -> None:
        self.day, self.today = day, today
        super().__init__("effective_on", day=day.isoformat(), today=today.isoformat())


class UnknownTransaction(DomainError):
    code, status = "unknown_transaction", 404
    zh = "本账簿中没有这笔记账:{transaction}。"
    en = "This book holds no such transaction: {transaction}."

    def __init__(self, transaction_id: Any) -> None:
        self.transaction_id = transaction_id
        super().__init__(None, transaction=str(transaction_id))


class AlreadyReversed(DomainError):
    """Nothing, or less than asked for, is left to reverse; `first` is the first reversal."""

    code, status = "already_reversed", 409
    zh = "这笔记账已经冲正过(首次冲正:{first},{recorded_at}),没有重复冲正。"
    en = "Already reversed by {first}, recorded {recorded_at}; nothing was reversed again."

    def __init__(self, first: Any, recorded_at: Any, line: int | None = None) -> None:
        self.first, self.recorded_at, self.line = first, recorded_at, line
        super().__init__(None, first=str(first), recorded_at=recorded_at.isoformat(), line=line)


class NotReversible(DomainError):
    """A reversal and a lapse are never reversed: post the fact anew."""

    code, status = "not_reversible", 409
    zh = "冲正和到期扣减本身不能再冲正,请重新记账。"
    en = "A reversal or a lapse cannot itself be reversed; post the fact anew."


class MoreThanPosted(DomainError):
    """A part asks for more than its line holds, or for a line that does not exist."""

    code, status = "more_than_posted", 422
    zh = "第 {line} 行只记了 {posted},不能冲正 {asked}。"
    en = "Line {line} holds {posted}; {asked} cannot be reversed."


class TooContended(DomainError):
    """Other writers kept claiming the same keys; nothing was posted, trying again is safe."""

    code, status = "too_contended", 503
    zh = "同一编号正被反复提交,请稍后再试;没有记账。"
    en = "The same key is being submitted over and over; nothing was posted, try again."


class UnknownHold(DomainError):
    code, status = "unknown_hold", 404
    zh = "本账簿中没有这笔预留:{hold}。"
    en = "This book holds no such reservation: {hold}."

    def __init__(self, hold_id: Any) -> None:
        self.hold_id = hold_id
        super().__init__(None, hold=str(hold_id))


class HoldEnded(DomainError):
    """A hold that was captured or released cannot be captured again, nor a captured one released; `by` captured it."""

    code, status = "hold_ended", 409
    zh = "这笔预留({hold},共 {amount})已在 {ended_at} {how}(已用 {captured}),没有再次记账。"
    en = "This hold ({hold}, {amount} in all) was {how} at {ended_at}, {captured} of it used; nothing was posted again."

    def __init__(self, hold: Any, by: Any = None) -> None:
        self.hold, self.by = hold, by
        words = {"captured": {"zh": "用掉", "en": "captured"}, "released": {"zh": "释放", "en": "released"}}
        super().__init__(None, hold=str(hold.id), amount=hold.amount, captured=hold.captured, how=words[hold.ended_as],
                         ended_as=hold.ended_as, ended_at=hold.ended_at.isoformat(), by=str(by) if by else None)


class HoldTimedOut(DomainError):
    """The capture came after the hold's time; whether what is available now may serve instead, a person decides."""

    code, status = "hold_timed_out", 409
    zh = "这笔预留({hold},剩余 {left})已于 {lapses_at} 到时;账户 {account} 现可用 {available}。没有记账,请人工处理。"
    en = ("This hold ({hold}, {left} left) timed out at {lapses_at}; account {account} now has {available} available. "
          "Nothing was posted; a person decides.")

    def __init__(self, hold: Any, available: int) -> None:
        self.hold, self.available = hold, available
        super().__init__(None, hold=str(hold.id), left=hold.left, lapses_at=hold.expires_at.isoformat(),
                         account=hold.account.code, commodity=hold.account.commodity, available=available)


class MoreThanHeld(DomainError):
    code, status = "more_than_held", 409
    zh = "这笔预留({hold})只剩 {left},不能从中支出 {asked}。"
    en = "This hold ({hold}) has {left} left; {asked} cannot be taken out of it."


class PeriodClosed(DomainError):
    """Nothing can become effective in a closed month any more. Record it on an open day, and say in the entry's meta
    which day it is about: `meta={"about": "2026-03-05"}`.
    """

    code, status = "period_closed", 409
    zh = "{month} 已经结账,{day} 不能再记账。请把日期记为今天(不早于 {first_open}),并注明是哪一天的事。"
    en = "{month} is closed, nothing can be posted on {day}. Record it today ({first_open} or later) about that day."

    def __init__(self, day: Any, month: str, first_open: Any) -> None:
        self.day, self.month, self.first_open = day, month, first_open
        super().__init__("effective_on", day=day.isoformat(), month=month, first_open=first_open.isoformat())


class PeriodNotOver(DomainError):
    code, status = "period_not_over", 409
    zh = "{month} 还没有过完,{first_day} 起才能结账。"
    en = "{month} is not over: it can be closed from {first_day} on."


class PeriodOutOfOrder(DomainError):
    """Months close one after another and are reopened last one first; `expected` is the one whose turn it is."""

    code, status = "period_out_of_order", 409
    zh = "月份须依次结账、倒序重开:现在只能是 {expected},不能是 {month}。"
    en = "Months close in order and reopen last one first: it is the turn of {expected}, not of {month}."


class PeriodNotClosed(DomainError):
    code, status = "period_not_closed", 409
    zh = "{month} 没有结账,无需重开。"
    en = "{month} is not closed."


class SecondPersonNeeded(DomainError):
    code, status = "second_person_needed", 409
    zh = "重开已结账的月份须由两个不同的人同意。"
    en = "Reopening a closed month takes two different persons."


class UnknownAssertion(DomainError):
    code, status = "unknown_assertion", 404
    zh = "本账簿中没有这条余额声明:{assertion}。"
    en = "This book holds no such assertion: {assertion}."

    def __init__(self, assertion_id: Any) -> None:
        self.assertion_id = assertion_id
        super().__init__(None, assertion=str(assertion_id))
