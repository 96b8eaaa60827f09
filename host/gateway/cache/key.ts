import { cookieOf } from '../header-lines.ts';
import type { CacheRule } from '../../registry/gateway/cache.ts';
import type { Field } from './vary.ts';

/** What a response is found by, besides what it says in `Vary`: whose it is, the URL, and what the rule adds. */
export type KeyOf = (target: string, field: Field) => string;

/** @param scope of a function, and of its version */
export function keyFor({ query, headers, cookies }: CacheRule, scope: string): KeyOf {
  const plainUrl = query.only === undefined && query.ignore === undefined;
  const start = `${scope} `;
  if (plainUrl && headers.length === 0 && cookies.length === 0) return (target) => start + target;
  return (target, field) => {
    let key = start + (plainUrl ? target : withQuery(target, query));
    for (const name of headers) key += `\n${name}: ${field(name) ?? ''}`;
    for (const name of cookies) key += `\n${name}=${cookieOf(field('cookie'), name) ?? ''}`;
    return key;
  };
}

function withQuery(target: string, { only, ignore = [] }: CacheRule['query']): string {
  const question = target.indexOf('?');
  if (question === -1) return target;
  const counts = only === undefined ? (name: string) => !isNamed(name, ignore) : (name: string) => isNamed(name, only);
  // In one order, since those are left that make a difference by their values.
  const parts = target
    .slice(question + 1)
    .split('&')
    .filter((part) => part !== '' && counts(nameOf(part)))
    .toSorted();
  return target.slice(0, question) + (parts.length === 0 ? '' : `?${parts.join('&')}`);
}

function nameOf(part: string): string {
  const name = part.split('=', 1)[0]!.replaceAll('+', ' ');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isNamed(name: string, names: readonly string[]): boolean {
  return names.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
}
