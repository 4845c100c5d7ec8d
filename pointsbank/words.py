"""Words in the reader's language where there is no request to take it from: papers, jobs, commands, narrations.

    >>> _ = words("zh")
    >>> _("第 %(page)s 页", page=3)
    '第 3 页'

The same catalogue as the pages'; the Chinese text is its own key. Name the function `_`, so that texts are collected.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from babel.support import NullTranslations, Translations

CATALOGUE = Path(__file__).parent / "translations"


@functools.cache
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(CATALOGUE, [lang])


def words(lang: str) -> Callable[..., str]:
    """The translating function for `zh` or `en`; anything that does not begin with `en` is Chinese."""
    catalogue = _catalogue("en" if lang.startswith("en") else "zh")

    def translate(message: str, **values: object) -> str:
        text = str(catalogue.gettext(message))
        return text % values if values else text

    return translate
