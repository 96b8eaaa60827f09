import { BindingError } from '../../bindings/binding-error.ts';
import type { Outcome } from '../../bindings/binding.ts';
import type { Databases } from '../../bindings/d1/databases.ts';
import { ofHost } from './entrypoints.ts';
import type { StateStub } from './state.ts';

/** Databases of functions, each by calls to the object that is one. */
export function createRemoteDatabases(stateOf: (name: string) => StateStub): Databases {
  return {
    open: (scope) => ({
      async query(request) {
        const binding = ofHost({ kind: 'd1', scope });
        const { text, body } = await stateOf(`d1/${scope}`).callBinding(binding, { method: 'query', args: '[]', body: request });
        const outcome = JSON.parse(text) as Outcome;
        if ('error' in outcome) throw new BindingError(outcome.error.message, outcome.error);
        return body as Uint8Array;
      },
    }),
  };
}
