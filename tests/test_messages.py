"""The interface speaks Chinese and English: every sentence of the tree is in the catalogue, every refusal has both."""

from __future__ import annotations

import io
import re
import string
from collections.abc import Iterator
from importlib import import_module

import pytest
from babel.messages.mofile import read_mo

from ledger.errors import DomainError
from tests.test_tidy import ROOT, sources
from tools import messages

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%")
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def collected() -> list[str]:
    return [message.id for message in messages.collected() if message.id]


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return {message.id: message.string for message in messages.translated() if message.id}


def test_every_sentence_of_the_tree_has_english(collected, english):
    assert len(collected) > 500  # else the collection is broken, not complete
    assert [sentence for sentence in collected if not english.get(sentence, "").strip() and sentence.strip()] == []


def test_the_catalogue_keeps_no_sentence_that_has_left_the_tree(collected, english):
    assert set(english) - set(collected) == set()


def test_a_translation_has_the_placeholders_of_its_sentence(english):
    differing = [(zh, en) for zh, en in english.items()
                 if sorted(PLACEHOLDER.findall(zh)) != sorted(PLACEHOLDER.findall(en))]
    assert differing == []


def test_english_is_english_and_chinese_is_chinese(collected, english):
    quoted = re.compile(r"[“(《].*?[”)》]")  # an example in the village's own writing may be quoted
    assert [en for en in english.values() if CHINESE.search(quoted.sub("", en).replace("※", ""))] == []
    prose = re.compile(r"[A-Za-z]{3,}")
    keys = [key for key in collected if not CHINESE.search(key) and prose.search(re.sub(r"%\(\w+\)[sd]", "", key))]
    assert keys == [], "the key of a sentence is its Chinese text"


def test_the_compiled_catalogue_is_that_of_the_texts(english):
    compiled = read_mo(io.BytesIO(messages.PO.with_suffix(".mo").read_bytes()))
    assert {message.id: message.string for message in compiled if message.id} == english


def refusals() -> Iterator[type[DomainError]]:
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" not in parts and parts[-2:] != ("fonts", "build"):
            import_module(".".join(parts).removesuffix(".__init__"))
    waiting = [DomainError]
    while waiting:
        found = waiting.pop()
        if found.__module__.split(".")[0] in messages.FLOORS:
            yield found
        waiting += found.__subclasses__()


def fields(template: str) -> set[str]:
    named = (name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
    return {name.split(".")[0].split("[")[0] for name in named}


def test_every_refusal_speaks_both_languages_about_the_same_facts():
    found = list(refusals())
    assert len(found) > 40
    wrong = [error.__qualname__ for error in found
             if not error.zh or not error.en or fields(error.zh) != fields(error.en)
             or not (CHINESE.search(error.zh) or error.zh == "{reason}") or CHINESE.search(error.en)]
    assert wrong == []
