"""The Merkle tree of RFC 9162 (section 2.1): pure hashing, no database.

    >>> tree = Frontier()
    >>> for entry in (b"a", b"b", b"c"):
    ...     _ = tree.append(leaf_hash(entry))
    >>> path = inclusion_path(list_subtree([leaf_hash(entry) for entry in (b"a", b"b", b"c")]), 2, 3)
    >>> inclusion_holds(leaf_hash(b"c"), 2, 3, path, tree.root())
    True

A tree of any size is remembered by its *frontier*, the roots of its perfect subtrees, so that adding a leaf costs
O(log n) at worst and reads nothing. Proofs ask a `subtree(start, end)` for the roots they need; who keeps the tree
answers from its rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
TILE_LEVELS = 8  # a root of every 2^8, 2^16 … aligned leaves is kept, so a proof reads hundreds of hashes, not all
PROFILES: dict[str, Callable[[bytes], bytes]] = {"sha256": lambda data: hashlib.sha256(data).digest()}
PROFILE = "sha256"  # the profile of new logs; a log keeps the one it was begun with

Subtree = Callable[[int, int], bytes]
sha256 = hashlib.sha256


def leaf_hash(entry: bytes, profile: str = PROFILE) -> bytes:
    return PROFILES[profile](b"\x00" + entry)


def node_hash(left: bytes, right: bytes, profile: str = PROFILE) -> bytes:
    return PROFILES[profile](b"\x01" + left + right)


def empty_root(profile: str = PROFILE) -> bytes:
    return PROFILES[profile](b"")


class Frontier:
    """The tree so far: its size and the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = (), profile: str = PROFILE) -> None:
        self.size, self.hashes, self.hash = size, list(hashes), PROFILES[profile]
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees")

    @classmethod
    def unpacked(cls, size: int, packed: bytes, profile: str = PROFILE) -> Frontier:
        return cls(size, (packed[at:at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)), profile)

    def packed(self) -> bytes:
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf's hash; the tiles (level, position, hash) that it completes."""
        tiles: list[tuple[int, int, bytes]] = []
        position, level, node, hashes, hash_of = self.size, 0, leaf, self.hashes, self.hash
        while position & 1:
            node = hash_of(b"\x01" + hashes.pop() + node)
            position >>= 1
            level += 1
            if level % TILE_LEVELS == 0:
                tiles.append((level, position, node))
        hashes.append(node)
        self.size += 1
        return tiles

    def root(self) -> bytes:
        if not self.hashes:
            return self.hash(b"")
        node = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            node = self.hash(b"\x01" + left + node)
        return node


def root_of(leaves: Iterable[bytes], profile: str = PROFILE) -> bytes:
    """The root over these leaf hashes."""
    tree = Frontier(profile=profile)
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def split(width: int) -> int:
    """The largest power of two smaller than `width`.

    >>> [split(width) for width in (2, 3, 4, 5, 9)]
    [1, 2, 2, 4, 8]
    """
    return 1 << (width - 1).bit_length() - 1


def list_subtree(leaves: Sequence[bytes], profile: str = PROFILE) -> Subtree:
    """A subtree reader over leaf hashes in memory."""
    def subtree(start: int, end: int) -> bytes:
        return root_of(leaves[start:end], profile)

    return subtree


# -- proofs (RFC 9162, 2.1.3.1 and 2.1.4.1) ---------------------------------------------------------------------------
def inclusion_path(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the first `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among the first {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency_path(subtree: Subtree, old: int, size: int) -> list[bytes]:
    """The hashes that show the first `old` leaves to be a beginning of the first `size` leaves."""
    if not 0 < old <= size:
        raise ValueError(f"{old} leaves are no beginning of {size}")
    path: list[bytes] = []
    start, end, whole = 0, size, True  # whole: the old tree is a subtree whose root the reader already has
    while old != end:
        middle = start + split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


# -- checking them (2.1.3.2 and 2.1.4.2) -------------------------------------------------------------------------------
def inclusion_holds(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes,
                    profile: str = PROFILE) -> bool:
    if not 0 <= index < size:
        return False
    here, last, node = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            node = node_hash(step, node, profile)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = node_hash(node, step, profile)
        here, last = here >> 1, last >> 1
    return last == 0 and node == root


def consistency_holds(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes],
                      profile: str = PROFILE) -> bool:
    if old == size:
        return not path and old_root == root
    if not 0 < old < size or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node_hash(step, first, profile), node_hash(step, second, profile)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, step, profile)
        here, last = here >> 1, last >> 1
    return last == 0 and first == old_root and second == root
