"""Passwords and PINs: argon2id, how short is too short, and what everybody guesses first.

    >>> weak("household", "111111"), weak("household", "123456"), weak("household", "739204")
    (True, True, False)
    >>> weak("staff", "short1"), weak("staff", "clerk-2026", "clerk"), weak("staff", "lampe-fluss-9")
    (True, True, False)
"""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from pointsbank.errors import BadInput

PIN_LEAST, PASSWORD_LEAST = 6, 8


class _Cost:
    """How much work a password is. `decoy`: checked when there is no such user, so that the answer takes as long."""

    def __init__(self, passes: int, memory_kib: int) -> None:
        self.hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self.decoy = self.hasher.hash(secrets.token_hex(8))


# OWASP: argon2id with 19 MiB, 2 passes, 1 lane; an old office PC signs people in within a breath.
_cost = _Cost(2, 19 * 1024)


def use_cost(passes: int, memory_kib: int) -> None:
    """Passwords made from now on are this much work; those made before keep theirs."""
    global _cost
    _cost = _Cost(passes, memory_kib)



RUNS = "0123456789", "9876543210"
# What opens most PINs and passwords of leaked lists, beside runs, repetitions and one digit six times.
_PINS = """
    112233 332211 123123 321321 147258 258369 159357 159753 147896 741852 789456 456789 520520 521521 131420 520131
    5201314 201314 168168 518518 886688 668866 686868 866866 100200 102030 110110 119119 120120 010101 121314 131415
    001122 112211 123789 987654 654321 456123 789123 101010 252525 123654 147147 258258 135790 246810 100000 000001
"""
_PASSWORDS = """
    password passw0rd password1 password123 qwertyui qwerty123 qwertyuiop 1q2w3e4r 1qaz2wsx q1w2e3r4 abc12345
    abcd1234 a1234567 a12345678 aa123456 admin123 admin888 administrator iloveyou woaini1314 woaini520 zhangsan
    11111111 12345678 123456789 1234567890 87654321 88888888 66666666 00000000 12341234 11223344 asdfghjk zxcvbnm123
    welcome1 changeme letmein123 xiaoming woaiwojia zhongguo harbin2026 heilongjiang 5201314520 123456abc 123456aa
"""
COMMON_PINS, COMMON_PASSWORDS = frozenset(_PINS.split()), frozenset(_PASSWORDS.split())


def weak(kind: str, password: str, login: str = "") -> bool:
    """Whether it is among what a stranger tries first, or too short."""
    if kind == "household" and password.isascii() and password.isdigit():
        return len(password) < PIN_LEAST or password in COMMON_PINS or _patterned(password)
    if len(password) < (PIN_LEAST if kind == "household" else PASSWORD_LEAST):
        return True
    name = login.rpartition("/")[2].lower()
    return password.lower() in COMMON_PASSWORDS or len(set(password)) < 4 or (
        len(name) > 2 and name in password.lower()) or _patterned(password)


def _patterned(text: str) -> bool:
    """A run (123456), one piece repeated (121212, 123123), one digit."""
    halves = any(len(text) % size == 0 and text == text[:size] * (len(text) // size)
                 for size in range(1, len(text) // 2 + 1))
    return halves or any(text in run * 2 for run in RUNS)


def check_new_password(kind: str, password: str, login: str = "", field: str = "password") -> None:
    """Raises BadInput with what to do about it."""
    least = PIN_LEAST if kind == "household" else PASSWORD_LEAST
    if len(password) < least:
        raise BadInput(field, f"密码至少 {least} 位。", f"A password has at least {least} characters.")
    if weak(kind, password, login):
        raise BadInput(field, "这个密码太容易被猜中(连号、重复、常见的数字,或含有账号名),请换一个。",
                       "This password is guessed too easily (a run, repeated, common, or it holds the account's name). "
                       "Choose another.")


def hashed(password: str) -> str:
    return _cost.hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one of the hash; as slow for an account that does not exist."""
    try:
        return _cost.hasher.verify(password_hash or _cost.decoy, password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
