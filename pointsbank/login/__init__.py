"""Signing in and out in the browser. What a sign-in is, who may what: `pointsbank.access`."""

from flask import Flask

from pointsbank.commands import bank
from pointsbank.login.commands import reset_second_factor
from pointsbank.login.hints import register_hint
from pointsbank.login.pages import pages
from pointsbank.sending import sender_named

__all__ = ["register", "register_hint"]


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    app.extensions["sender"] = sender_named(app.extensions["settings"].sender)
    if reset_second_factor.name not in bank.commands:
        bank.add_command(reset_second_factor)
