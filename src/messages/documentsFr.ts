// The words of the Documents page in French.
import { count } from './count.ts';
import type { documentsEn } from './documentsEn.ts';

const s = count('fr');
const n = (x: number): string => x.toLocaleString('fr');

export const documentsFr: typeof documentsEn = {
  lead: 'Les textes d’où viennent les réponses. Ils restent dans ce navigateur.',
  add: 'Ajouter des documents',
  addFirst: 'Ajouter vos premiers documents',
  count: (x) => s(x, 'document', 'documents'),
  characters: (x) => s(x, 'caractère', 'caractères'),
  words: (x) => s(x, 'mot', 'mots'),
  pages: (x) => s(x, 'page', 'pages'),
  chunks: (x) => s(x, 'extrait', 'extraits'),
  emptyTitle: 'Rien ici pour le moment',
  empty: 'Ajoutez un rapport, une note, un article : chacun devient un document que les réponses peuvent citer.',
  example: 'La Logistique Brivel a été fondée en 1994. Elle est dirigée par Léo Haddad. Elle emploie 820 personnes.',
  useDemo: 'Prendre les documents de la démonstration',
  filter: 'Filtrer par nom',
  filterNone: 'Aucun document ne porte ce nom.',
  list: 'Documents de ce projet',
  pick: 'Choisissez un document pour le lire et voir ses extraits, ou cherchez dans tous.',
  added: (x) => `${s(x, 'document ajouté', 'documents ajoutés')}.`,
  deleted: (name) => `« ${name} » supprimé.`,
  rename: 'Renommer',
  newName: 'Nouveau nom',
  delete: 'Supprimer',
  addedOn: (date) => `ajouté le ${date}`,
  reading: 'Lecture du texte…',

  drop: 'Déposez ici des fichiers ou des dossiers, ou',
  choose: 'choisissez des fichiers',
  chooseFolder: 'choisissez un dossier',
  dropAnywhere: 'Déposez pour ajouter ces fichiers',
  kinds: 'PDF, Word (.docx), Markdown, texte, HTML, CSV, JSON et JSON Lines.',
  paste: 'Coller un texte',
  pasteTitle: 'Titre (sinon, les premiers mots)',
  pasteText: 'Texte',
  pasteSave: 'Ajouter ce texte',

  types: {
    'text/plain': 'texte',
    'text/markdown': 'Markdown',
    'text/html': 'HTML',
    'application/pdf': 'PDF',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
    'text/csv': 'CSV',
    'application/json': 'JSON',
    'application/jsonl': 'JSON Lines',
  },

  imports: {
    title: 'En cours d’ajout',
    waiting: (x) => `${s(x, 'fichier', 'fichiers')} en attente`,
    read: (done, all) => `${n(done)} sur ${s(all, 'fichier lu', 'fichiers lus')}`,
    pages: (done, all) => `page ${n(done)} sur ${n(all)}`,
    cancel: (name) => `Ne pas ajouter « ${name} »`,
    cancelAll: 'Tout annuler',
    dismiss: 'Ranger ces messages',
    skipped: (x) =>
      `${s(x, 'fichier laissé', 'fichiers laissés')} de côté : d’un type qui ne se lit pas ici, ou caché par le système.`,
  },
  problems: {
    type: (name) =>
      `« ${name} » est d’un type qui ne se lit pas ici. Enregistrez-le en PDF, Word (.docx), HTML ou texte et ajoutez cela.`,
    empty: (name) => `« ${name} » ne contient pas de texte. Vérifiez le fichier et ajoutez-le à nouveau.`,
    binary: (name) =>
      `« ${name} » n’est pas du texte mais des données binaires. Exportez-le en texte, PDF ou Word et ajoutez cela.`,
    tooLarge: (name, mb) =>
      `« ${name} » est trop gros : un fichier de ce type peut faire ${mb} Mo. Divisez-le en parties.`,
    encrypted: (name) =>
      `« ${name} » est protégé par un mot de passe. Enregistrez une copie qui ne l’est pas et ajoutez-la.`,
    scanned: (name, pages) =>
      `« ${name} » ne contient que des images de texte (pages : ${pages}). Passez-le à la reconnaissance de texte (OCR) et ajoutez le résultat.`,
    broken: (name) =>
      `« ${name} » est abîmé. Ouvrez-le dans son logiciel, enregistrez-le à nouveau et ajoutez le résultat.`,
    bomb: (name) =>
      `« ${name} » se déplie en bien plus de données qu’un document n’en contient. Il n’a pas été ouvert davantage.`,
    stuck: (name) =>
      `« ${name} » n’a pas avancé pendant une minute et a été abandonné. Enregistrez-le à nouveau, ou en texte, et ajoutez cela.`,
    duplicate: (name, other) => `« ${name} » a le même texte que « ${other} », qui est déjà là.`,
    cancelled: (name) => `« ${name} » n’a pas été ajouté : vous l’avez annulé.`,
  },

  index: {
    first: (x) => `Indexer ${s(x, 'document', 'documents')}`,
    more: (x) => `Indexer ${s(x, 'document de plus', 'documents de plus')}`,
    again: 'Réindexer : réglages changés',
    key: 'Indexer ce qui ne l’est pas',
    stopping: 'Arrêt…',
    leave: 'L’indexation continue si vous quittez cette page ; ce qui est fait reste si vous l’arrêtez.',
    failed: 'Les documents n’ont pas pu être indexés.',
    unknown: 'On ne sait pas ce qui est indexé.',
    retry: 'Réessayer',
    why: 'Indexer, c’est découper les textes en extraits et laisser un petit modèle situer chacun par son sens : la recherche trouve alors ce qui est dit autrement.',
    oneLanguage: (languages) =>
      `Les reformulations ne sont reconnues qu’en ${languages} ; dans les autres langues, les textes sont trouvés par leurs mots, tant que vous ne choisissez pas plus bas un modèle de plongement multilingue.`,
    languages: (languages) => `Les reformulations sont reconnues en ${languages}.`,
    noLanguages: 'On ne sait pas dans quelles langues ce modèle de plongement reconnaît les reformulations.',
  },
  indexed: (documents, chunks) =>
    `${s(documents, 'document indexé', 'documents indexés')} : ${s(chunks, 'extrait', 'extraits')}.`,
  steps: {
    begin: 'Début de l’indexation',
    load: (done, total) => `Chargement du modèle de plongement : ${done} sur ${total}`,
    chunk: (done, total) => `Découpage : ${done} caractères sur ${total}`,
    embed: (done, total) => `Plongement : ${done} extraits sur ${total}`,
  },
  secondsLeft: (x) => `encore environ ${n(x)} s`,
  minutesLeft: (x) => `encore environ ${n(x)} min`,
  states: {
    part: (done, all) => `${n(done)} sur ${s(all, 'extrait indexé', 'extraits indexés')}`,
    waiting: 'pas encore indexé',
    stale: 'à réindexer',
  },

  view: {
    emptyPages: (pages) => `Sans texte, des images ou des numérisations peut-être : page ${pages}.`,
    page: 'Page',
    pageOf: (all) => `sur ${n(all)}`,
    pageN: (page) => `Page ${n(page)}`,
    previous: 'Page précédente',
    next: 'Page suivante',
    chunk: (i, tokens) => `Extrait ${n(i)} : ${s(tokens, 'jeton', 'jetons')}`,
    overlap: (a, b) => `Dans l’extrait ${n(a)} et dans l’extrait ${n(b)}`,
    found: 'Le passage demandé',
    gone: 'Ce document n’est plus là.',
  },

  cut: {
    title: 'Extraits',
    size: 'Longueur maximale, en jetons',
    overlap: 'Recouvrement, en jetons',
    sentences: 'Phrases au plus, 0 = sans limite',
    help: 'Courts, les extraits sont trouvés avec précision ; longs, ils gardent plus de leur contexte. Ce que deux extraits partagent est hachuré.',
    best: (model, sentences) =>
      sentences > 0
        ? `${model} marche mieux avec ${s(sentences, 'phrase', 'phrases')}.`
        : `${model} marche mieux avec autant qu’il en tient.`,
    working: 'Découpage…',
    spread: (min, median, max) => `${n(min)} à ${s(max, 'jeton', 'jetons')}, la moitié jusqu’à ${n(median)}`,
    histogram: 'Combien d’extraits ont combien de jetons',
    preview: 'Un aperçu : la prochaine indexation découpera ainsi tous les documents.',
    undo: 'Laisser comme avant',
    defaults: 'Ce qui convient au modèle',
  },

  search: {
    title: 'Recherche',
    label: 'Chercher dans tous les documents',
    placeholder: 'Une question ou des mots…',
    none: 'Rien trouvé. Essayez d’autres mots.',
    vector: 'sens',
    lexical: 'mots',
    fused: 'ensemble',
    wordsOnly: 'Par les mots seulement : tout n’est pas encore indexé.',
    wordsForeign:
      'Par les mots seulement : le modèle de plongement ne reconnaît pas de reformulations dans la langue de cette question.',
    wordsChosen: 'Par les mots seulement, comme choisi plus bas.',
    wordsBecause: (problem) => `Par les mots seulement, car la recherche par le sens a échoué : ${problem}`,
    narrow: 'Seulement dans ce document',
    found: (x) => s(x, 'passage trouvé', 'passages trouvés'),
    how: (rows, ms) => `${s(rows, 'vecteur', 'vecteurs')}, ${ms} ms`,
    kinds: {
      voy: 'L’index rapide (voy) a répondu.',
      exact: 'La recherche exacte a répondu : elle compare tous les vecteurs.',
      none: 'Les mots ont été comparés ; pas de vecteurs.',
    },
    why: {
      chosen: 'Vous l’avez choisie.',
      dimensions: 'Les vecteurs de ce modèle sont plus longs que ceux que l’index rapide garde.',
      many: 'Il y a plus de vecteurs que l’index rapide n’en tient.',
      crowded: 'Trop de vecteurs ont une même coordonnée, ce que l’index rapide ne supporte pas.',
      failed: 'L’index rapide n’a pas pu être construit.',
    },
  },
  retrieval: {
    title: 'Comment chercher',
    method: 'Méthode',
    methods: {
      weighted: 'Le sens plus les mots',
      rrf: 'Les deux classements fusionnés',
      vectors: 'Le sens seul',
      words: 'Les mots seuls',
    },
    weight: { label: 'Poids des mots', hint: 'S’ajoute à la note du sens ; 0 = le sens seul.' },
    diversity: { label: 'Variété', hint: 'Préfère des passages différents entre eux ; 0 = sans effet.' },
    index: 'Index',
    indexes: { auto: 'Rapide si possible', exact: 'Exact' },
    reset: 'Revenir aux réglages habituels',
  },
  embedder: {
    title: 'Modèle de plongement',
    sentence: 'Le petit modèle qui situe les textes par leur sens.',
    facts: (dim, tokens, bytes) => `${n(dim)} dimensions, lit ${n(tokens)} jetons à la fois, ${bytes}`,
    unknownLanguages: 'langues inconnues',
    add: 'Un dossier de cet appareil…',
    addHint:
      'Un dossier tel que les dépôts de modèles les rangent : config.json, tokenizer.json et onnx/model.onnx. multilingual-e5-small, par exemple, couvre une centaine de langues.',
    adding: 'Essai sur une phrase…',
    added: (name) => `« ${name} » est utilisé. Réindexez pour que la recherche s’en serve.`,
    remove: (name) => `Retirer « ${name} » de cet appareil`,
    removed: (name) => `« ${name} » retiré.`,
    gone: 'Le modèle de plongement de ce projet n’est plus sur cet appareil : rien n’a été indexé avec un autre. Choisissez-en un, puis indexez.',
  },
  take: {
    title: 'L’emporter',
    sentence:
      'Un seul zip pour Python : data/documents/, data/metadata.json et data/index.faiss, que faiss lit tel quel.',
    export: 'Exporter le corpus',
    import: 'Importer un tel zip…',
    importFolder: 'Importer un tel dossier…',
    working: 'Emballage',
    reading: 'Lecture',
    file: (project) => `${project}-corpus.zip`,
    imported: (documents, rows) =>
      `${s(documents, 'document importé', 'documents importés')} avec ${s(rows, 'vecteur', 'vecteurs')}.`,
    unindexed: 'Une partie n’est pas encore indexée : le zip ne contient alors que les vecteurs qui sont là.',
    failed: 'Cela n’a pas marché.',
    bring: 'Apporter un corpus exporté',
    ended: {
      cancelled: 'Vous l’avez annulé.',
      stuck: 'Rien n’a avancé pendant une minute : c’est arrêté. Réessayez, ou avec moins de fichiers.',
    },
  },
};
