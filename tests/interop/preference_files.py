"""`load FOLDER`: what `datasets` and pandas make of our files. `train FOLDER TOKENIZER`: TRL's trainers over them, two steps each
from a tiny random model. `agreement FILE`: kappa by scikit-learn and alpha by krippendorff, from the lines of feedback.jsonl alone."""

import csv
import json
import os
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1",
                  TOKENIZERS_PARALLELISM="false")

verb, path = sys.argv[1], Path(sys.argv[2])


def dataset(name):
    from datasets import load_dataset

    kind = {".jsonl": "json", ".csv": "csv", ".parquet": "parquet"}[Path(name).suffix]
    return load_dataset(kind, data_files=str(path / name), split="train", cache_dir=str(path / "cache"))


def load():
    printed = {}
    for file in sorted(path.glob("*.*")):
        rows = dataset(file.name)
        features = {name: str(feature) for name, feature in rows.features.items()}
        printed[file.name] = {"features": features, "rows": rows.to_list()}
    with open(path / "dataset_rlhf.csv", newline="", encoding="utf-8") as file:
        printed["csv module"] = {"features": {}, "rows": list(csv.DictReader(file))}
    return printed


def train():
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
    from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer
    from trl import SFTConfig, SFTTrainer

    tokenizer = AutoTokenizer.from_pretrained(sys.argv[3])
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=1024, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
        num_labels=1, initializer_range=0.3,
    )
    shared = dict(
        output_dir=str(path / "out"), per_device_train_batch_size=4, per_device_eval_batch_size=16, max_steps=2, report_to=[], use_cpu=True,
        disable_tqdm=True, save_strategy="no", logging_steps=1, learning_rate=1e-3, bf16=False, seed=7,
    )

    def fresh(kind):
        torch.manual_seed(11)
        return kind(config)

    def losses(trainer):
        trainer.train()
        return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]

    def accuracy(rows):
        """Of an untrained scorer that is the same each time: it depends on nothing but which answer is chosen."""
        scorer = fresh(LlamaForSequenceClassification)
        trainer = RewardTrainer(model=scorer, args=RewardConfig(**shared), train_dataset=rows, eval_dataset=rows,
                                processing_class=tokenizer)
        return trainer.evaluate()["eval_accuracy"]

    printed = {}
    for name in ("dataset_rlhf.jsonl", "dataset_rlhf_conversational.jsonl"):
        rows = dataset(name)
        reward = RewardTrainer(model=fresh(LlamaForSequenceClassification), args=RewardConfig(**shared), train_dataset=rows,
                               processing_class=tokenizer)
        printed[f"reward {name}"] = losses(reward)
        dpo = DPOTrainer(model=fresh(LlamaForCausalLM), ref_model=fresh(LlamaForCausalLM), args=DPOConfig(**shared),
                         train_dataset=rows, processing_class=tokenizer)
        printed[f"dpo {name}"] = losses(dpo)
    kto = KTOTrainer(model=fresh(LlamaForCausalLM), ref_model=fresh(LlamaForCausalLM), args=KTOConfig(**shared),
                     train_dataset=dataset("dataset_kto.jsonl"), processing_class=tokenizer)
    printed["kto dataset_kto.jsonl"] = losses(kto)
    sft = SFTTrainer(model=fresh(LlamaForCausalLM), args=SFTConfig(**shared), train_dataset=dataset("demonstrations.jsonl"),
                     processing_class=tokenizer)
    printed["sft demonstrations.jsonl"] = losses(sft)

    rows = dataset("dataset_rlhf.jsonl")
    swapped = rows.rename_columns({"chosen": "rejected", "rejected": "chosen"})
    return {"losses": printed, "accuracy": accuracy(rows), "swapped": accuracy(swapped)}


def agreement():
    import krippendorff
    import numpy
    from sklearn.metrics import cohen_kappa_score

    categories = ["first", "second", "tie", "bad"]
    last = defaultdict(dict)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in sorted(lines, key=lambda line: (line["timestamp"], line["id"])):
        if line["status"] != "judged":
            continue
        first, second = sorted(response.strip() for response in line["responses"])
        ranks = dict(zip((response.strip() for response in line["responses"]), line["ranks"]))
        said = line["verdict"] if line["verdict"] != "better" else "first" if ranks[first] < ranks[second] else "second"
        last[line["prompt"], first, second][line["annotator"]] = categories.index(said)

    people = sorted({annotator for said in last.values() for annotator in said})
    kappa = {}
    for a, b in combinations(people, 2):
        both = [(said[a], said[b]) for said in last.values() if a in said and b in said]
        kappa[f"{a}/{b}"] = cohen_kappa_score(*zip(*both), labels=range(4))
    table = numpy.array([[said.get(person, numpy.nan) for said in last.values()] for person in people])
    return {"kappa": kappa, "alpha": krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")}


saying, sys.stdout = sys.stdout, sys.stderr  # trainers talk
print(json.dumps({"load": load, "train": train, "agreement": agreement}[verb](), default=str), file=saying)  # times as text
