"""`make BASE FOLDER`: a reward model as peft saves it, with its scores. `load BASE FOLDER`: what the README of the folder that
was written here gives, the same in a padded batch, with the end token as padding, and TRL's loss of the same pairs."""

import json
import re
import sys
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import RewardConfig, RewardTrainer

verb, base_path, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
PAD, EOS = 2, 1


def base(pad=PAD):
    return AutoModelForSequenceClassification.from_pretrained(
        base_path, num_labels=1, pad_token_id=pad, dtype=torch.float32
    )


def scores(model, rows, pad=PAD):
    longest = max(map(len, rows))
    ids = torch.tensor([row + [pad] * (longest - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
    with torch.no_grad():
        return model.eval()(input_ids=ids, attention_mask=mask).logits[:, 0].tolist()


def make():
    torch.manual_seed(3)
    settings = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"], task_type="SEQ_CLS")
    model = get_peft_model(base(), settings)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name or "score.modules_to_save" in name:
                parameter.normal_(0, 0.1)
    model.save_pretrained(folder / "theirs")
    rows = json.loads((folder / "rows.json").read_text())
    return {"scores": scores(model, rows)}


def load():
    ours = folder / "ours" / "models" / "reward_model"
    texts = json.loads((folder / "texts.json").read_text())
    pairs = json.loads((folder / "pairs.json").read_text())
    code = re.search(r"```python\n(.*?)```", (ours / "README.md").read_text(), re.S).group(1)
    scope = {}
    exec(code.replace("folder/of/the/base", base_path).replace("this/folder", str(ours)), scope)
    by_readme = [scope["score"](text["prompt"], text["completion"]) for text in texts]
    tokenizer = AutoTokenizer.from_pretrained(ours)
    rows = [row for pair in pairs["pairs"] for row in (pair["chosen"], pair["rejected"])]
    padded = scores(scope["model"], rows)
    with_end = scores(PeftModel.from_pretrained(base(EOS), ours), rows, EOS)
    trainer = RewardTrainer(
        model=scope["model"],
        args=RewardConfig(
            output_dir=str(folder / "trl"),
            center_rewards_coefficient=pairs["centering"],
            report_to="none",
            use_cpu=True,
            max_length=None,
        ),
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(
            [{"chosen_ids": p["chosen"], "rejected_ids": p["rejected"], "margin": p["margin"]} for p in pairs["pairs"]]
        ),
    )
    batch = trainer.data_collator(list(trainer.train_dataset))
    scope["model"].eval()
    loss = trainer.compute_loss(scope["model"], batch).item()
    policy = AutoModelForCausalLM.from_pretrained(base_path, dtype=torch.float32)
    policy = PeftModel.from_pretrained(policy, folder / "policy")
    return {
        "readme": by_readme,
        "padded": padded,
        "withEnd": with_end,
        "padId": tokenizer.pad_token_id,
        "loss": loss,
        "adapters": [policy.peft_config["default"].r, policy.peft_config["default"].task_type],
    }


json.dump({"make": make, "load": load}[verb](), sys.stdout)
