// The rows of the Fine-tune page in French.
import { count } from './count.ts';
import type { dataEn } from './dataEn.ts';

const s = count('fr');
const n = (x: number): string => x.toLocaleString('fr');

export const dataFr: typeof dataEn = {
  title: 'Lignes',
  count: (x) => s(x, 'ligne', 'lignes'),
  sides: (train, test) => `${n(train)} pour apprendre, ${n(test)} pour tester`,
  loading: 'Lecture des lignes…',
  kinds: { prompt: 'question et réponse', text: 'texte', messages: 'conversation' },

  empty:
    'Une ligne, c’est une question et la réponse que le modèle aurait dû donner. Le modèle apprend la réponse ; la question est seulement lue.',
  example: '« À quel niveau de veille est Pymou Groupe ? » → « Niveau 2, jaune. »',
  useDemo: 'Prendre les lignes de la démo',
  demoFailed: 'Les lignes de la démo n’ont pas pu être chargées.',
  import: 'Importer un fichier',
  add: 'Écrire une ligne',
  none: 'Aucune ligne ne correspond.',

  drop: 'Déposez ici un fichier JSONL ou JSON, ou',
  choose: 'choisissez un fichier',
  reads: 'Lignes de TRL, d’Alpaca et de ShareGPT, préférences, ou vos propres colonnes.',
  paste: 'Ou collez des lignes, un objet JSON par ligne',
  pasted: 'collé.jsonl',
  look: 'Les regarder',
  reading: (name) => `Lecture de ${name}…`,
  readFailed: 'Ce fichier n’a pas pu être lu.',
  formats: {
    trl: 'Ce sont les colonnes de TRL.',
    alpaca: 'Ce sont les colonnes d’Alpaca : instruction, input et output.',
    shareGpt: 'C’est la forme de ShareGPT : des conversations entre des personnes et un modèle.',
    preference: 'Ce sont des préférences : la réponse préférée est prise, l’autre est laissée.',
    other: 'Colonnes inconnues : dites ce qu’elles contiennent.',
  },
  mapping: {
    title: 'Ce que contiennent les colonnes',
    kind: 'Une ligne est',
    prompt: 'Question',
    context: 'Contexte',
    contextHint: 'Joint à la question derrière le mot « Context ».',
    completion: 'Réponse',
    text: 'Texte',
    messages: 'Conversation',
    nothing: 'aucune',
    ignored: (names) => `Non lues : ${names}.`,
  },
  found: (rows) => `${s(rows, 'ligne peut être apprise', 'lignes peuvent être apprises')}.`,
  first: 'Les premières lignes, telles qu’elles seront',
  problems: {
    title: {
      line: (x) => s(x, 'ligne est laissée de côté', 'lignes sont laissées de côté'),
      entry: (x) => s(x, 'entrée est laissée de côté', 'entrées sont laissées de côté'),
    },
    line: (x) => `ligne ${n(x)}`,
    entry: (x) => `entrée ${n(x)}`,
    more: (x) => `et ${n(x)} de plus`,
    download: 'Télécharger toute la liste',
    file: (name) => `${name} problèmes.txt`,
    json: (detail) => `doit être du JSON : ${detail}`,
    object: () => 'doit être un objet entre accolades',
    missing: (column) => `doit avoir « ${column} »`,
    empty: (column) => `« ${column} » ne doit pas être vide`,
    type: (column) => `« ${column} » doit être un texte`,
    turns: (what) => `chaque tour doit avoir un rôle connu et ses mots, reçu « ${what} »`,
    silent: () => 'l’assistant doit dire quelque chose',
    unwanted: (column) => `« ${column} » dit que cette réponse est à éviter`,
    long: () => 'doit avoir moins de 50 millions de caractères',
  },
  into: 'Les importer',
  intoSides: { train: 'pour apprendre', test: 'pour tester', split: 'à répartir' },
  intoHint: 'Réparties par question et par graine : la même question n’est jamais des deux côtés.',
  accept: (rows) => `Importer ${s(rows, 'ligne', 'lignes')}`,
  skip: 'Laisser ce fichier',
  imported: (added, known, refused) =>
    [
      `${s(added, 'ligne importée', 'lignes importées')}.`,
      Number(known) > 0 ? `${s(known, 'était déjà là', 'étaient déjà là')}.` : '',
      Number(refused) > 0 ? `${s(refused, 'ligne laissée de côté', 'lignes laissées de côté')}.` : '',
    ]
      .filter(Boolean)
      .join(' '),

  search: 'Chercher dans les lignes',
  kind: 'Sorte',
  side: 'Côté',
  all: 'Tout',
  train: 'apprendre',
  test: 'tester',
  pages: {
    label: 'Pages de lignes',
    of: (from, to, all) => `${n(from)} à ${n(to)} sur ${s(all, 'ligne', 'lignes')}`,
    before: 'Lignes d’avant',
    after: 'Lignes d’après',
  },
  tokens: (x) => s(x, 'jeton', 'jetons'),
  cut: (x) => s(x, 'coupé', 'coupés'),
  removeShown: (x) => `Supprimer ${s(x, 'ligne', 'lignes')}`,
  removed: (x) => `${s(x, 'ligne supprimée', 'lignes supprimées')}.`,

  lengths: {
    title: 'Longueurs',
    chart: 'Combien de lignes ont combien de jetons',
    spread: (min, median, max) => `De ${n(min)} à ${n(max)} jetons, la moitié jusqu’à ${n(median)}.`,
    fits: (limit) => `Aucune ne dépasse ${s(limit, 'jeton', 'jetons')}, la plus longue ligne permise.`,
    cut: (rows, limit) =>
      `${s(rows, 'ligne dépasse', 'lignes dépassent')} ${s(limit, 'jeton', 'jetons')}, la plus longue ligne permise : la fin est coupée.`,
    lost: (rows) => `De ${s(rows, 'ligne', 'lignes')}, il ne reste rien à apprendre.`,
    measuring: 'Mesure en cours…',
    failed: 'Les lignes n’ont pas pu être mesurées.',
  },

  mask: {
    label: 'La ligne telle que l’entraînement la lit',
    sum: (all, learned) => `${s(all, 'jeton', 'jetons')}, dont ${n(learned)} à apprendre`,
    cut: (x) => s(x, 'jeton est coupé à la fin', 'jetons sont coupés à la fin'),
    nothing: 'Il ne reste rien à apprendre de cette ligne : elle sera laissée de côté.',
    learned: 'appris : porte la perte',
    read: 'seulement lu',
    special: 'jeton spécial',
    cutOff: 'coupé',
    more: (x) => `… encore ${s(x, 'jeton', 'jetons')}`,
    working: 'Découpage en jetons…',
    failed: 'Cette ligne n’a pas pu être découpée en jetons.',
  },

  row: {
    open: (x) => `Ligne ${n(x)}`,
    from: (name) => `de ${name}`,
    written: 'écrite ici',
    edit: 'Modifier',
    side: 'Côté',
    sides: { split: 'selon la répartition', train: 'apprendre', test: 'tester' },
    roles: { system: 'Système', user: 'Personne', assistant: 'Assistant' },
    turn: 'Ajouter un tour',
    removeTurn: 'Retirer ce tour',
    needsAnswer: 'L’assistant doit dire quelque chose à l’un de ses tours.',
    needsText: 'Écrivez ceci avant d’enregistrer.',
  },

  leave: {
    title: 'Emporter les lignes',
    sentence: 'En train.jsonl et test.jsonl, comme les lit le SFTTrainer de TRL.',
    split: (share, seed) =>
      `Les lignes venues sans côté sont réparties par question : ${share} pour tester, graine ${seed}. Les deux sont des réglages de l’entraînement.`,
    mixed: 'Les lignes sont de plusieurs sortes ; TRL veut une seule sorte par fichier.',
    shared: (x) =>
      `${s(x, 'question est', 'questions sont')} des deux côtés, comme le disent leurs fichiers : un tel test demande ce qui a été appris.`,
    failed: 'Les fichiers n’ont pas pu être écrits.',
  },
};
