"""Signing in and out in the browser. What a sign-in is, who may what: `pointsbank.access`."""

from flask import Flask

from pointsbank.login.pages import pages


def register(app: Flask) -> None:
    app.register_blueprint(pages)
