import { describe, expect, it } from 'vitest';
import type { BrinkError } from '../../host/errors.ts';
import { changesSchedules, declaredBy, declaredPayload } from '../../host/registry/declared.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import type { FunctionRecord } from '../../host/registry/record.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createMemoryBlobs, createMemoryStore } from '../../host/stores/memory.ts';
import { artifactOf } from '../conformance/harness.ts';

const parse = (manifest: Record<string, unknown>) => parseManifest({ name: 'report', ...manifest });
const refusal = (manifest: Record<string, unknown>): BrinkError => {
  try {
    parse(manifest);
  } catch (error) {
    return error as BrinkError;
  }
  throw new Error('It was taken.');
};

describe('schedules in a manifest', () => {
  it('have their defaults written out, and read back as they are', () => {
    const manifest = parse({
      schedules: [
        { binding: 'SCHEDULES' },
        { cron: ' 0 3 * * * ' },
        { every: '1h30m', jitter: '5s', overlap: 'queue', misfire: 'all', payload: { a: [1] } },
        { name: 'named', cron: '0 3 * * *', timezone: 'Europe/Berlin' },
      ],
    });
    const rules = { jitter: 0, overlap: 'allow', misfire: 'once' };
    expect(manifest.schedules).toEqual([
      { binding: 'SCHEDULES' },
      { name: '0 3 * * *', cron: '0 3 * * *', ...rules },
      { name: 'every 1h30m', every: 5_400_000, jitter: 5_000, overlap: 'queue', misfire: 'all', payload: { a: [1] } },
      { name: 'named', cron: '0 3 * * *', timezone: 'Europe/Berlin', ...rules },
    ]);
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(parse({ schedules: [] })).not.toHaveProperty('schedules');
  });

  it.each([
    ['nothing', [{}], 'schedules[0]', /needs either cron or every/],
    ['both', [{ cron: '* * * * *', every: '5m' }], 'schedules[0]', /needs either cron or every/],
    ['a binding with more', [{ binding: 'S', every: '5m' }], 'schedules[0].every', /stands beside binding/],
    ['a bad binding', [{ binding: '1S' }], 'schedules[0].binding', /not a name that code can use/],
    ['a bad expression', [{ cron: '* * * *' }], 'schedules[0].cron', /4 fields instead of 5/],
    ['what never comes', [{ cron: '0 0 30 2 *' }], 'schedules[0].cron', /never comes due/],
    ['a zone that is none', [{ cron: '* * * * *', timezone: 'Nowhere' }], 'schedules[0].timezone', /no time zone/],
    ['a zone for an interval', [{ every: '5m', timezone: 'UTC' }], 'schedules[0].timezone', /goes with cron alone/],
    ['too short an interval', [{ every: '999ms' }], 'schedules[0].every', /1s to 3653d/],
    ['no duration', [{ every: true }], 'schedules[0].every', /must be a duration/],
    ['too much jitter', [{ every: '5m', jitter: '25h' }], 'schedules[0].jitter', /0s to 1d/],
    ['an overlap that is none', [{ every: '5m', overlap: 'no' }], 'schedules[0].overlap', /one of skip, queue, allow/],
    ['a misfire that is none', [{ every: '5m', misfire: 'no' }], 'schedules[0].misfire', /one of skip, once, all/],
    ['an empty name', [{ every: '5m', name: '' }], 'schedules[0].name', /is empty/],
    ['a name of two lines', [{ every: '5m', name: 'a\nb' }], 'schedules[0].name', /cannot be printed/],
    ['too large a payload', [{ every: '5m', payload: 'x'.repeat(65_535) }], 'schedules[0].payload', /65536 bytes/],
    ['one name twice', [{ every: '5m' }, { every: 300_000, jitter: 1 }], 'schedules[1]', /name "every 5m" of schedules\[0\]/],
    ['a binding twice', [{ binding: 'S' }, { binding: 'S' }], 'schedules[1].binding', /twice/],
    ['no list', { every: '5m' }, 'schedules', /must be a list/],
    ['51 of them', Array.from({ length: 51 }, (_, index) => ({ every: index + 1_000 })), 'schedules', /more than 50/],
  ])('refuses %s', (_what, schedules, key, message) => {
    const error = refusal({ schedules });
    expect(error).toMatchObject({ code: 'manifest-invalid', details: { key } });
    expect(error.message).toMatch(message);
  });

  it('refuses the name of a cron, of a var and of a namespace', () => {
    expect(refusal({ triggers: { crons: ['0 3 * * *'] }, schedules: [{ cron: '0 3 * * *' }] }).message).toMatch(/of triggers.crons/);
    expect(refusal({ vars: { S: 1 }, schedules: [{ binding: 'S' }] }).message).toMatch(/schedules\[0\].binding is the name of a variable/);
    expect(refusal({ kv_namespaces: [{ binding: 'S' }], schedules: [{ binding: 'S' }] }).message).toMatch(/another binding/);
  });

  it('names the nearest key', () => {
    expect(refusal({ schedules: [{ every: '5m', overlapp: 'skip' }] })).toMatchObject({
      code: 'manifest-unknown-key',
      details: { key: 'schedules[0].overlapp', nearest: 'overlap' },
    });
  });

  it('give a version its payload, and tell what it does not declare', () => {
    const manifest = parse({ triggers: { crons: ['0 1 * * *'] }, schedules: [{ every: '5m', payload: 7 }, { every: '6m' }] });
    expect(declaredPayload(manifest, '0 1 * * *')).toEqual({});
    expect(declaredPayload(manifest, 'every 5m')).toEqual({ payload: 7 });
    expect(declaredPayload(manifest, 'every 6m')).toEqual({});
    expect(declaredPayload(manifest, 'every 7m')).toBeNull();
  });
});

