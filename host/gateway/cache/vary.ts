import { valueIn } from '../header-lines.ts';
import { fieldNames } from './directives.ts';

/** What a response was chosen by: a header of the request, and its value in the form that is compared; null where it had none. */
export type Selector = readonly [name: string, value: string | null];

/** A header of a request as the function sees it. @param name in lower case */
export type Field = (name: string) => string | null;

/** RFC 9111, section 4.1. */
export function selectorsOf(lines: readonly string[], field: Field): readonly Selector[] | null {
  const vary = valueIn(lines, 'vary');
  if (vary === null) return null;
  return [...new Set(fieldNames(vary))].toSorted().map((name) => [name, normalized(name, field(name))] as const);
}

/** Whether a response that was chosen by these is one for this request. */
export function isSelected(selectors: readonly Selector[] | null, field: Field, language: string | null = null): boolean {
  if (selectors === null) return true;
  for (const [name, value] of selectors) {
    const asked = field(name);
    if (normalized(name, asked) === value) continue;
    // Whoever wants this language most gets it, whatever else they would take.
    if (name !== 'accept-language' || language === null || wanted(asked) !== language.toLowerCase()) return false;
  }
  return true;
}

/** Of the same value in several spellings, one; what they mean differs from header to header. */
export function normalized(name: string, value: string | null): string | null {
  if (value === null) return null;
  if (name === 'accept-encoding' || name === 'accept-language') return byWeight(value);
  if (!value.includes(',')) return value.trim();
  return value
    .split(',')
    .map((part) => part.trim())
    .join(',');
}

/** In the order of their weights, and those of one weight by name: what is written first counts no more. RFC 9110, section 12.4.2. */
function byWeight(value: string): string {
  const items = weighted(value).filter(({ weight }) => weight > 0);
  items.sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  let text = '';
  for (const [index, { name, weight }] of items.entries()) {
    if (index > 0) text += items[index - 1]!.weight === weight ? ',' : '>';
    text += name;
  }
  const none = weighted(value).filter(({ weight }) => weight === 0);
  return none.length === 0
    ? text
    : `${text}!${none
        .map(({ name }) => name)
        .toSorted()
        .join(',')}`;
}

function wanted(value: string | null): string | null {
  const [first, second] = weighted(value ?? '').toSorted((a, b) => b.weight - a.weight);
  return first !== undefined && first.weight > 0 && first.weight !== second?.weight ? first.name : null;
}

/** An item of a list that negotiates. */
export interface Weighted {
  /** In lower case. */
  readonly name: string;
  readonly weight: number;
}

export function weighted(value: string): Weighted[] {
  return value
    .toLowerCase()
    .split(',')
    .map((part) => {
      const [name = '', ...parameters] = part.split(';').map((each) => each.trim());
      const weight = parameters.find((each) => each.startsWith('q='))?.slice(2);
      return { name, weight: weight === undefined ? 1 : weightOf(weight) };
    })
    .filter(({ name }) => name !== '');
}

function weightOf(text: string): number {
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
