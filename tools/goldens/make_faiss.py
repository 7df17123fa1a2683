"""Makes tests/goldens/faiss/: small index files as faiss itself writes them (pip install faiss-cpu==1.15.1 numpy)."""

from pathlib import Path

import faiss
import numpy as np

FOLDER = Path(__file__).parents[2] / "tests" / "goldens" / "faiss"

# Multiples of 1/8, so that the values can be written down again in a test: row r, column c holds (5 r + 3 c) % 17 / 8 - 1.
ROWS = np.array([[(5 * r + 3 * c) % 17 / 8 - 1 for c in range(3)] for r in range(4)], dtype=np.float32)
IDS = np.array([7, 0, -3, 2**62], dtype=np.int64)


def write(name: str, index: faiss.Index, ids: np.ndarray | None) -> None:
    if ids is None:
        index.add(ROWS)
    else:
        index.add_with_ids(ROWS, ids)
    faiss.write_index(index, str(FOLDER / name))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("ip-map.index", faiss.IndexIDMap(faiss.IndexFlatIP(3)), IDS)
    write("l2-map.index", faiss.IndexIDMap(faiss.IndexFlatL2(3)), IDS)
    write("ip-map2.index", faiss.IndexIDMap2(faiss.IndexFlatIP(3)), IDS)
    write("ip.index", faiss.IndexFlatIP(3), None)
    write("l2.index", faiss.IndexFlatL2(3), None)
    write("flat.index", faiss.IndexFlat(3, faiss.METRIC_INNER_PRODUCT), None)
    write("hnsw.index", faiss.IndexHNSWFlat(3, 4), None)
    write("lp.index", faiss.IndexFlat(3, faiss.METRIC_L1), None)
    faiss.write_index(faiss.IndexIDMap(faiss.IndexFlatIP(3)), str(FOLDER / "empty-map.index"))
