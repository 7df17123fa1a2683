// French words of reward models.
import { count } from './count.ts';
import type { rewardEn } from './rewardEn.ts';
import { rewardSettingsFr } from './rewardSettingsFr.ts';

const s = count('fr');

export const rewardFr: typeof rewardEn = {
  lead: 'Un modèle de récompense apprend des préférences laquelle de deux réponses on choisirait.',
  start: (pairs) => `Entraîner le modèle de récompense sur ${s(pairs, 'paire', 'paires')}`,
  startPlain: 'Entraîner le modèle de récompense',
  startFailed: 'L’entraînement n’a pas pu être lancé.',
  tabs: { label: 'Parties de cette page', quality: 'Verdict', train: 'Entraîner', score: 'Noter' },
  missing: {
    pairs: 'Fusionnez d’abord des préférences',
    gpu: 'L’entraînement demande WebGPU : voir ce qui aiderait',
    show: 'Voir l’entraînement',
    running: 'Un entraînement d’un autre projet est en cours : le voir',
    wrong: (field) => `Corrigez d’abord « ${field} »`,
  },

  empty:
    'Des personnes ont dit laquelle de deux réponses est la meilleure. Un modèle de récompense apprend de ces paires à noter toute réponse : la meilleure doit recevoir la note la plus haute. Il paie ensuite le modèle qui s’exerce, et trouve les comparaisons qui valent le plus d’être jugées.',
  example:
    '« Qui dirige Stuac ? » · préférée : « Stuac est dirigé par Karim Krais [1]. » · rejetée : « David Zurtford. »',
  useDemo: 'Prendre les préférences de la démo',
  demoFailed: 'Les préférences de la démo n’ont pas pu être chargées.',
  demoTaken: (n) => `${s(n, 'préférence fusionnée', 'préférences fusionnées')} à partir du fichier de la démo.`,
  toMerge: 'Fusionner les vôtres',

  rows: {
    title: 'Ce dont il apprend',
    reading: 'Lecture des préférences…',
    sides: (train, test) => `${train} pour apprendre, ${test} pour tester.`,
    pairs: (n) => s(n, 'paire', 'paires'),
    questions: (n) =>
      `${s(n, 'question', 'questions')} ; les paires d’une même question restent toujours du même côté.`,
    excluded: (n) => `${s(n, 'ligne mise de côté', 'lignes mises de côté')} à la main.`,
    tooLong: (n) => `${s(n, 'paire est trop longue', 'paires sont trop longues')} et sera mise de côté.`,
    longer: (share, range) => `La réponse la plus longue a été préférée dans ${share} des cas (${range}).`,
    even: 'Les deux réponses de chaque paire ont la même longueur.',
    tells:
      'La longueur seule expliquerait beaucoup de ces choix : le modèle peut apprendre « plus long, c’est mieux ». Regardez le test à longueur égale avant de lui faire confiance.',
    noTest:
      'Aucune paire n’est gardée pour le test : vous ne saurez pas s’il est d’accord avec les gens. Augmentez la « Part des tests ».',
    table: 'Voir les lignes',
    rowsChanged: 'Les préférences ont été fusionnées à nouveau depuis l’entraînement de ce modèle.',
  },

  settings: 'Réglages',
  reset: 'Revenir aux réglages de départ',

  forecast: {
    title: 'Avant de commencer',
    asking: 'Calcul de la mémoire et du temps…',
    memory: 'Mémoire',
    memoryOf: (bytes, budget) => `${bytes} sur ${budget}`,
    steps: (steps) => `${steps} pas`,
    about: (all) => `environ ${all} sur ce GPU`,
    step: (time) => `${time} par pas`,
    recomputed: (n, all) =>
      `${n} sur ${s(all, 'couche est calculée', 'couches sont calculées')} deux fois pour épargner la mémoire, ce qui prend plus de temps.`,
    problem: 'Cela ne peut pas commencer ainsi.',
  },

  runs: { title: 'Entraînements' },

  models: {
    title: 'Modèles de récompense',
    none: 'Pas encore de modèle de récompense. Dès qu’un modèle est entraîné, le verdict est ici : s’il est d’accord avec les gens sur des paires qu’il n’a jamais vues.',
    use: 'Utilisé',
    useHint: 'Il note la file et les textes plus bas, et il est proposé dans Aligner.',
    choose: (name) => `Utiliser « ${name} »`,
    made: (date, size) => `${date} · ${size}`,
    agrees: (share) => `d’accord à ${share}`,
    unmeasured: 'pas mesuré',
    run: 'Son entraînement',
    exportName: (name) => `Emporter « ${name} »`,
    delete: (name) => `Supprimer « ${name} »`,
    align: 'L’utiliser dans Aligner',
  },

  verdict: {
    title: 'Est-il d’accord avec les gens ?',
    agrees: (share, pairs, range) =>
      `D’accord avec les gens sur ${share} de ${s(pairs, 'paire jamais vue', 'paires jamais vues')} (${range})`,
    gates: {
      passed: 'Réussi : mieux que le hasard et mieux que « la plus longue », même entre réponses de même longueur.',
      unproven:
        'Pas prouvé : sur si peu de paires, on ne le distingue pas du hasard. Entraînez-le sur plus de paires, ou plus longtemps, avant de le laisser payer.',
      lengthAlone:
        'La longueur seule explique les choix à peu près aussi bien : rien ne montre qu’il fait mieux que « la plus longue est la meilleure ». Un modèle qu’il paie pourrait apprendre à écrire long.',
    },
    unmeasured:
      'Ce modèle de récompense n’a jamais été mesuré : il vient d’ailleurs, a été arrêté avant son test, ou aucune paire n’était gardée pour tester. Personne ne sait s’il est d’accord avec les gens.',
    trained: (n) => `Entraîné sur ${s(n, 'paire', 'paires')}.`,
    model: 'Ce modèle',
    matched: 'Même longueur',
    longer: 'La plus longue',
    first: 'La première par ordre alphabétique',
    half: '50 %',
    matchedSentence: (share, pairs, range) =>
      `Là où les deux réponses ont à peu près la même longueur (${s(pairs, 'paire', 'paires')}), il est d’accord sur ${share} (${range}).`,
    matchedNone:
      'Aucune paire de test n’a deux réponses de longueur proche : on ne peut pas distinguer ce que fait la longueur.',
    note: 'Les moustaches sont des intervalles à 95 % qui retirent au sort des questions entières, car les paires d’une même question vont ensemble.',
    interval: (share, low, high) => `${share}, intervalle à 95 % de ${low} à ${high}`,
    range: (low, high) => `${low}–${high}`,
    unknown: '–',

    margins: 'L’écart qu’il met entre elles',
    marginsHint: 'Note de la réponse préférée moins celle de la rejetée ; à gauche du trait, il a tort.',
    marginsLabel: (right, wrong) => `${right} paires à droite de zéro, ${wrong} à gauche`,
    calibration: 'Est-il aussi sûr qu’il a raison ?',
    calibrationHint:
      'Là où il est sûr à ce point de la réponse qu’il préfère, combien de fois les gens ont choisi celle-là. Bien : les deux nombres se valent.',
    calibrationRow: (range) => `sûr à ${range} %`,
    calibrationText: (right, n) => `préférée dans ${right} de ${s(n, 'paire', 'paires')}`,
    length: 'Paie-t-il la longueur ?',
    lengths: {
      none: (r) => `Non : les réponses longues n’ont pas d’autres notes (corrélation ${r}).`,
      some: (r) => `Un peu : les réponses longues ont des notes un peu plus hautes (corrélation ${r}).`,
      strong: (r) => `Oui : les réponses longues ont des notes nettement plus hautes (corrélation ${r}).`,
      shorter: (r) => `Il préfère les réponses courtes (corrélation ${r}).`,
      unknown: 'On ne peut le dire : toutes les réponses ont la même longueur, ou toutes les notes sont égales.',
    },
    scatterLabel: (r) => `Jetons et notes des réponses de test, corrélation ${r}`,
    scatterX: 'jetons',
    scatterY: 'note',
    scatterChosen: 'préférée',
    scatterRejected: 'rejetée',

    worst: 'Où il se trompe le plus',
    worstNone: 'Il place chaque réponse préférée au-dessus de la rejetée.',
    worstHint:
      'Il note plus haut la réponse rejetée. Soit il n’a pas compris, soit le jugement mérite d’être regardé à nouveau.',
    scoresOf: (chosen, rejected) => `préférée ${chosen}, rejetée ${rejected}`,
    chosen: 'Préférée',
    rejected: 'Rejetée',
    openRow: (question) => `Les deux réponses à « ${question} »`,
    prompt: 'La question, comme le modèle la lit',
  },

  trial: {
    title: 'Noter une réponse',
    lead: 'Écrivez une question et une réponse, ou deux à comparer.',
    prompt: 'Question, avec ses passages si elle en a',
    answers: ['Réponse', 'Une autre réponse (facultative)'],
    score: 'Noter',
    scored: (score) => `Note ${score}`,
    places: {
      low: (z) => `bien en dessous de la plupart des réponses apprises (${z} écarts types)`,
      below: (z) => `en dessous de la moyenne des réponses apprises (${z} écarts types)`,
      middle: (z) => `près de la moyenne des réponses apprises (${z} écarts types)`,
      above: (z) => `au-dessus de la moyenne des réponses apprises (${z} écarts types)`,
      high: (z) => `bien au-dessus de la plupart des réponses apprises (${z} écarts types)`,
    },
    axis: (z) => `à ${z} écarts types de la moyenne`,
    better: (name, share) => `Il choisirait « ${name} », sûr à ${share}.`,
    even: 'Il les trouve aussi bonnes l’une que l’autre.',
    tooLong: 'Trop long pour ce modèle : pas de note.',
    missing: 'Écrivez d’abord une réponse.',
    failed: 'La réponse n’a pas pu être notée.',
    noModel: 'Entraînez un modèle de récompense, et toute réponse pourra être notée ici.',
  },

  queue: {
    title: 'Noter la file',
    lead: 'Avec des notes, Annoter peut présenter d’abord ce qui apprend le plus : les paires dont le modèle trouve les réponses presque aussi bonnes.',
    run: (n) => `Noter ${s(n, 'comparaison', 'comparaisons')}`,
    none: 'Ce projet n’a pas de comparaisons. Ajoutez-en dans Annoter.',
    add: 'Ajouter des comparaisons',
    all: (name, date) => `Toutes les comparaisons ont été notées par « ${name} » (${date}).`,
    some: (name, n) => `Notées par « ${name} » ; il en reste ${s(n, 'comparaison', 'comparaisons')} sans note.`,
    other: (name) =>
      `Les notes présentes viennent de « ${name} ». Noter les remplace : deux modèles ont deux échelles.`,
    gone: (name) => `Les notes présentes viennent de « ${name} », qui n’est plus là. Noter les remplace.`,
    files: 'Les notes présentes sont venues avec des fichiers.',
    tooLong: (n) => `${s(n, 'comparaison a', 'comparaisons ont')} une réponse trop longue, et n’a pas reçu de note.`,
    working: (done, total) => `${done} notées sur ${total}`,
    stop: 'Arrêter',
    stopping: 'Arrêt après cette partie…',
    done: (n) => `${s(n, 'réponse notée', 'réponses notées')}.`,
    failed: 'La file n’a pas pu être notée.',
    annotate: 'Juger d’abord les plus instructives',
    gate: 'Il n’a pas réussi son test : ses notes disent peut-être peu.',
  },

  ...rewardSettingsFr,
};
