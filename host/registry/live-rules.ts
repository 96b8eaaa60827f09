import type { FunctionRecord, VersionEntry } from './record.ts';

const ALIAS = 'live';

export interface SettleOptions<Rule> {
  readonly name: string;
  readonly record: FunctionRecord | null;
  /** Those of a version. */
  readonly of: (version: VersionEntry) => readonly Rule[] | undefined;
}

/** The table with exactly what the versions of the function's alias `live` have, beside what others do. */
export function settleRules<Rule extends object>(
  table: readonly (Rule & { readonly function: string })[],
  { name, record, of }: SettleOptions<Rule>,
): readonly (Rule & { readonly function: string })[] {
  const live = record && Object.hasOwn(record.aliases, ALIAS) ? record.aliases[ALIAS]!.versions : [];
  const numbers = new Set(live.map(({ version }) => version));
  const versions = record?.versions.filter(({ number }) => numbers.has(number)) ?? [];
  const own = new Map(versions.flatMap((version) => (of(version) ?? []).map((rule) => [JSON.stringify(rule), rule] as const)));
  const next = [...table.filter((entry) => entry.function !== name), ...Array.from(own.values(), (rule) => ({ ...rule, function: name }))];
  return JSON.stringify(next) === JSON.stringify(table) ? table : next;
}
