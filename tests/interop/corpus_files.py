# Opens a corpus of ours as a script would, with zipfile, json and faiss: `FILE QUERIES COUNT`; prints JSON.
import json
import sys
import zipfile

import faiss
import numpy as np


def read(path: str, queries: str, count: int) -> dict:
    with zipfile.ZipFile(path) as zip:
        bad = zip.testzip()
        metadata = json.loads(zip.read("data/metadata.json"))
        documents = [zip.read(f"data/documents/{document['file']}") for document in metadata["documents"]]
        index = faiss.deserialize_index(np.frombuffer(zip.read("data/index.faiss"), dtype=np.uint8))
        names = zip.namelist()
    chunks = {chunk["id"]: chunk for chunk in metadata["chunks"]}
    wanted = np.fromfile(queries, dtype=np.float32).reshape(-1, index.d)
    scores, ids = index.search(wanted, count)
    return {
        "bad": bad,
        "names": names,
        "kinds": [type(index).__name__, type(faiss.downcast_index(index.index)).__name__],
        "dim": index.d,
        "total": index.ntotal,
        "order": list(chunks) == list(range(len(chunks))),
        "sizes": [len(document) for document in documents],
        "misplaced": [i for i, chunk in chunks.items() if stands(chunk, metadata, documents) is False],
        "ids": ids.tolist(),
        "scores": scores.tolist(),
        "found": [[chunks[i]["text"] for i in row] for row in ids.tolist()],
    }


def stands(chunk: dict, metadata: dict, documents: list[bytes]) -> bool | None:
    """Is the text where metadata.json says? Its offsets count UTF-16 units. None where the text is no plain one."""
    document = metadata["documents"][chunk["document"]]
    if document["media_type"] not in ("text/plain", "text/markdown"):
        return None
    text = documents[chunk["document"]].decode("utf-8").encode("utf-16-le")
    return text[2 * chunk["start"] : 2 * chunk["end"]].decode("utf-16-le") == chunk["text"]


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
