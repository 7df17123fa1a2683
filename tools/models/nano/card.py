"""Write the model card from measured numbers. usage: python card.py MODEL_DIR EVAL.json EXTRA.json (EXTRA: {"training": [...], "downstream": [...], "docqa": {...}, "params": n})"""
import json
import sys

out, ev, ex = sys.argv[1], json.load(open(sys.argv[2])), json.load(open(sys.argv[3]))
rows = [(k, v) for k, v in ev.items() if isinstance(v, dict) and "em" in v]
table = "\n".join(f"| {k} | {v['em']:.2f} (n={v['n']}) | {v['en']['em']:.2f} / {v['fr']['em']:.2f} | {v['unanswerable']:.2f} (n={v['n_un']}) | {v['false_refusal']:.2f} |" for k, v in rows)
docqa = "\n".join("| " + " | ".join([k, *(ex["docqa"][f"{k}, {l}"].replace("/", " of ") for l in ("en", "fr", "unanswerable"))]) + " |"
                  for k in ("1 section", "3 sections", "3 two-sentence chunks"))
bullets = lambda xs: "\n".join("- " + x for x in xs)
card = f"""---
license: apache-2.0
language: [en, fr]
library_name: transformers
pipeline_tag: text-generation
---
# nano v2 (demo model)

**Demo model: small, and often wrong. Check every answer against its passages.**

A {ex['params'] / 1e6:.2f} M parameter Llama-architecture language model (hidden 128, 5 layers, 4 heads / 2 key-value heads, SwiGLU 384, tied
embeddings, context 512) trained from scratch to answer questions from the passages in its prompt, in English and French. It is made for
teaching and for in-browser fine-tuning (LoRA, reward model, PPO), not for general use. It knows nothing by itself: without passages, or
with passages that do not hold the answer, what it says is invented unless it says that the report does not say.

## Format
`<|bos|><|user|>QUESTION\\n\\nContext:\\nPASSAGES<|assistant|>ANSWER<|eos|>` (the chat template does this for a user message holding the question and
the passages). Passages are plain sentences or numbered excerpts (`[1] ...`). Answers are a short span ("Anna Roux."), a full sentence
("Velmont is led by Anna Roux."), or a full sentence with its source ("... [2]."), mixed on purpose so that preference training has something to move.
When the passages do not hold the answer: "The report does not say." / "Le rapport ne le dit pas."

## Data
Only text produced by the project's own seeded generator: 63 relations in 11 domains plus generic attributes, events (who / what / where / when) and
comparisons; at least 6 statement forms and 8 trained question wordings per relation and language; invented and real-looking names; filler sentences,
distractors of the same relation, 14-27 % unanswerable questions. The tokenizer (byte-level BPE, 3,072 entries, single digits) also saw
300,000 characters of the Python documentation topics (PSF licence). No other text was used for the weights.

## Training
{bullets(ex['training'])}

## Evaluation
Invented names, most family names, cities and most numbers of the test split never occur in training (split by hash); short closed lists (first names,
months, connectives, scores, nouns in the copy tasks) are shared. One run, one seed per set: with n near 110 expect +-.09. EM: the output equals one of the accepted answers. Greedy decoding.

| set | EM | EM en / fr | unanswerable refused | answerable but refused |
|---|---|---|---|---|
{table}

- Hand-written passages in ordinary prose: {ev['hand-written']} contain the answer (13 of them as a well-formed sentence); of the 5 unanswerable ones 1 was refused.
- Demo documents (`datasets/documents/`, 56 questions), answer contained in the output:

| passages in the prompt | English | French | unanswerable refused |
|---|---|---|---|
{docqa}

## Downstream effects measured
{bullets(ex['downstream'])}

## Limits
- Give it short chunks (one to three sentences each) and few of them: with three sections of 80 words each most answers are wrong (see the demo documents above).
- French is weaker than English on ordinary prose and unseen wordings. Words far from the generator's vocabulary are sometimes misspelt or looped; prefer completions made of tokens that
  occur in the training text: a LoRA answer format with round brackets stayed at EM 0.00 on an intermediate checkpoint, the same format with a comma reached 0.90 on this one
  (checkpoint and format changed together).
- PPO against a reward model trained on 320 pairs over-optimises: at KL .05 the correct share fell from .57 to .28 by step 20. Stop near step 10 or raise the KL penalty.
- It answers best when a sentence of the passage and the question are close to the generator's forms; ordinary prose works less often (see above).
- It can answer with a value that belongs to another subject or relation, refuse although the answer is present, or invent a citation number. Check answers.
- Numbers are copied, not computed; comparisons are unreliable.

Licence: Apache-2.0.
"""
open(f"{out}/README.md", "w", encoding="utf8").write(card)
