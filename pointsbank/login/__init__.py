"""Signing in and out in the browser. What a sign-in is, who may what: `pointsbank.access`."""

from flask import Flask

from pointsbank.commands import bank
from pointsbank.login.commands import reset_second_factor
from pointsbank.login.pages import pages


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    if reset_second_factor.name not in bank.commands:
        bank.add_command(reset_second_factor)
