"""Chinese is the message; English is complete for the shell, and what is compiled is what was written."""

from __future__ import annotations

import io
import re

from babel.messages import extract, mofile, pofile

import pointsbank.web
from pointsbank.web.filters import day, moment, month
from pointsbank.web.shell import TRANSLATIONS
from tests.pointsbank.web.sample import sample_app

PO = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
WEB = TRANSLATIONS.parent / "web"
PLACEHOLDER = re.compile(r"%\([a-z]+\)s")


def catalogue():
    return pofile.read_po(io.BytesIO(PO.read_bytes()), locale="en")


def messages() -> set[str]:
    found: set[str] = set()
    for path in WEB.rglob("*"):
        if path.suffix == ".py":
            found |= {text for _, text, *_ in extract.extract("python", path.open("rb"), keywords={"_": None})}
        if path.suffix in (".html", ".svg") and "templates" in path.parts:
            found |= {text for _, text, *_ in extract.extract("jinja2.ext:babel_extract", path.open("rb"))}
    return {text for text in found if isinstance(text, str)}


def test_every_sentence_of_the_shell_has_its_english():
    english = {m.id: m.string for m in catalogue() if m.id}
    assert len(messages()) > 100
    assert not [text for text in messages() if not english.get(text)]


def test_placeholders_agree_in_both_languages():
    wrong = [m.id for m in catalogue() if m.id and m.string
             and set(PLACEHOLDER.findall(str(m.id))) != set(PLACEHOLDER.findall(str(m.string)))]
    assert not wrong


def test_the_compiled_catalogue_is_the_written_one():
    compiled = mofile.read_mo(io.BytesIO(PO.with_suffix(".mo").read_bytes()))
    written = {m.id: m.string for m in catalogue() if m.id and m.string}
    assert {m.id: m.string for m in compiled if m.id} == written


def test_days_and_moments_are_the_village_s():
    from datetime import UTC, date, datetime

    late = datetime(2026, 3, 4, 16, 30, tzinfo=UTC)  # half past midnight of the 5th in Shanghai
    with sample_app().test_request_context("/"):
        assert (day(late), moment(late), month(date(2026, 3, 1))) == ("2026年3月5日", "2026年3月5日 00:30", "2026年3月")
    with sample_app().test_request_context("/?lang=en"):
        assert (day(date(2026, 3, 5)), month(date(2026, 3, 1))) == ("5 Mar 2026", "Mar 2026")
    assert pointsbank.web.language() == "zh"  # outside a request: Chinese
