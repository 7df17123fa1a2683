"""Makes tests/goldens/ppo/: what torch and peft compute for one PPO update over fixed rollouts on the tiny random Llama.

rollouts.json: `lora` of policy and value, `rows` (prompt and completion ids, of unlike lengths, ended early by the end token
or cut; raw score; old log-probs and values of each drawn token, so that some ratios and values lie beyond the clip),
`optimizer`, and `cases`: a configuration and what follows from it, by row of drawn tokens (reference log-probs, kl, rewards,
whitened rewards, advantages before and after whitening, returns; what the current policy and value say) and in all (losses,
means over tokens, KL and score of an answer, norm before the clip).
ppo.safetensors, f32: "policy|value <peft's name>", "head" [1, D], with " m" and " v" behind it AdamW's state, and behind it
" gradient N" (before the clip) and " new N" for case N. Ratio, clip, whitening and where the score stands are those named in
src/engine/training/advantages.ts and src/engine/ops/{policyLoss,valueLoss}.ts. All in f64 on f32 weights; the rows are a
padded batch here. The model is that of make_models.py; the KL is held against the base.
Run from the project's root, with torch, transformers, peft and safetensors:  python tools/goldens/make_ppo.py
"""

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

BASE = Path("tests/goldens/llama")
FOLDER = Path("tests/goldens/ppo")
PAD, EOS, VOCAB = 2, 1, 97
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA = {
    "policy": dict(r=2, lora_alpha=4, use_rslora=False, target_modules=ALL),
    "value": dict(r=3, lora_alpha=3, use_rslora=False, target_modules=["q_proj", "v_proj"]),
}
# (prompt, completion, ended by itself, raw score): one answer is cut at 6 tokens, one is the end token alone
ROWS = [(5, 6, False, 0.4), (7, 3, True, -1.3), (4, 1, True, 3.1), (9, 5, True, 0.9)]
OPTIMIZER = dict(step=4, learningRate=0.003, clip=0.5, weightDecay=0.01)
COMMON = dict(clipRange=0.2, valueClip=0.2, missingEosPenalty=1.0, rewardClip=2.0)
CASES = [
    dict(
        klEstimator="k1", whitenRewards=False, temperature=1.0, klCoef=0.1, gamma=1.0, **{"lambda": 0.95},
        valueCoef=0.1, entropyCoef=0.0, **COMMON,
    ),
    dict(
        klEstimator="k3", whitenRewards=True, temperature=0.7, klCoef=0.2, gamma=0.9, **{"lambda": 0.8},
        valueCoef=0.5, entropyCoef=0.02, **COMMON,
    ),
]


def whiten(x: torch.Tensor, mask: torch.Tensor, shift_mean: bool = True) -> torch.Tensor:
    kept = x[mask]
    white = (x - kept.mean()) * torch.rsqrt(kept.var(unbiased=True) + 1e-8)
    return torch.where(mask, white if shift_mean else white + kept.mean(), 0.0)


class Batch:
    """Right-padded; at [i, t] of the completions: the logits and hidden state before the token drawn there."""

    def __init__(self, rows: list[dict]):
        width = max(len(row["prompt"]) + len(row["completion"]) for row in rows)
        time = max(len(row["completion"]) for row in rows)
        self.ids = torch.full((len(rows), width), PAD)
        self.attention = torch.zeros((len(rows), width), dtype=torch.long)
        self.drawn = torch.full((len(rows), time), PAD)
        self.places = torch.zeros((len(rows), time), dtype=torch.long)
        self.mask = torch.zeros((len(rows), time), dtype=torch.bool)
        for i, row in enumerate(rows):
            start, n = len(row["prompt"]), len(row["completion"])
            self.ids[i, : start + n] = torch.tensor(row["prompt"] + row["completion"])
            self.attention[i, : start + n] = 1
            self.drawn[i, :n] = torch.tensor(row["completion"])
            self.places[i, :n] = torch.arange(start - 1, start + n - 1)
            self.mask[i, :n] = True

    def hidden(self, model) -> torch.Tensor:
        out = model.base_model.model.model(input_ids=self.ids, attention_mask=self.attention).last_hidden_state
        return out.gather(1, self.places[..., None].expand(-1, -1, out.shape[-1]))

    def logprobs(self, model, temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
        logits = model.base_model.model.lm_head(self.hidden(model)) / temperature
        every = torch.log_softmax(logits, -1)
        return every.gather(2, self.drawn[..., None])[..., 0], -(every.exp() * every).sum(-1)

    def padded(self, values: list[list[float]]) -> torch.Tensor:
        out = torch.zeros(self.mask.shape, dtype=torch.float64)
        for i, row in enumerate(values):
            out[i, : len(row)] = torch.tensor(row, dtype=torch.float64)
        return out

    def lists(self, values: torch.Tensor) -> list[list[float]]:
        return [row[keep].tolist() for row, keep in zip(values.detach(), self.mask)]


def adapted(role: str):
    base = AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(lora_dropout=0.0, bias="none", **LORA[role])).double().eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_B" in key:
                value.copy_(0.15 * torch.randn_like(value))  # peft starts it at zero: then A has no gradient
            if "lora_" in key:
                value.copy_(value.float())  # what is stored
    return model


