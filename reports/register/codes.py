"""Check codes: the book, then 130 random bits in letters that cannot be mistaken for one another.

    >>> code = new_code(230199)
    >>> code.startswith("230199-"), len(code)
    (True, 38)
    >>> tidy("230199 4f7k-oil0") == tidy("230199-4F7K-0110")
    True
"""

from __future__ import annotations

import hashlib
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LETTERS, GROUP = 26, 5
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code(book_id: int) -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    groups = [letters[start : start + GROUP] for start in range(0, LETTERS, GROUP)]
    return "-".join([str(book_id), *groups])


def tidy(code: str) -> str:
    """A code as typed by hand, brought to one form: upper case, no separators, look-alikes read as digits."""
    return re.sub(r"[^0-9A-Z]", "", code.upper()).translate(LOOKALIKES)


def parts(code: str) -> tuple[int, bytes] | None:
    """(book, hash of the code), or None for what cannot be a code."""
    text = tidy(code[:80])
    if not re.fullmatch(r"[0-9]{6}[0-9A-Z]{26}", text):
        return None
    return int(text[:6]), hashlib.sha256(text.encode()).digest()
