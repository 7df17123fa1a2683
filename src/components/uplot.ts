// The uPlot door: lines over one axis on a canvas, drawn in the tokens' colours, with their names at their ends.
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export type Tone = 'accent' | 'muted' | 'faint' | 'a' | 'b' | 'c' | 'd';

export interface ChartSeries {
  /** Unique in its chart; also the name at its end. */
  name: string;
  x: ArrayLike<number>;
  /** Finite, as many as x. */
  y: ArrayLike<number>;
  tone: Tone;
  draw: 'line' | 'dots' | 'both';
  dashed?: boolean;
  /** Drawn behind: no name at its end, no number under the pointer. */
  quiet?: boolean;
}

/** Between two values: where a line should be. */
export interface Band {
  low: number;
  high: number;
}

/** A moment that is pinned to its step. */
export interface Mark {
  step: number;
  serious: boolean;
}

export interface ChartOptions {
  height: number;
  /** No axis numbers but the ends of y, no names: one of many. */
  small: boolean;
  /** At the axis. */
  tick: (y: number) => string;
  /** Where the pointer is, as an index into the joined steps; null = nowhere. */
  onhover: (index: number | null) => void;
  /** Always in sight, whatever the lines do. */
  band?: Band;
  /** A value to be compared with: dashed across, always in sight. */
  level?: number;
  marks?: () => readonly Mark[];
  /** Charts of one name stand above each other: their steps are at the same place, and the pointer is in all of them. */
  sync?: string;
}

export type Joined = [x: ArrayLike<number>, ...ys: ArrayLike<number | null | undefined>[]];

export interface Drawn {
  update(data: Joined): void;
  resize(width: number): void;
  redraw(): void;
  destroy(): void;
}

const GAP = 15;
/** Right of charts above each other: room for a short name. */
const SYNC_ROOM = 96;
/** Below it the names above the chart must do. */
const NARROW = 480;
/** Letters of a name at the end of its line, fewer in a narrow chart; the whole name stands above it. */
const LETTERS = { least: 20, most: 30, width: 25 };
const lettersOf = (width: number): number =>
  Math.min(LETTERS.most, Math.max(LETTERS.least, Math.floor(width / LETTERS.width)));

/** Cut in its middle: names of one kind begin alike, and differ by the number at their end. */
export function short(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const end = Math.floor((letters - 1) / 2);
  return `${name.slice(0, letters - 1 - end)}…${name.slice(-end)}`;
}
const FONT = '12px system-ui, sans-serif';
const VARIABLES: Record<Tone, string> = {
  accent: '--accent',
  muted: '--muted',
  faint: '--faint',
  a: '--chart-a',
  b: '--chart-b',
  c: '--chart-c',
  d: '--chart-d',
};

/** One row of steps for all series; a series without a value at a step has a hole there. */
export function join(series: readonly ChartSeries[]): Joined {
  const first = series[0];
  if (!first) return [[]];
  if (series.length === 1) return [first.x, first.y];
  const tables = series.map(({ x, y }) => [Array.from(x), Array.from(y)] as UPlot.AlignedData);
  return UPlot.join(tables) as Joined;
}

/** Reads a token as the canvas needs it: light-dark() and var() resolved. */
function inks(node: HTMLElement): (variable: string) => string {
  const probe = node.appendChild(document.createElement('span'));
  probe.hidden = true;
  return (variable) => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
}

