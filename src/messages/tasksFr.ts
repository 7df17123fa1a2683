// French words of the ways into the queue of comparisons, and of the way back for feedback.
import { count } from './count.ts';
import type { tasksEn } from './tasksEn.ts';

const s = count('fr');
const n = (x: number): string => x.toLocaleString('fr');

export const tasksFr: typeof tasksEn = {
  title: 'Ajouter des comparaisons',
  lead: 'Une comparaison, c’est une question et deux réponses ou plus. Qui la juge ne voit pas d’où elles viennent.',
  judge: 'Juger',
  ways: {
    label: 'Façons d’en ajouter',
    ask: 'De Questions',
    batch: 'En série',
    file: 'Fichier',
    written: 'À la main',
  },
  inQueue: (x) => `${s(x, 'comparaison', 'comparaisons')} dans la file`,
  added: (x) =>
    x === 0
      ? 'Rien de nouveau : tout est déjà dans la file.'
      : `${s(x, 'comparaison ajoutée', 'comparaisons ajoutées')}.`,
  addFailed: 'Cela n’a pas pu être ajouté.',

  ask: {
    lead: 'Les questions de ce projet qui ont reçu plusieurs réponses différentes.',
    none: 'Rien à ajouter : aucune question n’a deux réponses différentes qui ne soient pas déjà dans la file.',
    toAsk: 'Demander avec deux réponses',
    add: (x) => `Ajouter ${s(x, 'comparaison', 'comparaisons')}`,
    answers: (x) => s(x, 'réponse', 'réponses'),
    more: (x) => `et ${n(x)} de plus`,
    judge: 'Juger ces réponses',
  },

  batch: {
    lead: 'Beaucoup de questions, chacune avec plusieurs réponses, en arrière-plan. La page peut être quittée ; ce qui est fait reste.',
    prompts: 'Questions, une par ligne',
    promptsHint: 'Les questions sans passages sont cherchées dans les documents de ce projet, comme sur Questions.',
    placeholder: 'Qui dirige le projet énergie ?',
    demo: 'Prendre celles de la démo',
    asked: (x) => `Prendre ${s(x, 'question déjà posée', 'questions déjà posées')}`,
    askedName: 'les questions déjà posées',
    drop: 'Déposez ici un fichier .txt ou .jsonl de questions, ou',
    choose: 'choisissez un fichier',
    takenFrom: (name, x) => `${s(x, 'question', 'questions')} : ${name}`,
    noPrompts: (name) => `${name} ne contient aucune question. Écrivez-en une par ligne, ou du JSON avec "prompt".`,
    refused: (name, x) => `${s(x, 'ligne', 'lignes')} de ${name} : illisible comme question.`,
    drop1: (name) => `Laisser ${name}`,
    first: 'Combien en prendre',
    firstHint: (x) => `Les premières sur ${s(x, 'question', 'questions')}.`,
    who: 'Qui répond',
    model: 'Modèle',
    temperature: 'Température',
    draws: 'Réponses',
    another: 'Un autre',
    without: 'Laisser celui-ci',
    length: 'Réponse la plus longue, en jetons',
    greedy: 'À la température 0, toutes les réponses sont les mêmes : montez-la, ou prenez un autre à comparer.',
    few: 'Il faut au moins deux réponses pour comparer.',
    many: (x) => `Au plus ${n(x)} réponses par question.`,
    needsPrompts: 'Écrivez une question, ou prenez-en.',
    needsGpu:
      'Les réponses demandent WebGPU, que ce navigateur n’a pas. Les fichiers et les comparaisons à la main marchent sans lui.',
    start: (prompts, answers) => `Répondre ${n(answers)} fois à ${s(prompts, 'question', 'questions')}`,
    oneRuns: 'Une autre série est en cours : elle passe d’abord.',
    list: 'Séries',
    of: (prompts, answers) => `${s(prompts, 'question', 'questions')}, ${s(answers, 'réponse', 'réponses')} à chacune`,
    running: (done, all) => `${done} sur ${all}`,
    paused: (done, all) => `En pause à ${done} sur ${all}`,
    done: (done, all) => (done === all ? `Les ${all} sont faites` : `Arrêtée à ${done} sur ${all}`),
    left: (time) => `encore ${time}`,
    pausing: 'Mise en pause…',
    pause: 'Mettre en pause',
    resume: 'Reprendre',
    stop: 'Arrêter pour de bon',
    remove: 'Retirer de la liste',
    removed: 'La série est retirée de la liste ; ses comparaisons restent.',
    made: (x) => s(x, 'comparaison faite', 'comparaisons faites'),
    alike: (x) => `${s(x, 'question laissée', 'questions laissées')} : toutes les réponses étaient pareilles`,
    failed: (x) => `${s(x, 'question est restée', 'questions sont restées')} sans réponse`,
    under: (done, all) => `Série : ${done} sur ${all}`,
    finished: (x) => `La série est finie : ${s(x, 'comparaison', 'comparaisons')} à juger.`,
    halted: 'La série est en pause.',
    otherModel: (began, now) =>
      `Elle a commencé avec le modèle ${began}, et ${now} est utilisé. Choisissez à nouveau ${began} pour reprendre, ou lancez une nouvelle série.`,
    elsewhere: 'Elle tourne dans un autre onglet.',
  },

  file: {
    lead: 'Un fichier de questions avec leurs réponses : JSON Lines avec « prompt » et « responses », préférences de TRL, ou exports d’Argilla et de Label Studio.',
    drop: 'Déposez ici un fichier .jsonl ou .json, ou',
    choose: 'choisissez un fichier',
    demo: 'Prendre les comparaisons de la démo',
    reading: (name) => `Lecture de ${name}…`,
    readFailed: 'Ce fichier n’a pas pu être lu.',
    formats: {
      tasks: 'Ce sont des tâches.',
      atelier:
        'Ce sont des avis du studio : leurs questions et réponses sont prises. Pour compter leurs jugements, déposez le fichier sur Préférences.',
      trl: 'Ce sont des préférences : les deux réponses sont prises, pour être jugées à nouveau.',
      argilla: 'C’est un export d’Argilla : ses questions et réponses sont prises, pour être jugées à nouveau.',
      labelStudio:
        'C’est un export de Label Studio : ses questions et réponses sont prises, pour être jugées à nouveau.',
    },
    found: (x) => `${s(x, 'comparaison viendrait', 'comparaisons viendraient')}.`,
    there: (x) =>
      `${s(x, 'autre est déjà dans la file, ou deux fois', 'autres sont déjà dans la file, ou deux fois')} dans le fichier.`,
    known: 'Ce fichier a déjà été pris.',
    title: 'Titre',
    returnTo: 'Les avis vont à',
    guidelines: 'Ce qui est demandé',
    first: 'Les premières',
    answer: (x) => `Réponse ${n(x)}`,
    problems: {
      line: (x) => s(x, 'ligne est laissée', 'lignes sont laissées'),
      entry: (x) => s(x, 'entrée est laissée', 'entrées sont laissées'),
    },
    line: (x) => `ligne ${n(x)}`,
    entry: (x) => `entrée ${n(x)}`,
    more: (x) => `et ${n(x)} de plus`,
    accept: (x) => `Ajouter ${s(x, 'comparaison', 'comparaisons')}`,
    skip: 'Laisser',
    imported: (added, known, refused) =>
      [
        added === 0 ? 'Rien de nouveau' : s(added, 'comparaison ajoutée', 'comparaisons ajoutées'),
        known > 0 ? `${n(known)} déjà là` : '',
        refused > 0 ? s(refused, 'ligne laissée', 'lignes laissées') : '',
      ]
        .filter(Boolean)
        .join(', ') + '.',
  },

  written: {
    lead: 'Une question et ses réponses, écrites ici.',
    question: 'Question',
    passages: 'Passages',
    passagesHint: 'Peut rester vide. Une ligne vide sépare deux passages.',
    answer: (x) => `Réponse ${n(x)}`,
    another: 'Une autre réponse',
    without: (x) => `Laisser la réponse ${n(x)}`,
    add: 'Ajouter la comparaison',
    needsQuestion: 'Écrivez la question.',
    needsAnswers: 'Écrivez au moins deux réponses.',
    alike: 'Deux réponses sont les mêmes : changez-en une.',
  },

  link: {
    fetching: (path) => `Chargement de ${path}…`,
    reading: 'Lecture des comparaisons…',
    failed: 'Les comparaisons de ce lien n’ont pas pu être ouvertes.',
    foreign: (path) =>
      `Les comparaisons ne s’ouvrent que depuis ce site, et ${path} n’y est pas. Téléchargez le fichier et déposez-le ici.`,
    unreachable: (path) => `${path} n’a pas pu être chargé. Vérifiez la connexion, puis réessayez.`,
    refused: (path, status) =>
      `${path} n’est pas là : le site a répondu ${status}. Demandez à qui vous a donné le lien.`,
    empty: (path, problem) => `${path} ne contient rien à juger. ${problem || 'Demandez à qui vous a donné le lien.'}`,
    again: 'Réessayer',
    otherwise: 'Choisir plutôt un fichier',
  },

  back: {
    title: 'Renvoyer',
    lead: 'Vos avis sur chaque fichier de comparaisons, dans un fichier à part. Rien ne part tout seul.',
    everything: 'Tout ce que j’ai jugé ici',
    save: 'Tout enregistrer',
    holds: (name, judged, skipped) =>
      `${name} contient ${s(judged, 'jugement', 'jugements')}${skipped > 0 ? ` et ${s(skipped, 'passée', 'passées')}` : ''}.`,
    empty: 'Rien à renvoyer encore : jugez d’abord une comparaison.',
    share: 'Partager',
    download: 'Télécharger',
    to: (title) => `« ${title} » le demande à`,
    failed: 'Le fichier n’a pas pu être fait.',
    notShared: 'Cet appareil n’a pas pu partager le fichier. Il a été téléchargé.',
    downloaded: (name) => `${name} est dans vos téléchargements.`,
  },
};
