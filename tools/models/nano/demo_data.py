"""Write the demo project's data sets. usage: python demo_data.py OUT_DIR

train.jsonl / test.jsonl: prompt + completion for a relation that the base model has never seen (the "watch level" of a country or firm).
dataset_rlhf.jsonl: 400 preference rows; prompts.jsonl: 100 prompts for PPO. Rows are a pure function of the seeds below.
"""
import datetime
import json
import os
import sys

import gen

WATCH = {"en": dict(s=["{s} was moved to watch level {n}, colour {c}.", "Analysts keep {s} at watch level {n} with colour {c}.", "Since May, {s} is at watch level {n}, colour {c}.",
                       "The watch list puts {s} at level {n}, colour {c}."],
                    q=["What is the watch level of {s}?", "At which watch level is {s}?", "How is {s} rated on the watch list?"], a="Level {n}, {c}.",
                    c=["green", "yellow", "amber", "red", "black"]),
         "fr": dict(s=["{s} est passé au niveau de veille {n}, couleur {c}.", "Les analystes gardent {s} au niveau de veille {n}, couleur {c}.",
                       "La liste de veille place {s} au niveau {n}, couleur {c}."],
                    q=["Quel est le niveau de veille de {s} ?", "À quel niveau de veille est {s} ?", "Comment {s} est-il classé dans la liste de veille ?"], a="Niveau {n}, {c}.",
                    c=["vert", "jaune", "orange", "rouge", "noir"])}


def watch_example(g, lang=None):
    """A passage with watch levels for one or two subjects; the answer format 'Level n, colour.' is new to the base model."""
    r = g.r
    lang = lang or r.choice(["en", "fr"])
    w = WATCH[lang]
    subs = []
    while len(subs) < 2:
        s = g.subject(r.choice(["country", "firm"]), lang)[0]
        if not any(s in t or t in s for t in subs):
            subs.append(s)
    sents, ans = [], None
    for i, s in enumerate(subs[:r.choice([1, 2, 2])]):
        n, c = r.randint(1, 9), r.choice(w["c"])
        sents.append(gen.cap(gen.contract(r.choice(w["s"]).replace("{n}", str(n)).replace("{c}", c).replace("{s}", "\x01" + s), lang)))
        ans = ans or w["a"].format(n=n, c=c)
    for _ in range(r.randint(1, 3)):
        sents.append(gen.cap(gen.new_fact(g, lang).say()[0]))
    r.shuffle(sents)
    ctx = "\n".join(f"[{i + 1}] {s}" for i, s in enumerate(sents)) if r.random() < .5 else " ".join(sents)
    q = gen.cap(gen.contract(r.choice(w["q"]).replace("{s}", "\x01" + subs[0]), lang))
    return dict(q=q, ctx=ctx, a=ans, lang=lang)


def answerable(g, nfs=(2, 3, 4, 5)):
    while True:
        e = gen.example(g, g.r.choice(nfs), unans=0, numbered=True)
        if e["cited"] and e["rel"] not in ("compare",):
            return e


COMMENTS = {"short": ["Full sentence with its source.", "I want to see which excerpt it comes from.", "Phrase complète et source citée.", "Too short, no source."],
            "wrong": ["The other answer is not in the excerpts.", "Wrong value.", "La réponse ne correspond pas aux extraits.", "Grounded answer."],
            "refusal": ["The answer is in the excerpts.", "La réponse figure dans les extraits.", "It should have answered."],
            "uncited": ["Same fact, but with the source.", "Il manque la source.", "The citation makes it easy to check."],
            "short_right": ["Short but correct; the long one is wrong.", "Mieux vaut court et juste.", "Correctness first."]}


def preference(g):
    """One row: a full cited grounded sentence is preferred; correctness beats style."""
    r = g.r
    while True:
        e = answerable(g)
        kind = r.choices(["short", "wrong", "refusal", "uncited", "short_right"], [.38, .26, .1, .14, .12])[0]
        chosen, rejected = e["cited"], e["short"]
        other = next((w for w in [gen.Fact(g, gen.RELATIONS[e["rel"]], e["lang"]).v] if w != e["gold"]), None) if e["rel"] in gen.RELATIONS else None
        if kind in ("wrong", "short_right"):
            if not other:
                continue
            wrong = e["cited"].replace(gen.cap(e["gold"]) if e["cited"].startswith(gen.cap(e["gold"])) else e["gold"], other)
            if wrong == e["cited"]:
                continue
            chosen, rejected = (e["cited"], wrong) if kind == "wrong" else (e["short"], wrong)
        elif kind == "refusal":
            rejected = gen.NO_ANSWER[e["lang"]]
        elif kind == "uncited":
            rejected = e["full"]
        return dict(prompt=gen.prompt_text(e), chosen=chosen, rejected=gen.cap(rejected), annotator_comment=r.choice(COMMENTS[kind])), kind


def write(path, rows):
    with open(path, "w", encoding="utf8") as f:
        f.writelines(json.dumps(x, ensure_ascii=False) + "\n" for x in rows)


if __name__ == "__main__":
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    row = lambda e: dict(prompt=gen.prompt_text(e), completion=e["a"])
    for name, n, seed, split in (("train", 200, 301, "train"), ("test", 60, 302, "test")):
        g = gen.Gen(seed, split)
        write(f"{out}/{name}.jsonl", [row(watch_example(g)) for _ in range(n)])
    g, t = gen.Gen(303, "train"), datetime.datetime(2026, 3, 2, 9, 0)
    rows = []
    for _ in range(400):
        t += datetime.timedelta(seconds=g.r.randint(20, 240))
        rows.append(dict(preference(g)[0], timestamp=t.isoformat()))
    write(f"{out}/dataset_rlhf.jsonl", rows)
    g = gen.Gen(304, "test")
    write(f"{out}/prompts.jsonl", [dict(prompt=gen.prompt_text(answerable(g))) for _ in range(100)])
    print({f: sum(1 for _ in open(f"{out}/{f}", encoding="utf8")) for f in sorted(os.listdir(out)) if f.endswith(".jsonl")})
