// What the pages of runs say of reward models and of alignment, in French.
import type { Messages } from './en.ts';
import { count } from './count.ts';

const s = count('fr');

export const runKindsFr: Messages['train']['kinds'] = {
  all: 'Tous',
  label: 'Genre',
  names: { sft: 'apprentissage', reward: 'modèle de récompense', ppo: 'alignement' },
  lead: {
    sft: 'Un entraînement : ce qu’il apprend, ce qu’il coûte, ce qu’il répond.',
    reward: 'Un modèle de récompense : comment il apprend laquelle de deux réponses on préférerait.',
    ppo: 'Un alignement : ce que valent les réponses, et à quelle distance de son départ va la politique.',
  },
  used: {
    sft: (train: number, test: number) => `${s(train, 'ligne', 'lignes')} pour apprendre, ${test} pour tester`,
    reward: (train: number, test: number) => `${s(train, 'paire', 'paires')} pour apprendre, ${test} jamais vues`,
    ppo: (train: number, test: number) => `${s(train, 'question', 'questions')} pour s’exercer, ${test} fixes`,
  },
  tested: {
    reward: (loss: string, accuracy: string) =>
      `Test sur des paires jamais vues : choisit comme les gens dans ${accuracy} des cas, perte ${loss}.`,
    ppo: (score: string, right: string) =>
      `Les questions fixes : payées ${score}${right && `, réponses justes ${right}`}.`,
  },

  choices: 'Choisit comme les gens',
  choicesHint:
    'Part des paires où la réponse que les gens ont choisie reçoit la meilleure note. Sur la ligne pointillée, il devine.',
  lossHint:
    'Plus bas, c’est mieux ; 0,693, c’est deviner. Si la ligne du test remonte pendant que l’autre descend, il récite.',
  margin: 'Choisie moins rejetée',
  testMargin: 'La même, paires jamais vues',
  meanScore: 'Note moyenne, réponses jamais vues',
  trust: 'Jusqu’où s’y fier',

  reward: 'Récompense',
  rewardSeries: 'récompense',
  spreadAbove: 'récompense plus son écart',
  spreadBelow: 'récompense moins son écart',
  fixedSeries: 'questions fixes',
  kl: 'KL depuis le départ, en nats par réponse',
  klSeries: 'KL',
  klHint: (target: string) =>
    `La récompense doit monter pendant que la KL reste dans sa bande, jusqu’à ${target}. Loin au-dessus, la politique a quitté ce qu’elle savait.`,
  alarms: 'Alarmes',
  alarmsNone: 'Aucune alarme jusqu’ici.',
  serious: 'grave',
  notice: 'à regarder',

  practice: 'Avec quoi elle s’est exercée',
  practiceNone: 'Les premières réponses viennent avec le premier pas.',
  step: 'Pas',
  newest: 'Dernier pas',
  colour: 'Les jetons montrent',
  colours: { logRatios: 'l’écart au départ', advantages: 'le crédit' },
  colourHint: {
    logRatios:
      'De combien la politique dit un jeton plus volontiers (trait plein) ou moins volontiers (pointillé) qu’à son départ.',
    advantages:
      'Ce que la mise à jour rend plus probable (trait plein) ou moins probable (pointillé), selon ce qui fut payé.',
  },
  tokenKeys: 'Jeton par jeton avec ← et →',
  token: (text: string, value: string) => `«\u00a0${text}\u00a0»\u00a0: ${value}`,
  tokens: 'Jetons de la réponse',
  score: 'Note',
  byModel: 'Modèle de récompense',
  klOf: (kl: string) => `KL ${kl}`,
  notEnded: 'coupée',
  paid: (score: string) => `payée ${score}`,
  fixed: 'Les questions fixes, avant et maintenant',
  contains: 'contient la réponse',
  lacks: 'sans la réponse',
  known: 'Réponse connue',
  more: (n: number) => `Montrer ${s(n, 'autre question', 'autres questions')}`,

  next: {
    trust: 'Voir jusqu’où s’y fier',
    align: 'Aligner avec lui',
    ask: 'Interroger avec lui',
    compare: 'Faire comparer ses réponses',
    evaluate: 'L’évaluer',
  },

  monitor: {
    chooseKind: 'Choisissez un genre pour superposer ses entraînements.',
    overlay: {
      sft: ['Perte au test des entraînements choisis', 'Perte à l’apprentissage des entraînements choisis'],
      reward: ['Perte au test des modèles choisis', 'Perte à l’apprentissage des modèles choisis'],
      ppo: ['Récompense des alignements choisis', 'KL des alignements choisis'],
    },
    which: { sft: ['Test', 'Apprentissage'], reward: ['Test', 'Apprentissage'], ppo: ['Récompense', 'KL'] },
    course: { sft: 'perte à l’apprentissage', reward: 'part des paires jamais vues', ppo: 'récompense' },
    result: {
      sft: (loss: string) => `perte ${loss}`,
      reward: (accuracy: string) => `${accuracy} des paires jamais vues`,
      ppo: (reward: string, kl: string) => `récompense ${reward}, KL ${kl}`,
    },
  },

  lesson: {
    title: 'Regardez un modèle suivre ce qui paie',
    lead: 'Le même très petit modèle s’exerce à répondre. Des règles paient\u00a0: les phrases entières, qui nomment leur source, qui sont justes. Personne ne lui montre de réponse\u00a0: il découvre ce qui paie. Sur cet appareil, dans cet onglet.',
    go: 'Préférer les phrases entières (PPO)',
    again: 'S’exercer encore une fois',
    runName: (n: number) => `Exercice ${n}`,
    textName: 'Textes d’exercice',
    watch: (steps: string, answers: string) =>
      `${steps} pas de ${answers} réponses chacun. La récompense est ce que paient les règles ; la KL dit à quelle distance de son départ le modèle est allé.`,
    share: 'Phrases entières, parmi les réponses aux questions fixes',
    shareWaiting: 'comptées quand elles sont reposées',
    questions: 'Les mêmes questions avant et maintenant, jamais exercées',
    sentence: 'phrase entière',
    noSentence: 'pas une phrase entière',
    keyGo: 'S’exercer, ou mettre en pause et reprendre',
    other: 'Lui apprendre des faits (entraînement)',
    showOther: 'Voir l’exercice (PPO)',
  },
};
