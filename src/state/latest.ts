// One question after another while a person types or drags: only the latest is asked, only its answer is delivered.

export interface Latest<Question> {
  /** Asked after a pause without another; null asks nothing and forgets what is under way. */
  ask(question: Question | null): void;
}

interface Ends<Question, Answer> {
  run: (question: Question) => Promise<Answer>;
  done: (answer: Answer, question: Question) => void;
  failed: (error: unknown, question: Question) => void;
}

/** One at a time: the worker that answers cannot be hurried by asking twice. */
export function latest<Question, Answer>(
  { run, done, failed }: Ends<Question, Answer>,
  pauseMs: number,
): Latest<Question> {
  let wanted: { question: Question } | null = null;
  let running = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function go(): Promise<void> {
    if (running) return;
    running = true;
    while (wanted) {
      const now: { question: Question } = wanted;
      const tell = await run(now.question).then(
        (answer) => () => done(answer, now.question),
        (error: unknown) => () => failed(error, now.question),
      );
      if (wanted !== now) continue;
      wanted = null;
      tell();
    }
    running = false;
  }

  return {
    ask(question) {
      clearTimeout(timer);
      wanted = question === null ? null : { question };
      if (wanted) timer = setTimeout(() => void go(), pauseMs);
    },
  };
}
