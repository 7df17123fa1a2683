"""Makes tests/goldens/reward/: what transformers, peft and torch compute when a reward model on the tiny random Llama is trained.

LlamaForSequenceClassification with one label and an adapter of peft (task SEQ_CLS, the score in modules_to_save); the loss
is that of TRL's RewardTrainer with a margin and centring. Pairs of different lengths, each row ending with the end token,
which is not the padding token, so that it is the one that is pooled. Stored: scores, loss, the gradient of every matrix and
of the head, and losses, accuracies, margins and norms of 8 steps of AdamW with one norm clipped over all and the head at
three times the rate, and where they end. All in f64 on f32 weights. The model is that of make_models.py.
Run from the project's root, with torch, transformers, peft and safetensors:  python tools/goldens/make_reward.py
"""

import json
import math
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification

GOLDENS = Path("tests/goldens")
FOLDER = GOLDENS / "reward"
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA = dict(r=3, lora_alpha=6, use_rslora=False, target_modules=ALL)
EOS, PAD = 1, 2
LENGTHS = [(9, 12), (14, 6), (11, 11)]  # ids of chosen and rejected, the end token included
SHARED = 4  # ids of the prompt
MARGINS = [0.5, 0.0, 1.5]
CENTERING = 0.05
STEPS = 8
OPTIMIZER = dict(learningRate=0.004, headRate=3, warmup=0.25, schedule="linear", clip=1.0, weightDecay=0.01)


def rate(step: int) -> float:
    """As learningRate of src/engine/optim.ts, steps from 1."""
    rising = math.ceil(OPTIMIZER["warmup"] * STEPS)
    share = step / rising if step <= rising else 1 - (step - 1 - rising) / (STEPS - rising)
    return OPTIMIZER["learningRate"] * share


def scores_of(model, rows: list[list[int]]) -> torch.Tensor:
    time = max(map(len, rows))
    ids = torch.full((len(rows), time), PAD)
    attention = torch.zeros((len(rows), time), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        attention[i, : len(row)] = 1
    return model(input_ids=ids, attention_mask=attention).logits[:, 0]


def measure(model, pairs: list[dict]) -> tuple[torch.Tensor, torch.Tensor]:
    scores = scores_of(model, [p["chosen"] for p in pairs] + [p["rejected"] for p in pairs])
    c, r = scores.chunk(2)
    margins = torch.tensor([p["margin"] for p in pairs], dtype=torch.float64)
    loss = -torch.nn.functional.logsigmoid(c - r - margins).mean() + CENTERING * ((c + r) ** 2).mean()
    return loss, scores


def curve(model, pairs: list[dict]) -> dict:
    named = [(k, p) for k, p in model.named_parameters() if p.requires_grad]
    adapter, head = [p for k, p in named if "lora_" in k], [p for k, p in named if "score" in k]
    groups = [dict(params=adapter, factor=1), dict(params=head, factor=OPTIMIZER["headRate"])]
    optimizer = torch.optim.AdamW(groups, weight_decay=OPTIMIZER["weightDecay"])
    found = dict(losses=[], accuracies=[], margins=[], norms=[])
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        loss, scores = measure(model, pairs)
        loss.backward()
        c, r = scores.detach().chunk(2)
        found["losses"].append(loss.item())
        found["accuracies"].append((c > r).double().mean().item())
        found["margins"].append((c - r).mean().item())
        found["norms"].append(torch.nn.utils.clip_grad_norm_(adapter + head, OPTIMIZER["clip"]).item())
        for group in optimizer.param_groups:
            group["lr"] = rate(step) * group["factor"]
        optimizer.step()
    return found


def main() -> None:
    torch.manual_seed(0)
    base = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "llama", num_labels=1, dtype=torch.float32)
    base.config.pad_token_id = PAD
    rows = lambda prompt, n: prompt + torch.randint(3, base.config.vocab_size, (n - SHARED - 1,)).tolist() + [EOS]
    pairs = []
    for (chosen, rejected), margin in zip(LENGTHS, MARGINS):
        prompt = torch.randint(3, base.config.vocab_size, (SHARED,)).tolist()
        pairs.append(dict(chosen=rows(prompt, chosen), rejected=rows(prompt, rejected), margin=margin))
    config = LoraConfig(lora_dropout=0.0, bias="none", task_type="SEQ_CLS", modules_to_save=["score"], **LORA)
    model = get_peft_model(base, config).double().eval()
    trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
    short = lambda key: key.replace(".default", "").replace(".modules_to_save", "")
    with torch.no_grad():
        for key, value in trained.items():
            if "lora_B" in key:
                value.copy_(0.3 * torch.randn_like(value))  # peft starts it at zero: then A has no gradient
            if "score" in key:
                value.copy_(0.2 * torch.randn_like(value))
            value.copy_(value.float())  # what is stored
    tensors = {f"value {short(k)}": p.detach().float().clone() for k, p in trained.items()}
    loss, scores = measure(model, pairs)
    loss.backward()
    tensors |= {f"gradient {short(k)}": p.grad.float().clone() for k, p in trained.items()}
    found = dict(lora=LORA, centering=CENTERING, optimizer=OPTIMIZER, pairs=pairs)
    found |= dict(loss=loss.item(), scores=scores.tolist()) | curve(model, pairs)
    tensors |= {f"end {short(k)}": p.detach().float().clone() for k, p in trained.items()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file(tensors, FOLDER / "llama.safetensors")
    (FOLDER / "case.json").write_text(json.dumps(found) + "\n")
    clipped = sum(norm > OPTIMIZER["clip"] for norm in found["norms"])
    print(f"loss {found['losses'][0]:.4f} to {found['losses'][-1]:.4f}, {clipped} of {STEPS} steps clipped")
    print(sorted({short(k) for k in trained})[-3:], found["accuracies"])


if __name__ == "__main__":
    main()
