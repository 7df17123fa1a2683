// The Ask page in French.
import type { askEn } from './askEn.ts';
import { count } from './count.ts';

const s = count('fr');

export const askFr: typeof askEn = {
  lead: 'La réponse est écrite à partir des passages de vos textes les plus proches de la question. Comparez-la avec eux.',
  question: 'Votre question',
  placeholder: 'Posez une question dont la réponse est dans vos textes…',
  send: 'Demander',
  findOnly: 'Trouver les passages',
  stop: 'Arrêter',
  keyStop: 'Arrêter la réponse',
  keyQuestion: 'Écrire une question',
  enterHint: 'Entrée pose la question, Maj + Entrée va à la ligne.',
  two: 'Deux réponses',
  twoHint: (temperature) =>
    `Deux réponses demandent du hasard : elles sont tirées à la température ${temperature}, avec deux graines.`,
  examples: 'Questions à essayer',
  moreExamples: 'D’autres questions',

  texts: 'Textes',
  asked: (n, all) =>
    n === all
      ? all === 1
        ? 'La question porte sur le seul texte'
        : `La question porte sur les ${all} textes`
      : `La question porte sur ${n} de ${s(all, 'texte', 'textes')}`,
  all: 'Tous',
  none: 'Aucun',
  noneTicked: 'Cochez au moins un texte à interroger.',
  empty: 'Apportez un texte, posez une question et lisez la réponse à côté des phrases dont elle vient.',
  emptyTitle: 'D’abord un texte',
  emptyTaught:
    'Ce projet n’a pas encore de texte. Essayez l’adaptateur sur une question de son entraînement, avec les passages qui vont avec, ou apportez un texte.',
  tryIt: 'Essayer une question de son entraînement',
  tryText: 'Passages des questions fixes',
  drop: 'Déposez ici des fichiers (PDF, Word, Markdown, texte, HTML, CSV, JSON), ou',
  choose: 'choisissez des fichiers',
  paste: 'ou collez un texte',
  pastePlaceholder: 'Collez un texte ici…',
  pasteSave: 'Garder ce texte',
  reading: (name) => `Lecture de « ${name} »…`,
  keptText: (name) => `« ${name} » est maintenant un document de ce projet.`,
  useDemo: 'Ouvrir le projet de démonstration',

  settings: 'Réglages',
  reset: 'Revenir aux valeurs par défaut',
  range: (min, max) => `de ${min} à ${max}`,
  passagesPerPrompt: { label: 'Passages', meaning: 'Nombre de passages mis dans l’invite.' },
  whole: {
    label: 'Les textes entiers s’ils tiennent',
    meaning:
      'Tous les textes cochés vont dans l’invite s’ils tiennent dans le contexte du modèle ; sinon leurs passages.',
  },
  howCut: 'La longueur des passages et la façon de les trouver se règlent à la page',
  bestFor: (model, n) => `Le mieux pour ${model} : ${n}.`,

  steps: {
    index: 'Préparation de la recherche',
    search: 'Recherche des passages',
    load: 'Préparation du modèle',
    prompt: 'Écriture de l’invite',
    answer: 'Réponse en cours',
    keep: 'Enregistrement de la réponse',
  },
  stopping: 'Arrêt…',
  stoppedBefore: 'Arrêté avant qu’une réponse ne commence.',
  failed: 'La réponse n’a pas pu être terminée.',
  noGpu:
    'Voici les passages pour votre question. Pour obtenir une réponse, ouvrez le studio là où WebGPU fonctionne : Chrome ou Edge à jour, Safari 26, ou Firefox sous Windows ou Mac ; sous Linux, il faut parfois activer WebGPU dans Chrome.',
  noGpuCheck: 'Ce qui manque ici',
  editQuestion: 'Modifier et redemander',
  tryAgain: 'Réessayer',
  recovered: 'Le GPU a été réinitialisé pendant la réponse ; la réponse a été calculée de nouveau.',
  indexing: 'Vos textes sont indexés une fois, pour que les passages soient trouvés par leur sens.',
  skipIndex: 'Répondre tout de suite, par les mots',
  skipIndexHint: 'L’indexation continue ; la question suivante pourra s’en servir.',
  notMatched: 'Aucun mot de la question ne figure dans vos textes. Voici leurs premiers passages.',

  answer: 'Réponse',
  answerN: (n) => `Réponse ${n}`,
  nothing: 'Le modèle s’est arrêté sans un mot.',
  again: 'Une autre réponse',
  againHint: 'La même invite avec la graine suivante.',
  mayBeWrong: 'peut se tromper',
  figures: (tokens, perSecond, first) =>
    `${s(tokens, 'jeton', 'jetons')} · ${perSecond} jetons/s · le premier après ${first}`,
  figuresLive: (perSecond) => `${perSecond} jetons/s`,
  settingsUsed: (temperature, seed) => `température ${temperature}, graine ${seed}`,
  finish: {
    length: 'coupée à la longueur maximale',
    cancelled: 'arrêtée à votre demande',
    error: 'interrompue par une erreur',
  },
  same: 'Ces réponses sont identiques, mot pour mot. Une température plus haute les fait varier davantage.',
  closest: 'Phrase la plus proche dans vos textes',
  closestNone: 'Aucune phrase de vos textes ne correspond à cette réponse.',
  closestHint: 'marqués : les mots communs avec la réponse',
  legend: {
    cited: 'souligné : mot pour mot dans le passage de ce numéro',
    uncited: 'gris : une phrase qu’aucun passage ne dit',
    wrong: 'numéro pointillé : pas les mots de ce passage, ou aucun passage de ce numéro',
    foreign: 'pointillé : un mot absent de tous les passages',
  },
  uncitedSentence: 'Aucun passage ne dit cela.',
  unsupportedWord: 'Ce mot n’est dans aucun des passages.',
  cites: (n) => `Passage ${n}`,
  citesWithoutWords: (n) => `Le modèle nomme le passage ${n}, mais ce ne sont pas ses mots.`,
  stands: (n, name) => `Figure dans le passage ${n} : l’ouvrir dans « ${name} »`,
  standsInAnswer: 'Ces mots sont dans la réponse : les ouvrir dans le document',
  citesNothing: (n) => `Il n’y a pas de passage ${n} : le modèle l’a inventé.`,

  passages: 'Passages dans l’invite',
  passagesFound: 'Passages trouvés',
  passage: (n) => `Passage ${n}`,
  from: (name) => `Lire dans « ${name} »`,
  page: (n) => `page ${n}`,
  headings: 'Sous les titres',
  pin: 'Épingler : l’utiliser aussi pour les questions suivantes',
  unpin: 'Désépingler',
  leaveOut: 'L’écarter',
  takeBack: 'Le reprendre',
  pinned: 'Épinglés',
  pinnedHint: 'Les passages épinglés sont dans chaque invite de ce projet.',
  pinsFill: 'Ils remplissent l’invite : rien d’autre n’est cherché.',
  letGo: (name) => `Désépingler le passage de « ${name} »`,
  askWithout: 'Redemander avec ces passages',
  askWithoutHint: (n) =>
    n === 1
      ? 'Sans celui que vous avez écarté ; le meilleur suivant prend sa place.'
      : `Sans les ${n} que vous avez écartés ; les meilleurs suivants prennent leur place.`,
  leftOut: (n) => `${s(n, 'passage écarté', 'passages écartés')} par vous.`,
  scores: 'Scores',
  notScored: 'Gardé par vous, pas cherché.',
  wordsOnly: {
    chosen: 'Trouvés par les mots seuls, comme choisi à la page',
    skipped: 'Trouvés par les mots seuls : les textes ne sont pas encore indexés. Voir la page',
    language:
      'Trouvés par les mots seuls : le modèle de plongement ne reconnaît pas de reformulations dans cette langue. Voir la page',
    missing: 'Trouvés par les mots seuls, car l’index manque. Voir la page',
    failed: 'Trouvés par les mots seuls, car la recherche par le sens a échoué. Voir la page',
    before: 'Trouvés par les mots seuls. La recherche se règle à la page',
  },

  prompt: 'Montrer l’invite',
  promptLabel: 'L’invite, jeton par jeton',
  promptUse: (used, all) => `${used} jetons sur les ${all} du contexte`,
  promptCut: (n) =>
    n === 0
      ? 'Rien n’a été coupé dans les passages.'
      : `${s(n, 'jeton coupé', 'jetons coupés')} à la fin des passages.`,
  promptHover: 'Chaque teinte est un jeton ; gardez le pointeur dessus pour voir son numéro.',

  history: 'Questions précédentes',
  historyAnswers: (n) => s(n, 'réponse', 'réponses'),
  delete: (question) => `Supprimer « ${question} » et ses réponses`,
  deleted: 'Question et réponses supprimées.',
  missing:
    'Cette question n’est pas dans le projet ouvert. Elle a peut-être été supprimée, ou elle appartient à un autre projet.',
  missingBack: 'Toutes les questions',
  running: 'Une réponse est en train de s’écrire.',
  show: 'La voir',
};
