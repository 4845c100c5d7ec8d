"""What the demo's households put into their baskets: by taste, and, at the end, for an exact number of points."""

from __future__ import annotations

import random

from redemption.demo.village_data import GoodFacts
from redemption.till import Item

PIECES = 2  # of one good in one sale (the shop's rule)


def by_taste(draw: random.Random, goods: list[GoodFacts], free: dict[str, int], purse: int) -> tuple[Item, ...]:
    """A basket of up to three goods for at most `purse` hundredths; empty when nothing fits."""
    items: dict[str, int] = {}
    for good in draw.sample(goods, len(goods)):
        if good.points <= purse and free.get(good.sku, 0) > 4 and len(items) < 3:
            items[good.sku] = 1 + (draw.randrange(4) == 0 and 2 * good.points <= purse)
            purse -= items[good.sku] * good.points
    return tuple(Item(sku, pieces) for sku, pieces in sorted(items.items()))


def exactly(goods: list[GoodFacts], free: dict[str, int], points: int) -> tuple[Item, ...]:
    """A basket of exactly `points` hundredths, at most two of a good; empty when there is none."""
    reached: dict[int, dict[str, int]] = {0: {}}
    for good in goods:
        for spent, basket in list(reached.items()):
            for pieces in range(1, min(PIECES, free.get(good.sku, 0)) + 1):
                total = spent + pieces * good.points
                if total <= points and total not in reached:
                    reached[total] = {**basket, good.sku: pieces}
    return tuple(Item(sku, pieces) for sku, pieces in sorted(reached.get(points, {}).items()))
