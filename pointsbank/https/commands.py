"""`bank https`: HTTPS for phones in the village's own network, by one command."""

from __future__ import annotations

import click
from flask import current_app

from pointsbank import clock
from pointsbank.console import show
from pointsbank.https.authority import Standing, begin, stop


@click.command("https")
@click.option("--name", "names", multiple=True,
              help="Another name or address that phones type. May be given several times; kept for renewals.")
@click.option("--new-root", is_flag=True, help="A new root (the old one is lost, stolen, or near its end): phones "
                                               "install it again.")
@click.option("--off", is_flag=True, help="Serve HTTP only from the next start.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def https_command(names: tuple[str, ...], new_root: bool, off: bool, as_json: bool) -> None:
    """HTTPS for phones in the village's network, without the internet: a root certificate and the server's, of our own.

    Example: flask --app wsgi bank https
    """
    settings = current_app.extensions["settings"]
    if off:
        was = stop(settings.keys_dir)
        show({"https": False, "was": was}, as_json, "HTTPS 已关,下次启动生效 / off from the next start" if was
             else "HTTPS 本来就没有开 / it was not on")
        return
    made = begin(settings.keys_dir, names, at=clock.now(), new_root=new_root)
    show({"fingerprint": made.fingerprint, "names": made.names, "until": made.until, "root_until": made.root_until},
         as_json, "\n".join(in_words(made, settings.port)))


def in_words(made: Standing, port: int) -> list[str]:
    """What the operator does next."""
    where = made.addresses[0] if made.addresses else "127.0.0.1"
    return [
        f"证书可用到 / certificate until {made.until:%Y-%m-%d}(每天自动检查、续期 / renewed by itself)",
        f"名称和地址 / names and addresses: {', '.join(made.names)}",
        f"根证书指纹 / fingerprint of the root (SHA-256): {made.fingerprint}",
        "1. 重新启动服务 / start the server again: python -m pointsbank",
        f"2. 手机上打开 / on the phone open: http://{where}:{port}/phone",
        f"3. 以后都用 / from then on: https://{where}:{port}/"]
