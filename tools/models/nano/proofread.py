"""Proofread the generated demo sets: agreement, elision, articles, numbers, city names. usage: python proofread.py IN_DIR OUT_DIR

The generator that made the weights stays as it was; what people read is mended here, by rules that touch question, passages
and answers of a row alike, so that an answer that occurred in its passages still does. Prints the rows mended, by kind.
"""
import collections
import json
import os
import re
import sys

import gen
import lexicon as X
from proofread_words import AIMS, CITY_FR, FEMALE, NEUTRAL, OFFICES, ROLES

FEM_COUNTRY = {c[:-2].split("'")[-1].split(" ")[-1] for c in X.COUNTRY_FR if c.endswith("/f")}
GENDER = {re.sub(r"^(le |la |l')", "", w.split("/")[0]): w.endswith("/f") or w.startswith("la ") for w in X.NOUN_FR}
FIRM = "|".join(X.FIRM_FR)
DATE = r"(?:1er|\d{1,2}) (?:" + "|".join(X.MONTH_FR) + r")(?: \d{4})?"
MONEY = r"[\d ,]+(?:(?:millions|milliards) (?:€|d'euros|de (?:dollars|livres|francs))|euros|dollars|livres|francs)"
SUMS = "loyer|valeur|amende|caution|salaire|prêt|don|revenu|profit|subvention"
DAYS = "anniversaire|inauguration|échéance|inspection|fête"
SIZES = "hauteur|profondeur|largeur"
NOUN = "|".join(sorted(map(re.escape, GENDER), key=len, reverse=True))


def is_french(question, context):
    words = lambda w: len(re.findall(rf"\b(?:{w})\b", (question + " " + context).lower()))
    return question.endswith(" ?") or words("le|la|les|des|du|de|est|une?|à|sur|qui|que") > words("the|is|was|of|has|in|on|by|at|with|who|how")


def is_feminine_country(article, name):
    return article == "la" or article == "l'" and (name in FEM_COUNTRY or name.endswith("ie"))


def sub(kind, pattern, repl, flags=0):
    """A rule: (kind, text -> text)."""
    return kind, lambda s: re.sub(pattern, repl, s, flags=flags)


def agree_moved(m):
    article = m[1].lower().strip()
    return m[0] + "e" if is_feminine_country(article, m[2]) else m[0]


def agree_rated(m):
    article = m[1].lower().strip()
    return f"{m[1]}{m[2]} est-elle classée" if is_feminine_country(article, m[2]) else m[0]


def with_article(m):
    return m[1] + (" de l'" if m[2][0] in "aeéèiou" else " de la " if GENDER[m[2]] else " du ") + m[2]


def aim(table, vowels):
    """Verbs that fit their noun: nobody extends food waste or bans nurses."""
    verbs = "|".join(sorted(table["verbs"]))

    def mend(m):
        allowed, best = table["fit"].get(m[3], (None, None))
        if allowed is None or m[2].lower() in allowed:
            return m[0]
        de = m[1] or ""
        if de.lower() in ("de ", "d'"):
            de = "d'" if best[0] in vowels else "de "
        return de + (best.capitalize() if m[2][0].isupper() else best) + " " + m[3]
    nouns = "|".join(map(re.escape, table["fit"]))
    return lambda s: re.sub(rf"(\b[Dd]e |\b[Dd]')?\b({verbs}) ({nouns})", mend, s, flags=re.I)


def group_digits(sep):
    return lambda m: f"{int(m[0]):,}".replace(",", sep)


def city(m):
    return m[1] + CITY_FR[m[2]]


