import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrinkError } from '../../host/errors.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { DEFAULT_COMPATIBILITY_DATE } from '../../host/registry/manifest-schema.ts';
import { UNSUPPORTED_KEYS } from '../../host/registry/manifest-unsupported.ts';
import { FULL, MINIMAL } from './manifest-cases.ts';

function refusal(value: unknown, place?: string): BrinkError {
  try {
    parseManifest(value, place);
  } catch (error) {
    if (error instanceof BrinkError) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('a manifest', () => {
  it('comes back from its own JSON as it is', () => {
    expect(JSON.parse(JSON.stringify(parseManifest(FULL)))).toEqual(FULL);
    const minimal = parseManifest(MINIMAL);
    expect(parseManifest(JSON.parse(JSON.stringify(minimal)))).toEqual(minimal);
  });

  it('gets the default of each key that is left out', () => {
    expect(parseManifest(MINIMAL)).toEqual({
      name: 'shop',
      compatibility_date: DEFAULT_COMPATIBILITY_DATE,
      compatibility_flags: [],
      vars: {},
      triggers: { crons: [] },
      routes: [],
      limits: { deadline_ms: 30_000 },
      capabilities: { outbound: null },
    });
  });

  it('keeps of a KV namespace what it means here', () => {
    const raw = [{ binding: 'A', id: '1', preview_id: '2', remote: false }, { binding: 'B' }];
    expect(parseManifest({ ...MINIMAL, kv_namespaces: raw }).kv_namespaces).toEqual([{ binding: 'A', id: '1' }, { binding: 'B' }]);
  });

  it('of a D1 database, what only tools read is left out', () => {
    const raw = [
      {
        binding: 'A',
        database_id: '1',
        database_name: 'a',
        migrations_dir: 'm',
        migrations_table: 't',
        migrations_pattern: 'm/*.sql',
        preview_database_id: '2',
        remote: false,
      },
      { binding: 'B' },
    ];
    expect(parseManifest({ ...MINIMAL, d1_databases: raw }).d1_databases).toEqual([{ binding: 'A', database_id: '1' }, { binding: 'B' }]);
  });

  it('keeps of a bucket what it means here', () => {
    const raw = [{ binding: 'A', bucket_name: 'one-2', preview_bucket_name: 'two', remote: false }, { binding: 'B' }];
    expect(parseManifest({ ...MINIMAL, r2_buckets: raw }).r2_buckets).toEqual([{ binding: 'A', bucket_name: 'one-2' }, { binding: 'B' }]);
  });

  it('keeps of a service what it means here, its alias written out', () => {
    const raw = [
      { binding: 'A', service: 'other', entrypoint: 'default', props: {}, remote: false },
      { binding: 'B', service: 'test', alias: 'next', entrypoint: 'Admin', props: { role: ['x'] } },
    ];
    expect(parseManifest({ ...MINIMAL, services: raw }).services).toEqual([
      { binding: 'A', service: 'other', alias: 'live' },
      { binding: 'B', service: 'test', alias: 'next', entrypoint: 'Admin', props: { role: ['x'] } },
    ]);
    expect(() => parseManifest({ ...MINIMAL, services: [{ binding: 'A', service: 'No_Name' }] })).toThrow(
      /"No_Name" cannot name a function/,
    );
    expect(() => parseManifest({ ...MINIMAL, services: [{ binding: 'A', service: 'a', alias: 'a--b' }] })).toThrow(
      /"a--b" cannot name an alias/,
    );
  });

  it('keeps any JSON that a variable holds', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(JSON.stringify(parseManifest({ ...MINIMAL, vars: { V: JSON.parse(text) as unknown } }).vars['V'])).toBe(text);
      }),
    );
  });

  it('takes whatever is thrown at it, or refuses it with a code', () => {
    const key = fc.constantFrom(...Object.keys(FULL), 'route', 'r2_buckets', '__proto__', 'constructor', 'toString');
    fc.assert(
      fc.property(fc.dictionary(key, fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true })), (value) => {
        try {
          const manifest = parseManifest(value);
          expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
        } catch (error) {
          expect(error).toBeInstanceOf(BrinkError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("wrangler's ways to write routes", () => {
  it.each([
    ['a string', { routes: ['Example.com/api/*'] }, ['example.com/api/*']],
    ['a zone', { routes: [{ pattern: 'a.example.com/*', zone_name: 'example.com' }] }, ['a.example.com/*']],
    ['a zone by its id', { routes: [{ pattern: 'a.example.com/*', zone_id: '12' }] }, ['a.example.com/*']],
    ['a custom domain', { routes: [{ pattern: 'shop.example.com', custom_domain: true }] }, ['shop.example.com/*']],
    ['a single route', { route: 'example.com/*' }, ['example.com/*']],
    ['a scheme', { route: 'https://example.com/*' }, ['example.com/*']],
    ['a star without a dot', { route: '*example.com/x' }, ['example.com/x', '*.example.com/x']],
  ])('takes %s', (_what, routes, patterns) => {
    const manifest = parseManifest({ ...MINIMAL, ...routes });
    expect(manifest.routes).toEqual(patterns.map((pattern) => ({ pattern, strip: false, alias: 'live' })));
    expect(parseManifest(manifest)).toEqual(manifest);
  });
});

const QUEUES: [what: string, value: unknown, key: string, message: RegExp][] = (
  [
    [{ producers: [{ binding: 'A' }] }, 'producers[0].queue', /must be a string/],
    [{ producers: [{ binding: 'A', queue: 'a/b' }] }, 'producers[0].queue', /not the name of a queue/],
    [{ producers: [{ binding: 'A', queue: 'a', delivery_delay: 86_401 }] }, 'producers[0].delivery_delay', /0 to 86400/],
    [{ producers: ['a', 'b'].map((queue) => ({ binding: 'A', queue })) }, 'producers[1].binding', /stands there twice/],
    [{ consumers: [{ queue: 'a' }, { queue: 'a' }] }, 'consumers[1].queue', /stands there twice/],
    [{ consumers: [{ queue: 'a', max_batch_size: 101 }] }, 'consumers[0].max_batch_size', /1 to 100/],
    [{ consumers: [{ queue: 'a', max_batch_timeout: 61 }] }, 'consumers[0].max_batch_timeout', /0 to 60/],
    [{ consumers: [{ queue: 'a', max_retries: -1 }] }, 'consumers[0].max_retries', /0 to 100/],
    [{ consumers: [{ queue: 'a', max_concurrency: 251 }] }, 'consumers[0].max_concurrency', /at most 250/],
    [{ consumers: [{ queue: 'a', dead_letter_queue: 'a' }] }, 'consumers[0].dead_letter_queue', /is the queue itself/],
    [{ consumers: [{ queue: 'a', type: 'http_pull' }] }, 'consumers[0].type', /must be "worker"/],
  ] as const
).map(([queues, key, why]) => [`queues ${JSON.stringify(queues)}`, { ...MINIMAL, queues }, `queues.${key}`, why]);

const INVALID: readonly [what: string, value: unknown, key: string, message: RegExp][] = [
  ['no table', [], '', /must be a table/],
  ['null', null, '', /must be a table/],
  ['a missing name', {}, 'name', /name is missing/],
  ['a name that is no text', { name: 5 }, 'name', /must be a string/],
  ['a date that is none', { ...MINIMAL, compatibility_date: '2026-02-30' }, 'compatibility_date', /YYYY-MM-DD/],
  ['a date of another form', { ...MINIMAL, compatibility_date: '26-2-3' }, 'compatibility_date', /YYYY-MM-DD/],
  ['flags that are no list', { ...MINIMAL, compatibility_flags: 'a' }, 'compatibility_flags', /must be a list/],
  [
    'a flag that is no flag',
    { ...MINIMAL, compatibility_flags: ['a', 'b c'] },
    'compatibility_flags[1]',
    /not the name of a compatibility flag/,
  ],
  ['a date as a variable', { ...MINIMAL, vars: { D: new Date(0) } }, 'vars.D', /write it as a string/],
  ['infinity', { ...MINIMAL, vars: { a: [{ b: Infinity }] } }, 'vars.a[0].b', /JSON has no number/],
  ['undefined inside a list', { ...MINIMAL, vars: { a: [undefined] } }, 'vars.a[0]', /undefined/],
  ['a variable named __proto__', JSON.parse('{"name": "a", "vars": {"__proto__": 1}}'), 'vars.__proto__', /use another/],
  ['a variable without a name', { ...MINIMAL, vars: { '': 1 } }, 'vars.""', /128 characters/],
  ['values nested too deep', { ...MINIMAL, vars: { a: deep(40) } }, `vars.a${'[0]'.repeat(30)}`, /deeper than 32/],
  ['variables over 256 KiB', { ...MINIMAL, vars: { A: 'x'.repeat(256 * 1024) } }, '', /at most 262144/],
  ['a cron with four fields', { ...MINIMAL, triggers: { crons: ['* * * * *', '* * * *'] } }, 'triggers.crons[1]', /4 fields instead of 5/],
  ['a cron out of range', { ...MINIMAL, triggers: { crons: ['0 24 * * *'] } }, 'triggers.crons[0]', /"24" as its hour/],
  ['a cron twice', { ...MINIMAL, triggers: { crons: ['* * * * *', '* * * * *'] } }, 'triggers.crons[1]', /twice/],
  ['a deadline of 0', { ...MINIMAL, limits: { deadline_ms: 0 } }, 'limits.deadline_ms', /at least 1/],
  ['a deadline over ten minutes', { ...MINIMAL, limits: { deadline_ms: 600_001 } }, 'limits.deadline_ms', /at most 600000/],
  ['a deadline in parts of ms', { ...MINIMAL, limits: { deadline_ms: 1.5 } }, 'limits.deadline_ms', /whole number/],
  ['a URL in outbound', { ...MINIMAL, capabilities: { outbound: ['https://a.example'] } }, 'capabilities.outbound[0]', /without scheme/],
  [
    'a star within an outbound host',
    { ...MINIMAL, capabilities: { outbound: ['a.*.example'] } },
    'capabilities.outbound[0]',
    /is not a host/,
  ],
  ['a route of the wrong type', { ...MINIMAL, routes: [5] }, 'routes[0]', /must be a pattern/],
  ['a KV namespace without a binding', { ...MINIMAL, kv_namespaces: [{ id: '1' }] }, 'kv_namespaces[0].binding', /must be a string/],
  ['a D1 database without a binding', { ...MINIMAL, d1_databases: [{ database_id: '1' }] }, 'd1_databases[0].binding', /must be a string/],
  [
    'a D1 database on Cloudflare',
    { ...MINIMAL, d1_databases: [{ binding: 'A', remote: true }] },
    'd1_databases[0].remote',
    /must be false/,
  ],
  [
    'two bindings of one name, of two kinds',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A' }], d1_databases: [{ binding: 'A' }] },
    'd1_databases[0].binding',
    /is the name of another binding, too \(kv_namespaces\)/,
  ],
  [
    'a rate limit of a period that is none',
    { ...MINIMAL, ratelimits: [{ name: 'A', namespace_id: '1', simple: { limit: 1, period: 20 } }] },
    'ratelimits[0].simple.period',
    /must be 10 or 60/,
  ],
  ['cells without calls', { ...MINIMAL, scaling: { concurrency: 0 } }, 'scaling.concurrency', /must be a whole number, 1 to 100000/],
  [
    'more cells at least than at most',
    { ...MINIMAL, scaling: { min_cells: 3, max_cells: 2 } },
    'scaling.min_cells',
    /must not be more than max_cells/,
  ],
  ['a policy that is none', { ...MINIMAL, scaling: { policy: 'random' } }, 'scaling.policy', /must be "round-robin" or "least-in-flight"/],
  ['a class that is no name', { ...MINIMAL, scaling: { class: 'My Class' } }, 'scaling.class', /is not the name of a class/],
  ['a health call of no path', { ...MINIMAL, health: { path: 'healthz' } }, 'health.path', /is not a path/],
  ['a health call of nothing', { ...MINIMAL, health: {} }, 'health.path', /must be a string/],
  [
    'a rate limit of nothing',
    { ...MINIMAL, ratelimits: [{ name: 'A', namespace_id: '1', simple: { limit: 0, period: 10 } }] },
    'ratelimits[0].simple.limit',
    /must be at least 1/,
  ],
  [
    'a rate limit without a namespace',
    { ...MINIMAL, ratelimits: [{ name: 'A', simple: { limit: 1, period: 10 } }] },
    'ratelimits[0].namespace_id',
    /must be a string/,
  ],
  [
    'a rate limit with the name of a variable',
    { ...MINIMAL, vars: { A: 1 }, ratelimits: [{ name: 'A', namespace_id: '1', simple: { limit: 1, period: 10 } }] },
    'ratelimits[0].name',
    /is the name of a variable/,
  ],
  ['a KV namespace that is no table', { ...MINIMAL, kv_namespaces: ['CACHE'] }, 'kv_namespaces[0]', /must be a table with binding/],
  [
    'a binding that code cannot name',
    { ...MINIMAL, kv_namespaces: [{ binding: 'my-cache' }] },
    'kv_namespaces[0].binding',
    /not a name that code can use/,
  ],
  [
    'a binding twice',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A' }, { binding: 'A', id: '1' }] },
    'kv_namespaces[1].binding',
    /stands there twice/,
  ],
  [
    'a binding that is a variable, too',
    { ...MINIMAL, vars: { A: 1 }, kv_namespaces: [{ binding: 'A' }] },
    'kv_namespaces[0].binding',
    /is the name of a variable/,
  ],
  ...QUEUES,
  [
    'a queue of the name of another binding',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A' }], queues: { producers: [{ binding: 'A', queue: 'a' }] } },
    'queues.producers[0].binding',
    /is the name of another binding/,
  ],
  ['an empty id', { ...MINIMAL, kv_namespaces: [{ binding: 'A', id: '' }] }, 'kv_namespaces[0].id', /is empty/],
  [
    'a namespace on Cloudflare',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A', id: '1', remote: true }] },
    'kv_namespaces[0].remote',
    /must be false/,
  ],
  [
    'a binding of two kinds',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A' }], r2_buckets: [{ binding: 'A' }] },
    'r2_buckets[0].binding',
    /is the name of another binding, too/,
  ],
  [
    'a bucket with a name that is none',
    { ...MINIMAL, r2_buckets: [{ binding: 'A', bucket_name: '../b' }] },
    'r2_buckets[0].bucket_name',
    /is no bucket's name/,
  ],
  [
    'a bucket of a jurisdiction',
    { ...MINIMAL, r2_buckets: [{ binding: 'A', jurisdiction: 'eu' }] },
    'r2_buckets[0].jurisdiction',
    /not decided for each bucket here/,
  ],
  ['a bucket on Cloudflare', { ...MINIMAL, r2_buckets: [{ binding: 'A', remote: true }] }, 'r2_buckets[0].remote', /must be false/],
  ['a service without a function', { ...MINIMAL, services: [{ binding: 'A' }] }, 'services[0].service', /must be a string/],
  [
    'a service with the name of another binding',
    { ...MINIMAL, kv_namespaces: [{ binding: 'A' }], services: [{ binding: 'A', service: 'other' }] },
    'services[0].binding',
    /is the name of another binding/,
  ],
  [
    'a service in an environment',
    { ...MINIMAL, services: [{ binding: 'A', service: 'other', environment: 'staging' }] },
    'services[0].environment',
    /names an environment/,
  ],
  [
    'an entrypoint that no export can have',
    { ...MINIMAL, services: [{ binding: 'A', service: 'other', entrypoint: 'a-b' }] },
    'services[0].entrypoint',
    /not the name of an export/,
  ],
  [
    'props that are no table',
    { ...MINIMAL, services: [{ binding: 'A', service: 'other', props: 5 }] },
    'services[0].props',
    /must be a table/,
  ],
  ['route beside routes', { ...MINIMAL, route: 'a.com/*', routes: ['b.com/*'] }, 'route', /beside routes/],
];

describe('refused as manifest-invalid, with its place', () => {
  it.each(INVALID)('%s', (_what, value, key, message) => {
    const error = refusal(value, 'brink.toml');
    expect(error.message).toMatch(message);
    expect(error.code).toBe('manifest-invalid');
    expect(error.details).toEqual({ key, file: 'brink.toml' });
    expect(error.message.startsWith('brink.toml: ')).toBe(true);
  });
});

describe('an unknown key', () => {
  it.each([
    [{ compatability_date: '2026-01-01' }, 'compatability_date', 'compatibility_date'],
    [{ Vars: {} }, 'Vars', 'vars'],
    [{ kv_namespace: [] }, 'kv_namespace', 'kv_namespaces'],
    [{ triggers: { cron: [] } }, 'triggers.cron', 'crons'],
    [{ limits: { deadline: 5 } }, 'limits.deadline', 'deadline_ms'],
    [{ capabilities: { outbuond: [] } }, 'capabilities.outbuond', 'outbound'],
    [{ routes: [{ pattern: 'a.com/*', aliias: 'x' }] }, 'routes[0].aliias', 'alias'],
    [{ kv_namespaces: [{ bindign: 'A' }] }, 'kv_namespaces[0].bindign', 'binding'],
    [{ queues: { consumer: [] } }, 'queues.consumer', 'consumers'],
    [{ queues: { consumers: [{ queue: 'a', max_batchsize: 1 }] } }, 'queues.consumers[0].max_batchsize', 'max_batch_size'],
    [{ quite_something_else: 1 }, 'quite_something_else', null],
  ])('%j is refused with the nearest known one', (keys, key, nearest) => {
    const error = refusal({ ...MINIMAL, ...keys }, 'brink.toml');
    expect([error.code, error.details]).toEqual(['manifest-unknown-key', { key, nearest, file: 'brink.toml' }]);
    if (nearest !== null) expect(error.message).toContain(`Did you mean "${nearest}"?`);
  });
});

describe('a binding that is not built yet', () => {
  it.each(Object.keys(UNSUPPORTED_KEYS))('%s is refused by its name', (key) => {
    const error = refusal({ ...MINIMAL, [key]: [{ binding: 'THING' }, { name: 'OTHER' }] });
    expect([error.code, error.details]).toEqual(['binding-unsupported', { key, bindings: ['THING', 'OTHER'] }]);
    expect(error.message).toContain(UNSUPPORTED_KEYS[key]);
  });

  it.each([
    [{ durable_objects: { bindings: [{ name: 'ROOM', class_name: 'Room' }] } }, ['ROOM']],
    [{ ai: { binding: 'AI' } }, ['AI']],
    [{ assets: { directory: 'public' } }, []],
  ])('%j names its bindings', (keys, bindings) => {
    expect(refusal({ ...MINIMAL, ...keys }).details?.['bindings']).toEqual(bindings);
  });

  it.each([
    { kv_namespaces: [] },
    { r2_buckets: [] },
    { queues: { producers: [], consumers: [] } },
    { durable_objects: { bindings: [] } },
    { assets: null },
    { exports: {} },
  ])('%j asks for nothing, and is taken', (keys) => {
    expect(parseManifest({ ...MINIMAL, ...keys })).toEqual(parseManifest(MINIMAL));
  });
});

it.each([
  [{ name: 'My Shop' }, 'name-invalid'],
  [{ name: 'a', routes: [{ pattern: 'a.com/*', alias: 'a--b' }] }, 'name-invalid'],
  [{ name: 'a', routes: ['a.com/*/b'] }, 'route-invalid'],
  [{ name: 'a', routes: ['a.com/*', 'A.com/*'] }, 'route-invalid'],
])('refuses %j as %s', (value, code) => {
  expect(refusal(value).code).toBe(code);
});

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}
