"""Questions about the demo documents, with the right section and two others as numbered excerpts. usage: python docqa.py CKPT.pt TOK_DIR DEMO_DATA_DIR"""
import json
import random
import re
import sys

import eval as E
import gen
import model
import tok as T


def sections(path):
    out = []
    for block in re.split(r"\n## ", open(path, encoding="utf8").read())[1:]:
        out.append(" ".join(block.split("\n", 1)[1].split()))
    return out


def chunks(text, n=2):
    """Chunks of n sentences."""
    s = re.split(r"(?<=[.!?]) (?=[A-ZÀ-Ý])", text)
    return [" ".join(s[i:i + n]) for i in range(0, len(s), n)]


def report(M, tk, data):
    r, rows = random.Random(3), [json.loads(l) for l in open(f"{data}/questions.jsonl", encoding="utf8")]
    P, kinds = [], []
    for q in rows:
        S = sections(f"{data}/documents/{q['document']}")
        best = [s for s in S if q["answer"] in s] if q["answerable"] else S[:1]
        short = [c for s in S for c in chunks(s)]
        near = [c for c in short if q["answer"] in c] if q["answerable"] else short[:1]
        for k, pool, first in ((1, S, best[0]), (3, S, best[0]), (3.5, short, near[0])):
            pick = [first] + [s for s in r.sample(pool, len(pool)) if s != first][:int(k) - 1]
            r.shuffle(pick)
            ctx = "\n\n".join(f"[{i + 1}] {s}" for i, s in enumerate(pick))
            while len(E.prompt_ids(tk, q["question"], ctx)) > 460:
                ctx = ctx[:-60]
            P.append(dict(q=q["question"], ctx=ctx))
            kinds.append((k, q))
    out = E.answers(M, tk, P)
    res, log = {}, []
    for (k, q), o in zip(kinds, out):
        ok = q["answer"].lower() in o.lower()
        d = res.setdefault(f"{ {1: '1 section', 3: '3 sections', 3.5: '3 two-sentence chunks'}[k]}, {q['lang'] if q['answerable'] else 'unanswerable'}", [0, 0])
        d[0] += ok
        d[1] += 1
        if k == 3.5:
            log.append(("OK " if ok else "BAD ") + q["question"] + " -> " + o)
    return {k: f"{a}/{b}" for k, (a, b) in sorted(res.items())}, log


if __name__ == "__main__":
    res, log = report(model.load(sys.argv[1]).eval(), T.load(sys.argv[2]), sys.argv[3])
    print(json.dumps(res), *log, sep="\n")
