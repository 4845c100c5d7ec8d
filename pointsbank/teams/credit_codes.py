"""Credit codes of organisations (GB 32100-2015) checked: characters, both check digits, the wrong place named.

    >>> credit_code("９１３５０１００ｍ０００１００ｙ４３")
    '91350100M000100Y43'
    >>> credit_code("91350100M000100Y44")
    Traceback (most recent call last):
    pointsbank.errors.BadInput: 校验位不对,请对照证照再看一遍。
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from pointsbank.errors import BadInput

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of the organisation's own number (GB 11714)
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # it stands inside, characters 9 to 17, its check the last


def credit_code(text: str, field: str = "credit_code") -> str:
    """The code as it is written officially. Raises BadInput naming what is wrong."""
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()
    if len(code) != LENGTH:
        raise BadInput(field, f"统一社会信用代码应为 {LENGTH} 位,现在是 {len(code)} 位。",
                       f"A credit code has {LENGTH} characters, this has {len(code)}.")
    for number, letter in enumerate(code, start=1):
        if letter not in ALPHABET:
            raise BadInput(field, f"第 {number} 位不能是“{letter}”(没有字母 I、O、S、V、Z)。",
                           f"Character {number} cannot be “{letter}” (no letters I, O, S, V, Z).")
    try:
        uscc.validate(code)
    except ValidationError:
        raise BadInput(field, "校验位不对,请对照证照再看一遍。",
                       "The check character is wrong; compare with the certificate."
                       ) from None
    total = sum(weight * LETTERS.index(letter) for weight, letter in zip(WEIGHTS, code[8:16], strict=True))
    if {10: "X", 11: "0"}.get(rest := 11 - total % 11, str(rest)) != code[16]:
        raise BadInput(field, "第 9 到 17 位(组织机构代码)的校验位不对,请对照证照再看一遍。",
                       "The organisation's number inside (characters 9 to 17) has a wrong check character.")
    return code


def masked(code: str) -> str:
    """For lists: '91************0Y43' shows which kind and the last four."""
    return f"{code[:2]}{'*' * (LENGTH - 6)}{code[-4:]}"
