import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../../host/errors.ts';
import type { Plan } from '../../../host/component/plan.ts';
import { exportsOf } from '../../../host/component/serve/generation.ts';

function planOf(...names: readonly string[]): Plan {
  return {
    exports: Object.fromEntries(names.map((name) => [name, { handle: 0 }])),
    functions: [{ kind: 'import', interface: '', name: '', signature: 0 }],
    signatures: [{ async: false, params: [], result: null }],
    types: [],
  } as unknown as Plan;
}

function refusal(plan: Plan): BrinkError {
  try {
    exportsOf(plan);
  } catch (error) {
    if (error instanceof BrinkError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('exportsOf()', () => {
  it.each([
    [['wasi:http/incoming-handler@0.2.0'], { fetch: '0.2' }],
    [['wasi:http/handler@0.3.1'], { fetch: '0.3' }],
    [['wasi:http/handler@0.3.0-rc-2026-03-15'], { fetch: '0.3' }],
    [['brink:function/scheduled@0.2.0'], { scheduled: '0.2' }],
    [['wasi:http/incoming-handler@0.2.12', 'brink:function/queue@0.3.7'], { fetch: '0.2', queue: '0.3' }],
    [['brink:function/scheduled@0.2.0', 'brink:function/scheduled@0.3.0'], { scheduled: '0.3' }],
    [['wasi:http/handler@0.3.0', 'wasi:cli/run@0.3.0', 'my:own/thing'], { fetch: '0.3' }],
  ])('%j', (names, versions) => {
    const { handlers } = exportsOf(planOf(...names));
    expect(Object.fromEntries(Object.entries(handlers).map(([handler, { version }]) => [handler, version]))).toEqual(versions);
  });

  it('names what is called on a host where nothing of it is exported', () => {
    const error = refusal(planOf('wasi:cli/run@0.2.0'));
    expect(error.code).toBe('component-unsupported');
    for (const name of [
      'wasi:http/incoming-handler@0.2.x',
      'wasi:http/handler@0.3.x',
      'brink:function/scheduled@0.3.x',
      'brink:function/queue@0.2.x',
    ])
      expect(error.message).toContain(name);
    expect(error.message).toContain('It exports wasi:cli/run@0.2.0.');
    expect(refusal(planOf()).message).toContain('It exports nothing.');
  });

  it.each(['brink:function/scheduled@0.4.0', 'brink:function/queue', 'brink:function/mail@0.2.0'])(
    'refuses %s, which would never be called, also beside a handler',
    (name) => {
      const error = refusal(planOf('wasi:http/handler@0.3.0', name));
      expect(error.code).toBe('component-unsupported');
      expect(error.message).toContain(`The component exports ${name}, which this host does not call.`);
    },
  );
});
