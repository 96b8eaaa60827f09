import type { D1Change, D1ChangedRow as Row, D1ChangedValue as RowValue } from '../../../../sdk/changes.ts';

/** What triggers have seen. */
export interface Seen {
  readonly type: 'insert' | 'update' | 'delete' | 'replaced';
  readonly tbl: string;
  readonly was: string | null;
  readonly key: string;
  readonly old: string | null;
  readonly new: string | null;
}

export type PlainChange = Pick<D1Change, 'operation'> & { readonly table: string } & Pick<Seen, 'key' | 'old' | 'new'>;

/** What happened, in its order, of what the triggers of one transaction have seen. */
export function changesIn(seen: readonly Seen[]): PlainChange[] {
  const changes: PlainChange[] = [];
  let replaced: Seen[] = [];
  for (const each of seen) {
    const { type, tbl: table, was, key, old, new: after } = each;
    if (type === 'replaced') {
      replaced.push(each);
      continue;
    }
    const same = replaced.find((other) => other.tbl === table && other.key === key);
    // A row that two indexes stand in the way of is seen twice.
    const others = new Map(replaced.filter((other) => other !== same && other.key !== key).map((other) => [other.key, other]));
    for (const other of others.values()) changes.push({ operation: 'delete', table: other.tbl, key: other.key, old: other.old, new: null });
    replaced = [];
    if (type === 'insert' && same !== undefined) changes.push({ operation: 'update', table, key, old: same.old, new: after });
    else if (type !== 'update' || was === key) changes.push({ operation: type, table, key, old, new: after });
    else {
      changes.push({ operation: 'delete', table, key: was!, old, new: null });
      if (same !== undefined) changes.push({ operation: 'update', table, key, old: same.old, new: after });
      else changes.push({ operation: 'insert', table, key, old: null, new: after });
    }
  }
  return changes;
}

/** Of a list that `listOf` in SQL has made. */
export function rowIn(list: string, columns: readonly string[]): Row {
  const values = JSON.parse(list) as string[];
  return Object.fromEntries(values.map((value, index) => [columns[index]!, valueIn(value)]));
}

function valueIn(shown: string): RowValue {
  if (shown.startsWith('t')) return shown.slice(1);
  if (shown.startsWith('b'))
    return { base64: btoa(shown.slice(1).replace(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16)))) };
  if (shown.startsWith('#')) return { omitted: Number(shown.slice(1)) };
  if (shown === 'NULL') return null;
  const number = Number(shown);
  if (/^-?\d+$/.test(shown)) return Number.isSafeInteger(number) ? number : { integer: shown };
  return Number.isFinite(number) ? number : null;
}
