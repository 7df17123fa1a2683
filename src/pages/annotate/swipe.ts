// A swipe to the left or right by finger, told apart from scrolling. The logic is pure; `swipe` ties it to an element.
import type { Attachment } from 'svelte/attachments';

export type Side = 'left' | 'right';

export interface Drag {
  startX: number;
  startY: number;
  /** Undecided until the finger has clearly gone one way; what began as scrolling stays scrolling. */
  kind: 'undecided' | 'swipe' | 'scroll';
  /** From the start, px. */
  dx: number;
}

/** A finger trembles by less. */
const DEAD_PX = 14;
/** Clearly horizontal: this many times further across than along. */
const FLATNESS = 1.7;

export const begin = (x: number, y: number): Drag => ({ startX: x, startY: y, kind: 'undecided', dx: 0 });

export function move(drag: Drag, x: number, y: number): Drag {
  const dx = x - drag.startX;
  const dy = Math.abs(y - drag.startY);
  if (drag.kind === 'scroll') return drag;
  if (drag.kind === 'swipe') return { ...drag, dx };
  if (Math.abs(dx) >= DEAD_PX && Math.abs(dx) >= FLATNESS * dy) return { ...drag, kind: 'swipe', dx };
  return dy >= DEAD_PX ? { ...drag, kind: 'scroll' } : drag;
}

/** How far a swipe must go: a third of a narrow area, never more than a thumb's reach. */
export const reach = (width: number): number => Math.min(130, Math.max(60, width / 3));

/** What it would mean if the finger were lifted now, and how near to that it is: 0 … 1. */
export function meaning(drag: Drag, width: number): { side: Side; share: number } | null {
  if (drag.kind !== 'swipe' || drag.dx === 0) return null;
  return { side: drag.dx < 0 ? 'left' : 'right', share: Math.min(1, Math.abs(drag.dx) / reach(width)) };
}

interface Callbacks {
  /** While the finger is down; null when it has let go or turned to scrolling. */
  drag: (now: { side: Side; share: number; dx: number } | null) => void;
  done: (side: Side) => void;
}

/** The element needs `touch-action: pan-y`, so that the browser scrolls and leaves the rest to us. */
export function swipe({ drag: report, done }: Callbacks): Attachment<HTMLElement> {
  return (element) => {
    let drag: Drag | null = null;
    let pointer = -1;

    const down = (event: PointerEvent): void => {
      const typing = event.target instanceof Element && event.target.closest('textarea, input, button, a, summary');
      if (event.pointerType !== 'touch' || !event.isPrimary || typing) return;
      pointer = event.pointerId;
      drag = begin(event.clientX, event.clientY);
    };
    const go = (event: PointerEvent): void => {
      if (!drag || event.pointerId !== pointer) return;
      const before = drag.kind;
      drag = move(drag, event.clientX, event.clientY);
      if (drag.kind === 'swipe' && before !== 'swipe') element.setPointerCapture(pointer);
      const now = meaning(drag, element.clientWidth);
      if (now) report({ ...now, dx: drag.dx });
    };
    const end = (event: PointerEvent): void => {
      if (!drag || event.pointerId !== pointer) return;
      const now = event.type === 'pointerup' ? meaning(drag, element.clientWidth) : null;
      drag = null;
      report(null);
      if (now && now.share === 1) done(now.side);
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', go);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
    return () => {
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', go);
      element.removeEventListener('pointerup', end);
      element.removeEventListener('pointercancel', end);
    };
  };
}
