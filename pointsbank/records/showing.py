"""The room's words and tones in the language of the page, for its templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pointsbank.records.words import DECISIONS, SOURCES, STATES, STEPS, TIMINGS, clock_time, short_no, span

TONES = {"waiting": "wait", "approved": "wait", "on_notice": "info", "objected": "bad", "posted": "good",
         "returned": "bad", "rejected": "bad", "withdrawn": "off", "voided": "off"}


def words_for(lang: str) -> dict[str, Any]:
    """state_word('posted') and its kind, as template globals."""
    key = "en" if lang.startswith("en") else "zh"

    def word(table: Mapping[str, Mapping[str, str]]) -> Callable[[str], str]:
        return lambda name: table[name][key] if name in table else name

    return {"state_word": word(STATES), "step_word": word(STEPS), "decision_word": word(DECISIONS),
            "source_word": word(SOURCES), "timing_word": word(TIMINGS), "state_tone": TONES.get,
            "states": [(name, words[key]) for name, words in STATES.items()], "short_no": short_no,
            "clock_time": clock_time, "clock_span": span}
