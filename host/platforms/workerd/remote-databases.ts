import { BindingError } from '../../bindings/binding-error.ts';
import type { Outcome } from '../../bindings/binding.ts';
import type { Databases } from '../../bindings/d1/databases.ts';
import type { ChangeRule } from '../../registry/change-rules.ts';
import { ofHost } from './entrypoints.ts';
import type { StateStub } from './state.ts';

export interface RemoteDatabasesOptions {
  stateOf(name: string): StateStub;
  /** Who is told of changes in a database. */
  rulesOf(scope: string): readonly ChangeRule[] | Promise<readonly ChangeRule[]>;
}

/** Databases of functions, each by calls to the object that is one. */
export function createRemoteDatabases({ stateOf, rulesOf }: RemoteDatabasesOptions): Databases {
  return {
    open: (scope) => ({
      async query(request) {
        const binding = ofHost({ kind: 'd1', scope });
        const rules = await rulesOf(scope);
        const { text, body } = await stateOf(`d1/${scope}`).callBinding(binding, { method: 'query', args: '[]', body: request }, rules);
        const outcome = JSON.parse(text) as Outcome;
        if ('error' in outcome) throw new BindingError(outcome.error.message, outcome.error);
        return body as Uint8Array;
      },
    }),
  };
}