SHARED_FR = [
    sub("que elided", r"\b([Qq])ue ([eéèaiouEÉAIOU])", r"\1u'\2"),
    sub("de or à contracted", r"\bd'le vol\b", "du vol"),
    sub("de or à contracted", r"\bd'des ", "de "),
    sub("de or à contracted", r"\bde Helsinki", "d'Helsinki"),
    sub("de or à contracted", r"\bCombien de employés", "Combien d'employés"),
    sub("agreement: country", r"\b([Ll]a |[Ll]')([A-ZÉ][\w-]*) est passé\b(?!e)", agree_moved),
    sub("agreement: country", r"\b([Ll]a |[Ll]')([A-ZÉ][\w-]*) est-il classé\b", agree_rated),
    sub("agreement: question", r"\bQuel est, pour ([^,\n]+), (la|l'(?:invention|arme|amende|inauguration|échéance|inspection|origine))", r"Quelle est, pour \1, \2"),
    sub("agreement: waiting time", r"temps d'attente actuelle", "temps d'attente actuel"),
    sub("plural after est", r"((?:culture|milieu naturel) [^.\n]*?) est les ", r"\1, ce sont les "),
    sub("millions d'euros", r"\b(millions|milliards) €", r"\1 d'euros"),
    sub("date with its article", rf"(^|\] |[.] )({DATE}) est (l'|la )({DAYS})", lambda m: f"{m[1]}Le {m[2]} est {m[3]}{m[4]}", re.M),
    sub("date with its article", rf"(\b(?:{DAYS}) (?:de|du|d')[^.\n]*?) est (désormais )?({DATE})", lambda m: f"{m[1]} est {m[2] or ''}le {m[3]}"),
    sub("amount with est de", rf"(^|\] |[.] |, )({MONEY}) est (l'|la |le )({SUMS}) ([^.\n]+)", lambda m: f"{m[1]}{m[3] if m[1] == ', ' else m[3].capitalize()}{m[4]} {m[5]} est de {m[2]}", re.M),
    sub("amount with est de", rf"(\b(?:{SUMS}) (?:de|du|d')[^.\n]*?) est (désormais )?(?={MONEY})", lambda m: f"{m[1]} est {m[2] or ''}de "),
    sub("amount with est de", rf"(\b(?:{SIZES}) (?:de|du|d')[^.\n]*?) est (désormais )?(?=\d)", lambda m: f"{m[1]} est {m[2] or ''}de "),
    sub("noun with its article", rf"\b(défaut|panne|entretien) de ({NOUN})\b(?! )", with_article),
    sub("noun with its article", rf"\b(défaut|panne|entretien) de ({NOUN})\b(?= (?:menace|inquiète|a fait)| \[)", with_article),
    sub("noun with its article", rf"\bvol de ({NOUN})\b", lambda m: f"vol d'un{'e' if GENDER[m[1]] else ''} {m[1]}"),
    sub("wrong word", r"\b([Ll])a mairie de ([^.\n]*?) est ", r"\1e maire de \2 est "),
    sub("wrong word", r"tire ses revenus de l'exportation : ", "tire ses revenus de l'exportation "),
    sub("wrong word", r"(^|\] |[.] |, )[Uu]n (?:train|bus|tram) part sur le (bus|tram) ([^.\n]*?) toutes les", lambda m: f"{m[1]}{'le' if m[1] == ', ' else 'Le'} {m[2]} {m[3]} part toutes les", re.M),
    ("aim that makes sense", aim(AIMS["fr"], "aeéiou")),
    sub("city in French", rf"\b([Àà]) Cairo\b(?! (?:{FIRM}))", lambda m: ("Au" if m[1] == "À" else "au") + " Caire"),
    sub("city in French", rf"\bde Cairo\b(?! (?:{FIRM}))", "du Caire"),
    sub("city in French", rf"()\b({'|'.join(CITY_FR)})\b(?! (?:{FIRM}))", city),
]
SHARED_EN = [
    sub("tense", r"\b(Since May, [^,.\n]*?) is at watch level", r"\1 has been at watch level"),
    sub("agreement", r"\b((?:new taxes|rising \w+ prices|high interest rates|late deliveries|border tensions|public protests)[^.\n]*?) is the (main|biggest)", r"\1 are the \2"),
    sub("preposition", r"\bblamed its loss by\b", "blamed its loss on"),
    sub("preposition", r"\bis planned on\b", "is planned for"),
    sub("preposition", r"\b(lives(?: mainly)?) from\b", r"\1 off"),
    sub("preposition", r"\bat the (kitchen|tunnel|mine)\b", r"in the \1"),
    sub("preposition", r"\b([Bb]ill) of the\b(?= [^.\n]* (?:was|reached|came))", r"\1 for the"),
    sub("wrong word", r"\bnovelties\b", "new features"),
    sub("wrong word", r"\b([Ff]or now, [^.\n]*?) is now\b", r"\1 is"),
    sub("wrong word", r"\bhandled ([^.\n]*?) each year", r"handles \1 each year"),
    sub("wrong word", r"(^|\] |[.] |, )[Aa] (?:train|bus|tram) leaves on the ([^.\n]*?(?:bus|tram)) every", lambda m: f"{m[1]}{'the' if m[1] == ', ' else 'The'} {m[2]} leaves every", re.M),
    ("aim that makes sense", aim(AIMS["en"], "")),
]


def finish_question(q, fr):
    q = gen.cap(q)
    if not q.endswith(("?", ".")):
        q += " ?" if fr else "?"
    return re.sub(r"^(Donnez|Tell)([^?]*?) ?\?$", r"\1\2.", q)


