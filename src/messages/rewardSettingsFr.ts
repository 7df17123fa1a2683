// French words of the settings of a reward model.
import type { rewardSettingsEn } from './rewardSettingsEn.ts';

export const rewardSettingsFr: typeof rewardSettingsEn = {
  config: {
    steps: { label: 'Pas', meaning: 'Mises à jour de l’adaptateur ; 0 = autant que demandent les époques.' },
    epochs: { label: 'Époques', meaning: 'Passages sur toutes les paires ; compte quand les pas sont à 0.' },
    batch: { label: 'Lot', meaning: 'Paires lues à la fois. Plus, c’est plus régulier et prend plus de mémoire.' },
    learningRate: {
      label: 'Taux d’apprentissage',
      meaning: 'Longueur d’un pas. Trop haut, il oublie ce qu’il lit.',
    },
    rank: { label: 'Rang', meaning: 'Taille de l’adaptateur : ce qu’il peut apprendre, et le poids de son fichier.' },
    alpha: { label: 'Alpha', meaning: 'Force de l’adaptateur : son effet est multiplié par alpha sur rang.' },
    headRate: { label: 'Taux de la tête', meaning: 'Fois le taux d’apprentissage : la tête qui note part de zéro.' },
    dropout: {
      label: 'Abandon (dropout)',
      meaning: 'Part des entrées de l’adaptateur laissées au hasard, pour qu’il ne récite pas.',
    },
    centering: {
      label: 'Centrage',
      meaning: 'Ramène les notes vers zéro, pour qu’elles restent comparables ; 0 = non.',
    },
    maxLength: {
      label: 'Texte le plus long',
      meaning: 'Question et réponse, en jetons ; une paire qui dépasse est mise de côté.',
    },
    warmup: { label: 'Échauffement', meaning: 'Part des pas pendant lesquels le taux monte depuis 0.' },
    clip: {
      label: 'Limite du gradient',
      meaning: 'Plus grande norme d’un gradient ; au-delà il est raccourci. 0 = jamais.',
    },
    weightDecay: { label: 'Décroissance des poids', meaning: 'Ce qui ramène les poids vers 0.' },
    testShare: { label: 'Part des tests', meaning: 'Combien de questions sont gardées pour le test.' },
    evalEvery: { label: 'Tester tous les', meaning: 'Pas entre deux tests ; 0 = seulement au début et à la fin.' },
    checkpointEvery: {
      label: 'Enregistrer tous les',
      meaning: 'Pas entre deux points de reprise : ce qu’un onglet fermé perd au plus.',
    },
    memoryBudget: {
      label: 'Mémoire',
      meaning: 'Mio que l’entraînement peut prendre sur le GPU ; au-delà, des couches sont calculées deux fois.',
    },
    seed: { label: 'Graine', meaning: 'Même graine, mêmes paires, mêmes réglages : le même modèle, au bit près.' },
    targets: { label: 'Parties entraînées', meaning: 'Les applications linéaires de chaque couche qui sont adaptées.' },
    schedule: {
      label: 'Courbe du taux',
      meaning: 'Comment le taux descend après l’échauffement.',
      options: { linear: 'Linéaire', cosine: 'Cosinus', constant: 'Constante' },
    },
    rsLora: { label: 'Échelle stabilisée (rsLoRA)', meaning: 'Multiplie par alpha sur la racine du rang.' },
    useMargin: {
      label: 'Tenir compte de l’écart',
      meaning: 'Une préférence donnée avec force doit l’emporter d’autant.',
    },
  },
};
