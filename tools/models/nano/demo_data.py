"""Write the demo project's data sets. usage: python demo_data.py OUT_DIR

train.jsonl / test.jsonl: prompt + completion for a relation that the base model has never seen (the "watch level" of a country or firm).
dataset_rlhf.jsonl: 1000 preference rows in which length tells nothing; prompts.jsonl: 240 prompts for PPO with what a right answer
contains. Rows are a pure function of the seeds below.
"""
import collections
import datetime
import json
import os
import sys

import gen
import lexicon as X
import proofread

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
            "short_right": ["Short but correct; the long one is wrong.", "Mieux vaut court et juste.", "Correctness first."],
            "source": ["The other source says nothing of it.", "Wrong excerpt cited.", "L'extrait cité n'est pas le bon."],
            "sources": ["One source is enough; the other has nothing to do with it.", "Une seule source suffit."],
            "padded": ["It answers and stops.", "The rest was not asked.", "La suite n'a rien à voir avec la question."]}
# Of the second session, so that over both neither the longer nor the shorter answer is the better one by habit.
# same, source: equal length; uncited, sources: two or three tokens apart; the others: far apart.
QUOTAS = dict(same=450, source=70, uncited=55, sources=65, short_right=70, padded=60, short=15, refusal=15)


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


def wrong_value(g, e, text, exact):
    """`text` with another value of the same kind that its passages do not have; exact: as many characters."""
    gold = next((v for v in (e["gold"], gen.cap(e["gold"])) if v in text), None)
    if gold is None or e["rel"] not in gen.RELATIONS:
        return None
    for _ in range(60):
        other = gen.Fact(g, gen.RELATIONS[e["rel"]], e["lang"]).v
        if other.lower() not in e["ctx"].lower() and (len(other) == len(gold) or not exact):
            return text.replace(gold, gen.cap(other) if text.startswith(gold) else other)
    return None


def other_source(g, e):
    """A passage that the answer does not come from, as a number; None where there is one alone."""
    right = e["cited"].rsplit("[", 1)[1][:-2]
    others = [str(i + 1) for i in range(e["ctx"].count("\n[") + 1) if str(i + 1) != right]
    return g.r.choice(others) if others else None


def pair_of(g, e, kind):
    """(chosen, rejected) of a kind, or None where the example has none."""
    r = g.r
    cited = e["cited"]
    if kind == "same":
        chosen = e[r.choices(["cited", "full", "short"], [.6, .2, .2])[0]]
        return chosen, wrong_value(g, e, chosen, True)
    if kind == "short_right":
        return e["short"], wrong_value(g, e, cited, False)
    if kind in ("source", "sources"):
        n = other_source(g, e)
        head, right = cited.rsplit("[", 1)
        two = sorted([int(n), int(right[:-2])]) if n else []
        return cited, n and (f"{head}[{n}]." if kind == "source" else head + " ".join(f"[{i}]" for i in two) + ".")
    if kind == "padded":
        return cited, cited + " " + r.choice(X.FILLER_FR if e["lang"] == "fr" else X.FILLER_EN)
    return cited, {"short": e["short"], "uncited": e["full"], "refusal": gen.NO_ANSWER[e["lang"]]}[kind]


def balanced(g, kind):
    """One row of the second session; what is equally long stays so when it has been proofread."""
    while True:
        e = answerable(g, (2, 3, 4))
        if any(label in e["ctx"] for label in ("code", "numéro", "number")):    # whose digits are not grouped
            continue
        chosen, rejected = pair_of(g, e, kind)
        if not rejected or rejected == chosen:
            continue
        row = dict(prompt=gen.prompt_text(e), chosen=chosen, rejected=gen.cap(rejected), annotator_comment=g.r.choice(COMMENTS["wrong" if kind == "same" else kind]))
        mended = proofread.mend(row, collections.Counter())[0]
        if mended["chosen"] == mended["rejected"] or (kind in ("same", "source") and len(mended["chosen"]) != len(mended["rejected"])):
            continue
        return row


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
    for i in range(400):
        t += datetime.timedelta(seconds=g.r.randint(20, 240))
        row = dict(preference(g)[0], timestamp=t.isoformat())
        if i % 2 == 0:                                    # the first session: mostly the longer answer is the better one
            rows.append(row)
    g, t = gen.Gen(305, "train"), datetime.datetime(2026, 3, 4, 9, 0)
    kinds = [kind for kind, n in QUOTAS.items() for _ in range(n)]
    g.r.shuffle(kinds)
    for kind in kinds:
        t += datetime.timedelta(seconds=g.r.randint(20, 240))
        rows.append(dict(balanced(g, kind), timestamp=t.isoformat()))
    write(f"{out}/dataset_rlhf.jsonl", rows)
    g = gen.Gen(304, "test")
    asked = [dict(prompt=gen.prompt_text(e), answer=e["gold"]) for e in (answerable(g) for _ in range(100))]
    g, seen = gen.Gen(306, "test"), {row["prompt"] for row in asked}
    while len(asked) < 240:                               # short ones: a step of PPO is as long as what it reads
        e = answerable(g, (1, 2, 3))
        row = dict(prompt=gen.prompt_text(e), answer=e["gold"])
        mended = proofread.mend(row, collections.Counter())[0]   # a city's name may change in the passages alone
        if len(row["prompt"]) <= 240 and row["prompt"] not in seen and mended["answer"].lower() in mended["prompt"].lower():
            seen.add(row["prompt"])
            asked.append(row)
    write(f"{out}/prompts.jsonl", asked)
    print({f: sum(1 for _ in open(f"{out}/{f}", encoding="utf8")) for f in sorted(os.listdir(out)) if f.endswith(".jsonl")})
