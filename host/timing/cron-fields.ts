interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Of its values in their order, from `min` on. */
  readonly names: readonly string[];
}

const MINUTE: Field = { name: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, names: [] };
const DAY: Field = { name: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { name: 'month', min: 1, max: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') };
/** As Workers counts them: 1 is Sunday. https://developers.cloudflare.com/workers/configuration/cron-triggers/#supported-cron-expressions */
const WEEKDAY: Field = { name: 'day of week', min: 1, max: 7, names: 'SUN MON TUE WED THU FRI SAT'.split(' ') };
const FIELDS = [MINUTE, HOUR, DAY, MONTH, WEEKDAY] as const;

export type CronFields = { readonly fields: readonly string[] } | { readonly problem: string };

/**
 * The five fields of a cron expression as Workers takes them, each as lists of values alone: ranges, also those that go
 * round (`FRI-MON`), steps and names are written out. `*`, and what depends on the month (`L`, `15W`, `2#3`), stays.
 */
export function cronFields(cron: string): CronFields {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    const count = cron.trim() === '' ? 0 : parts.length;
    return { problem: `has ${count} fields instead of 5 (minute hour day month weekday), as in "*/5 * * * *"` };
  }
  const fields: string[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const terms = parts[index]!.split(',').map((term) => ({ term, written: writtenOut(term, field) }));
    const wrong = terms.find(({ written }) => written === null);
    if (wrong) return { problem: `has ${JSON.stringify(wrong.term)} as its ${field.name}, which takes ${taken(field)}` };
    const alone = terms.length > 1 && terms.find(({ written }) => written?.endsWith('W'));
    if (alone) return { problem: `has ${JSON.stringify(alone.term)} in a list of its ${field.name}; it stands alone` };
    fields.push(terms.some(({ written }) => written === '*') ? '*' : terms.map(({ written }) => written).join(','));
  }
  return { fields };
}

function taken({ min, max, names }: Field): string {
  const named = names.length === 0 ? '' : ` (${names[0]}-${names.at(-1)})`;
  return `${min}-${max}${named}, "*", "a-b" and "a/step"`;
}

/** Null where the field has no such term. */
function writtenOut(term: string, field: Field): string | null {
  const special = field === DAY ? dayOfMonth(term) : field === WEEKDAY ? weekday(term) : null;
  if (special !== null) return special;
  const [range = '', step, ...rest] = term.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return null;
  const ends = endsOf(range, field, step !== undefined);
  if (ends === null) return null;
  if (step === undefined && ends.all) return '*';
  return valuesFrom(ends.from, ends.to, field)
    .filter((_value, index) => index % Number(step ?? 1) === 0)
    .join();
}

function dayOfMonth(term: string): string | null {
  return /^(L|LW|([1-9]|[12]\d|3[01])W)$/i.test(term) ? term.toUpperCase() : null;
}

/** `6L` is the last Friday of the month, `L` alone is Saturday, the week's last day. */
function weekday(term: string): string | null {
  if (/^L$/i.test(term)) return '7';
  const [, day = '', which = ''] = /^(\w+?)(L|#[1-5])$/i.exec(term) ?? [];
  const value = valueOf(day, WEEKDAY);
  if (value === null) return null;
  return which.startsWith('#') ? `${value}${which}` : `${value}#L`;
}

function endsOf(range: string, field: Field, stepped: boolean): { from: number; to: number; all: boolean } | null {
  const { min, max } = field;
  if (range === '*' || (range === '?' && (field === DAY || field === WEEKDAY))) return { from: min, to: max, all: true };
  const [first = '', last, ...rest] = range.split('-');
  const from = valueOf(first, field);
  const to = last === undefined ? (stepped ? max : from) : valueOf(last, field);
  return from === null || to === null || rest.length > 0 ? null : { from, to, all: false };
}

function valuesFrom(from: number, to: number, { min, max }: Field): number[] {
  const count = from <= to ? to - from + 1 : max - from + 1 + (to - min + 1);
  return Array.from({ length: count }, (_, index) => (from + index > max ? from + index - max + min - 1 : from + index));
}

function valueOf(text: string, { min, max, names }: Field): number | null {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return min + named;
  return /^\d{1,2}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : null;
}
