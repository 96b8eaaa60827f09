import type { BindingKind, BindingScope } from '../binding.ts';

const PREFIX = 'function/';

/** No binding at all, but work of a host that is due as that of bindings is: the releases of a function. */
export const releases: BindingKind = {
  type: 'never',
  specs: () => [],
  open: () => ({}),
  due: (scope, { functions }) => functions.releases(scope.slice(PREFIX.length)),
  manage: (_scope, state) => ({
    async wake([time]) {
      await state.wake(Number(time));
      return { value: null };
    },
  }),
};

export function releasesOfFunction(name: string): BindingScope {
  return { kind: 'releases', scope: PREFIX + name };
}
