// Adapters: the Models page, and who answers on the Ask page, in French.
import type { adaptersEn } from './adaptersEn.ts';
import { count } from './count.ts';

const s = count('fr');

export const adaptersFr: typeof adaptersEn = {
  title: 'Adaptateurs de ce projet',
  lead: 'Ce que le modèle de base a appris : de petits fichiers à côté de lui. Le modèle de base ne change jamais.',
  empty:
    'Aucun adaptateur pour l’instant. Enseignez le modèle par des démonstrations, ou apportez un dossier PEFT fait ailleurs.',
  teach: 'Aller à la page Ajustement',
  bring: 'Apporter un adaptateur',
  drop: 'Déposez ici un dossier PEFT, ou son archive zip, ou',
  choose: 'choisissez une archive zip',
  chooseFolder: 'choisissez un dossier',
  bringing: 'Comparaison de l’adaptateur avec le modèle de base…',
  brought: (name) => `« ${name} » est maintenant un adaptateur de ce projet.`,
  answers: 'répond à vos questions',
  scores: 'modèle de récompense\u00a0: note les réponses',
  trust: 'Jusqu’où s’y fier',
  ask: 'L’interroger',
  back: 'Revenir au modèle de base',
  base: 'Modèle de base',
  baseUnknown: 'un autre modèle, absent de cet appareil',
  otherWeights: 'Fait sur d’autres poids de ce modèle : il ne peut pas répondre ici.',
  rank: 'Rang, alpha',
  rankValue: (rank, alpha) => `${rank}, ${alpha}`,
  rsLora: 'échelle stabilisée par le rang',
  targets: 'Modules visés',
  size: 'Taille',
  sizeValue: (parameters, bytes) => `${s(parameters, 'paramètre', 'paramètres')}, ${bytes}`,
  origin: 'Origine',
  run: 'un entraînement de ce projet',
  outside: 'apporté en fichiers',
  made: 'Fait',
  export: 'Exporter pour PEFT',
  exportHint: 'adapter_config.json, adapter_model.safetensors et une fiche du modèle, dans une archive zip.',
  exportMerged: 'Exporter fusionné',
  exportMergedHint: 'Le modèle entier, l’adaptateur fondu dans ses poids, dans une archive zip que transformers ouvre.',
  exporting: 'Préparation du fichier…',
  rename: (name) => `Renommer « ${name} »`,
  name: 'Nom de l’adaptateur',
  delete: (name) => `Supprimer « ${name} »`,
  deleted: (name) => `« ${name} » est supprimé. Les réponses qu’il a données restent.`,
  deletedScorer: (name) => `« ${name} » est supprimé. Les notes qu’il a données restent.`,

  precision: 'Poids du modèle de base sur le GPU',
  precisions: { f32: 'f32 : exacts', f16: 'f16 : moitié de place' },
  precisionHint:
    'Les sommes sont en f32 dans les deux cas. Un changement recharge le modèle de base ; les adaptateurs ne changent pas.',
  reloading: 'Le modèle de base est rechargé…',
  precisionLater:
    'Un entraînement utilise le modèle de base : ce réglage pourra changer quand il sera fini ou en pause.',

  who: 'Qui répond',
  baseAlone: (model) => `${model} seul`,
  with: (adapter) => `avec ${adapter}`,
  compare: 'Les deux réponses sont',
  beside: 'base et adaptateur',
  draws: 'deux tirages',
  besideHint: 'La même invite et la même graine pour les deux : seul l’adaptateur diffère.',
  same: 'Ces réponses sont identiques, mot pour mot : l’adaptateur ne change rien ici.',
  gone: 'un adaptateur supprimé',
  inUse: (model, adapter) => `${model} avec l’adaptateur ${adapter}`,
};