def gae(rewards, values, mask, gamma: float, lam: float):
    advantages = torch.zeros_like(rewards)
    for i in range(rewards.shape[0]):
        following, later = 0.0, 0.0
        for t in reversed(range(int(mask[i].sum()))):
            later = rewards[i, t] + gamma * following - values[i, t] + gamma * lam * later
            following = values[i, t]
            advantages[i, t] = later
    return advantages, torch.where(mask, advantages + values, 0.0)


def parameters(policy, value, head) -> dict[str, torch.Tensor]:
    named = {}
    for role, model in (("policy", policy), ("value", value)):
        for key, p in model.named_parameters():
            if "lora_" in key:
                named[f"{role} {key.replace('.default', '')}"] = p
    return named | {"head": head}


def away(x: torch.Tensor, *borders: float) -> None:
    """At a border, rounding would decide which branch counts."""
    for border in borders:
        assert (x - border).abs().min() > 0.01, (border, x)


def update(c: dict, rows: list[dict], batch: Batch, policy, value, head) -> tuple[dict, torch.Tensor]:
    mask = batch.mask
    count = mask.sum()
    mean = lambda x: torch.where(mask, x, 0.0).sum() / count
    old = batch.padded([row["logprobs"] for row in rows])
    old_values = batch.padded([row["values"] for row in rows])
    with torch.no_grad(), policy.disable_adapter():
        reference, _ = batch.logprobs(policy, c["temperature"])
    towards = reference - old
    k1, k3 = -towards, towards.exp() - 1 - towards
    kl = k1 if c["klEstimator"] == "k1" else k3
    limit = c["rewardClip"]
    scores = [
        max(-limit, min(limit, row["score"] - (0.0 if row["ended"] else c["missingEosPenalty"]))) for row in rows
    ]
    rewards = torch.where(mask, -c["klCoef"] * kl, 0.0)
    for i, score in enumerate(scores):
        rewards[i, int(mask[i].sum()) - 1] += score
    paid = whiten(rewards, mask, shift_mean=False) if c["whitenRewards"] else rewards
    raw, returns = gae(paid, old_values, mask, c["gamma"], c["lambda"])
    advantages = whiten(raw, mask)

    now, entropy = batch.logprobs(policy, c["temperature"])
    moved = now - old
    ratio = moved.clamp(-20, 20).exp()
    cut = c["clipRange"]
    free, held = -advantages * ratio, -advantages * ratio.clamp(1 - cut, 1 + cut)
    away(ratio[mask], 1 - cut, 1 + cut)
    policy_loss = mean(torch.maximum(free, held)) - c["entropyCoef"] * mean(entropy)
    values = (batch.hidden(value) @ head.T)[..., 0]
    value_cut = old_values + (values - old_values).clamp(-c["valueClip"], c["valueClip"])
    away((values - old_values)[mask], c["valueClip"], -c["valueClip"])
    missed, missed_cut = (values - returns) ** 2, (value_cut - returns) ** 2
    value_loss = c["valueCoef"] * 0.5 * mean(torch.maximum(missed, missed_cut))
    each = dict(
        reference=reference, kl=kl, rewards=rewards, paid=paid, rawAdvantages=raw, advantages=advantages,
        returns=returns, logprobs=now, entropy=entropy, values=values,
    )
    whole = dict(
        scores=scores,
        klOfAnswer=torch.where(mask, k1, 0.0).sum(1).mean().item(),
        policyLoss=policy_loss.item(),
        valueLoss=value_loss.item(),
        meanEntropy=mean(entropy).item(),
        clipped=mean((held > free).double()).item(),
        ratio=mean(ratio).item(),
        approxKl=mean(moved**2 / 2).item(),
        drift=mean(moved.abs()).item(),
        valueClipped=mean((missed_cut > missed).double()).item(),
    )
    assert 0 < whole["clipped"] < 1 and 0 < whole["valueClipped"] < 1, whole
    return {**{k: batch.lists(v) for k, v in each.items()}, **whole}, policy_loss + value_loss


