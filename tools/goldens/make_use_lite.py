"""Makes tests/goldens/use-lite/rows.json: what Python's onnxruntime computes with the shipped embedder.

python make_use_lite.py dist/models/use-lite        (pip install onnxruntime==1.32.0 tokenizers==0.23.3 numpy)
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

MODEL = Path(sys.argv[1])
FILE = Path(__file__).parents[2] / "tests" / "goldens" / "use-lite" / "rows.json"
TEXTS = [
    "How old is the bridge?",
    "The bridge was built in 1887.",
    "Recipe: lentil soup with lemon.",
    "Velmont Energy lost money because of a drought.",
    "The committee approved the budget after a long debate, although several members doubted the figures.",
]

# The Rust tokenizers refuse this tokenizer.json, because some scores are null: they count as 0.
stored = json.loads((MODEL / "tokenizer.json").read_text())["model"]
tokenizer = Tokenizer(models.Unigram([(token, float(score or 0)) for token, score in stored["vocab"]], stored["unk_id"]))
tokenizer.normalizer = normalizers.NFKC()
tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("\u2581", prepend_scheme="always")

# Without optimisations the graph is computed as it is written; with them some products are rounded to eight bits.
options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
session = ort.InferenceSession(MODEL / "onnx" / "model_quantized.onnx", options, providers=["CPUExecutionProvider"])


def row(ids: list[int]) -> list[float]:
    inputs = {"input_ids": np.array([ids], dtype=np.int64), "attention_mask": np.ones((1, len(ids)), dtype=np.int64)}
    (sentence,) = session.run(["sentence_embedding"], inputs)[0]
    return [round(float(value), 6) for value in sentence[:8]]


if __name__ == "__main__":
    encoded = [tokenizer.encode(text).ids for text in TEXTS]
    rows = [{"text": text, "tokens": len(ids), "row": row(ids)} for text, ids in zip(TEXTS, encoded)]
    FILE.write_text("[\n  " + ",\n  ".join(json.dumps(each) for each in rows) + "\n]\n")
