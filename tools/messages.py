"""Collect the interface's sentences and compile their English: `make messages`.

The Chinese sentence is its own key (docs/decisions/0011), so there is one catalogue, English, and it lies beside the
code: `pointsbank/translations/en/LC_MESSAGES/messages.po`, with the compiled `.mo` that the server reads. Run this
after adding a sentence; write its English into the `.po`; run it again. Exit status 1 while one has no English.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "pointsbank" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
FLOORS = ("ledger", "pointsbank", "redemption", "reports")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.svg", "jinja2")]
# A template that cannot be parsed must stop us: by default its sentences would silently go missing.
OPTIONS = {pattern: {"silent": "false"} for pattern, method in METHODS if method == "jinja2"}
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
ABOUT = "# English of the interface; the keys are the Chinese sentences. Collected by `make messages`."


def sentences() -> Iterator[tuple[str, str]]:
    """(sentence, file it stands in), floor by floor, in the order of the files."""
    for floor in FLOORS:
        for name, _, message, _, _ in extract_from_dir(
                ROOT / floor, METHODS, OPTIONS, KEYWORDS, comment_tags=(), strip_comment_tags=False):
            for sentence in (message,) if isinstance(message, str) else message:
                yield sentence, f"{floor}/{Path(name).as_posix()}"


def collected() -> Catalog:
    """A fresh catalogue of everything in the tree, with file names and no line numbers (which would change daily)."""
    catalogue = Catalog(project="pointsbank", fuzzy=False)
    places: dict[str, set[str]] = {}
    for sentence, file in sentences():
        places.setdefault(sentence, set()).add(file)
    for sentence, files in places.items():
        catalogue.add(sentence, locations=[(file, 0) for file in sorted(files)])
    return catalogue


def translated() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id and not message.string]


def updated(old: Catalog) -> Catalog:
    """The tree's sentences with the English we have; what left the tree leaves the catalogue."""
    new = Catalog(locale="en", project="pointsbank", header_comment=ABOUT, fuzzy=False,
                  creation_date=old.creation_date, revision_date=old.revision_date,
                  version="0.1", msgid_bugs_address="-", last_translator="pointsbank", language_team="en")
    for message in collected():
        if message.id:
            known = old.get(message.id)
            new.add(message.id, known.string if known else "", locations=message.locations)
    return new


def po_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, width=120, include_lineno=False, sort_by_file=True)
    return out.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    new = updated(translated())
    if po_bytes(new) != PO.read_bytes():
        new.revision_date = datetime.now(UTC)
        PO.write_bytes(po_bytes(new))
    PO.with_suffix(".mo").write_bytes(mo_bytes(new))
    without = missing(new)
    for message in without:
        print(f"no English: {message.id}   ({', '.join(file for file, _ in message.locations)})")
    print(f"{len(new)} sentences, {len(without)} without English")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
