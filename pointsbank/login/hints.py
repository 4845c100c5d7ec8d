"""What a demo says on its sign-in page about who can sign in, and how. A real book has nothing to say there.

    register_hint(lambda s: ["…"] if is_demo(s, book) else [])
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

Hint = Callable[[Session], list[str]]
HINTS: list[Hint] = []


def register_hint(hint: Hint) -> None:
    """Once for each; registering again changes nothing."""
    if hint not in HINTS:
        HINTS.append(hint)


def hints(s: Session) -> list[str]:
    return [line for hint in HINTS for line in hint(s)]
