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
