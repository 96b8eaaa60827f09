import type { BindingKind } from '../binding.ts';
import { createKvMethods } from './methods.ts';

/** `kv_namespaces`: by their `id`, which functions may share, or else the function's own, by the binding's name. */
export const kv: BindingKind = {
  type: 'KVNamespace',
  specs: ({ name, kv_namespaces: namespaces = [] }) =>
    namespaces.map(({ binding, id }) => ({ name: binding, scope: id === undefined ? `function/${name}/${binding}` : `id/${id}` })),
  // An id may hold any character; escaped, it holds no slash, so that no scope begins as another one does.
  open: (scope, { store, now, quotas }) => createKvMethods({ store, now, prefix: `kv/${encodeURIComponent(scope)}/`, quota: quotas?.kv }),
};