def mend_people(fields):
    """Give a role the gender of the person who holds it; the question follows when it names that very role."""
    pairs = {}
    role = "|".join(sorted((re.escape(r) for r in ROLES), key=len, reverse=True))
    office = "|".join(sorted((re.escape(r) for r in OFFICES), key=len, reverse=True))
    person = r"[A-ZÉÈ][\w-]+ [A-ZÉÈ][\w-]+"

    def swap(word, name, table):
        first = name.split(" ")[0]
        new = table[word.lower() if word.lower() in table else word]
        if first in NEUTRAL:
            return word
        new = new[1] if first in FEMALE else new[0]
        return gen.cap(new) if word[0].isupper() else new

    def named(m):                                      # NAME est le traducteur du club
        new = swap(m[2], m[1], ROLES)
        pairs[m[2] + m[3]] = new + m[3]
        return f"{m[1]} est {new}{m[3]}"

    def holder(m):                                     # Le traducteur du club est NAME
        new = swap(m[1], m[4], ROLES)
        pairs[gen.lower_first(m[1]) + m[2]] = gen.lower_first(new) + m[2]
        return f"{new}{m[2]} est {m[3] or ''}{m[4]}"

    def officer(m):
        return f"{swap(m[1], m[4], OFFICES)}{m[2]} est {m[3] or ''}{m[4]}"

    def elected(m):
        return m[0] + "e" if m[1].split(" ")[0] in FEMALE else m[0]

    def statements(s):
        s = re.sub(rf"\b({person}) est ({role})((?: de| du| d')[^.\n\[]*)", named, s)
        s = re.sub(rf"\b({role})((?: de| du| d')[^.\n]*?) est (désormais )?({person})", holder, s, flags=re.I)
        s = re.sub(rf"\b({office})((?: de| du| d'| pour)[^.\n]*?) est (désormais |aujourd'hui )?({person})", officer, s, flags=re.I)
        return re.sub(rf"\b({person}) (?:a été élu|est devenu)(?= maire)", elected, s)

    out = {k: statements(v) for k, v in fields.items() if k != "question"}
    q = fields["question"]
    for old, new in pairs.items():
        q = q.replace(old.strip(), new.strip())
    return dict(out, question=q)


def mend(row, kinds):
    q, ctx = row["prompt"].split("\n\nContext:\n")
    fr = is_french(q, ctx)
    fields = dict(question=q, context=ctx, **{k: row[k] for k in ("completion", "answer", "chosen", "rejected") if k in row})
    before, touched = fields, set()

    def step(kind, f):
        nonlocal fields
        new = f(fields)
        if new != fields:
            touched.add(("fr: " if fr else "en: ") + kind)
        fields = new

    for kind, f in SHARED_FR if fr else SHARED_EN:
        if kind == "city in French" and re.search(r"\bveille\b", ctx) and "Cairo" in ctx:
            continue                                   # a firm called Cairo keeps its name
        step(kind, lambda d: {k: f(v) for k, v in d.items()})
    if fr:
        step("gender of a role", mend_people)
    if re.search(r"\b(?:code|numéro)\b", ctx):          # a label, not a quantity
        step("label without grouping", lambda d: {k: re.sub(r"(\d+) (\d{3}) est (le code|le numéro)", r"\1\2 est \3", v) for k, v in d.items()})
    else:
        step("digits grouped", lambda d: {k: re.sub(r"(?<![\d.,:])\d{5,}(?![\d:])", group_digits(" " if fr else ","), v) for k, v in d.items()})
    step("question begun and ended", lambda d: dict(d, question=finish_question(d["question"], fr)))
    kinds.update(touched)
    new = dict(row, prompt=fields["question"] + "\n\nContext:\n" + fields["context"], **{k: v for k, v in fields.items() if k in row})
    return new, before != fields


if __name__ == "__main__":
    src, out = sys.argv[1:3]
    os.makedirs(out, exist_ok=True)
    for name in ("train", "test", "prompts", "dataset_rlhf"):
        kinds, n, mended = collections.Counter(), 0, 0
        with open(f"{out}/{name}.jsonl", "w", encoding="utf8") as f:
            for line in open(f"{src}/{name}.jsonl", encoding="utf8"):
                row, changed = mend(json.loads(line), kinds)
                assert "chosen" not in row or row["chosen"] != row["rejected"], row
                assert "answer" not in row or row["answer"].lower() in row["prompt"].lower(), row
                n, mended = n + 1, mended + changed
                f.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(f"{name}: {mended} of {n} rows mended; {dict(kinds.most_common())}")
