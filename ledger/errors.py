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
