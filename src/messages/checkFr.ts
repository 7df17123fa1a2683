// The device page in French.
import type { checkEn } from './checkEn.ts';
import { count } from './count.ts';

const s = count('fr');

export const checkFr: typeof checkEn = {
  lead: 'Ce que ce navigateur et son GPU peuvent faire pour le studio, si nos noyaux y calculent juste, et à quelle vitesse.',
  run: 'Vérifier cet appareil',
  runAgain: 'Vérifier à nouveau',
  running: (percent) => `Vérification… ${percent}`,
  note: 'Cela prend environ une demi-minute. Rien n’est envoyé ; c’est vous qui copiez le rapport.',
  failed: 'La vérification n’a pas pu être terminée.',
  verdict: {
    good: (kernels) =>
      kernels < 2
        ? 'Le noyau calcule juste sur cet appareil.'
        : `Les ${kernels} noyaux calculent juste sur cet appareil.`,
    bad: (failed, kernels) =>
      `${s(failed, 'noyau calcule', 'noyaux calculent')} faux sur cet appareil, sur ${kernels}. On ne peut pas se fier aux réponses ici. Copiez le rapport et envoyez-le au projet, s’il vous plaît.`,
    missing: 'Pas de WebGPU ici : documents et recherche fonctionnent, réponses et entraînement non.',
  },
  help: 'Ce qui aiderait : Chrome ou Edge à jour, Safari 26, ou Firefox sous Windows ou Mac. Sous Linux, ouvrez chrome://flags et activez « Unsafe WebGPU Support » et « Vulkan ». Sur un ordinateur géré, WebGPU peut être désactivé par l’administration. Une page ouverte en simple http n’a pas WebGPU.',

  adapter: 'Adaptateur',
  adapterRows: { vendor: 'Fabricant', architecture: 'Architecture', device: 'Appareil', description: 'Description' },
  fallback: 'Adaptateur logiciel : le processeur joue le rôle du GPU. Tout marche, lentement.',
  kernelPlan: 'Plan des noyaux',
  kernelPlanNote: 'Les appareils de même plan exécutent les mêmes shaders avec les mêmes tuiles.',
  unknown: 'non communiqué',

  limits: 'Limites',
  limit: 'Limite',
  granted: 'Les nôtres',
  offered: 'Offertes',
  features: 'Fonctions',
  wgslFeatures: 'Fonctions du langage WGSL',
  noneOffered: 'aucune',

  gate: 'Nombres',
  gateNote: 'Chaque noyau calcule un petit cas dont le résultat est connu.',
  kernel: 'Noyau',
  result: 'Résultat',
  error: 'Plus grande erreur',
  tolerance: 'Tolérance',
  time: 'Durée',
  passed: 'juste',
  wrong: 'faux',

  bench: 'Vitesse',
  benchNote: 'Une mesure de dix secondes.',
  benchNames: {
    dispatch: 'Un lancement de presque rien',
    'matmul 256': 'Produit de deux matrices 256 × 256',
    'matmul 1024': 'Produit de deux matrices 1024 × 1024',
    memory: 'Lecture et écriture en mémoire',
    generation: 'Une réponse du modèle de démonstration',
  },
  units: { 'tokens/s': 'jetons/s', 'GB/s': 'Go/s' },
  measured: 'Mesure',
  value: 'Valeur',

  browser: 'Navigateur',
  browserRows: {
    agent: 'Nom',
    platform: 'Système',
    cores: 'Cœurs du processeur',
    memory: 'Mémoire',
    isolated: 'Isolé (fils d’exécution et horloges exactes)',
    userAgent: 'Agent utilisateur',
  },
  atLeast: (gib) => (gib >= 8 ? `${gib} Go ou plus` : `environ ${gib} Go`),
  yes: 'oui',
  no: 'non',

  storage: 'Stockage',
  used: 'Utilisé',
  quota: 'Place',
  kept: 'Conservation promise',

  lose: 'Perdre le GPU exprès',
  loseTitle: 'Quand le GPU se perd',
  loseNote:
    'Un pilote redémarre, un portable se met en veille, un onglet manque de mémoire. Ceci détruit l’accès au GPU comme le ferait une panne ; le studio en prend un nouveau, recharge le modèle et reprend ce qu’il faisait.',
  losing: 'Perdu. Nouvel accès en cours…',
  back: (seconds) => `Perdu, puis revenu après ${seconds} s. Rien n’est perdu.`,
  loseFailed: 'Le GPU n’est pas revenu.',

  report: 'Rapport',
  showReport: 'Le lire ici',
  copyReport: 'Copier le rapport',
  download: 'Télécharger en JSON',
  reportNote: 'En Markdown et en anglais. Il nomme l’appareil et le navigateur ; il ne contient rien de vos projets.',
};
