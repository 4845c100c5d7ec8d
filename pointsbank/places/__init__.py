"""The tree of places: 省 → 市 → 区县 (中心) → 乡镇/街道 (所) → 村/社区 (站).

A place's key is its 12-digit division code, so other tables carry a readable `place_code`. A *book* is one
county-level centre: `book_of(code)` is the code's first six digits as a number.
"""

from pointsbank.places.models import Book, Place
from pointsbank.places.queries import (
    PlaceCard,
    ancestors,
    book_of,
    books,
    county_of,
    covers,
    has_demo,
    is_demo,
    place_by_code,
    place_cards,
    stem_of,
    villages_under,
)
from pointsbank.places.service import AddPlace, add_place, open_book

__all__ = ["AddPlace", "Book", "Place", "PlaceCard", "add_place", "ancestors", "book_of", "books", "county_of",
           "covers", "has_demo", "is_demo", "open_book", "place_by_code", "place_cards", "stem_of",
           "villages_under"]
