"""Short messages to phones: which way they go is a plug-in, named by the setting SENDER.

    SENDER=console                    # on the server's own screen: for the demo, and to try things
    SENDER=file:/somewhere/out.jsonl  # a line of JSON for each, for another program that sends them
    SENDER=our_sms:send               # the function `send(phone, text)` of an installed module `our_sms`

Without one no page offers what would need it. A sender that fails is logged and asked again by nobody: the person asks
for another code.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

log = logging.getLogger("pointsbank.sending")
Sender = Callable[[str, str], None]


def to_console(phone: str, text: str) -> None:
    """On the server's screen; of the number only as much as the operator needs to tell two people apart."""
    click.echo(f"短信 / message to {phone[:3]}****{phone[-4:]}: {text}")


def to_file(path: Path) -> Sender:
    """One line of JSON for each message; only the program's own user may read the file."""

    def send(phone: str, text: str) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps({"phone": phone, "text": text}, ensure_ascii=False) + "\n")

    return send


def sender_named(name: str) -> Sender | None:
    """The sender a setting names, or None for none. Raises ValueError that says what is wrong with it."""
    if not name:
        return None
    if name == "console":
        return to_console
    kind, _, rest = name.partition(":")
    if kind == "file" and rest:
        return to_file(Path(rest).resolve())
    try:
        found = getattr(import_module(kind), rest)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"SENDER must be console, file:PATH or MODULE:FUNCTION, not {name!r}: {error}") from error
    if not callable(found):
        raise ValueError(f"SENDER: {name!r} is no function")
    sender: Sender = found
    return sender


def send_quietly(sender: Sender, phone: str, text: str) -> None:
    """Send; whoever asked has had the answer already, which is the same for every number."""
    try:
        sender(phone, text)
    except Exception:  # whatever a plug-in raises: no word of it reaches the person, the operator finds it in the log
        log.exception("a message could not be sent")
