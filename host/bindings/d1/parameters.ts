import { tokensOf } from './tokens.ts';

/**
 * The parameters of a statement by their index, from 1 on: each with the name under which it is bound, or null where it
 * has none but its number. https://www.sqlite.org/lang_expr.html#varparam
 */
export function parametersOf(sql: string): (string | null)[] {
  const names: (string | null)[] = [];
  for (const { type, text } of tokensOf(sql)) {
    if (type !== 'parameter') continue;
    if (text === '?') names.push(null);
    else if (text.startsWith('?')) while (names.length < Math.min(Number(text.slice(1)), MAX_NUMBER)) names.push(null);
    else if (!names.includes(text)) names.push(text);
  }
  return names;
}

/** SQLite itself refuses more than D1 takes. */
const MAX_NUMBER = 1_000;
