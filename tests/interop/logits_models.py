"""Makes random models with transformers in a folder, as save_pretrained writes them, and prints prompts and logits."""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config

folder = Path(sys.argv[1])
COMMON = dict(num_hidden_layers=3, initializer_range=0.2, max_position_embeddings=128, rms_norm_eps=1e-5)
LLAMA3 = dict(
    rope_type="llama3",
    rope_theta=10000.0,
    factor=4.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=32,
)

# name → (config, dtype of the files, bytes of a shard)
MODELS = {
    "llama": (
        LlamaConfig(vocab_size=211, hidden_size=64, intermediate_size=100, num_attention_heads=8,
                    num_key_value_heads=2, head_dim=16, rope_parameters=LLAMA3, tie_word_embeddings=True, **COMMON),
        torch.float32, "1GB",
    ),
    "qwen2": (
        Qwen2Config(vocab_size=199, hidden_size=60, intermediate_size=72, num_attention_heads=3,
                    num_key_value_heads=1, tie_word_embeddings=False, **COMMON),
        torch.bfloat16, "1GB",
    ),
    "qwen3": (
        Qwen3Config(vocab_size=173, hidden_size=52, intermediate_size=90, num_attention_heads=4,
                    num_key_value_heads=4, head_dim=32, tie_word_embeddings=True, **COMMON),
        torch.float16, "60KB",
    ),
}

printed = {}
for seed, (name, (config, dtype, shard)) in enumerate(MODELS.items()):
    torch.manual_seed(100 + seed)
    model = AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "norm" in key or key.endswith("bias"):
                value.add_(0.2 * torch.randn_like(value))
    model.to(dtype).save_pretrained(folder / name, max_shard_size=shard)
    # Read back: the rotations' frequencies were rounded with the weights, but are no part of the files.
    model = AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float32).eval().double()
    prompts = [torch.randint(0, config.vocab_size, (n,)) for n in (5, 41)]
    with torch.no_grad():
        logits = [model(ids[None]).logits[0].flatten().tolist() for ids in prompts]
    printed[name] = {"prompts": [ids.tolist() for ids in prompts], "logits": logits}
json.dump(printed, sys.stdout)
