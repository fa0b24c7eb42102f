import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.case.merkle import Frontier, Tree, consistent, included, leaf_hash

# The reference leaves and roots of the Certificate Transparency project (RFC 6962 trees of 1 to 8 leaves).
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def tree_of(count: int) -> tuple[list[bytes], Tree]:
    leaves = [leaf_hash(str(number).encode()) for number in range(count)]
    return leaves, Tree(leaves)


def test_roots_are_those_of_the_reference() -> None:
    frontier = Frontier()
    tree = Tree([leaf_hash(leaf) for leaf in LEAVES])
    for size, (leaf, root) in enumerate(zip(LEAVES, ROOTS, strict=True), 1):
        frontier.add(leaf_hash(leaf))
        assert frontier.root().hex() == root
        assert tree.root(size).hex() == root


@given(st.integers(1, 300), st.data())
def test_every_inclusion_proof_holds_and_only_for_its_leaf(size: int, data: st.DataObject) -> None:
    leaves, tree = tree_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion(index)
    assert included(leaves[index], index, size, proof, tree.root())
    assert not included(leaf_hash(b"other"), index, size, proof, tree.root())
    assert not included(leaves[index], index, size, (*proof, leaves[0]), tree.root())
    if size > 1:
        assert not included(leaves[index], (index + 1) % size, size, proof, tree.root())


@given(st.integers(1, 300), st.data())
def test_every_consistency_proof_holds_and_only_for_its_roots(new: int, data: st.DataObject) -> None:
    _, tree = tree_of(new)
    old = data.draw(st.integers(1, new))
    proof = tree.consistency(old)
    assert consistent(old, new, tree.root(old), tree.root(), proof)
    assert not consistent(old, new, leaf_hash(b"x"), tree.root(), proof)
    assert not consistent(old, new, tree.root(old), leaf_hash(b"x"), proof)


def test_proofs_outside_the_tree_are_refused() -> None:
    _, tree = tree_of(3)
    with pytest.raises(IndexError):
        tree.inclusion(3)
    with pytest.raises(IndexError):
        tree.consistency(0)