export function draw(
  node: HTMLElement,
  width: number,
  data: Joined,
  series: readonly ChartSeries[],
  { height, small, tick, onhover, band, level, marks = () => [], sync }: ChartOptions,
): Drawn {
  const ink = inks(node);
  const named = small || width < NARROW ? [] : series.filter(({ quiet }) => !quiet);
  const room =
    sync && named.length > 0
      ? SYNC_ROOM
      : named.length > 0
        ? Math.min(width * 0.3, Math.max(...named.map(({ name }) => textWidth(short(name, lettersOf(width))))) + 14)
        : small
          ? 8
          : 20;
  const axis = (size: number): UPlot.Axis => ({
    stroke: () => ink('--muted'),
    font: FONT,
    size,
    gap: 4,
    ticks: { show: false },
    grid: { show: !small, stroke: () => ink('--line'), width: 1 },
    border: { show: false },
  });
  const plot = new UPlot(
    {
      width,
      height,
      padding: [8, room, small ? 4 : 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: !small, y: false },
        points: { show: !small, size: 7 },
        ...(sync && { sync: { key: sync } }),
      },
      scales: {
        x: { time: false, range: sync ? fromStart : across },
        y: { range: (_u, low, high) => around(...within(low, high, band, level), small) },
      },
      axes: [
        { ...axis(small ? 0 : 24), show: !small, incrs: STEPS, filter: stepsOf },
        {
          ...axis(52),
          values: (_u, splits) => splits.map(tick),
          ...(small && { splits: extremes }),
        },
      ],
      series: [{}, ...series.map((one) => styled(one, ink))],
      hooks: {
        setCursor: [(u) => onhover(u.cursor.idx ?? null)],
        drawClear: [(u) => drawBehind(u, ink, band, level)],
        draw: [(u) => drawMarks(u, marks(), ink), (u) => !small && u.width >= NARROW && drawNames(u, series, ink)],
      },
    },
    data as UPlot.AlignedData,
    node,
  );
  return {
    update: (next) => plot.setData(next as UPlot.AlignedData),
    resize: (next) => plot.setSize({ width: next, height }),
    redraw: () => plot.redraw(false),
    destroy: () => plot.destroy(),
  };
}

/** Steps are whole numbers. */
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

/** The one step that there is; null where there are more. */
const onlyStep = ({ data: [steps] }: UPlot): number | null => (steps.length === 1 ? (steps[0] ?? null) : null);

/** One step alone stands in the middle, without steps beside it that there were none of. */
function across(u: UPlot, low: number, high: number): [number, number] {
  const only = onlyStep(u);
  return only === null ? [low, high] : [only - 1, only + 1];
}

/** Charts above each other begin at the same step, whatever their first one is, and also where one of them has one alone. */
function fromStart(u: UPlot, low: number, high: number): [number, number] {
  const only = onlyStep(u); // uPlot widens low and high around it
  if (only === null) return [Math.min(0, low), high];
  return only > 0 ? [0, only] : across(u, low, high);
}

function stepsOf(u: UPlot, splits: number[]): (number | null)[] {
  const only = onlyStep(u);
  return only === null ? splits : splits.map((step) => (step === only ? step : null));
}

/** The least and the largest value of the lines; one alone where they are the same. */
function extremes(u: UPlot): number[] {
  const values = u.data.slice(1).flatMap((y) => Array.from(y).filter((value) => value != null));
  const [low, high] = values.reduce(([a, b], y) => [Math.min(a, y), Math.max(b, y)], [Infinity, -Infinity]);
  return low === high ? [low] : [u.scales.y?.min ?? 0, u.scales.y?.max ?? 1];
}

function styled({ tone, draw: how, dashed, x }: ChartSeries, ink: (variable: string) => string): UPlot.Series {
  const colour = (): string => ink(VARIABLES[tone]);
  return {
    stroke: colour,
    width: how === 'dots' ? 0 : 1.75,
    spanGaps: true,
    ...(dashed && { dash: [5, 4] }),
    ...(how === 'dots' && { paths: () => null }),
    points: { show: how !== 'line' || x.length === 1, size: how === 'dots' ? 3 : 6, stroke: colour, fill: colour },
  };
}

/** A little air above and below; a flat line runs through the middle. */
function around(low: number | null, high: number | null, tight: boolean): [number, number] {
  const [min, max] = [low ?? 0, high ?? 1];
  if (tight && max > min) return [min, max];
  const air = max > min ? 0.06 * (max - min) : Math.abs(max) * 0.1 || 1;
  return [min >= 0 && min - air < 0 ? 0 : min - air, max + air];
}

