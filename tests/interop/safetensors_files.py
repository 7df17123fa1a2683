# safetensors beside our own reader and writer: `write FOLDER` makes files, `check FILE` loads ours; prints JSON.
import json
import sys
from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from safetensors import safe_open
from safetensors.torch import save_file

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}

# Rounding ties, the smallest and largest halves, both zeros; then noise over eleven decades.
EDGES = [0.0, -0.0, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 2**-24, 2**-25, 6e-8, 65504.0, -65519.0, 1 / 3]


def values() -> torch.Tensor:
    noise = torch.randn(500, generator=torch.Generator().manual_seed(7))
    scale = torch.logspace(-7, 4, 500)
    return torch.cat([torch.tensor(EDGES), noise * scale]).reshape(4, 128)


def write(folder: Path) -> dict:
    """One file with the three types, and one of 3 MB or so in shards; returns what each tensor holds, as f32."""
    plain = {name: values().to(dtype).contiguous() for name, dtype in DTYPES.items()}
    save_file(plain, folder / "plain.safetensors", metadata={"format": "pt", "made_by": "safetensors"})
    sharded = {f"layers.{i}.weight": (values() + i).to(dtype) for i in range(4) for dtype in [list(DTYPES.values())[i % 3]]}
    save_torch_state_dict(sharded, folder, max_shard_size=2048)
    return {name: tensor.float().flatten().tolist() for name, tensor in {**plain, **sharded}.items()}


def check(path: Path) -> dict:
    """Per tensor of our file: is it bit for bit torch's own conversion of the same values?"""
    with safe_open(path, framework="pt") as file:
        same = {}
        for name in file.keys():
            tensor, expected = file.get_tensor(name), values().to(DTYPES[name])
            bits = torch.int32 if name == "F32" else torch.int16
            same[name] = tensor.dtype == expected.dtype and torch.equal(tensor.view(bits), expected.view(bits))
        return {"metadata": file.metadata(), "same": same}


if __name__ == "__main__":
    verb, target = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(write(target) if verb == "write" else check(target)))
