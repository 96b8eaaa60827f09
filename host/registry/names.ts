import { BrinkError } from '../errors.ts';

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A name is a DNS label (RFC 1035, section 2.3.1, digits may lead as RFC 1123 allows) without "--" inside,
 * because `{alias}--{function}.localhost` joins two of them.
 *
 * @throws {BrinkError} `name-invalid`
 */
export function checkName(name: string, what: 'function' | 'alias'): void {
  const problem = problemOf(name);
  if (problem === null) return;
  const quoted = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  const example = what === 'function' ? '"my-function"' : '"live"';
  throw new BrinkError(
    'name-invalid',
    `${quoted} cannot name ${what === 'function' ? 'a function' : 'an alias'}: ${problem}. Use a name such as ${example}.`,
    {
      details: { name, what },
    },
  );
}

export function isName(name: string): boolean {
  return problemOf(name) === null;
}

function problemOf(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.length > 63) return `it has ${name.length} characters, and a DNS label at most 63`;
  if (!DNS_LABEL.test(name)) return 'a DNS label is made of a-z, 0-9 and "-", and neither begins nor ends with "-"';
  return name.includes('--') ? '"--" separates alias and function in a host name' : null;
}
