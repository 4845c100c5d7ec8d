"""The demo village 向阳村: made-up people, rules, goods, and a year of their life, lived through the real services.

    load_if_empty(s, bare=False, out=sys.stdout)      # the server's start
    flask --app wsgi bank demo --bare                 # the command

Its data files (`data/`) keep codes, names and figures as given; what was added (members, barcodes, shelf lives,
structured rules) stands in files of its own. The book is marked as a demo for good.
"""

from flask import Flask

from pointsbank.commands import bank
from pointsbank.login import register_hint
from redemption.demo.commands import demo
from redemption.demo.loading import load_demo, load_if_empty, open_today, print_sign_ins, sign_in_hints

__all__ = ["load_demo", "load_if_empty", "open_today", "print_sign_ins", "register"]


def register(app: Flask) -> None:
    register_hint(sign_in_hints)
    if "demo" not in bank.commands:
        bank.add_command(demo)