def make() -> tuple[dict, dict]:
    torch.manual_seed(7)
    policy, value = adapted("policy"), adapted("value")
    head = torch.nn.Parameter((0.2 * torch.randn(1, policy.config.hidden_size)).float().double())
    rows = []
    for prompt, drawn, ended, score in ROWS:
        ids = torch.randint(3, VOCAB, (prompt + drawn,)).tolist()
        if ended:
            ids[-1] = EOS
        rows.append(dict(prompt=ids[:prompt], completion=ids[prompt:], ended=ended, score=score))
    batch = Batch(rows)
    # About what a policy a few updates ago said, on both sides of the clips.
    sizes = torch.tensor([0.05, 0.3, 0.4])
    apart = lambda: sizes[torch.randint(3, batch.mask.shape)] * torch.randn(batch.mask.shape).sign()
    with torch.no_grad():
        old = (batch.logprobs(policy, 1.0)[0] + apart()).clamp(max=-0.01)
        old_values = (batch.hidden(value) @ head.T)[..., 0] + apart()
    for row, a, b in zip(rows, batch.lists(old.float()), batch.lists(old_values.float())):
        row["logprobs"], row["values"] = a, b

    named = parameters(policy, value, head)
    start = {k: p.detach().clone() for k, p in named.items()}
    m = {k: (0.02 * torch.randn_like(p)).float().double() for k, p in start.items()}
    v = {k: (1e-4 + 1e-3 * torch.rand_like(p)).float().double() for k, p in start.items()}
    tensors = {k: p.clone() for k, p in start.items()}
    tensors |= {f"{k} m": t.clone() for k, t in m.items()} | {f"{k} v": t.clone() for k, t in v.items()}
    cases = []
    for number, config in enumerate(CASES):
        for k, p in named.items():
            p.data.copy_(start[k])
            p.grad = None
        found, loss = update(config, rows, batch, policy, value, head)
        loss.backward()
        tensors |= {f"{k} gradient {number}": p.grad.clone() for k, p in named.items()}
        optimizer = torch.optim.AdamW(named.values(), lr=OPTIMIZER["learningRate"], weight_decay=OPTIMIZER["weightDecay"])
        for k, p in named.items():
            step = torch.tensor(float(OPTIMIZER["step"] - 1))
            optimizer.state[p] = dict(step=step, exp_avg=m[k].clone(), exp_avg_sq=v[k].clone())
        norm = torch.nn.utils.clip_grad_norm_(named.values(), OPTIMIZER["clip"]).item()
        assert norm > OPTIMIZER["clip"], norm
        optimizer.step()
        tensors |= {f"{k} new {number}": p.detach().clone() for k, p in named.items()}
        cases.append(dict(config=config, **found, norm=norm))
        print({k: x for k, x in cases[-1].items() if not isinstance(x, (list, dict))})
    stored = {k: t.float().contiguous() for k, t in tensors.items()}
    return dict(lora=LORA, optimizer=OPTIMIZER, rows=rows, cases=cases), stored


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    golden, stored = make()
    (FOLDER / "rollouts.json").write_text(json.dumps(golden, indent=1) + "\n")
    save_file(stored, FOLDER / "ppo.safetensors")
