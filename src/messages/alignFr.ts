// Alignment by PPO in French.
import type { alignEn } from './alignEn.ts';
import { alignSettingsFr } from './alignSettingsFr.ts';
import { count } from './count.ts';

const s = count('fr');

export const alignFr: typeof alignEn = {
  lead: 'PPO fait s’exercer le modèle : il répond à vos questions, chaque réponse est payée, et ce qui a été bien payé devient plus probable.',
  tabs: {
    label: 'Parties de cette page',
    prompts: 'Questions',
    settings: 'Récompense et réglages',
    runs: 'Entraînements',
  },
  start: (prompts: number) => `Aligner sur ${s(prompts, 'question', 'questions')}`,
  startFailed: 'L’entraînement n’a pas pu être lancé.',
  runName: (model: string, n: number) => `${model}, alignement ${n}`,
  missing: {
    prompts: 'Ajoutez des questions pour s’exercer',
    reward: 'Choisissez un modèle de récompense ou ajoutez une règle',
    rule: (n: string) => `Terminez d’abord la règle ${n}`,
    weight: 'Donnez un poids : rien n’est payé',
    wrong: (field: string) => `Corrigez d’abord « ${field} »`,
    gate: 'Lisez d’abord l’avertissement sur le modèle de récompense',
    gpu: 'PPO demande WebGPU : voir ce qui aiderait',
    show: 'Voir l’entraînement',
    running: 'Un entraînement d’un autre projet est en cours : le voir',
  },

  prompts: {
    title: 'Questions',
    lead: 'Des questions, avec leurs passages s’il y en a. Le modèle s’y exerce ; personne n’a besoin d’y avoir répondu.',
    empty: 'Pas encore de questions',
    emptyText:
      'PPO demande des questions plutôt que de bonnes réponses : le modèle répond lui-même et il est payé pour ce qu’il dit. Voici une ligne d’un prompts.jsonl :',
    useDemo: 'Prendre les questions de la démo',
    addFile: 'Ajouter un prompts.jsonl',
    drop: 'Déposez ici un prompts.jsonl, ou',
    choose: 'choisissez un fichier',
    example:
      '{"prompt":"Qui dirige le bureau de Berne ?\\n\\nContext:\\n[1] Mara Voss dirige le bureau de Berne.","answer":"Mara Voss"}',
    take: 'Prendre dans ce projet',
    from: {
      preferences: (n: number) => `Préférences (${s(n, 'question', 'questions')})`,
      demonstrations: (n: number) => `Démonstrations (${s(n, 'question', 'questions')})`,
      asked: (n: number) => `Questions posées (${s(n, 'question', 'questions')})`,
    },
    sources: { preferences: 'préférences', demonstrations: 'démonstrations', asked: 'posée' },
    count: (n: number) => s(n, 'question', 'questions'),
    withAnswer: (n: string) => `${n} avec une réponse connue`,
    withAnswerHint:
      'Une réponse connue n’est jamais montrée au modèle. Elle permet à la règle « Bonne réponse » de payer, et de compter juste ou faux sur les questions fixes.',
    search: 'Chercher dans les questions',
    found: (found: string, all: string) => `${found} sur ${all}`,
    nothingFound: 'Aucune question n’a ces mots.',
    passages: (n: number) => s(n, 'passage', 'passages'),
    answer: (answer: string) => `Réponse : ${answer}`,
    more: (n: string) => `En montrer ${n} de plus`,
    remove: (question: string) => `Retirer « ${question} »`,
    removed: (n: number) => `${s(n, 'question retirée', 'questions retirées')}.`,
    removeAll: 'Tout retirer',
    removeFound: (n: string) => `Retirer ces ${n}`,
    added: (n: number, known: number) =>
      n === 0 && known === 0
        ? 'Aucune question dedans.'
        : `${s(n, 'question ajoutée', 'questions ajoutées')}.${known > 0 ? ` ${s(known, 'était', 'étaient')} déjà là.` : ''}`,
    problems: (n: number) => s(n, 'ligne n’a pas pu être lue', 'lignes n’ont pas pu être lues'),
    problem: (line: string, problem: string) => `Ligne ${line} : ${problem}`,
    failed: 'Les questions n’ont pas pu être ajoutées.',
    removeFailed: 'Les questions n’ont pas pu être retirées.',
    loading: 'Lecture des questions…',
  },

  from: {
    title: 'D’où il part',
    label: 'La politique part de',
    base: (model: string) => `${model}, tel quel`,
    hint: 'La politique est le modèle qui s’exerce. Elle est retenue près de son départ : la KL mesure combien elle s’en écarte.',
    gone: 'L’adaptateur choisi n’est plus là. Choisissez un autre départ.',
  },

  reward: {
    title: 'Ce qui est payé',
    lead: 'Un modèle de récompense paie ce que vos annotateurs choisiraient ; une règle paie ce qui se dit en une phrase. Il faut l’un des deux, et ils peuvent s’ajouter.',
    model: 'Modèle de récompense',
    none: 'Aucun : des règles seulement',
    noModels: 'Ce projet n’a pas encore de modèle de récompense.',
    train: 'En entraîner un',
    gate: {
      unproven:
        'Il n’est pas prouvé que ce modèle de récompense s’accorde avec les gens mieux que le hasard : PPO apprendrait alors ses erreurs.',
      lengthAlone:
        'Rien ne montre que ce modèle de récompense fait mieux que « la réponse la plus longue est la meilleure » : PPO pourrait alors apprendre à écrire long.',
      unmeasured:
        'Ce modèle de récompense n’a pas été mesuré sur des paires qu’il n’a pas vues : personne ne sait ce que PPO en apprendrait.',
    },
    agrees: (accuracy: string, from: string, to: string, n: string) =>
      `Sur ${n} paires jamais vues, il choisit comme les gens dans ${accuracy} des cas (entre ${from} et ${to}).`,
    matched: (accuracy: string, n: string) =>
      `Quand les deux réponses sont à peu près aussi longues (${n}) : ${accuracy}.`,
    longer: (accuracy: string) => `En choisissant toujours la plus longue : ${accuracy}.`,
    passed: 'Il a réussi son test.',
    anyway: 'Je le sais, et je continue avec lui',
    see: 'Voir son test',
    gone: 'Le modèle de récompense choisi n’est plus là : seules les règles paient.',
  },

  rules: {
    title: 'Règles',
    none: 'Pas encore de règle. Les règles sont exactes, peu coûteuses et paient pareil pour tous ; un modèle en trouvera chaque faille.',
    add: 'Ajouter une règle',
    full: (n: string) => `Pas plus de ${n} règles.`,
    weight: 'Poids',
    weightHint: 'Ce que vaut un 1 entier. Sous 0, cela coûte.',
    remove: (rule: string) => `Retirer la règle « ${rule} »`,
    number: (n: string) => `Règle ${n}`,
    kinds: {
      contains: { label: 'Contient', meaning: '1 quand la réponse a ces mots, 0 sinon.' },
      regex: {
        label: 'Motif',
        meaning: '1 quand l’expression régulière trouve quelque chose dans la réponse, sinon 0.',
      },
      length: {
        label: 'Longueur',
        meaning: '1 à ce nombre de mots, moins à chaque mot d’écart, 0 à partir de la tolérance.',
      },
      sentence: {
        label: 'Phrase entière',
        meaning: '1 quand elle commence par une majuscule, finit par un point et a au moins quatre mots.',
      },
      cites: { label: 'Cite', meaning: '1 quand la réponse nomme une source « [n] » que la question a.' },
      grounded: {
        label: 'Fondée',
        meaning: 'La part de ses mots de contenu qui se trouvent dans les passages de la question.',
      },
      language: { label: 'Langue', meaning: '1 quand la réponse est dans cette langue.' },
      answer: {
        label: 'Bonne réponse',
        meaning: '1 quand la réponse connue s’y trouve ; les questions sans réponse connue donnent 0.',
      },
    },
    text: 'Mots',
    pattern: 'Expression régulière',
    target: 'Mots',
    tolerance: 'Tolérance',
    targetMeaning: 'De la réponse idéale.',
    toleranceMeaning: 'Mots d’écart, en plus ou en moins.',
    removed: (rule: string) => `Règle « ${rule} » retirée.`,
    language: 'Langue',
    languages: { en: 'Anglais', fr: 'Français', same: 'Celle de la question' },
    empty: 'Écrivez ce qu’elle cherche.',
    badPattern: (problem: string) => `Ce n’est pas une expression régulière : ${problem}`,
    slowPattern: 'Il répète ce qui se répète déjà et pourrait chercher des années : répétez des signes seuls.',
    noAnswers: 'Aucune question n’a de réponse connue : cette règle donnera 0 à toutes.',
    someAnswers: (n: string, all: string) =>
      `${n} questions sur ${all} ont une réponse connue ; les autres reçoivent 0.`,
  },

  tryOut: {
    title: 'Essayer les règles',
    lead: 'Combien cette réponse serait-elle payée ? Changez-la et voyez.',
    prompt: 'Question',
    ofProject: 'Une des questions',
    answer: 'Réponse à essayer',
    placeholder: 'Écrivez une réponse comme le modèle le ferait',
    known: (answer: string) => `Réponse connue : ${answer}`,
    useKnown: 'Essayer la réponse connue',
    total: 'Total',
    value: (rule: string, value: string) => `${rule} : ${value}`,
    times: (value: string, weight: string, paid: string) => `${value} × ${weight} = ${paid}`,
    nothing: 'Écrivez une réponse pour voir ce que chaque règle lui donne.',
    sum: 'La somme des règles. Ce que paie un modèle de récompense, et la pénalité d’une réponse sans fin, s’y ajoutent.',
  },

  settings: 'Réglages',
  preset: 'Préréglage',
  presets: {
    careful: {
      label: 'Prudent',
      meaning: 'La moitié du taux et deux fois plus de retenue : peu change, peu se casse.',
    },
    balanced: { label: 'Équilibré', meaning: 'Le taux qui convient à ce modèle : un bon premier essai.' },
    bold: {
      label: 'Hardi',
      meaning:
        'Deux fois le taux, la moitié de la retenue, plus de pas : pour une récompense sans faille. Surveillez la KL.',
    },
  },
  own: 'Réglages propres : aucun préréglage',
  advanced: 'Réglages avancés',
  range: (min: string, max: string) => `${min}\u00a0à\u00a0${max}`,
  outside: (range: string, whole: boolean) => `Écrivez un nombre ${whole ? 'entier ' : ''}de ${range}.`,
  notDivides: (batch: string) => `Il doit diviser les ${batch} réponses d’un pas : prenez un diviseur.`,
  targetsMissing: 'Choisissez-en au moins une.',

  forecast: {
    title: 'Avant de commencer',
    asking: 'Calcul de la mémoire et du temps…',
    prompts: (train: string, test: string) => `${train} pour s’exercer, ${test} gardées pour regarder.`,
    answers: (answers: string, steps: string) => `${answers} réponses en ${steps} pas.`,
    tooLong: (n: number) =>
      `${s(n, 'question est trop longue pour ce modèle et sera laissée', 'questions sont trop longues pour ce modèle et seront laissées')} de côté.`,
    memory: 'Mémoire',
    memoryOf: (bytes: string, budget: string) => `${bytes} sur ${budget}`,
    recomputed: (n: number, all: number) =>
      `${n} sur ${s(all, 'couche est calculée', 'couches sont calculées')} deux fois pour épargner la mémoire, ce qui prend plus de temps.`,
    about: (all: string) => `Environ ${all} sur ce GPU`,
    step: (time: string) => `${time} par pas`,
    problem: 'Cela ne peut pas commencer ainsi.',
    waiting: 'La prévision vient quand il y a des questions et quelque chose qui est payé.',
  },

  runs: {
    title: 'Entraînements',
    live: 'En cours',
    newest: 'Le plus récent',
    none: 'Pas encore d’alignement. La récompense et la KL paraîtront ici, sur un même axe de temps, dès le premier pas.',
    whole: 'Voir tout l’entraînement',
    others: 'Alignements de ce projet',
    leaves: (name: string) => `Il laisse l’adaptateur « ${name} », que PEFT charge tel quel.`,
    ask: 'L’interroger',
    export: 'L’emporter (PEFT)',
  },

  alarm: {
    klNegative: (value: string, limit: string) =>
      `La KL vaut ${value}, sous ${limit} : les réponses ne viennent plus de ce qui est entraîné, et les chiffres ne sont plus sûrs.`,
    klRunaway: (value: string, limit: string) =>
      `La KL vaut ${value}, au-dessus de ${limit} : la politique s’enfuit de son départ. Augmentez le coefficient de la KL ou baissez le taux.`,
    ratioOff: (value: string, limit: string) =>
      `Avant la première mise à jour, le rapport s’écarte de 1 de ${value} (permis : ${limit}) : tirage et entraînement ne s’accordent pas sur cet appareil.`,
    entropyCollapse: (value: string, limit: string) =>
      `L’entropie est tombée à ${value} (limite : ${limit}) : le modèle dit presque la même chose à tout. Augmentez la prime d’entropie ou le coefficient de la KL.`,
    eosRate: (value: string, limit: string) =>
      `Seules ${value} des réponses finissent d’elles-mêmes (limite : ${limit}). Permettez des réponses plus longues, ou augmentez la pénalité d’une réponse sans fin.`,
    lengthDrift: (value: string, limit: string) =>
      `Les réponses sont ${value} fois aussi longues qu’au départ (limite : ${limit}) : voyez si c’est la longueur qui est payée.`,
    repetition: (value: string, limit: string) =>
      `${value} de ce qui est dit se répète (limite : ${limit}) : regardez les réponses avant de croire la récompense.`,
    valueUseless: (value: string, limit: string) =>
      `La tête de valeur explique ${value} des retours (limite : ${limit}) : elle devine moins bien que la moyenne. Laissez-lui du temps, ou augmentez son poids.`,
    drift: (value: string, limit: string) =>
      `Tirage et entraînement diffèrent de ${value} par jeton (limite : ${limit}) : la mise à jour apprend d’autre chose que de ce qui a été dit.`,
    matchFalls: (value: string, limit: string) =>
      `La récompense monte, mais les réponses justes tombent à ${value} (limite : ${limit}) : la politique a trouvé une faille de la récompense.`,
  },

  ...alignSettingsFr,
};
