"""`make FOLDER`: random bases and adapters as peft saves them, with their logits. `load FOLDER`: the logits of adapters
that were written here into FOLDER/ours/<base>/<adapter>, through peft, merged by it, and of our own merged export."""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen3Config

verb, folder = sys.argv[1], Path(sys.argv[2])
COMMON = dict(num_hidden_layers=2, initializer_range=0.2, max_position_embeddings=128, rms_norm_eps=1e-5)
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

BASES = {
    "llama": LlamaConfig(vocab_size=211, hidden_size=64, intermediate_size=100, num_attention_heads=8,
                         num_key_value_heads=2, head_dim=16, tie_word_embeddings=True, **COMMON),
    "qwen3": Qwen3Config(vocab_size=173, hidden_size=52, intermediate_size=90, num_attention_heads=4,
                         num_key_value_heads=4, head_dim=32, tie_word_embeddings=False, **COMMON),
}
# name → (settings, dtype of the file)
ADAPTERS = {
    "default": (dict(r=4, lora_alpha=8), torch.float32),
    "rank-stabilised": (dict(r=5, lora_alpha=7, use_rslora=True, target_modules=ALL), torch.float32),
    "all-linear": (dict(r=3, lora_alpha=6, target_modules="all-linear"), torch.bfloat16),
    "subset": (dict(r=2, lora_alpha=10, lora_dropout=0.1, target_modules=["down_proj", "k_proj", "o_proj"]), torch.float32),
}


def base(name, path=None):
    return AutoModelForCausalLM.from_pretrained(path or folder / name, dtype=torch.float32).eval().double()


def logits(model, prompt):
    with torch.no_grad():
        return model.double()(torch.tensor([prompt])).logits[0].flatten().tolist()


def make():
    printed = {}
    for seed, (name, config) in enumerate(BASES.items()):
        torch.manual_seed(200 + seed)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder / name)
        prompt = torch.randint(0, config.vocab_size, (23,)).tolist()
        theirs = {}
        for adapter, (settings, dtype) in ADAPTERS.items():
            model = get_peft_model(base(name).float(), LoraConfig(task_type="CAUSAL_LM", **settings)).eval()
            with torch.no_grad():
                for key, value in model.named_parameters():
                    if "lora_" in key:
                        value.copy_((0.3 * torch.randn_like(value)).to(dtype))
            wide = logits(model, prompt)
            for key, value in model.named_parameters():
                if "lora_" in key:
                    value.data = value.data.to(dtype)
            model.save_pretrained(folder / "theirs" / name / adapter)
            theirs[adapter] = wide
        printed[name] = {"prompt": prompt, "alone": logits(base(name), prompt), "theirs": theirs}
    return printed


def load():
    printed = {}
    for path in sorted((folder / "ours").glob("*/*")):
        name, adapter = path.parent.name, path.name
        prompt = json.loads((folder / "prompts.json").read_text())[name]
        model = PeftModel.from_pretrained(base(name), path)
        loaded = logits(model.eval(), prompt)
        merged = logits(model.merge_and_unload(), prompt)
        ours = logits(base(name, folder / "merged" / name / adapter), prompt)
        printed[f"{name}/{adapter}"] = {"loaded": loaded, "merged": merged, "ourMerged": ours}
    return printed


json.dump({"make": make, "load": load}[verb](), sys.stdout)
