// What PPO is told and what it measures, in French.
import type { alignSettingsEn } from './alignSettingsEn.ts';

export const alignSettingsFr: typeof alignSettingsEn = {
  metric: {
    'objective/scores': {
      label: 'Récompense',
      meaning: 'Ce qu’une réponse est payée en moyenne, par le modèle de récompense et les règles.',
    },
    'objective/scores_std': {
      label: 'Écart des récompenses',
      meaning: 'Combien les réponses diffèrent. À 0, il n’y a rien à apprendre.',
    },
    'objective/model_score': { label: 'Modèle de récompense', meaning: 'Ce que donne le modèle de récompense seul.' },
    'objective/rules_score': { label: 'Règles', meaning: 'Ce que les règles donnent ensemble, pesées.' },
    'objective/kl': { label: 'KL', meaning: 'Combien la politique s’est éloignée de son départ, en nats par réponse.' },
    'objective/kl_coef': { label: 'Coefficient de la KL', meaning: 'Ce que coûte un nat de KL.' },
    'objective/entropy': {
      label: 'Entropie',
      meaning: 'Combien le jeton suivant est ouvert. Près de 0, il dit toujours la même chose.',
    },
    'objective/non_score_reward': { label: 'Coût de la KL', meaning: 'Ce que s’écarter coûte à une réponse ; sous 0.' },
    'objective/rlhf_reward': {
      label: 'Récompense après la KL',
      meaning: 'Ce qu’une réponse est payée moins ce que coûte l’écart : ce que PPO fait monter.',
    },
    'objective/length': { label: 'Longueur', meaning: 'Jetons d’une réponse.' },
    'objective/eos_rate': { label: 'Réponses finies', meaning: 'Part des réponses qui finissent d’elles-mêmes.' },
    'objective/repetition': {
      label: 'Répétition',
      meaning: 'Part des groupes de trois jetons que la réponse a déjà dits.',
    },
    'policy/approxkl_avg': {
      label: 'Chemin d’un pas',
      meaning: 'Combien un pas éloigne la politique des réponses dont elle apprend.',
    },
    'policy/clipfrac_avg': { label: 'Jetons retenus', meaning: 'Part des jetons que la limite retient.' },
    'policy/first_ratio': {
      label: 'Premier rapport',
      meaning: 'Nouvelle sur ancienne probabilité avant la première mise à jour : 1 quand tout va bien.',
    },
    'policy/drift': {
      label: 'Tirage et entraînement',
      meaning: 'Combien les deux diffèrent en log-probabilité par jeton.',
    },
    'loss/policy_avg': {
      label: 'Perte de la politique',
      meaning: 'Ce que la mise à jour de la politique fait descendre.',
    },
    'loss/value_avg': { label: 'Perte de la valeur', meaning: 'Combien la tête de valeur se trompe.' },
    'val/clipfrac_avg': { label: 'Valeurs retenues', meaning: 'Part des valeurs que la limite retient.' },
    'val/explained_variance': {
      label: 'Retours expliqués',
      meaning: '1 = la tête de valeur sait ce que sera payée une réponse ; 0 = pas mieux que la moyenne.',
    },
    'test/score': {
      label: 'Récompense des questions fixes',
      meaning: 'Ce que sont payées les réponses les plus probables à des questions sans exercice.',
    },
    'test/match': {
      label: 'Juste aux questions fixes',
      meaning: 'Part de celles à réponse connue qui la contiennent.',
    },
    'test/length': { label: 'Longueur aux questions fixes', meaning: 'Jetons des réponses les plus probables.' },
    rollout_tokens_per_second: {
      label: 'Jetons tirés par seconde',
      meaning: 'À quelle vitesse les réponses s’écrivent.',
    },
  },

  config: {
    steps: { label: 'Pas', meaning: 'Tours où l’on répond, paie et apprend.' },
    batch: { label: 'Réponses d’un pas', meaning: 'Plus, c’est plus régulier et plus long.' },
    maxNewTokens: {
      label: 'Réponse la plus longue',
      meaning: 'En jetons ; ce qui dépasse est coupé et paie la pénalité.',
    },
    learningRate: { label: 'Taux d’apprentissage', meaning: 'Longueur d’une mise à jour. Trop haut, la KL s’enfuit.' },
    klCoef: { label: 'Coefficient de la KL', meaning: 'Ce que coûte de s’écarter du départ. 0 = rien ne retient.' },
    klTarget: {
      label: 'Cible de la KL',
      meaning: 'Nats par réponse : le bord de la bande du graphique, et là où vise le coefficient adaptatif.',
    },
    samplesPerPrompt: {
      label: 'Réponses par question',
      meaning: 'Plusieurs réponses à une question dans un pas. Doit diviser ses réponses.',
    },
    temperature: { label: 'Température', meaning: 'Avec quelle liberté il s’exerce. 1 = comme le modèle le croit.' },
    ppoEpochs: { label: 'Passages sur un pas', meaning: 'Combien de fois on apprend des mêmes réponses.' },
    minibatches: {
      label: 'Parts d’un passage',
      meaning: 'Mises à jour d’un passage. Doit diviser les réponses d’un pas.',
    },
    missingEosPenalty: { label: 'Pénalité sans fin', meaning: 'Retirée de la note d’une réponse coupée.' },
    klHorizon: {
      label: 'Horizon de la KL',
      meaning: 'Réponses au cours desquelles le coefficient adaptatif peut changer d’un cinquième.',
    },
    stopKl: {
      label: 'Finir un pas dès',
      meaning: 'Les passages s’arrêtent quand le pas a déplacé la politique d’autant ; 0 = jamais.',
    },
    gamma: { label: 'Gamma', meaning: 'Ce que vaut une récompense tardive pour un jeton précoce. 1 = autant.' },
    lambda: { label: 'Lambda', meaning: 'Jusqu’où remonte le crédit : 1 = au premier jeton, avec plus de bruit.' },
    clipRange: {
      label: 'Limite',
      meaning: 'Combien un pas peut changer la probabilité d’un jeton : 0,2 = d’un cinquième.',
    },
    valueClip: { label: 'Limite des valeurs', meaning: 'Combien un pas peut changer une valeur.' },
    valueCoef: { label: 'Poids de la perte de valeur', meaning: 'De la tête de valeur à côté de la politique.' },
    entropyCoef: { label: 'Prime d’entropie', meaning: 'Payée pour rester ouvert. 0 = aucune.' },
    rewardClip: { label: 'Note la plus grande', meaning: 'Les notes sont coupées à plus ou moins cela ; 0 = jamais.' },
    rewardWeight: { label: 'Poids du modèle de récompense', meaning: 'Sa note est multipliée par cela.' },
    rank: { label: 'Rang', meaning: 'Taille de l’adaptateur, quand il part du modèle de base.' },
    alpha: { label: 'Alpha', meaning: 'Force de l’adaptateur : son effet est multiplié par alpha sur rang.' },
    warmup: { label: 'Échauffement', meaning: 'Part des pas pendant lesquels le taux monte depuis 0.' },
    clip: {
      label: 'Limite du gradient',
      meaning: 'Plus grande norme d’un gradient ; au-delà il est raccourci. 0 = jamais.',
    },
    weightDecay: { label: 'Décroissance des poids', meaning: 'Ce qui ramène les poids vers 0.' },
    testPrompts: {
      label: 'Questions fixes',
      meaning: 'Gardées pour regarder : répondues avant, pendant et après, sans s’y exercer.',
    },
    sampleEvery: {
      label: 'Regarder tous les',
      meaning: 'Pas entre deux séries de réponses aux questions fixes ; 0 = seulement au début et à la fin.',
    },
    checkpointEvery: {
      label: 'Enregistrer tous les',
      meaning: 'Pas entre deux points de reprise : ce qu’un onglet fermé perd au plus.',
    },
    memoryBudget: {
      label: 'Mémoire',
      meaning: 'Mio que PPO peut prendre sur le GPU ; au-delà, des couches sont calculées deux fois.',
    },
    seed: {
      label: 'Graine',
      meaning: 'Même graine, mêmes questions, mêmes réglages : le même adaptateur, au bit près.',
    },
    targets: { label: 'Parties entraînées', meaning: 'Les applications linéaires de chaque couche qui sont adaptées.' },
    schedule: {
      label: 'Courbe du taux',
      meaning: 'Comment le taux descend après l’échauffement.',
      options: { linear: 'Linéaire', cosine: 'Cosinus', constant: 'Constante' },
    },
    rsLora: { label: 'Échelle stabilisée (rsLoRA)', meaning: 'Multiplie par alpha sur la racine du rang.' },
    klEstimator: {
      label: 'Estimateur de la KL',
      meaning: 'k1 est exact en moyenne ; k3 n’est jamais sous 0 et a moins de bruit.',
      options: { k1: 'k1', k3: 'k3' },
    },
    klControl: {
      label: 'Le coefficient de la KL est',
      meaning: 'Adaptatif : augmenté quand la KL dépasse sa cible, baissé en dessous.',
      options: { fixed: 'Fixe', adaptive: 'Adaptatif' },
    },
    whitenRewards: {
      label: 'Égaliser les récompenses',
      meaning: 'Divise les récompenses d’un pas par leur écart ; leur moyenne reste.',
    },
    pauseOnAlarm: {
      label: 'Pause à une alarme grave',
      meaning: 'Pour que rien ne s’abîme pendant que vous regardez ailleurs.',
    },
    startAdapterId: { label: 'Part de', meaning: 'La politique part d’ici, et la KL est mesurée contre ce départ.' },
    rewardAdapterId: { label: 'Modèle de récompense', meaning: 'Note les réponses.' },
    rules: { label: 'Règles', meaning: 'Paient ce qui se dit en une phrase.' },
  },
};
