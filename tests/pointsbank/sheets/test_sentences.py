"""Every reason and notice has both languages and the same placeholders; every code used has a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pointsbank import sheets
from pointsbank.sheets.sentences import NOTICES, PROBLEMS

SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(sheets.__file__).parent.glob("*.py"))
                 if path.name != "sentences.py")


@pytest.mark.parametrize("code", [*PROBLEMS, *NOTICES])
def test_both_sentences_name_the_same_facts(code):
    zh, en = (PROBLEMS.get(code) or NOTICES[code])
    def plain(text):
        return {re.sub("_(zh|en)$", "", name) for name in re.findall(r"{(\w+)}", text)}
    assert plain(zh) == plain(en) and zh.endswith(("。", "?")) and en.endswith((".", "?"))


def test_no_sentence_is_without_use_and_no_code_without_sentence():
    for code in (*PROBLEMS, *NOTICES):
        assert f'"{code}"' in SOURCE, code
    for code in re.findall(r'refuse\(cell, "(\w+)"', SOURCE):
        assert code in PROBLEMS
    for code in re.findall(r'Notice\("(\w+)"', SOURCE):
        assert code in NOTICES or code in ("day_ambiguous",)
