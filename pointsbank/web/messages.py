"""What the form checker says, in the village's words. marshmallow speaks English inside; people read this.

    >>> flat_errors({"items": {0: {"count": ["Not a valid integer."]}}})
    [('items.0.count', 'Not a valid integer.')]
"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _


def flat_errors(messages: Any, path: str = "") -> list[tuple[str, str]]:
    """Nested messages as (field path, message); a list of texts counts as its first."""
    if isinstance(messages, dict):
        found: list[tuple[str, str]] = []
        for name, inner in messages.items():
            part = "" if name in ("_schema", "json", "form", "query", "headers", "files") else str(name)
            found += flat_errors(inner, ".".join(filter(None, (path, part))))
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return [(path, str(text)) for text in texts[:1]]


def in_words(message: str) -> str:
    """The message in the language of the page; one written by our own schemas passes unchanged."""
    for pattern, sentence in _sentences().items():
        if match := re.fullmatch(pattern, message):
            facts = match.groupdict()
            return sentence % facts if facts else sentence
    return message


def _sentences() -> dict[str, str]:
    number = r"(?P<n>-?[0-9.]+)"
    return {
        r"Missing data for required field\.": _("这一项必须填写。"),
        r"Field may not be null\.": _("这一项必须填写。"),
        r"Unknown field\.": _("多出来的一项,系统不认识。"),
        r"Not a valid (integer|number)\.": _("请填数字,例如 3。"),
        r"Not a valid (date|datetime|time|naive datetime|aware datetime)\.": _("请填有效的日期,例如 2026-03-05。"),
        r"Not a valid UUID\.": _("这个编号不对,请刷新页面再试。"),
        r"Not a valid (string|mapping type|list|tuple|boolean|choice)\.": _("这一项的写法不对。"),
        r"Invalid input( type)?\.": _("这一项的写法不对。"),
        rf"Must be greater than or equal to {number} and less than or equal to (?P<m>-?[0-9.]+)\.":
            _("应在 %(n)s 到 %(m)s 之间。", n="%(n)s", m="%(m)s"),
        rf"Must be greater than or equal to {number}\.": _("不能小于 %(n)s。", n="%(n)s"),
        rf"Must be greater than {number}\.": _("要大于 %(n)s。", n="%(n)s"),
        rf"Must be less than or equal to {number}\.": _("不能大于 %(n)s。", n="%(n)s"),
        rf"Must be less than {number}\.": _("要小于 %(n)s。", n="%(n)s"),
        rf"Longer than maximum length {number}\.": _("太长了,最多 %(n)s 个字。", n="%(n)s"),
        rf"Shorter than minimum length {number}\.": _("太短了,至少 %(n)s 个字。", n="%(n)s"),
        r"Length must be between (?P<n>[0-9]+) and (?P<m>[0-9]+)\.":
            _("长度应在 %(n)s 到 %(m)s 之间。", n="%(n)s", m="%(m)s"),
        rf"Length must be {number}\.": _("长度应为 %(n)s。", n="%(n)s"),
        r"Must be one of: (?P<n>.*)\.": _("请从给出的选项里选一个。"),
        r"Not a valid email address\.": _("这不像一个邮箱地址。"),
        r"String does not match expected pattern\.": _("格式不对,请照提示填写。"),
        r"Invalid JSON body\.": _("请求正文不是有效的 JSON。"),
    }
