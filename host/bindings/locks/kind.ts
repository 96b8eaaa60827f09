import type { BindingKind } from '../binding.ts';
import { createLockMethods } from './methods.ts';

/** `locks`: by their `id`, which functions may share, or else the function's own, by the binding's name. */
export const locks: BindingKind = {
  type: 'LockManager',
  specs: ({ name, locks: spaces = [] }) =>
    spaces.map(({ binding, id }) => ({ name: binding, scope: id === undefined ? `function/${name}/${binding}` : `id/${id}` })),
  // As with namespaces of KV, no scope begins as another one does.
  open: (scope, { leases, now }) => createLockMethods({ leases, now, prefix: `locks/${encodeURIComponent(scope)}/` }),
};
