// The demo that ships with the site: its documents, questions to start from, and rows to learn.

export interface DemoQuestion {
  question: string;
  answer: string;
  /** File name of the document that holds the answer. */
  document: string;
  lang: 'en' | 'fr';
  answerable: boolean;
}

interface DemoIndex {
  documents: string[];
  questions: string;
  train: string;
  test: string;
  feedback: string;
  preferences: string;
  tasks: string;
  prompts: string;
}

async function get(path: string): Promise<Response> {
  const url = new URL(`datasets/${path}`, document.baseURI);
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`demo: datasets/${path} must be served with the site, got ${response.status}. Reload the page.`);
  return response;
}

export async function demoDocuments(): Promise<File[]> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  return Promise.all(
    index.documents.map(
      async (path) => new File([await (await get(path)).blob()], path.slice(path.lastIndexOf('/') + 1)),
    ),
  );
}

export async function demoQuestions(): Promise<DemoQuestion[]> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  const lines = (await (await get(index.questions)).text()).split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as DemoQuestion);
}

export async function demoRows(): Promise<{ train: File; test: File }> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  const file = async (path: string): Promise<File> => new File([await (await get(path)).blob()], path);
  const [train, test] = await Promise.all([file(index.train), file(index.test)]);
  return { train, test };
}

export async function demoFeedback(): Promise<File> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  return new File([await (await get(index.feedback)).blob()], index.feedback);
}

/** Many pairs of a chosen and a rejected answer, as others would leave them. */
export async function demoPreferences(): Promise<File> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  return new File([await (await get(index.preferences)).blob()], index.preferences);
}

/** What the site publishes to be annotated, as its place on the site: "datasets/tasks.jsonl". */
export async function demoTasks(): Promise<string> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  return `datasets/${index.tasks}`;
}

export async function demoPrompts(): Promise<File> {
  const index = (await (await get('index.json')).json()) as DemoIndex;
  return new File([await (await get(index.prompts)).blob()], index.prompts);
}
