"""HTTPS for phones in the village's own network, without the internet: a certificate authority of the PC's own.

    flask --app wsgi bank https            # once: makes the root and the server's certificate, says how to go on
    keep_current(keys_dir, at=now)         # the daily job: renews before the end, follows changed addresses

Phones trust the root once (`/phone` hands it over, with its fingerprint to compare). It can vouch for private names and
addresses only: a stolen root key opens no bank and no mail box. `listening` is what the server speaks: HTTP and HTTPS
on one port, where HTTP leads to HTTPS for everybody but the PC itself.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.orm import Session

from pointsbank.commands import bank
from pointsbank.https.authority import NotCovered, Standing, begin, keep_current, standing, stop
from pointsbank.https.commands import https_command
from pointsbank.https.listening import EitherConnection, HttpsOnly, Tls
from pointsbank.https.pages import pages
from pointsbank.jobs import register_job

__all__ = ["EitherConnection", "HttpsOnly", "NotCovered", "Standing", "Tls", "begin", "keep_current", "standing",
           "stop"]


def renew(_s: Session, _book_id: int, at: datetime) -> str:
    """The daily job; the certificate belongs to the PC, whatever the book."""
    return keep_current(current_app.extensions["settings"].keys_dir, at=at)


def register(app: Flask) -> None:
    app.register_blueprint(pages)
    register_job("https", "手机连接的证书续期", hour=3, minute=20, run=renew)
    if "https" not in bank.commands:
        bank.add_command(https_command)
