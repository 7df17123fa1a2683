"""Word tables of proofread.py: first names, roles, cities, and which verbs fit which aim of a law."""

FEMALE = set("""Anna Julia Lena Sofia Nadia Clara Marie Emma Chloé Alice Inès Laura Eva Leïla Nina Rosa Maya Sara Elena Zoé Carla Aïcha Mila
Olga Irène Jane Mary Susan Sarah Linda Kate Helen Sophie Claire Hélène Isabelle Céline Margaux Amélie Lucia Giulia Greta Priya Fatima Amina
Ana Astrid""".split())
NEUTRAL = {"Camille", "Mei", "Yuki", "Zuri"}

# role as written -> (held by a man, held by a woman)
_ROLES = [("le propriétaire", "la propriétaire"), ("le secrétaire", "la secrétaire"), ("le guide", "la guide"), ("le médecin", "la médecin"),
          ("le parrain", "la marraine"), ("le traducteur", "la traductrice"), ("le trésorier", "la trésorière"), ("le jardinier", "la jardinière"),
          ("le pilote", "la pilote"), ("le capitaine", "la capitaine"), ("l'avocat", "l'avocate"), ("le professeur", "la professeure"),
          ("le fondateur", "la fondatrice"), ("le porte-parole", "la porte-parole"), ("le gardien", "la gardienne"), ("le rédacteur", "la rédactrice"),
          ("le chauffeur", "la conductrice"), ("le cuisinier", "la cuisinière"), ("le rival", "la rivale"), ("l'héritier", "l'héritière"),
          ("l'adjoint", "l'adjointe"), ("l'inspecteur", "l'inspectrice")]
_OFFICES = [("le président", "la présidente"), ("le chef", "la cheffe"), ("le Premier ministre", "la Première ministre"), ("le maire", "la maire"),
            ("le coordinateur", "la coordinatrice"), ("l'ingénieur", "l'ingénieure"), ("le meilleur buteur", "la meilleure buteuse"),
            ("le patron", "la patronne"), ("le directeur", "la directrice"), ("l'entraîneur", "l'entraîneuse")]
ROLES = {w: pair for pair in _ROLES for w in pair}
OFFICES = {w: pair for pair in _OFFICES for w in pair} | {w.lower(): pair for pair in _OFFICES for w in pair}

CITY_FR = {"London": "Londres", "Edinburgh": "Édimbourg", "Montreal": "Montréal", "Hamburg": "Hambourg", "Dresden": "Dresde", "Vienna": "Vienne",
           "Geneva": "Genève", "Venice": "Venise", "Barcelona": "Barcelone", "Valencia": "Valence", "Lisbon": "Lisbonne",
           "Copenhagen": "Copenhague", "Warsaw": "Varsovie", "Krakow": "Cracovie", "Athens": "Athènes", "Seoul": "Séoul", "Genoa": "Gênes",
           "Ghent": "Gand", "Antwerp": "Anvers", "Brussels": "Bruxelles", "Bologna": "Bologne", "Leiden": "Leyde"}

_LESS_FR, _MORE_FR = ("réduire", "limiter", "contrôler"), ("protéger", "améliorer", "financer", "simplifier", "étendre", "soutenir", "contrôler")
_LESS_EN, _MORE_EN = ("reduce", "limit", "control"), ("protect", "improve", "finance", "simplify", "extend", "support", "control")


def _fit(less, more, keep, ban, groups):
    out = {}
    for words, kind in groups:
        for w in words.split(", "):
            out[w] = {"less": (less, less[0]), "ban": ((*less, ban), ban), "more": ((more[0], more[2], more[5]), more[5]),
                      "public": ((more[0], more[1], more[2], more[4], more[5]), more[5]), "keep": (keep, more[0])}[kind]
    return out


# noun -> (verbs that fit, the one to use otherwise)
AIMS = {
    "fr": dict(verbs={*_LESS_FR, *_MORE_FR, "interdire"}, fit=_fit(_LESS_FR, _MORE_FR, ("protéger", "améliorer", "contrôler"), "interdire", [
        ("le bruit la nuit, la pollution de l'air, le trafic routier, le gaspillage, les loyers en ville, les prix de l'énergie", "less"),
        ("les sacs en plastique", "ban"), ("les petites fermes, les commerces locaux, les infirmiers, les jeunes familles, les vieux bâtiments", "more"),
        ("les écoles publiques, les trains de nuit", "public"), ("l'eau des rivières, les animaux sauvages, les données privées", "keep")])),
    "en": dict(verbs={*_LESS_EN, *_MORE_EN, "ban"}, fit=_fit(_LESS_EN, _MORE_EN, ("protect", "improve", "control"), "ban", [
        ("noise at night, air pollution, road traffic, food waste, rents in cities, energy prices", "less"),
        ("plastic bags", "ban"), ("small farms, local shops, nurses, young families, old buildings", "more"),
        ("public schools, night trains", "public"), ("river water, wild animals, data privacy", "keep")])),
}
