"""Makes tests/goldens/corpus/: a corpus as a Python script would write it (pip install faiss-cpu==1.15.1 numpy).

With a folder as its argument it writes there instead. Prints the scores of a query, as JSON.
"""

import json
import sys
from pathlib import Path

import faiss
import numpy as np

FOLDER = Path(__file__).parents[2] / "tests" / "goldens" / "corpus"
DIM = 64
EMBEDDER = {"id": "of-a-script", "sha256": "ab" * 32, "dim": DIM, "library": "numpy"}

# Characters beyond U+FFFF come before other words, so that counting them otherwise shows.
TEXTS = {
    "notes.md": "# Notes 🙂🙂\n\nThe bridge opened in 1931. It carries two lanes.\n\n## Été 🙂\n\nIt was painted blue. 🙂 Then red.\n",
    "plain.txt": "A single sentence stands here. And another one follows it.\n",
}


def cut(text: str) -> list[tuple[int, int]]:
    """Sentences, by position in characters as Python counts them."""
    found, start = [], 0
    for at, character in enumerate(text):
        if character in ".\n":
            piece = text[start : at + 1]
            if len(piece.strip()) > 1 and not piece.lstrip().startswith("#"):
                found.append((start + len(piece) - len(piece.lstrip()), at + 1))
            start = at + 1
    return found


def make(folder: Path) -> dict:
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    documents, chunks = [], []
    for name, text in TEXTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8", newline="\n")
        for start, end in cut(text):
            chunk = {"id": 1000 + 7 * len(chunks), "document": len(documents), "start": start, "end": end}
            chunks.append({**chunk, "text": text[start:end], "made_by": "hand"})
        documents.append({"file": name})
    random = np.random.default_rng(3)
    rows = random.standard_normal((len(chunks), DIM), dtype=np.float32)  # of any length: cosine is what counts
    ids = np.array([chunk["id"] for chunk in chunks], dtype=np.int64)
    order = random.permutation(len(chunks))  # the index need not be in the order of the chunks
    index = faiss.IndexIDMap(faiss.IndexFlatIP(DIM))
    index.add_with_ids(rows[order], ids[order])
    faiss.write_index(index, str(folder / "index.faiss"))
    metadata = {"embedder": EMBEDDER, "documents": documents, "chunks": chunks}
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=1), encoding="utf-8")
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return {"texts": [chunk["text"] for chunk in chunks], "scores": (unit @ unit[0]).tolist()}


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)))
