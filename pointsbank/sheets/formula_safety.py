"""Text that a spreadsheet program would run or change, made harmless in CSV, and given back unchanged on reading.

    >>> guard("=1+1"), guard("0012345678905"), guard("王德顺")
    ("'=1+1", '0012345678905\\t', '王德顺')
    >>> unguard(guard("'=1+1")), unguard(guard("0012345678905\\t"))
    ("'=1+1", '0012345678905\\t')

Two guards, both undone by `unguard` for every string: an apostrophe before what would run as a formula (and before
an apostrophe, so that it can be taken off again); a tab behind digits that would lose zeros or turn into 1.23E+12 or
into a date. The tab shows nowhere and makes Excel and WPS keep the field as text. .xlsx needs neither: its cells say
that they are text.
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"['\t\r\n]|[\s\u200b\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\uff07]")
_CHANGES = re.compile(
    r"(?:0[0-9]+|[0-9]{12,}|[0-9.]+[eE][0-9]+|[0-9]{1,4}[-/][0-9]{1,2}(?:[-/][0-9]{1,4})?"
    r"|[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?)\t*", re.ASCII)


def guard(text: str) -> str:
    """The text as it may stand in a CSV field."""
    if _RUNS.match(text):
        return "'" + text
    return text + "\t" if _CHANGES.fullmatch(text) else text


def unguard(field: str) -> str:
    """The text that was guarded; fields of other programs come back as they are."""
    if field.startswith("'") and _RUNS.match(field[1:]):
        return field[1:]
    if field.endswith("\t") and _CHANGES.fullmatch(field[:-1]):
        return field[:-1]
    return field
