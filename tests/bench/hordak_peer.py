"""django-hordak at work, in an environment of its own: `python hordak_peer.py DATABASE USER HOST PORT SECONDS LINES`.

For each line on its standard input it prints a figure: after `transfers`, single transfers a second (by its own
`transfer_to`, between random accounts, each in its own transaction); after `balance`, the seconds that the balance of
an account with so many lines takes. So whoever compares can take turns with it.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from typing import Any


def main(name: str, user: str, host: str, port: str, seconds: str, lines: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"], USE_TZ=True,
        SECRET_KEY="bench", DEFAULT_CURRENCY="EUR", CURRENCIES=["EUR"], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": user, "HOST": host,
                               "PORT": port}})
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    transfers, balance = ready(float(seconds), int(lines))
    print("ready", flush=True)
    for asked in sys.stdin:
        print(transfers() if asked.strip() == "transfers" else balance(), flush=True)


def ready(seconds: float, lines: int) -> tuple[Callable[[], float], Callable[[], float]]:
    from django.db import transaction
    from hordak.models import Account, AccountType, Leg, Transaction
    from moneyed import Money

    accounts = [Account.objects.create(name=f"a{number}", code=f"{number:03}", type=AccountType.asset,
                                       currencies=["EUR"]) for number in range(100)]

    many, other = (Account.objects.create(name=name, code=code, type=AccountType.asset, currencies=["EUR"])
                   for name, code in (("many", "801"), ("other", "802")))
    for first in range(0, lines, 5_000):
        with transaction.atomic():
            made = Transaction.objects.bulk_create([Transaction() for _ in range(min(5_000, lines - first))])
            Leg.objects.bulk_create([leg for each in made for leg in legs(Leg, each, many, other)])

    def transfers() -> float:
        count, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds:
            a, b = random.sample(accounts, 2)
            a.transfer_to(b, Money(1, "EUR"))
            count += 1
        return count / spent

    def balance() -> float:
        many.get_balance()
        begun = time.perf_counter()
        many.get_balance()
        return time.perf_counter() - begun

    return transfers, balance


def legs(kind: Any, each: Any, many: Any, other: Any) -> list[Any]:
    from moneyed import Money

    return [kind(transaction=each, account=many, debit=Money(1, "EUR")),
            kind(transaction=each, account=other, credit=Money(1, "EUR"))]


if __name__ == "__main__":
    main(*sys.argv[1:])
