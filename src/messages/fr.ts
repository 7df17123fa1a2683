// Every word of the interface in French.
import { adaptersFr } from './adaptersFr.ts';
import { alignFr } from './alignFr.ts';
import { askFr } from './askFr.ts';
import { checkFr } from './checkFr.ts';
import { dataFr } from './dataFr.ts';
import { documentsFr } from './documentsFr.ts';
import { judgeFr } from './judgeFr.ts';
import { mergeFr } from './mergeFr.ts';
import { rewardFr } from './rewardFr.ts';
import { tasksFr } from './tasksFr.ts';
import { trainFr } from './trainFr.ts';
import type { Messages } from './en.ts';

const s = (n: number, one: string, other: string): string => `${n.toLocaleString('fr')} ${n < 2 ? one : other}`;

export const fr: Messages = {
  app: {
    name: 'Atelier',
    claim: 'Tout l’atelier d’alignement dans un onglet du navigateur.',
    skip: 'Aller à la page',
    messages: 'Messages',
    loading: 'Ouverture…',
    reload: 'Recharger',
    newVersion: 'Une nouvelle version du studio est prête.',
    pageFailed: 'Cette page n’a pas pu être chargée.',
    pageFailedHelp:
      'Le studio a peut-être été mis à jour depuis l’ouverture de cet onglet. Rechargez-le ; rien n’est perdu.',
    blocked:
      'Un autre onglet du studio est encore ouvert dans une version plus ancienne. Fermez-le ou rechargez-le pour continuer.',
    outdated: 'Une version plus récente du studio est ouverte dans un autre onglet. Rechargez celui-ci.',
    erased: 'Tout a été effacé dans un autre onglet. Rechargez celui-ci pour recommencer.',
    lost: 'Le navigateur a fermé les données de ce site. Rechargez ; si les données du site ont été effacées, elles sont perdues.',
    unexpected: 'Il s’est passé quelque chose que le studio n’avait pas prévu.',
  },

  common: {
    cancel: 'Annuler',
    close: 'Fermer',
    copied: 'Copié',
    copy: 'Copier',
    copyReport: 'Copier le rapport',
    delete: 'Supprimer',
    details: 'Détails',
    dismiss: 'Masquer',
    open: 'Ouvrir',
    rename: 'Renommer',
    save: 'Enregistrer',
    undo: 'Annuler',
    stop: 'Arrêter',
    demo: 'démo',
    demoModel: 'modèle de démonstration',
    percent: (x) => `${Math.round(x * 100)} %`,
  },

  rail: {
    label: 'Étapes et pages',
    chain: 'La chaîne',
    workshop: 'L’établi',
    menu: 'Toutes les pages',
    start: 'Accueil',
    state: {
      empty: 'vide',
      waiting: 'en attente : pas encore indexé',
      working: 'en cours',
      done: 'fait',
      stale: 'périmé : les documents ont changé depuis',
      planned: 'pas encore construit',
    },
    own: {
      'fine-tune': { waiting: 'en attente : pas encore entraîné', stale: 'périmé : les lignes ont changé depuis' },
      reward: {
        waiting: 'en attente\u00a0: pas encore entraîné',
        stale: 'périmé\u00a0: préférences fusionnées depuis',
      },
      align: {
        waiting: 'en attente\u00a0: pas encore aligné',
        stale: 'périmé\u00a0: un modèle de récompense plus récent est là',
      },
      annotate: { waiting: 'en attente : il reste à juger', working: 'en cours' },
      preferences: {
        waiting: 'en attente : pas encore fusionné',
        stale: 'périmé : les jugements ou les règles ont changé depuis',
      },
    },
  },

  reasons: ['exact', 'complet', 'fondé sur les passages', 'clair', 'concis', 'bien écrit', 'sans danger'],

  pages: {
    start: 'Accueil',
    documents: 'Documents',
    ask: 'Questions',
    'fine-tune': 'Ajustement',
    annotate: 'Annotation',
    preferences: 'Préférences',
    reward: 'Récompense',
    align: 'Alignement',
    evaluate: 'Évaluation',
    monitor: 'Suivi',
    models: 'Modèles',
    project: 'Projet',
    settings: 'Réglages',
    runs: 'Entraînement',
    demo: 'Regardez un modèle apprendre',
    check: 'Test de l’appareil',
    missing: 'Page inconnue',
  },

  top: {
    label: 'Projet, modèle et appareil',
    noProject: 'Aucun projet',
    switchProject: (name) => `Projet : ${name}. Changer, renommer ou supprimer`,
    model: (name) => `Modèle utilisé : ${name}`,
    palette: 'Aller à…',
    gpu: {
      idle: 'GPU non démarré',
      loading: 'Chargement du modèle',
      ready: 'GPU prêt',
      busy: 'GPU au travail',
      lost: 'GPU perdu, reprise',
      missing: 'Pas de GPU',
    },
  },

  engine: {
    fetching: (model, loaded, total) => `Chargement de ${model} : ${loaded}${total ? ` sur ${total}` : ''}`,
    compiling: (done, total) => `Préparation du GPU : ${done} noyaux sur ${total}`,
    recovering: 'Le GPU a été réinitialisé ; il redémarre',
    lost: (reason) => `Le GPU a été réinitialisé (${reason}). Il redémarre ; rien n’est perdu.`,
    recovered: (seconds) => `Le GPU est de retour après ${seconds} s.`,
    failed: (reason) => `Le GPU n’est pas revenu : ${reason}`,
    verifying: 'Contrôle du GPU, une seule fois',
    wrong: (kernels) =>
      `Ce GPU calcule des nombres faux (${kernels}) : ne vous fiez pas à ses réponses. Ouvrez #/check et copiez le rapport.`,
  },

  palette: {
    title: 'Aller à une page ou agir',
    placeholder: 'Tapez une page ou un verbe…',
    none: 'Rien ne correspond. Essayez un mot plus court.',
    page: 'page',
    verb: 'action',
    project: 'projet',
  },

  keys: {
    title: 'Touches de cette page',
    everywhere: 'Partout',
    here: 'Sur cette page',
    palette: 'Aller à une page, ou agir',
    help: 'Montrer ces touches',
    close: 'Fermer ce qui est ouvert',
  },

  missing: {
    sentence: (path) => `Il n’y a pas de page à « ${path} ».`,
    help: 'L’adresse est peut-être mal tapée, ou vient d’une autre version.',
    back: 'Retour à l’accueil',
  },

  start: {
    title: 'Atelier',
    sentence:
      'Interrogez vos documents, instruisez un petit modèle, comparez ses réponses, alignez-le, mesurez-le et emportez chaque fichier. Tout dans cet onglet : rien n’est installé, rien n’est envoyé.',
    today:
      'Déjà construits : Documents, Questions, Ajustement, Suivi et le test de l’appareil. Les autres étapes disent ce qu’elles feront.',
    openDemo: 'Ouvrir le projet de démonstration',
    opening: 'Ouverture de la démonstration…',
    newProject: 'Nouveau projet',
    showClass: 'Le montrer à une classe',
    recent: 'Projets',
    none: 'Pas encore de projet. La démonstration apporte six courts rapports et des questions.',
    opened: (date) => `créé le ${date}`,
    current: 'ouvert',
    device: 'Cet appareil',
    gpu: {
      idle: 'GPU : vérifié à la première utilisation d’un modèle',
      loading: 'GPU : chargement du modèle',
      ready: 'GPU : prêt',
      busy: 'GPU : prêt, au travail',
      lost: 'GPU : perdu, en cours de reprise',
      missing:
        'GPU : ce navigateur n’offre pas WebGPU. Les documents fonctionnent ; les réponses demandent Chrome, Edge, Safari 26 ou Firefox avec WebGPU.',
    },
    checkLink: 'Tester cet appareil',
    room: (used, quota) => `Stockage : ${used} utilisés sur ${quota}`,
    kept: 'Le navigateur les garde jusqu’à ce que vous les supprimiez.',
    notKept: 'Le navigateur peut les effacer si le disque se remplit.',
    keep: 'Garder mes données',
    memory: (gib) => `Mémoire : ${gib >= 8 ? 'au moins ' : 'environ '}${gib} Go`,
    memoryUnknown: 'Mémoire : ce navigateur ne la donne pas',
    offline: 'Après cette première visite, le studio s’ouvre sans réseau.',
    demoFailed: 'La démonstration n’a pas pu être ouverte.',
  },

  projects: {
    title: 'Projets',
    new: 'Nouveau projet',
    newName: 'Nom du nouveau projet',
    create: 'Créer',
    name: 'Nom',
    untitled: 'Projet sans titre',
    demoName: 'Projet de démonstration',
    rename: (name) => `Renommer « ${name} »`,
    delete: (name) => `Supprimer « ${name} »`,
    deleted: (name) => `« ${name} » supprimé.`,
    created: (name) => `« ${name} » créé.`,
    manage: 'Page du projet',
  },

  documents: documentsFr,

  planned: {
    badge: 'Pas encore construit',
    notice: 'Cette étape n’est pas encore construite. Voici ce qu’elle fera, et le fichier qu’elle laissera.',
    leaves: 'Elle laisse',
    ready: 'Ce qui marche aujourd’hui :',
    stages: {
      evaluate:
        'Comparer des concurrents sur des questions mises de côté, avec des intervalles, et enregistrer un rapport qui ramène à chaque exemple.',
    },
  },

  models: {
    lead: 'Le modèle de base qui répond, et les adaptateurs qui lui ont été appris.',
    inUse: 'utilisé',
    parameters: 'Paramètres',
    context: 'Contexte',
    tokens: (n) => s(n, 'jeton', 'jetons'),
    languages: 'Langues',
    languageNames: { en: 'anglais', fr: 'français' },
    licence: 'Licence',
    weights: 'Poids (SHA‑256)',
    passages: 'Au mieux avec',
    passagesValue: (n, sentences) => `${s(n, 'passage', 'passages')} de ${s(sentences, 'phrase', 'phrases')}`,
    about:
      'Un très petit modèle, entraîné à partir de rien pour répondre d’après les passages de son invite. Pour enseigner et essayer, pas pour des faits qui comptent.',
    limits: 'Ses limites',
    limitList: [
      'Il ne sait rien par lui-même : il copie les passages.',
      'Il copie les nombres ; il ne calcule pas, et ses comparaisons ne sont pas fiables.',
      'Donnez-lui peu de passages, et courts : avec de longs passages, la plupart des réponses sont fausses.',
      'Le français est plus faible que l’anglais.',
      'Il peut inventer, se tromper de sujet, ou refuser alors que la réponse est là. Vérifiez ses réponses.',
    ],
    later: 'Les modèles d’un dépôt ou d’un dossier de cet appareil ne sont pas encore possibles.',
    usedIn: 'Interroger ce modèle',
  },

  project: {
    lead: 'Ce que contient ce projet.',
    none: 'Aucun projet n’est ouvert.',
    noneHelp: 'Créez-en un, ou ouvrez la démonstration.',
    name: 'Nom',
    made: 'Créé',
    documents: 'Documents',
    answers: 'Réponses',
    restoreDemo: 'Restaurer les documents de la démonstration',
    restored: (n) =>
      n === 0
        ? 'Tous les documents de la démonstration sont déjà là.'
        : `${s(n, 'document restauré', 'documents restaurés')}.`,
    bundle: 'L’emporter',
    bundleNote:
      'L’export et l’import d’un projet en un seul paquet, et le parcours de toute la chaîne d’un coup, ne sont pas encore construits. Vos documents et vos réponses restent dans ce navigateur.',
    danger: 'Supprimer ce projet',
    dangerNote: 'Ses documents et ses réponses partent avec lui. Vous avez dix secondes pour annuler.',
  },

  settings: {
    lead: 'L’aspect du studio, et ce qu’il garde sur cet appareil.',
    look: 'Aspect',
    theme: 'Thème',
    themes: { system: 'Comme le système', light: 'Clair', dark: 'Sombre' },
    language: 'Langue',
    languages: { en: 'English', fr: 'Français' },
    storage: 'Stockage',
    room: (used, quota) => `${used} utilisés sur ${quota}`,
    kept: 'Gardées : le navigateur a promis de ne pas effacer de lui-même les données de ce site.',
    notKept: 'Pas promis : le navigateur peut effacer les données de ce site si le disque se remplit.',
    keep: 'Garder mes données',
    keptNow: 'Le navigateur gardera vos données.',
    keepRefused:
      'Le navigateur n’a pas encore accepté. Utilisez le studio un peu plus, ou ajoutez-le à vos favoris ou à l’écran d’accueil, puis redemandez.',
    embedders: 'Modèles de plongement',
    embeddersNote:
      'De petits modèles qui situent les textes par leur sens. Chaque projet en choisit un sur sa page Documents ; ceux que vous avez apportés en dossiers peuvent être retirés ici.',
    toDocuments: 'En choisir ou en ajouter un',
    erase: 'Tout effacer',
    eraseNote:
      'Retire de ce navigateur tous les projets, documents, réponses et réglages, ainsi que la copie du studio qui sert hors connexion ; la prochaine visite avec une connexion la rechargera. Vous avez dix secondes pour annuler.',
    erasing: 'Tout va être effacé.',
    eraseButton: 'Tout effacer sur cet appareil',
    about: 'À propos',
    version: 'Version',
    licence: 'Licence',
    licenceNote:
      'Le studio et le modèle livré : Apache-2.0. Construit avec Svelte, idb, comlink, les icônes Lucide, transformers.js, ONNX Runtime, voy, pdf.js, htmlparser2, Papa Parse, chardet, uPlot et zip.js (MIT, ISC, BSD et Apache-2.0). Le modèle de plongement : Universal Sentence Encoder lite (Apache-2.0).',
    privacy: 'Rien ne quitte cet onglet : le studio ne parle à aucun autre site.',
  },

  adapters: adaptersFr,
  ask: askFr,
  data: dataFr,
  judge: judgeFr,
  merge: mergeFr,
  reward: rewardFr,
  align: alignFr,
  tasks: tasksFr,
  train: trainFr,
  check: checkFr,

  sampling: {
    temperature: {
      label: 'Température',
      meaning: '0 prend toujours le jeton le plus probable ; plus haut, les réponses varient plus.',
    },
    topK: { label: 'Top k', meaning: 'Seulement les k jetons les plus probables ; 0 = tous.' },
    topP: {
      label: 'Top p',
      meaning: 'Seulement les jetons les plus probables qui atteignent ensemble cette probabilité ; 1 = tous.',
    },
    repetitionPenalty: {
      label: 'Pénalité de répétition',
      meaning: 'Rend moins probables les jetons déjà employés ; 1 = sans effet.',
    },
    maxNewTokens: { label: 'Réponse la plus longue', meaning: 'Nombre de jetons après lequel la réponse est coupée.' },
    seed: { label: 'Graine', meaning: 'Même graine, mêmes réglages, même réponse.' },
  },

  errors: {
    StorageFull:
      'Le navigateur n’a plus de place pour ce site. Supprimez des documents ou des projets, ou libérez le disque, puis réessayez ; rien de ce qui était enregistré n’est perdu.',
    StorageOutdated: 'Cet onglet et les données enregistrées ont des versions différentes. Rechargez cet onglet.',
    StorageTwice: 'Le même contenu est déjà là.',
    StorageFailed:
      'Le navigateur ne laisse pas ce site garder des données. Quittez la navigation privée ou autorisez les données du site, puis rechargez.',
    StorageAbsent:
      'Le navigateur ne laisse pas ce site garder des fichiers : ni documents ni vecteurs ne peuvent être gardés. Quittez la navigation privée ou prenez un autre navigateur.',
    AdapterGone: 'Cet adaptateur n’est plus gardé ici. Il a peut-être été supprimé : choisissez-en un autre.',
    ProjectGone: 'Ce projet a été supprimé définitivement entre-temps et ne peut pas revenir.',
    ComparisonGone: 'Cette comparaison a été supprimée dans un autre onglet. Passez à une autre.',
    DemonstrationGone: 'Cette ligne a été supprimée dans un autre onglet.',
    DocumentGone: 'Ce document a été supprimé définitivement entre-temps et ne peut pas revenir.',
  },
};
