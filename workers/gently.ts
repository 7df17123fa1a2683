// Progress as a page can take it: a line on the screen needs no more, and every message costs the page some time.
const BETWEEN_EVENTS_MS = 100;

/** Passes on the first and the last event of a step, and between them ten a second. */
export function gently<Event extends { step?: string; done: number; total: number }>(
  onEvent: (event: Event) => void,
): (event: Event) => void {
  let last: string | null | undefined = null;
  let at = 0;
  return (event) => {
    const now = performance.now();
    if (event.step === last && event.done < event.total && now - at < BETWEEN_EVENTS_MS) return;
    [last, at] = [event.step, now];
    onEvent(event);
  };
}