describe('what live declares', () => {
  const version = (number: number, more: object) => ({ number, crons: [], ...more });
  const record = (versions: object[], live: readonly number[] = []) =>
    ({
      name: 'report',
      versions,
      aliases: live.length === 0 ? {} : { live: { versions: live.map((each) => ({ version: each, weight: 100 / live.length })) } },
    }) as unknown as FunctionRecord;
  const every = (name: string, ms: number, overlap = 'allow') => ({ name, timing: { every: ms }, jitter: 0, overlap, misfire: 'once' });

  it('is that of its versions, each once, by the rules of the newer', () => {
    const two = record(
      [
        version(1, { crons: ['0 1 * * *'], schedules: [every('n', 5_000)] }),
        version(2, { crons: ['0 1 * * *'], schedules: [every('n', 5_000, 'skip'), every('m', 1_000)] }),
      ],
      [1, 2],
    );
    expect(declaredBy(two).map(({ name, overlap }) => [name, overlap])).toEqual([
      ['0 1 * * *', 'allow'],
      ['n', 'skip'],
      ['m', 'allow'],
    ]);
    expect(declaredBy({ ...two, aliases: {} })).toEqual([]);
  });

  it('keeps two of one name apart whose times differ', () => {
    const two = record([version(1, { schedules: [every('n', 5_000)] }), version(2, { schedules: [every('n', 6_000)] })], [1, 2]);
    const declared = declaredBy(two);
    expect(declared.map(({ name }) => name)).toEqual(['n', 'n']);
    expect(new Set(declared.map(({ key }) => key)).size).toBe(2);
  });

  it('changes where its schedules do', () => {
    const none = record([version(1, {})], [1]);
    const some = record([version(1, { crons: ['0 1 * * *'] })], [1]);
    const beside = record([version(1, { crons: ['0 1 * * *'] }), version(2, { crons: ['0 2 * * *'] })], [1]);
    const maker = record([version(1, { schedules: [] })], [1]);
    expect([changesSchedules(null, none), changesSchedules(null, some), changesSchedules(some, beside)]).toEqual([false, true, false]);
    expect([changesSchedules(beside, none), changesSchedules(none, null), changesSchedules(some, null)]).toEqual([true, false, true]);
    // What it has made itself goes with it.
    expect([changesSchedules(null, maker), changesSchedules(maker, null)]).toEqual([false, true]);
  });
});

describe('a registry with schedules', () => {
  const open = (expect: (name: string) => Promise<void> = async () => {}) => {
    const told: string[] = [];
    const registry = new Registry({
      store: createMemoryStore(Date.now),
      blobs: createMemoryBlobs(),
      now: Date.now,
      schedules: {
        async expect(name) {
          await expect(name);
          told.push(`before ${name} ${(await registry.find(name)) === null ? 'none' : 'some'}`);
        },
        sync: async (name) =>
          void told.push(`after ${name} ${JSON.stringify((await registry.find(name))?.versions.map(({ crons }) => crons))}`),
      },
    });
    const publish = (crons: readonly string[], text = '') =>
      registry.publish('report', encodeArtifact(artifactOf('report', { 'index.js': text }, { triggers: { crons } })), {
        alias: 'live',
        probe: async () => ['scheduled'],
      });
    return { registry, told, publish };
  };

  it('tells of a change before it is written, and after', async () => {
    const { registry, told, publish } = open();
    await publish([]);
    await publish(['0 1 * * *']);
    await publish(['0 1 * * *'], '// the same times');
    await registry.removeFunction('report');
    expect(told).toEqual(['before report some', 'after report [[],["0 1 * * *"]]', 'before report some', 'after report undefined']);
  });

  it('changes nothing where it cannot tell', async () => {
    const { registry, publish } = open(() => Promise.reject(new Error('no store')));
    await expect(publish(['0 1 * * *'])).rejects.toThrow('no store');
    expect(await registry.find('report')).toBeNull();
  });
});
