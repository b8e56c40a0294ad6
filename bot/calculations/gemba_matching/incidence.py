"""Who has what, as sparse matrices, so that thousands are compared with thousands at once."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

ROWS = 256  # multiplied at once: what a product needs beside its result stays small


def incidence(rows: Sequence[Iterable[Hashable]], columns: Mapping[Any, int]) -> Any:
    """1 where a row has what a column stands for; what no column stands for is left out."""
    found = [[columns[one] for one in dict.fromkeys(row) if one in columns] for row in rows]
    lengths = np.cumsum([0, *map(len, found)])
    indices = np.array([column for row in found for column in row], dtype=np.int32)
    return csr_array((np.ones(len(indices), dtype=np.int32), indices, lengths), shape=(len(rows), len(columns)))


def product(ours: Any, theirs: Any, most: int = 1) -> NDArray[np.int8]:
    """How much each of ours has in common with each of theirs; at most `most` is counted."""
    counted = np.zeros((ours.shape[0], theirs.shape[0]), dtype=np.int8)
    turned = theirs.T.tocsr()
    for row in range(0, ours.shape[0], ROWS):
        counted[row : row + ROWS] = np.minimum((ours[row : row + ROWS] @ turned).toarray(), most)
    return counted


def in_common(ours: Sequence[Iterable[Hashable]], theirs: Sequence[Iterable[Hashable]]) -> NDArray[np.bool_]:
    """Whether each of ours has something in common with each of theirs."""
    both = {one for row in ours for one in row} & {one for row in theirs for one in row}
    columns = {one: number for number, one in enumerate(both)}
    return product(incidence(ours, columns), incidence(theirs, columns)).astype(np.bool_)
