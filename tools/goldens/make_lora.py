"""Makes tests/goldens/lora/: what peft and torch compute when adapters on the tiny random models are trained.

For each case: the adapter, two rows of different lengths with the mask of their completions, the loss, the gradient of every
matrix, and the losses of 20 steps of AdamW; for two models also the gradients of all base weights. All in f64 on f32
weights, so that the reference adds no error of its own. The models are those of make_models.py.
Run from the project's root, with torch, transformers, peft and safetensors:  python tools/goldens/make_lora.py
"""

import json
import math
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

GOLDENS = Path("tests/goldens")
FOLDER = GOLDENS / "lora"
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# Ranks that 4 does not divide are meant.
CASES = {
    "llama": dict(r=3, lora_alpha=6, use_rslora=False, target_modules=ALL),
    "qwen2": dict(r=5, lora_alpha=5, use_rslora=True, target_modules=["q_proj", "v_proj"]),
    "qwen3": dict(r=4, lora_alpha=8, use_rslora=False, target_modules=ALL),
}
FULL = ["llama", "qwen3"]  # biases and a head of its own; norms of q and k and a tied head
LENGTHS = [9, 17]
LEARNED = [[6, 7, 8], [4, 5, 6, 11, 12, 13, 14, 15, 16]]  # ids that carry loss: the second row has two completions
STEPS = 20
OPTIMIZER = dict(learningRate=0.01, warmup=0.2, schedule="linear", clip=1.0, weightDecay=0.01)


def rate(step: int) -> float:
    """As learningRate of src/engine/optim.ts, steps from 1."""
    rising = math.ceil(OPTIMIZER["warmup"] * STEPS)
    share = step / rising if step <= rising else 1 - (step - 1 - rising) / (STEPS - rising)
    return OPTIMIZER["learningRate"] * share


def load(name: str):
    return AutoModelForCausalLM.from_pretrained(GOLDENS / name, dtype=torch.float32).double().eval()


def batch(rows: list[dict]) -> dict:
    time = max(len(row["ids"]) for row in rows)
    ids = torch.full((len(rows), time), 2)
    labels = torch.full((len(rows), time), -100)
    attention = torch.zeros((len(rows), time), dtype=torch.long)
    for i, row in enumerate(rows):
        n = len(row["ids"])
        ids[i, :n] = torch.tensor(row["ids"])
        attention[i, :n] = 1
        for t in range(n):
            if row["mask"][t]:
                labels[i, t] = row["ids"][t]
    return dict(input_ids=ids, attention_mask=attention, labels=labels)


def gradients(model, rows: list[dict]) -> tuple[float, dict]:
    model.zero_grad(set_to_none=True)
    loss = model(**batch(rows)).loss
    loss.backward()
    return loss.item(), {k: p.grad for k, p in model.named_parameters() if p.grad is not None}


def curve(model, rows: list[dict]) -> tuple[list[float], list[float]]:
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, weight_decay=OPTIMIZER["weightDecay"])
    losses, norms = [], []
    for step in range(1, STEPS + 1):
        loss, _ = gradients(model, rows)
        losses.append(loss)
        norms.append(torch.nn.utils.clip_grad_norm_(trained, OPTIMIZER["clip"]).item())
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        optimizer.step()
    return losses, norms


def make(name: str, seed: int) -> dict:
    torch.manual_seed(seed)
    base = load(name)
    rows = [
        dict(
            ids=torch.randint(3, base.config.vocab_size, (n,)).tolist(),
            mask=[int(t in learned) for t in range(n)],
        )
        for n, learned in zip(LENGTHS, LEARNED)
    ]
    found = dict(name=name, lora=CASES[name], rows=rows)
    if name in FULL:
        found["fullLoss"], full = gradients(base, rows)
        save_file({k: v.float().contiguous() for k, v in full.items()}, FOLDER / f"{name}-full.safetensors")
    model = get_peft_model(base, LoraConfig(lora_dropout=0.0, bias="none", **CASES[name])).double().eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_B" in key:
                value.copy_(0.3 * torch.randn_like(value))  # peft starts it at zero: then A has no gradient
            if "lora_" in key:
                value.copy_(value.float())  # what is stored
    short = lambda key: key.replace(".default", "")
    tensors = {f"value {short(k)}": p.detach().float().clone() for k, p in model.named_parameters() if "lora_" in k}
    found["loss"], grads = gradients(model, rows)
    tensors |= {f"gradient {short(k)}": g.float().clone() for k, g in grads.items()}
    save_file(tensors, FOLDER / f"{name}.safetensors")
    found["losses"], found["norms"] = curve(model, rows)
    clipped = sum(norm > OPTIMIZER["clip"] for norm in found["norms"])
    print(f"{name}: loss {found['losses'][0]:.4f} to {found['losses'][-1]:.4f}, {clipped} of {STEPS} steps clipped")
    return found


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = [make(name, seed) for seed, name in enumerate(CASES)]
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = f'{{"optimizer": {json.dumps(OPTIMIZER)}, "cases": [\n{lines}\n]}}\n'
    (FOLDER / "cases.json").write_text(text)
