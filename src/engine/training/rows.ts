// Demonstrations as the trainer reads them: ids, and which of them carry loss. The masks are our own, because the template
// library drops the generation tags that mark them.
//
// Parts with and without loss are tokenised apart, so a prompt has the very ids that it has when it is asked.
import type { DemonstrationRow, Turn } from '../../records/demonstration.ts';
import type { Tokenizer } from '../tokenizer.ts';

export interface EncodedRow {
  ids: number[];
  /** Per id: 1 where it is to be learned. The first id is never: nothing stands before it. */
  mask: Uint8Array<ArrayBuffer>;
  /** Cut from the end because the row is longer than maxLength. */
  cutTokens: number;
}

export interface EncodeOptions {
  /** Between prompt and completion: a property of the base model (records/baseModel.ts). */
  joiner: string;
  /** In tokens. */
  maxLength: number;
}

interface Part {
  ids: number[];
  learned: boolean;
}

/** Marks that no text holds: they surround an assistant's words where a template cannot be rendered turn by turn. */
const OPEN = '\uE000';
const CLOSE = '\uE001';

export function encodeRow(tokenizer: Tokenizer, row: DemonstrationRow, options: EncodeOptions): EncodedRow {
  const parts = partsOf(tokenizer, row, options.joiner);
  const ids = parts.flatMap((part) => part.ids);
  const mask = Uint8Array.from(parts.flatMap(({ ids: own, learned }) => own.map(() => Number(learned))));
  mask[0] = 0;
  const kept = Math.min(ids.length, options.maxLength);
  return { ids: ids.slice(0, kept), mask: mask.slice(0, kept), cutTokens: ids.length - kept };
}

function partsOf(tokenizer: Tokenizer, row: DemonstrationRow, joiner: string): Part[] {
  if ('text' in row) return [{ ids: ended(tokenizer, tokenizer.encodeWhole(row.text)), learned: true }];
  if ('messages' in row)
    return conversation(
      tokenizer,
      row.messages.map((turn) => (turn.role === 'assistant' ? { ...turn, content: joiner + turn.content } : turn)),
    );
  const user: Turn = { role: 'user', content: row.prompt };
  const content = joiner + row.completion;
  const before = tokenizer.render([user], true);
  if (before === null)
    return [
      { ids: tokenizer.encodeWhole(row.prompt), learned: false },
      { ids: ended(tokenizer, tokenizer.encode(content)), learned: true },
    ];
  const whole = tokenizer.render([user, { role: 'assistant', content }], false) ?? '';
  // A template may write a conversation otherwise once it is answered; what the model will be asked with is what counts.
  const completion = whole.startsWith(before) ? whole.slice(before.length) : content;
  return [
    { ids: tokenizer.encode(before), learned: false },
    { ids: ended(tokenizer, tokenizer.encode(completion)), learned: true },
  ];
}

/** Every turn of the assistant carries loss, its end included; what the template puts before it does not. */
function conversation(tokenizer: Tokenizer, messages: readonly Turn[]): Part[] {
  const whole = tokenizer.render(messages, false);
  if (whole === null) {
    const text = messages.map((turn) => turn.content).join('\n');
    return [{ ids: ended(tokenizer, tokenizer.encodeWhole(text)), learned: true }];
  }
  const spans = byPrefix(tokenizer, messages, whole) ?? byMarks(tokenizer, messages);
  const parts: Part[] = [];
  let end = 0;
  for (const { from, to } of spans.places) {
    parts.push({ ids: tokenizer.encode(spans.text.slice(end, from)), learned: false });
    parts.push({ ids: ended(tokenizer, tokenizer.encode(spans.text.slice(from, to))), learned: true });
    end = to;
  }
  parts.push({ ids: tokenizer.encode(spans.text.slice(end)), learned: false });
  // The end was added to the last turn where the template writes it behind: it is not wanted twice.
  return parts.map(({ ids, learned }, i) => {
    const last = parts[i - 1]?.ids.at(-1);
    return {
      ids: !learned && last !== undefined && last === tokenizer.eosId && ids[0] === last ? ids.slice(1) : ids,
      learned,
    };
  });
}

interface Spans {
  text: string;
  places: { from: number; to: number }[];
}

/** Renders the conversation up to each answer and past it; null where the template changes what it wrote before. */
function byPrefix(tokenizer: Tokenizer, messages: readonly Turn[], whole: string): Spans | null {
  const places: Spans['places'] = [];
  for (const [i, { role }] of messages.entries()) {
    if (role !== 'assistant') continue;
    const before = tokenizer.render(messages.slice(0, i), true) ?? '';
    const after = tokenizer.render(messages.slice(0, i + 1), false) ?? '';
    if (!after.startsWith(before) || !whole.startsWith(after)) return null;
    places.push({ from: before.length, to: after.length });
  }
  return { text: whole, places };
}

/** Renders once, with the answers between marks: what stands between them is learned. */
function byMarks(tokenizer: Tokenizer, messages: readonly Turn[]): Spans {
  const marked = messages.map((turn) =>
    turn.role === 'assistant' ? { ...turn, content: OPEN + turn.content + CLOSE } : turn,
  );
  const places: Spans['places'] = [];
  let text = '';
  let from = 0;
  for (const character of tokenizer.render(marked, false) ?? '') {
    if (character === OPEN) from = text.length;
    else if (character === CLOSE) places.push({ from, to: text.length });
    else text += character;
  }
  return { text, places };
}

/** The model must learn where to stop: the end token closes what it says, unless nothing but spaces follows one already. */
function ended(tokenizer: Tokenizer, ids: number[]): number[] {
  const end = tokenizer.eosId;
  const last = ids.findLast((id) => tokenizer.decode([id], true).trim() !== '');
  return end === undefined || last === end ? ids : [...ids, end];
}