/** The lines and what they are held against. */
function within(low: number | null, high: number | null, band?: Band, level?: number): [number | null, number | null] {
  const all = [low, high, band?.low, band?.high, level].filter((y) => y != null);
  return all.length > 0 ? [Math.min(...all), Math.max(...all)] : [low, high];
}

/** Where the lines should be: a tinted band, a dashed level. */
function drawBehind(u: UPlot, ink: (variable: string) => string, band?: Band, level?: number): void {
  const { ctx } = u;
  const { left, width } = u.bbox;
  const at = (y: number): number => u.valToPos(y, 'y', true);
  ctx.save();
  if (band) {
    ctx.fillStyle = ink('--accent-tint');
    ctx.fillRect(left, at(band.high), width, at(band.low) - at(band.high));
  }
  const edge = level ?? band?.high;
  if (edge !== undefined) {
    ctx.strokeStyle = ink('--muted');
    ctx.lineWidth = UPlot.pxRatio;
    ctx.setLineDash([2 * UPlot.pxRatio, 3 * UPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(left, at(edge));
    ctx.lineTo(left + width, at(edge));
    ctx.stroke();
  }
  ctx.restore();
}

/** A line at each step, with a filled triangle on it where it is serious and an open one where it is not. */
function drawMarks(u: UPlot, marks: readonly Mark[], ink: (variable: string) => string): void {
  const { ctx } = u;
  const { top, height } = u.bbox;
  const size = 5 * UPlot.pxRatio;
  ctx.save();
  ctx.lineWidth = UPlot.pxRatio;
  for (const { step, serious } of marks) {
    const x = u.valToPos(step, 'x', true);
    ctx.strokeStyle = ctx.fillStyle = ink(serious ? '--bad' : '--warn');
    ctx.setLineDash([3 * UPlot.pxRatio, 3 * UPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x - size, top);
    ctx.lineTo(x + size, top);
    ctx.lineTo(x, top + 1.6 * size);
    ctx.closePath();
    if (serious) ctx.fill();
    else ctx.stroke();
  }
  ctx.restore();
}

const textWidth = (text: string): number => {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return 7 * text.length;
  context.font = FONT;
  return context.measureText(text).width;
};

/** At least a gap between neighbours of a sorted list: first pushed down, then up again from the lower edge. */
export function apart(sorted: readonly number[], gap: number, bottom: number): number[] {
  const out = [...sorted];
  for (let i = 1; i < out.length; i++) out[i] = Math.max(out[i] as number, (out[i - 1] as number) + gap);
  let free = bottom;
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Math.min(out[i] as number, free);
    free = (out[i] as number) - gap;
  }
  return out;
}

/** Each series' name in the margin, as high as its last point and moved apart where they would touch. */
function drawNames(u: UPlot, series: readonly ChartSeries[], ink: (variable: string) => string): void {
  const { ctx } = u;
  const scale = UPlot.pxRatio;
  const [, ...lines] = u.data;
  const { left, top, width, height } = u.bbox;
  const ends = series.flatMap(({ name, tone, quiet }, i) => {
    const y = lines[i] ?? [];
    let last = y.length - 1;
    while (last >= 0 && y[last] == null) last--; // another series goes on
    if (quiet || last < 0) return [];
    return [{ name, tone, at: u.valToPos(y[last] ?? 0, 'y', true) }];
  });
  ends.sort((a, b) => a.at - b.at);
  ctx.save();
  ctx.font = FONT.replace('12px', `${12 * scale}px`);
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  const heights = apart(
    ends.map(({ at }) => at),
    GAP * scale,
    top + height,
  );
  for (const [i, { name, tone }] of ends.entries()) {
    ctx.fillStyle = ink(VARIABLES[tone]);
    ctx.fillText(short(name, lettersOf(u.width)), left + width + 8 * scale, heights[i] ?? 0);
  }
  ctx.restore();
}
