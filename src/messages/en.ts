// Every word of the interface in English; its shape is the type that other languages satisfy.
import { adaptersEn } from './adaptersEn.ts';
import { alignEn } from './alignEn.ts';
import { askEn } from './askEn.ts';
import { checkEn } from './checkEn.ts';
import { dataEn } from './dataEn.ts';
import { documentsEn } from './documentsEn.ts';
import { judgeEn } from './judgeEn.ts';
import { mergeEn } from './mergeEn.ts';
import { rewardEn } from './rewardEn.ts';
import { tasksEn } from './tasksEn.ts';
import { trainEn } from './trainEn.ts';

const s = (n: number, one: string, other: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : other}`;

export const en = {
  app: {
    name: 'Atelier',
    claim: 'The whole alignment workshop in one browser tab.',
    skip: 'Skip to the page',
    messages: 'Messages',
    loading: 'Opening…',
    reload: 'Reload',
    newVersion: 'A new version of the studio is ready.',
    pageFailed: 'This page could not be loaded.',
    pageFailedHelp: 'The studio may have been updated since this tab was opened. Reload it; nothing is lost.',
    blocked: 'Another tab of the studio is still open with an older version. Close or reload it to go on.',
    outdated: 'A newer version of the studio is open in another tab. Reload this one.',
    erased: 'Everything was erased in another tab. Reload this one to begin anew.',
    lost: 'The browser closed the stored data of this site. Reload; if the site data was cleared, it is gone.',
    unexpected: 'Something went wrong that the studio did not foresee.',
  },

  common: {
    cancel: 'Cancel',
    close: 'Close',
    copied: 'Copied',
    copy: 'Copy',
    copyReport: 'Copy report',
    delete: 'Delete',
    details: 'Details',
    dismiss: 'Dismiss',
    open: 'Open',
    rename: 'Rename',
    save: 'Save',
    undo: 'Undo',
    stop: 'Stop',
    demo: 'demo',
    demoModel: 'demo model',
    percent: (x: number) => `${Math.round(x * 100)}%`,
  },

  rail: {
    label: 'Stages and pages',
    chain: 'The chain',
    workshop: 'Workshop',
    menu: 'All pages',
    start: 'Start',
    state: {
      empty: 'empty',
      waiting: 'waiting: not indexed yet',
      working: 'working',
      done: 'done',
      stale: 'stale: documents changed since',
      planned: 'not built yet',
    },
    /** Where a stage says it in words of its own. */
    own: {
      'fine-tune': { waiting: 'waiting: not trained yet', stale: 'stale: rows changed since' },
      annotate: { waiting: 'waiting: there is something to judge', working: 'under way' },
      reward: { waiting: 'waiting: not trained yet', stale: 'stale: preferences merged since' },
      align: { waiting: 'waiting: not aligned yet', stale: 'stale: a newer reward model is there' },
      preferences: { waiting: 'waiting: not merged yet', stale: 'stale: feedback or policy changed since' },
    } as Record<string, Record<string, string>>,
  },

  /** Why one answer is better: to choose from, where neither the project nor a file of tasks names its own. */
  reasons: ['correct', 'complete', 'grounded in the passages', 'clear', 'concise', 'well written', 'safe'],

  pages: {
    start: 'Start',
    documents: 'Documents',
    ask: 'Ask',
    'fine-tune': 'Fine-tune',
    annotate: 'Annotate',
    preferences: 'Preferences',
    reward: 'Reward',
    align: 'Align',
    evaluate: 'Evaluate',
    monitor: 'Monitor',
    models: 'Models',
    project: 'Project',
    settings: 'Settings',
    runs: 'Run',
    demo: 'Watch a model learn',
    check: 'Device check',
    missing: 'No such page',
  },

  top: {
    label: 'Project, model and device',
    noProject: 'No project',
    switchProject: (name: string) => `Project: ${name}. Switch, rename or delete`,
    model: (name: string) => `Model in use: ${name}`,
    palette: 'Go to…',
    gpu: {
      idle: 'GPU not started',
      loading: 'Loading model',
      ready: 'GPU ready',
      busy: 'GPU working',
      lost: 'GPU lost, recovering',
      missing: 'No GPU',
    },
  },

  engine: {
    fetching: (model: string, loaded: string, total: string | null) =>
      `Loading ${model}: ${loaded}${total ? ` of ${total}` : ''}`,
    compiling: (done: number, total: number) => `Preparing the GPU: ${done} of ${total} kernels`,
    recovering: 'The GPU was reset; it is being started again',
    lost: (reason: string) => `The GPU was reset (${reason}). It is being started again; nothing is lost.`,
    recovered: (seconds: string) => `The GPU is back after ${seconds} s.`,
    failed: (reason: string) => `The GPU did not come back: ${reason}`,
    verifying: 'Checking this GPU’s numbers, once',
    wrong: (kernels: string) =>
      `This GPU computes wrong numbers (${kernels}): do not trust its answers. Open #/check and copy the report.`,
  },

  palette: {
    title: 'Go to a page or do something',
    placeholder: 'Type a page or a verb…',
    none: 'Nothing matches. Try a shorter word.',
    page: 'page',
    verb: 'verb',
    project: 'project',
  },

  keys: {
    title: 'Keys of this page',
    everywhere: 'Everywhere',
    here: 'On this page',
    palette: 'Go to a page, or do something',
    help: 'Show these keys',
    close: 'Close what is open',
  },

  missing: {
    sentence: (path: string) => `There is no page at “${path}”.`,
    help: 'The address may be mistyped, or it comes from another version.',
    back: 'Back to Start',
  },

  start: {
    title: 'Atelier',
    sentence:
      'Ask your documents, teach a small model, compare its answers, align it, measure it, and take every file with you. All in this tab: nothing is installed, nothing is uploaded.',
    today:
      'Built so far: Documents, Ask, Fine-tune, Monitor and the device check. The other stages say what they will do.',
    openDemo: 'Open the demo project',
    opening: 'Opening the demo…',
    newProject: 'New project',
    showClass: 'Show it to a class',
    recent: 'Projects',
    none: 'No project yet. The demo brings six short reports and questions about them.',
    opened: (date: string) => `made ${date}`,
    current: 'open',
    device: 'This device',
    gpu: {
      idle: 'GPU: checked when a model is first used',
      loading: 'GPU: loading the model',
      ready: 'GPU: ready',
      busy: 'GPU: ready, working now',
      lost: 'GPU: lost, being started again',
      missing:
        'GPU: this browser offers no WebGPU. Documents still work; answers need Chrome, Edge, Safari 26 or Firefox with WebGPU.',
    },
    checkLink: 'Check this device',
    room: (used: string, quota: string) => `Storage: ${used} used of ${quota}`,
    kept: 'The browser keeps it until you delete it.',
    notKept: 'The browser may clear it when the disk runs low.',
    keep: 'Keep my data',
    memory: (gib: number) => `Memory: ${gib >= 8 ? 'at least ' : 'about '}${gib} GB`,
    memoryUnknown: 'Memory: this browser does not say',
    offline: 'After this first visit the studio opens without a network.',
    demoFailed: 'The demo could not be opened.',
  },

  projects: {
    title: 'Projects',
    new: 'New project',
    newName: 'Name of the new project',
    create: 'Create',
    name: 'Name',
    untitled: 'Untitled project',
    demoName: 'Demo project',
    rename: (name: string) => `Rename “${name}”`,
    delete: (name: string) => `Delete “${name}”`,
    deleted: (name: string) => `Deleted “${name}”.`,
    created: (name: string) => `Created “${name}”.`,
    manage: 'Project page',
  },

  documents: documentsEn,

  planned: {
    badge: 'Not built yet',
    notice: 'This stage is not built yet. Here is what it will do, and the file it will leave.',
    leaves: 'It leaves',
    ready: 'What works today:',
    stages: {
      evaluate:
        'Compare contenders on held-out questions, with intervals, and save a report that leads back to each example.',
    },
  },

  models: {
    lead: 'The base model that answers, and the adapters that were taught to it.',
    inUse: 'in use',
    parameters: 'Parameters',
    context: 'Context',
    tokens: (n: number) => s(n, 'token', 'tokens'),
    languages: 'Languages',
    languageNames: { en: 'English', fr: 'French' } as Record<string, string>,
    licence: 'Licence',
    weights: 'Weights (SHA‑256)',
    passages: 'Works best with',
    passagesValue: (n: number, sentences: number) =>
      `${s(n, 'passage', 'passages')} of ${s(sentences, 'sentence', 'sentences')}`,
    about:
      'A very small model, trained from nothing to answer from the passages in its prompt. For teaching and trying out, not for facts that matter.',
    limits: 'Its limits',
    limitList: [
      'It knows nothing by itself: it copies from the passages.',
      'It copies numbers; it does not compute, and comparisons are unreliable.',
      'Give it few, short passages: with long ones most answers are wrong.',
      'French is weaker than English.',
      'It can invent, name the wrong subject, or refuse although the answer is there. Check its answers.',
    ],
    later: 'Models from a hub or from a folder on this device are not built yet.',
    usedIn: 'Ask with this model',
  },

  project: {
    lead: 'What this project holds.',
    none: 'No project is open.',
    noneHelp: 'Make one, or open the demo.',
    name: 'Name',
    made: 'Made',
    documents: 'Documents',
    answers: 'Answers',
    restoreDemo: 'Restore the demo’s documents',
    restored: (n: number) =>
      n === 0 ? 'All demo documents are here already.' : `Restored ${s(n, 'document', 'documents')}.`,
    bundle: 'Taking it with you',
    bundleNote:
      'Export and import of a project as one bundle, and running the whole chain in one go, are not built yet. Your documents and answers stay in this browser.',
    danger: 'Delete this project',
    dangerNote: 'Its documents and answers go with it. You have ten seconds to undo.',
  },

  settings: {
    lead: 'How the studio looks, and what it keeps on this device.',
    look: 'Look',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    language: 'Language',
    languages: { en: 'English', fr: 'Français' },
    storage: 'Storage',
    room: (used: string, quota: string) => `${used} used of ${quota}`,
    kept: 'Kept: the browser promised not to clear this site’s data by itself.',
    notKept: 'Not promised: the browser may clear this site’s data when the disk runs low.',
    keep: 'Keep my data',
    keptNow: 'The browser will keep your data.',
    keepRefused:
      'The browser did not agree yet. Use the studio a little more, or add it to your bookmarks or home screen, then ask again.',
    embedders: 'Embedders',
    embeddersNote:
      'Small models that place texts by their meaning. Each project chooses one on its Documents page; those that you brought as folders can be removed here.',
    toDocuments: 'Choose or add one',
    erase: 'Erase everything',
    eraseNote:
      'Removes all projects, documents, answers and settings from this browser, and the copy of the studio that works offline; the next visit with a connection fetches that again. You have ten seconds to undo.',
    erasing: 'Everything will be erased.',
    eraseButton: 'Erase everything on this device',
    about: 'About',
    version: 'Version',
    licence: 'Licence',
    licenceNote:
      'The studio and the shipped model: Apache-2.0. Built with Svelte, idb, comlink, Lucide icons, transformers.js, ONNX Runtime, voy, pdf.js, htmlparser2, Papa Parse, chardet, uPlot and zip.js (MIT, ISC, BSD and Apache-2.0). The embedder: Universal Sentence Encoder lite (Apache-2.0).',
    privacy: 'Nothing leaves this tab: the studio talks to no other site.',
  },

  adapters: adaptersEn,
  ask: askEn,
  data: dataEn,
  judge: judgeEn,
  merge: mergeEn,
  reward: rewardEn,
  align: alignEn,
  tasks: tasksEn,
  train: trainEn,
  check: checkEn,

  sampling: {
    temperature: { label: 'Temperature', meaning: '0 always takes the likeliest token; higher values vary more.' },
    topK: { label: 'Top k', meaning: 'Only the k likeliest tokens; 0 = all.' },
    topP: { label: 'Top p', meaning: 'Only the likeliest tokens that together reach this probability; 1 = all.' },
    repetitionPenalty: {
      label: 'Repetition penalty',
      meaning: 'Makes tokens that were already used less likely; 1 = off.',
    },
    maxNewTokens: { label: 'Longest answer', meaning: 'Tokens after which the answer is cut.' },
    seed: { label: 'Seed', meaning: 'Same seed, same settings, same answer.' },
  },

  errors: {
    StorageFull:
      'The browser has no room left for this site. Delete documents or projects, or free disk space, and try again; nothing that was saved before is lost.',
    StorageOutdated: 'This tab and the stored data have different versions. Reload this tab.',
    StorageTwice: 'The same content is already here.',
    StorageFailed:
      'The browser does not let this site keep data. Leave private browsing or allow site data, then reload.',
    StorageAbsent:
      'The browser does not let this site keep files: neither documents nor vectors can be kept. Leave private browsing, or use another browser.',
    AdapterGone: 'This adapter is not kept here any more. It may have been deleted: choose another.',
    ProjectGone: 'This project was deleted for good meanwhile and cannot come back.',
    ComparisonGone: 'This comparison was deleted in another tab. Go on with another.',
    DemonstrationGone: 'This row was deleted in another tab.',
    DocumentGone: 'This document was deleted for good meanwhile and cannot come back.',
  } as Record<string, string>,
};

export type Messages = typeof en;
