import { databaseScope, namespaceScope } from '../scopes.ts';
import type { Manifest } from './manifest.ts';

/** What happens to keys of a namespace. */
export type KeyEventType = 'put' | 'delete' | 'increment' | 'expire';

/** What happens to rows of a table. */
export type RowEventType = 'insert' | 'update' | 'delete';

/** That a queue is told of changes of a namespace's keys. */
export interface KeyRule {
  readonly kind: 'kv';
  /** The namespace, as `kv` calls its scope. */
  readonly scope: string;
  readonly queue: string;
  readonly types: readonly KeyEventType[];
  readonly prefix: string;
  /** Whether the value is told too. */
  readonly values: boolean;
}

/** That a queue is told of changes of a database's rows. */
export interface RowRule {
  readonly kind: 'd1';
  /** The database, as `d1` calls its scope. */
  readonly scope: string;
  readonly queue: string;
  readonly types: readonly RowEventType[];
  readonly tables: readonly string[];
  /** Whether the rows are told too. */
  readonly rows: boolean;
}

export type ChangeRule = KeyRule | RowRule;

/** One that is in force, by a function whose live version has it. */
export type ChangeRuleEntry = ChangeRule & { readonly function: string };

/** For a version's entry. */
export function changeRules(manifest: Manifest): { readonly changeRules?: readonly ChangeRule[] } {
  const { name, kv_namespaces: namespaces = [], d1_databases: databases = [] } = manifest;
  const rules: ChangeRule[] = [
    ...namespaces.flatMap((namespace) =>
      (namespace.notifications ?? []).map(({ queue, event_type: types, prefix, values }): ChangeRule => ({
        kind: 'kv',
        scope: namespaceScope(name, namespace),
        queue,
        types,
        prefix,
        values,
      })),
    ),
    ...databases.flatMap(({ binding, database_id: id, notifications = [] }) =>
      notifications.map(({ queue, event_type: types, tables, rows }): ChangeRule => ({
        kind: 'd1',
        scope: databaseScope({ id, function: name, binding }),
        queue,
        types,
        tables,
        rows,
      })),
    ),
  ];
  return rules.length === 0 ? {} : { changeRules: rules };
}

/** Whether there may be rules for it. */
export function isTelling<Scope extends { readonly kind: string; readonly scope: string }>(
  binding: Scope,
): binding is Scope & Pick<ChangeRule, 'kind' | 'scope'> {
  return binding.kind === 'kv' || binding.kind === 'd1';
}

/** Under what a rule is looked up. */
export function placeOfRule({ kind, scope }: Pick<ChangeRule, 'kind' | 'scope'>): string {
  return `${kind}/${scope}`;
}
