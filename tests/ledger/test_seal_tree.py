"""The tree against RFC 9162 and against a naive one: roots, proofs, and everything a proof must refuse."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.merkle import (
    Frontier,
    consistency_holds,
    consistency_path,
    empty_root,
    inclusion_holds,
    inclusion_path,
    leaf_hash,
    list_subtree,
    node_hash,
)

# The entries and roots published with Certificate Transparency's reference implementation.
ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
ROOTS = [bytes.fromhex(text) for text in (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 2.1.1, word for word, on leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def test_the_published_roots_come_out() -> None:
    tree = Frontier()
    assert tree.root() == empty_root() == hashlib.sha256(b"").digest()
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.append(leaf_hash(entry))
        assert tree.root() == root


def test_the_proofs_of_the_standards_seven_leaves_are_these() -> None:
    # RFC 9162 2.1.5: names of the nodes as drawn there
    a, b, c, d, e, f, j = d7 = some_leaves(7)
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741
    tree = list_subtree(d7)
    assert [inclusion_path(tree, index, 7) for index in (0, 3, 4, 6)] == [[b, h, l], [c, g, l], [f, j, k], [i, k]]
    assert [consistency_path(tree, old, 7) for old in (3, 4, 6)] == [[c, d, g, l], [l], [i, j, k]]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 600), st.data())
def test_frontier_and_proofs_agree_with_the_naive_tree(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    root, read = naive_root(leaves), list_subtree(leaves)
    tree, tiles = Frontier(), []
    for leaf in leaves:
        tiles += tree.append(leaf)
    assert tree.root() == root
    assert Frontier.unpacked(size, tree.packed()).root() == root
    assert tiles == [(8, position, naive_root(leaves[position * 256:(position + 1) * 256]))
                     for position in range(size // 256)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path = inclusion_path(read, index, size)
    assert inclusion_holds(leaves[index], index, size, path, root)
    steps = consistency_path(read, old, size)
    assert consistency_holds(old, naive_root(leaves[:old]), size, root, steps)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.data())
def test_a_wrong_proof_is_refused(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    root, read = naive_root(leaves), list_subtree(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(read, index, size)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    assert not inclusion_holds(leaves[other], index, size, path, root)
    assert not inclusion_holds(leaves[index], other, size, path, root)
    assert not inclusion_holds(leaves[index], index, size, path[:-1], root)
    assert not inclusion_holds(leaves[index], index, size, [*path, path[-1]], root)
    assert not inclusion_holds(leaves[index], size, size, path, root)
    old = data.draw(st.integers(1, size - 1))
    old_root, steps = naive_root(leaves[:old]), consistency_path(read, old, size)
    forged = naive_root([leaf_hash(b"forged"), *leaves[1:old]])
    assert not consistency_holds(old, forged, size, root, steps)
    assert not consistency_holds(old, old_root, size, forged, steps)
    assert not consistency_holds(old, old_root, size, root, steps[:-1])
    assert not consistency_holds(old, old_root, size, root, [*steps, steps[-1]])
    assert not consistency_holds(size, root, old, old_root, steps)


def test_every_small_tree_in_full() -> None:
    leaves = some_leaves(33)
    for size in range(1, 34):
        root, read = naive_root(leaves[:size]), list_subtree(leaves)
        for index in range(size):
            assert inclusion_holds(leaves[index], index, size, inclusion_path(read, index, size), root)
        for old in range(1, size + 1):
            assert consistency_holds(old, naive_root(leaves[:old]), size, root, consistency_path(read, old, size))
