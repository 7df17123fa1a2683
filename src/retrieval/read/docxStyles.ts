// What the styles of a Word document say of its paragraphs: which are headings, and of which level; which are items.
import type { Job } from './job.ts';
import { walk } from './markup.ts';

export interface ParagraphStyle {
  /** 1 to 6; 0 = no heading. */
  heading: number;
  list: boolean;
}

interface Style {
  name: string;
  basedOn: string;
  /** From 0; 9 is running text; null = as the style that it is based on. */
  outline: number | null;
  list: boolean;
}

const NONE: ParagraphStyle = { heading: 0, list: false };

export type Styles = (id: string) => ParagraphStyle;

/** Names without their namespace: producers choose its prefix. */
export const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The attribute `w:val`, under whatever prefix. */
export function valueOf(attributes: Record<string, string>): string | undefined {
  for (const name in attributes) if (localName(name) === 'val') return attributes[name];
  return undefined;
}

export function levelOf(outline: number): number {
  return outline >= 0 && outline < 9 ? Math.min(outline + 1, 6) : 0;
}

export async function readStyles(xml: string, job: Job): Promise<Styles> {
  const styles = new Map<string, Style>();
  let style: Style | null = null;
  await walk(
    xml,
    true,
    {
      open(qualified, attributes) {
        const name = localName(qualified);
        if (name === 'style') {
          const id = Object.entries(attributes).find(([key]) => localName(key) === 'styleId')?.[1] ?? '';
          style = { name: '', basedOn: '', outline: null, list: false };
          styles.set(id, style);
        } else if (style && name === 'name') style.name = valueOf(attributes) ?? '';
        else if (style && name === 'basedOn') style.basedOn = valueOf(attributes) ?? '';
        else if (style && name === 'outlineLvl') style.outline = Number(valueOf(attributes));
        else if (style && name === 'numId') style.list = valueOf(attributes) !== '0';
      },
      close(qualified) {
        if (localName(qualified) === 'style') style = null;
      },
      text: () => undefined,
    },
    job,
  );
  return (id) => resolve(styles, id);
}

/** Names are English in every edition of Word, ids are not; without a styles part there are only ids. */
function resolve(styles: ReadonlyMap<string, Style>, id: string): ParagraphStyle {
  if (!id) return NONE;
  let list = false;
  let current: string = id;
  for (let hops = 0; hops < 20; hops++) {
    const style = styles.get(current);
    const name = style?.name || current;
    list ||= style?.list ?? false;
    if (style && style.outline !== null) return { heading: levelOf(style.outline), list };
    const named = /^heading ?([1-6])$/i.exec(name)?.[1];
    if (named) return { heading: Number(named), list };
    if (/^title$/i.test(name)) return { heading: 1, list };
    if (!style?.basedOn) break;
    current = style.basedOn;
  }
  return { heading: 0, list };
}
