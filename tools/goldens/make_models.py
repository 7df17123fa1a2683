"""Makes tests/goldens/{llama,qwen2,qwen3}/: tiny random models of transformers, their prompts and their logits.

Sizes are odd on purpose; initializer_range 0.3, random norms and biases and a large epsilon make every part of a model
matter, so that leaving one out is seen. Run from the project's root:  python tools/goldens/make_models.py
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

COMMON = dict(
    num_hidden_layers=2,
    initializer_range=0.3,
    rms_norm_eps=0.01,
    max_position_embeddings=64,
    bos_token_id=0,
    eos_token_id=1,
    pad_token_id=2,
)

MODELS = {
    # 4 query heads over 2 key-value heads, rotations scaled as in Llama 3, all biases, a head of its own
    "llama": lambda: LlamaForCausalLM(
        LlamaConfig(
            vocab_size=97,
            hidden_size=28,
            intermediate_size=44,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=32,
            attention_bias=True,
            mlp_bias=True,
            tie_word_embeddings=False,
            rope_parameters=dict(
                rope_type="llama3",
                rope_theta=500.0,
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=16,
            ),
            **COMMON,
        )
    ),
    # 6 query heads over 2, biases of q, k and v
    "qwen2": lambda: Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=89,
            hidden_size=48,
            intermediate_size=43,
            num_attention_heads=6,
            num_key_value_heads=2,
            tie_word_embeddings=True,
            rope_parameters=dict(rope_type="default", rope_theta=1000.0),
            **COMMON,
        )
    ),
    # 6 query heads over 3, norms of q and k
    "qwen3": lambda: Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=83,
            hidden_size=40,
            intermediate_size=36,
            num_attention_heads=6,
            num_key_value_heads=3,
            head_dim=16,
            tie_word_embeddings=True,
            rope_parameters=dict(rope_type="default", rope_theta=1000.0),
            **COMMON,
        )
    ),
}
LENGTHS = [1, 7, 23]


def make(name: str, seed: int, folder: Path) -> None:
    torch.manual_seed(seed)
    model = MODELS[name]().float().eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "norm" in key:
                value.copy_(1 + 0.3 * torch.randn_like(value))
            elif key.endswith("bias"):
                value.copy_(0.3 * torch.randn_like(value))
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.contiguous() for k, v in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(model.config.to_json_string(use_diff=False) + "\n")
    prompts = [torch.randint(3, model.config.vocab_size, (n,)) for n in LENGTHS]
    with torch.no_grad():
        # In f64: the reference must not add an error of its own.
        logits = {f"row{i}": model.double()(ids[None]).logits[0].float() for i, ids in enumerate(prompts)}
    save_file(logits, folder / "logits.safetensors")
    (folder / "prompts.json").write_text(json.dumps([ids.tolist() for ids in prompts]) + "\n")
    print(name, sum(w.numel() for w in weights.values()), "weights")


if __name__ == "__main__":
    for seed, name in enumerate(MODELS):
        make(name, seed, Path("tests/goldens") / name)
