export interface Axis {
  readonly title: string;
  readonly least: number;
  readonly most: number;
  readonly log: boolean;
  readonly ticks: readonly number[];
  /** Of the ticks, where they are not the numbers. */
  readonly names?: readonly string[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
}

export interface PanelOptions {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const BOX = { left: 56, top: 26, right: 318, bottom: 222 } as const;
/** Told apart by those who see fewer colours too (Okabe and Ito), and by their marks. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'] as const;
const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const;

/** A diagram with lines, 330 × 270. Its axes do not depend on what it shows, so panels can be compared. */
export function panel({ title, x, y, series }: PanelOptions): string {
  return [
    `<text x="${BOX.left}" y="16" font-weight="bold">${title}</text>`,
    `<rect x="${BOX.left}" y="${BOX.top}" width="${BOX.right - BOX.left}" height="${BOX.bottom - BOX.top}" fill="none" stroke="#999"/>`,
    ...x.ticks.flatMap((tick, index) => [
      `<path d="M${across(x, tick)} ${BOX.top}V${BOX.bottom}" stroke="#eee"/>`,
      `<text x="${across(x, tick)}" y="${BOX.bottom + 14}" text-anchor="middle">${x.names?.[index] ?? tick}</text>`,
    ]),
    ...y.ticks.flatMap((tick) => [
      `<path d="M${BOX.left} ${up(y, tick)}H${BOX.right}" stroke="#eee"/>`,
      `<text x="${BOX.left - 5}" y="${up(y, tick)}" dy="4" text-anchor="end">${tick}</text>`,
    ]),
    `<text x="${(BOX.left + BOX.right) / 2}" y="${BOX.bottom + 30}" text-anchor="middle">${x.title}</text>`,
    `<text transform="translate(12 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>`,
    ...series.flatMap((each, index) => lineOf(each, { x, y, index })),
  ]
    .map((part) => `${part}\n`)
    .join('');
}

function lineOf({ name, points }: Series, { x, y, index }: { readonly x: Axis; readonly y: Axis; readonly index: number }): string[] {
  const colour = COLOURS[index % COLOURS.length]!;
  const at = points.map((point) => ({ left: across(x, point.x), top: up(y, point.y), label: point.label }));
  const legend = BOX.top + 14 + index * 14;
  const dash = DASHES[index % DASHES.length]!;
  const style = `stroke="${colour}" stroke-width="1.5" fill="none"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
  return [
    `<path d="M${at.map(({ left, top }) => `${left} ${top}`).join('L')}" ${style}/>`,
    ...at.map(({ left, top }) => `<circle cx="${left}" cy="${top}" r="2.5" fill="${colour}"/>`),
    ...at.flatMap(({ left, top, label }) =>
      label === undefined ? [] : [`<text x="${left + 4}" y="${top - 4}" font-size="9">${label}</text>`],
    ),
    `<path d="M${BOX.left + 8} ${legend - 4}h22" ${style}/>`,
    `<text x="${BOX.left + 35}" y="${legend}">${name}</text>`,
  ];
}

function across(axis: Axis, value: number): number {
  return rounded(BOX.left + part(axis, value) * (BOX.right - BOX.left));
}

function up(axis: Axis, value: number): number {
  return rounded(BOX.bottom - part(axis, value) * (BOX.bottom - BOX.top));
}

function part({ least, most, log }: Axis, value: number): number {
  const within = Math.min(most, Math.max(least, value));
  return log ? Math.log(within / least) / Math.log(most / least) : (within - least) / (most - least);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
