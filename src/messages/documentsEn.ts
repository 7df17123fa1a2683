// The words of the Documents page in English.
import { count } from './count.ts';

const s = count('en');
const n = (x: number): string => x.toLocaleString('en');

export const documentsEn = {
  lead: 'Texts that questions are answered from. They stay in this browser.',
  add: 'Add documents',
  addFirst: 'Add your first documents',
  count: (x: number) => s(x, 'document', 'documents'),
  characters: (x: number) => s(x, 'character', 'characters'),
  words: (x: number) => s(x, 'word', 'words'),
  pages: (x: number) => s(x, 'page', 'pages'),
  chunks: (x: number) => s(x, 'chunk', 'chunks'),
  emptyTitle: 'Nothing here yet',
  empty: 'Add a report, a note, an article: each becomes a document that answers can quote.',
  example: 'Velmont Energy was founded in 1987. It is led by Anna Roux. The company employs 2,340 people.',
  useDemo: 'Use the demo’s documents',
  filter: 'Filter by name',
  filterNone: 'No document has this name.',
  list: 'Documents of this project',
  pick: 'Choose a document to read it and to see its chunks, or search in all of them.',
  added: (x: number) => `Added ${s(x, 'document', 'documents')}.`,
  deleted: (name: string) => `Deleted “${name}”.`,
  rename: 'Rename',
  newName: 'New name',
  delete: 'Delete',
  addedOn: (date: string) => `added ${date}`,
  reading: 'Reading the text…',

  drop: 'Drop files or folders here, or',
  choose: 'choose files',
  chooseFolder: 'choose a folder',
  dropAnywhere: 'Drop to add these files',
  kinds: 'PDF, Word (.docx), Markdown, text, HTML, CSV, JSON and JSON Lines.',
  paste: 'Paste a text',
  pasteTitle: 'Title (or leave it to the first words)',
  pasteText: 'Text',
  pasteSave: 'Add this text',

  types: {
    'text/plain': 'text',
    'text/markdown': 'Markdown',
    'text/html': 'HTML',
    'application/pdf': 'PDF',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
    'text/csv': 'CSV',
    'application/json': 'JSON',
    'application/jsonl': 'JSON Lines',
  },

  imports: {
    title: 'Being added',
    waiting: (x: number) => `${s(x, 'file', 'files')} waiting`,
    read: (done: number, all: number) => `${n(done)} of ${s(all, 'file', 'files')} read`,
    pages: (done: number, all: number) => `page ${n(done)} of ${n(all)}`,
    cancel: (name: string) => `Do not add “${name}”`,
    cancelAll: 'Cancel all',
    dismiss: 'Put these messages away',
    skipped: (x: number) =>
      `${s(x, 'file was', 'files were')} left out: of a type that is not read here, or hidden by the system.`,
  },
  problems: {
    type: (name: string) =>
      `“${name}” is of a type that is not read here. Save it as PDF, Word (.docx), HTML or text and add that.`,
    empty: (name: string) => `“${name}” holds no text. Check the file and add it again.`,
    binary: (name: string) => `“${name}” is not text but binary data. Export it as text, PDF or Word and add that.`,
    tooLarge: (name: string, mb: string) =>
      `“${name}” is too large: a file of this type may have ${mb} MB. Split it into parts.`,
    encrypted: (name: string) => `“${name}” is locked with a password. Save a copy without one and add that.`,
    scanned: (name: string, pages: string) =>
      `“${name}” holds only pictures of text (pages: ${pages}). Run a text recognition (OCR) over it and add the result.`,
    broken: (name: string) => `“${name}” is damaged. Open it in its program, save it anew and add that.`,
    bomb: (name: string) => `“${name}” unfolds to far more data than a document has. It was not opened further.`,
    stuck: (name: string) =>
      `“${name}” made no progress for a minute and was given up. Save it anew, or as text, and add that.`,
    duplicate: (name: string, other: string) => `“${name}” has the same text as “${other}”, which is already here.`,
    cancelled: (name: string) => `“${name}” was not added: you cancelled it.`,
  },

  index: {
    first: (x: number) => `Index ${s(x, 'document', 'documents')}`,
    more: (x: number) => `Index ${s(x, 'more document', 'more documents')}`,
    again: 'Index again: settings changed',
    key: 'Index what is not indexed',
    stopping: 'Stopping…',
    leave: 'It goes on when you leave this page; what is done stays when you stop.',
    failed: 'The documents could not be indexed.',
    unknown: 'It is not known what is indexed.',
    retry: 'Try again',
    why: 'Indexing cuts the texts into chunks and lets a small model place each by its meaning, so that search finds what is said in other words.',
    oneLanguage: (languages: string) =>
      `Paraphrases are matched in ${languages} only; texts in other languages are found by their words, until you choose a multilingual embedder below.`,
    languages: (languages: string) => `Paraphrases are matched in ${languages}.`,
    noLanguages: 'It is not known in which languages this embedder matches paraphrases.',
  },
  indexed: (documents: number, chunks: number) =>
    `Indexed ${s(documents, 'document', 'documents')}: ${s(chunks, 'chunk', 'chunks')}.`,
  steps: {
    begin: 'Starting to index',
    load: (done: string, total: string) => `Loading the embedder: ${done} of ${total}`,
    chunk: (done: string, total: string) => `Cutting: ${done} of ${total} characters`,
    embed: (done: string, total: string) => `Embedding: ${done} of ${total} chunks`,
  },
  secondsLeft: (x: number) => `about ${n(x)} s left`,
  minutesLeft: (x: number) => `about ${n(x)} min left`,
  states: {
    part: (done: number, all: number) => `${n(done)} of ${s(all, 'chunk', 'chunks')} indexed`,
    waiting: 'not indexed yet',
    stale: 'to be indexed again',
  },

  view: {
    emptyPages: (pages: string) => `Without text, pictures or scans perhaps: page ${pages}.`,
    page: 'Page',
    pageOf: (all: number) => `of ${n(all)}`,
    pageN: (page: number) => `Page ${n(page)}`,
    previous: 'Previous page',
    next: 'Next page',
    chunk: (i: number, tokens: number) => `Chunk ${n(i)}: ${s(tokens, 'token', 'tokens')}`,
    overlap: (a: number, b: number) => `In chunk ${n(a)} and in chunk ${n(b)}`,
    found: 'The passage that was asked for',
    gone: 'This document is no longer here.',
  },

  cut: {
    title: 'Chunks',
    size: 'Longest chunk, in tokens',
    overlap: 'Overlap, in tokens',
    sentences: 'Most sentences, 0 = all that fit',
    help: 'Short chunks are found exactly, long ones keep more of their surroundings. What two chunks share is hatched.',
    best: (model: string, sentences: number) =>
      sentences > 0
        ? `${model} works best with ${s(sentences, 'sentence', 'sentences')}.`
        : `${model} works best with as many as fit.`,
    working: 'Cutting…',
    spread: (min: number, median: number, max: number) =>
      `${n(min)} to ${s(max, 'token', 'tokens')}, half of them up to ${n(median)}`,
    histogram: 'How many chunks have how many tokens',
    preview: 'A preview: the next indexing cuts all documents so.',
    undo: 'Keep as it was',
    defaults: 'What suits the model',
  },

  search: {
    title: 'Search',
    label: 'Search in all documents',
    placeholder: 'A question or some words…',
    none: 'Nothing found. Try other words.',
    vector: 'meaning',
    lexical: 'words',
    fused: 'together',
    wordsOnly: 'By words only, because not everything is indexed yet.',
    wordsForeign: 'By words only: the embedder matches no paraphrases in the language of this question.',
    wordsChosen: 'By words only, as chosen below.',
    wordsBecause: (problem: string) => `By words only, because the search by meaning failed: ${problem}`,
    narrow: 'Only in this document',
    found: (x: number) => `${s(x, 'passage', 'passages')} found`,
    how: (rows: number, ms: string) => `${s(rows, 'vector', 'vectors')}, ${ms} ms`,
    kinds: {
      voy: 'The fast index (voy) answered.',
      exact: 'The exact search answered: it compares every vector.',
      none: 'The words were compared; no vectors.',
    },
    why: {
      chosen: 'You chose it.',
      dimensions: 'The embedder’s vectors are longer than the fast index keeps.',
      many: 'There are more vectors than the fast index can hold.',
      crowded: 'Too many vectors agree in one coordinate, which the fast index cannot hold.',
      failed: 'The fast index could not be built.',
    },
  },
  retrieval: {
    title: 'How to search',
    method: 'Method',
    methods: {
      weighted: 'Meaning plus words',
      rrf: 'Both rankings fused',
      vectors: 'Meaning alone',
      words: 'Words alone',
    },
    weight: { label: 'Weight of the words', hint: 'Added to the meaning’s score; 0 = meaning alone.' },
    diversity: { label: 'Variety', hint: 'Prefers passages unlike each other; 0 = off.' },
    index: 'Index',
    indexes: { auto: 'Fast where it can', exact: 'Exact' },
    reset: 'Back to the usual settings',
  },
  embedder: {
    title: 'Embedder',
    sentence: 'The small model that places texts by their meaning.',
    facts: (dim: number, tokens: number, bytes: string) =>
      `${n(dim)} dimensions, reads ${n(tokens)} tokens at once, ${bytes}`,
    unknownLanguages: 'languages unknown',
    add: 'A folder on this device…',
    addHint:
      'A folder as the model hubs have it: config.json, tokenizer.json and onnx/model.onnx. multilingual-e5-small, for one, matches about 100 languages.',
    adding: 'Trying it on a sentence…',
    added: (name: string) => `“${name}” is in use. Index again so that search uses it.`,
    remove: (name: string) => `Remove “${name}” from this device`,
    removed: (name: string) => `Removed “${name}”.`,
    gone: 'The embedder of this project is not on this device any more, so nothing was indexed with another. Choose one, then index.',
  },
  take: {
    title: 'Take it with you',
    sentence:
      'One zip for Python: data/documents/, data/metadata.json and data/index.faiss, which faiss reads as it is.',
    export: 'Export the corpus',
    import: 'Import such a zip…',
    importFolder: 'Import such a folder…',
    working: 'Packing',
    reading: 'Reading',
    file: (project: string) => `${project}-corpus.zip`,
    imported: (documents: number, rows: number) =>
      `Imported ${s(documents, 'document', 'documents')} with ${s(rows, 'vector', 'vectors')}.`,
    unindexed: 'A part is not indexed yet: the zip then holds only the vectors that are there.',
    failed: 'That did not work.',
    bring: 'Bring a corpus that was exported',
    ended: {
      cancelled: 'You cancelled it.',
      stuck: 'It made no progress for a minute and was ended. Try again, or with fewer files.',
    },
  },
};
