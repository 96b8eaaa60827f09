import { databaseScope } from '../../scopes.ts';
import { BindingError } from '../binding-error.ts';
import type { BindingKind } from '../binding.ts';
import { AGAIN } from '../changes.ts';
import { MAX_MESSAGE, TOO_LARGE } from './protocol.ts';

/**
 * `d1_databases`: by their `database_id`, which functions may share, or else the function's own, by the binding's name.
 * There is one method, `query`, whose body and answer are `protocol.ts`.
 */
export const d1: BindingKind = {
  type: 'D1Database',
  specs: ({ name, d1_databases: databases = [] }) =>
    databases.map(({ binding, database_id: id }) => ({ name: binding, scope: databaseScope({ id, function: name, binding }) })),
  open(scope, { databases }) {
    const database = databases.open(scope);
    return {
      async query(_args, body) {
        if (!(body instanceof Uint8Array)) throw new BindingError('The queries are no bytes.', { name: 'TypeError' });
        if (body.byteLength > MAX_MESSAGE) throw new BindingError(TOO_LARGE);
        return { value: null, body: await database.query(body) };
      },
    };
  },
  /** Moves what queries have to tell. */
  async due(scope, { databases, now }) {
    if (databases.flush === undefined || (await databases.flush(scope))) return null;
    return now() + AGAIN;
  },
};
