import { liveVersions, type FunctionRecord, type VersionEntry } from './record.ts';
import { sameOr } from './same-or.ts';

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
  const own = new Map(liveVersions(record).flatMap((version) => (of(version) ?? []).map((rule) => [JSON.stringify(rule), rule] as const)));
  const next = [...table.filter((entry) => entry.function !== name), ...Array.from(own.values(), (rule) => ({ ...rule, function: name }))];
  return sameOr<readonly (Rule & { readonly function: string })[]>(table, next);
}
