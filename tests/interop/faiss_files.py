# faiss beside our own reader, writer and search: `write FOLDER` makes index files and says what they find, `search FILE
# QUERIES COUNT` searches ours; prints JSON. Queries are raw float32 rows.
import json
import sys
from pathlib import Path

import faiss
import numpy as np

DIM = 48


def found(index: faiss.Index, queries: np.ndarray, count: int) -> dict:
    scores, ids = index.search(queries, count)
    return {"scores": scores.tolist(), "ids": [[str(i) for i in row] for row in ids]}  # JSON has no 64-bit integers


def write(folder: Path) -> dict:
    """The same unit rows in every kind of file that we read."""
    random = np.random.default_rng(5)
    rows = random.standard_normal((300, DIM), dtype=np.float32)
    faiss.normalize_L2(rows)
    queries = random.standard_normal((20, DIM), dtype=np.float32)
    faiss.normalize_L2(queries)
    queries.tofile(folder / "queries.f32")
    ids = random.permutation(300).astype(np.int64) * 1_000_003 + 2**40
    indexes = {
        "ip": faiss.IndexFlatIP(DIM),
        "l2": faiss.IndexFlatL2(DIM),
        "ip-map": faiss.IndexIDMap(faiss.IndexFlatIP(DIM)),
        "l2-map": faiss.IndexIDMap(faiss.IndexFlatL2(DIM)),
        "ip-map2": faiss.IndexIDMap2(faiss.IndexFlatIP(DIM)),
        "factory": faiss.index_factory(DIM, "IDMap,Flat", faiss.METRIC_INNER_PRODUCT),
    }
    said = {}
    for name, index in indexes.items():
        if isinstance(index, faiss.IndexIDMap):
            index.add_with_ids(rows, ids)
        else:
            index.add(rows)
        faiss.write_index(index, str(folder / f"{name}.index"))
        said[name] = found(index, queries, 10)
    return said


def search(path: Path, queries: Path, count: int) -> dict:
    index = faiss.read_index(str(path))
    inner = faiss.downcast_index(index.index)
    kind = {"index": type(index).__name__, "inner": type(inner).__name__, "dim": index.d, "total": index.ntotal}
    return {**kind, **found(index, np.fromfile(queries, dtype=np.float32).reshape(-1, index.d), count)}


if __name__ == "__main__":
    verb, target, *rest = sys.argv[1:]
    print(json.dumps(write(Path(target)) if verb == "write" else search(Path(target), Path(rest[0]), int(rest[1]))))
