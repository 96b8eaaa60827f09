import type { BindingKind } from '../binding.ts';
import { namespaceScope } from '../../scopes.ts';
import type { BindingState } from '../binding.ts';
import { AGAIN } from '../changes.ts';
import { expiryNote, keyChanges } from './changes.ts';
import { createKvMethods } from './methods.ts';

/** `kv_namespaces`: by their `id`, which functions may share, or else the function's own, by the binding's name. */
export const kv: BindingKind = {
  type: 'KVNamespace',
  specs: ({ name, kv_namespaces: namespaces = [] }) =>
    namespaces.map((namespace) => ({ name: namespace.binding, scope: namespaceScope(name, namespace) })),
  open(scope, { store, now, quotas, changes, wake }) {
    const prefix = prefixOf(scope);
    return createKvMethods({
      store: changes?.store ?? store,
      now,
      prefix,
      quota: quotas?.kv,
      ...(changes && { telling: tellingOf({ scope, prefix, changes, now, wake }) }),
    });
  },
  /** Moves what writes have to tell, and tells of keys that have expired. */
  async due(scope, { changes, now }) {
    if (changes === undefined) return null;
    const prefix = prefixOf(scope);
    const next = changes.expire && (await changes.expire(prefix, await expiryNote({ scope, prefix, changes, now })));
    const again = (await changes.flush()) ? null : now() + AGAIN;
    return next === null || again === null ? (next ?? again) : Math.min(next, again);
  },
};

/** An id may hold any character; escaped, it holds no slash, so that no scope begins as another one does. */
function prefixOf(scope: string): string {
  return `kv/${encodeURIComponent(scope)}/`;
}

function tellingOf({ wake, ...options }: { scope: string; prefix: string } & Required<Pick<BindingState, 'changes' | 'now' | 'wake'>>) {
  const { changes } = options;
  return { of: keyChanges(options), wake, expected: () => changes.expected(), posted: () => changes.posted() };
}
