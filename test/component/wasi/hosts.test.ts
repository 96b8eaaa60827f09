import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../../host/errors.ts';
import type { Plan } from '../../../host/component/plan.ts';
import { checkImports, hostsFor, resolveImport } from '../../../host/component/wasi/hosts.ts';
import { NO_SETTINGS } from '../../../host/component/wasi/settings.ts';
import { fakeWorld } from './fake-world.ts';

function planOf(imports: readonly (readonly [string, string])[], resources: readonly (readonly [string, string])[] = []): Plan {
  return {
    functions: imports.map(([of, name]) => ({ kind: 'import', interface: of, name, signature: 0 })),
    resources: resources.map(([of, name]) => ({ kind: 'imported', interface: of, name })),
  } as unknown as Plan;
}

function refusal(call: () => unknown): BrinkError {
  try {
    call();
  } catch (error) {
    if (error instanceof BrinkError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('resolveImport()', () => {
  it.each([
    ['wasi:clocks/monotonic-clock@0.3.0', 'wait-for'],
    ['wasi:clocks/monotonic-clock@0.3.9', 'now'],
    ['wasi:clocks/monotonic-clock@0.3.0-rc-2026-01-06', 'now'],
    ['wasi:filesystem/types@0.3.0-rc-2026-03-15', '[method]descriptor.stat'],
    ['wasi:random/insecure-seed@0.2.0', 'insecure-seed'],
    ['wasi:random/insecure-seed@0.2.99', 'insecure-seed'],
    ['wasi:random/insecure-seed@0.3.0', 'get-insecure-seed'],
    ['wasi:http/types@0.3.2', '[static]request.consume-body'],
    ['wasi:http/client@0.3.0', 'send'],
    ['wasi:http/handler@0.3.0', 'handle'],
    ['wasi:keyvalue/store@0.2.0-draft', 'open'],
    ['wasi:keyvalue/atomics@0.2.0-draft2', '[static]cas.new'],
    ['wasi:config/store@0.2.0-draft', 'get-all'],
    ['wasi:config/runtime@0.2.0-draft', 'get'],
    ['wasi:logging/logging@0.1.0-draft', 'log'],
    ['wasi:logging/logging', 'log'],
  ])('knows %s %s', (full, name) => {
    expect(typeof resolveImport(full, name)).toBe('function');
  });

  it.each([
    ['wasi:clocks/monotonic-clock@0.4.0', 'now', 'this host has', 'wasi:clocks/monotonic-clock@0.3.x'],
    ['wasi:clocks/monotonic-clock@1.3.0', 'now', 'this host has', 'wasi:clocks/monotonic-clock@0.3.x'],
    ['wasi:random/random', 'get-random-u64', 'this host has', 'wasi:random/random@0.2.x and wasi:random/random@0.3.x'],
    ['wasi:clocks/monotonic-clock@0.3.x', 'now', 'this host has', 'wasi:clocks/monotonic-clock@0.3.x'],
    ['wasi:filesystem/types@0.3.0-rc-2026-02-09', '[method]descriptor.stat', 'this host has', 'wasi:filesystem/types@0.3.x'],
    ['wasi:cli/stdout@0.3.0-rc-2026-01-06', 'write-via-stream', 'this host has', 'wasi:cli/stdout@0.3.x'],
    ['wasi:random/random@0.2.0-rc-2023-11-10', 'get-random-u64', 'this host has', 'wasi:random/random@0.2.x'],
    ['wasi:random/random@0.3.1-rc-2027-01-01', 'get-random-u64', 'this host has', 'wasi:random/random@0.3.x'],
    ['wasi:keyvalue/store@0.2.0', 'open', 'this host has', 'wasi:keyvalue/store@0.2.0-draft2'],
    ['wasi:keyvalue/atomics@0.2.0-draft', 'swap', 'lacks', 'It has: increment.'],
    ['wasi:cli/stdin@0.3.0', 'get-stdin', 'lacks', 'It has: read-via-stream.'],
    ['wasi:random/toString@0.3.0', 'x', 'does not have', 'wasi:random/random'],
    ['wasi:nn/inference@0.2.0', 'compute', 'does not have', 'wasi:keyvalue'],
    ['constructor', 'x', 'does not have', 'wasi:keyvalue'],
    ['', 'x', 'only in interfaces', ''],
  ])('refuses %s %s', (full, name, ...parts) => {
    const error = refusal(() => resolveImport(full, name));
    expect(error.code).toBe('component-unsupported');
    for (const part of parts) expect(error.message).toContain(part);
    expect(error.details).toMatchObject({ interface: full });
  });
});

describe('checkImports()', () => {
  it('looks at functions and at resources', () => {
    checkImports(planOf([['wasi:random/random@0.2.3', 'get-random-u64']], [['wasi:cli/terminal-input@0.2.3', 'terminal-input']]));
    expect(refusal(() => checkImports(planOf([['wasi:random/random@0.2.3', 'get-randomness']]))).message).toContain('get-randomness');
    expect(refusal(() => checkImports(planOf([], [['wasi:usb/device@0.2.3', 'device']]))).message).toContain('wasi:usb/device@0.2.3');
  });
});

describe('hostsFor()', () => {
  it('makes what the plan imports, each generation under its own name', () => {
    const plan = planOf([
      ['wasi:cli/environment@0.2.6', 'initial-cwd'],
      ['wasi:cli/environment@0.3.0', 'get-initial-cwd'],
    ]);
    const { hosts } = hostsFor(plan, fakeWorld(), NO_SETTINGS);
    expect(Object.keys(hosts)).toEqual(['wasi:cli/environment@0.2.6', 'wasi:cli/environment@0.3.0']);
    expect(Object.keys(hosts['wasi:cli/environment@0.2.6']!)).toContain('initial-cwd');
    expect(Object.keys(hosts['wasi:cli/environment@0.3.0']!)).toContain('get-initial-cwd');
  });

  it('makes an interface once, of which the component imports two versions', () => {
    const plan = planOf([
      ['wasi:random/insecure-seed@0.2.0', 'insecure-seed'],
      ['wasi:random/insecure-seed@0.2.6', 'insecure-seed'],
    ]);
    const { hosts, reset } = hostsFor(plan, fakeWorld(), NO_SETTINGS);
    const [one, two] = Object.values(hosts).map((host) => host['insecure-seed'] as unknown as () => unknown);
    const seed = one!();
    expect(two!()).toEqual(seed);
    reset();
    expect(two!()).not.toEqual(seed);
  });
});
