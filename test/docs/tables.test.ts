import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_KEY, MAX_KEYS, MAX_METADATA, MAX_PAGE } from '../../host/bindings/kv/limits.ts';
import { MAX_VALUE } from '../../host/bindings/kv/size.ts';
import { MAX_BATCH, MAX_MESSAGE, MAX_MESSAGES } from '../../host/bindings/queues/limits.ts';
import { CLOUD_TABLES } from '../../host/build/cloud-keys.ts';
import { IGNORED_KEYS, splitKeys, type BuildKeys } from '../../host/build/config-keys.ts';
import { DEFAULT_LIMITS } from '../../host/cell/limits.ts';
import { MAX_MADE } from '../../host/bindings/schedules/methods.ts';
import { createProgram } from '../../host/cli/program.ts';
import { STATUS } from '../../host/errors.ts';
import { ARTIFACT_MAX_BYTES } from '../../host/registry/artifact.ts';
import { MAX_HEAD, MAX_LINES as MAX_HEADER_LINES, MAX_TARGET } from '../../host/platforms/node/refuse.ts';
import { MANIFEST_MAX_BYTES, parseManifest } from '../../host/registry/parse-manifest.ts';
import { keysOfQueues } from '../../host/registry/manifest-queues.ts';
import { keysOfGateway } from '../../host/registry/gateway/schema.ts';
import { keysOfDatabases } from '../../host/registry/manifest-d1.ts';
import { keysOfNamespaces } from '../../host/registry/manifest-kv.ts';
import { keysOfBuckets } from '../../host/registry/manifest-r2.ts';
import { SEND_EMAIL_KEYS } from '../../host/registry/manifest-email.ts';
import { COMPONENT_DEFAULTS, knownKeys } from '../../host/registry/manifest-schema.ts';
import { SCHEDULE_KEYS, MAX_DECLARED } from '../../host/registry/manifest-schedules.ts';
import { WEBHOOK_KEYS } from '../../host/registry/manifest-webhooks.ts';
import { UNSUPPORTED_KEYS } from '../../host/registry/manifest-unsupported.ts';
import { MAX_HISTORY, MAX_SECRETS, MAX_VERSIONS, SECRET_MAX_BYTES } from '../../host/registry/record.ts';
import type { BrinkContext } from '../../sdk/context.ts';
import { DEVIATIONS } from '../component/differential/deviations.ts';
import { EXCLUSIONS } from '../component/spec/exclusions.ts';
import { LAYERS } from '../layers.ts';
import { ROOT, tableUnder, withoutMarks } from './blocks.ts';

const column = (rows: readonly (readonly string[])[], index: number) => rows.map((row) => withoutMarks(row[index]!));

describe('ARCHITECTURE.md', () => {
  it('lists the keys that are refused, with what each means', () => {
    const rows = tableUnder('ARCHITECTURE.md', 'Keys that are refused').map(([key, meaning]) => [withoutMarks(key!), meaning]);
    expect(rows).toEqual(Object.entries(UNSUPPORTED_KEYS));
  });

  it('lists the error codes with their statuses', () => {
    const rows = tableUnder('ARCHITECTURE.md', 'Error codes').map(([code, status]) => [withoutMarks(code!), Number(status)]);
    expect(rows).toEqual(Object.entries(STATUS));
  });

  it('lists why test files of the Component Model are excluded', () => {
    const reasons = new Set(EXCLUSIONS.map(({ reason }) => withoutMarks(reason)));
    expect(column(tableUnder('ARCHITECTURE.md', 'Test files of the Component Model'), 1)).toEqual([...reasons]);
  });

  it('lists where jco differs', () => {
    expect(column(tableUnder('ARCHITECTURE.md', 'Where jco differs'), 0)).toEqual(DEVIATIONS.map(({ reason }) => reason));
  });

  it('has one reason for each package', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', object>;
    const rows = tableUnder('ARCHITECTURE.md', 'Dependencies');
    expect(column(rows, 0).toSorted()).toEqual([manifest.dependencies, manifest.devDependencies].flatMap(Object.keys).toSorted());
    expect(rows.filter(([, why]) => why === '')).toEqual([]);
  });

  it('has a row for each folder that the layers know', () => {
    const folders = Object.keys(LAYERS).map((row) => row.replace(/\/\*$/, ''));
    const listed = column(tableUnder('ARCHITECTURE.md', 'Folders'), 0);
    expect(folders.filter((folder) => !folder.endsWith('.ts') && !listed.includes(folder))).toEqual([]);
  });
});

/** What shows the promises of each row, besides the suites of the stores. */
const DELIVERIES: Readonly<Record<string, readonly string[]>> = {
  'message of a queue': [
    'test/conformance/deliveries-suite.ts',
    'test/bindings/queue-delivery-suite.ts',
    'test/bindings/queue-crash.test.ts',
  ],
  'event of a bucket': ['test/conformance/deliveries-suite.ts', 'test/bindings/bucket-events-crash.test.ts'],
  'change of a key or row': ['test/conformance/changes-suite.ts', 'test/bindings/changes-crash.test.ts', 'test/stores/intents.test.ts'],
  'delivery of a webhook': ['test/conformance/webhooks-delivery-cases.ts', 'test/webhooks/crash.ts'],
  'run of a schedule': [
    'test/conformance/deliveries-suite.ts',
    'test/bindings/schedules-clock-suite.ts',
    'test/bindings/schedules-crash.test.ts',
  ],
  'request for later': ['test/conformance/deliveries-suite.ts', 'test/conformance/kept-async-cases.ts', 'test/cli/kept-crash.test.ts'],
  callback: ['test/conformance/kept-callback-cases.ts'],
};

describe('README.md', () => {
  it('says of each trigger what it promises, and tests show it', () => {
    expect(column(tableUnder('README.md', 'Deliveries'), 0)).toEqual(Object.keys(DELIVERIES));
    for (const file of Object.values(DELIVERIES).flat()) expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
  });

  const keys = tableUnder('README.md', 'brink.toml').map(([key, byDefault]) => [withoutMarks(key!), withoutMarks(byDefault!)] as const);

  it('lists every key of a config that does something', () => {
    const nested = [
      'secrets',
      'triggers',
      'limits',
      'capabilities',
      'component',
      'scaling',
      'health',
      'openapi',
      'async',
      'idempotency',
      'email',
    ];
    // Of wrangler's, those that do nothing here are not among them.
    const ofBindings = [
      ...['binding', 'id', 'notifications'].map((key) => `kv_namespaces.${key}`),
      ...keysOfNamespaces(['kv_namespaces', 0, 'notifications']).map((key) => `kv_namespaces.notifications.${key}`),
      ...['binding', 'id'].map((key) => `locks.${key}`),
      ...['binding', 'service', 'alias', 'entrypoint', 'props'].map((key) => `services.${key}`),
      ...['binding', 'bucket_name', 'notifications'].map((key) => `r2_buckets.${key}`),
      ...keysOfBuckets(['r2_buckets', 0, 'notifications']).map((key) => `r2_buckets.notifications.${key}`),
      ...keysOfDatabases(['d1_databases', 0, 'notifications']).map((key) => `d1_databases.notifications.${key}`),
      ...['binding', 'database_id', 'notifications', 'database_name', 'migrations_dir', 'migrations_table', 'migrations_pattern'].map(
        (key) => `d1_databases.${key}`,
      ),
      ...SEND_EMAIL_KEYS.filter((key) => key !== 'remote').map((key) => `send_email.${key}`),
      ...['name', 'namespace_id', 'simple.limit', 'simple.period'].map((key) => `ratelimits.${key}`),
    ];
    const ofWebhooks = WEBHOOK_KEYS.map((key) => `webhooks.${key}`);
    const ignored = ['remote', 'type', 'visibility_timeout_ms'];
    const ofQueues = ['producers', 'consumers'].flatMap((part) => [
      `queues.${part}`,
      ...keysOfQueues(part)
        .filter((key) => !ignored.includes(key))
        .map((key) => `queues.${part}.${key}`),
    ]);
    const ofManifest = knownKeys([])
      .filter((key) => key !== 'queues')
      .flatMap((key) =>
        nested.includes(key) ? knownKeys([key]).flatMap((inner) => (inner === 'callback' ? [] : `${key}.${inner}`)) : [key],
      );
    const ofCallback = knownKeys(['async', 'callback']).map((key) => `async.callback.${key}`);
    const ofSchedules = SCHEDULE_KEYS.map((key) => `schedules.${key}`);
    const ofRoutes = ['routes.gateway', 'routes.strip', 'routes.alias', 'routes.custom_domain'];
    // Complete by its type: a new key of the build is a type error here.
    const ofBuild: Record<keyof BuildKeys, string | readonly string[]> = {
      main: 'main',
      handler: 'handler',
      lambda: CLOUD_TABLES.lambda.map((key) => `lambda.${key}`),
      gcf: CLOUD_TABLES.gcf.map((key) => `gcf.${key}`),
      azure: CLOUD_TABLES.azure.map((key) => `azure.${key}`),
      tsconfig: 'tsconfig',
      define: 'define',
      alias: 'alias',
      jsx_factory: 'jsx_factory',
      jsx_fragment: 'jsx_fragment',
      find_additional_modules: 'find_additional_modules',
      build: 'build.command',
      component: 'component.assets',
      rules: 'rules',
    };
    expect(keys.map(([key]) => key).toSorted()).toEqual(
      [
        ...ofManifest,
        ...ofBindings,
        ...ofQueues,
        ...ofCallback,
        ...ofSchedules,
        ...ofWebhooks,
        ...ofRoutes,
        ...Object.values(ofBuild).flat(),
        'env.NAME',
      ].toSorted(),
    );
  });

  it('lists the rules of the gateway, in their order', () => {
    const rules = tableUnder('README.md', 'Gateway').map(([rule]) => withoutMarks(rule!));
    const known = keysOfGateway([]).filter((key) => key !== 'match');
    expect(rules.toSorted()).toEqual(known.toSorted());
  });

  it('gives their defaults', () => {
    const { compatibility_date, limits, capabilities, vars, routes } = parseManifest({ name: 'x', routes: ['a.example/*'] });
    const { build } = splitKeys({}, '');
    const defaults = Object.fromEntries(keys);
    expect(defaults).toMatchObject({
      compatibility_date,
      'limits.deadline_ms': String(limits.deadline_ms),
      ...Object.fromEntries(
        Object.entries(DEFAULT_LIMITS).map(([key, value]) => [`limits.${key}`, value === Infinity ? 'none' : String(value)]),
      ),
      'routes.strip': String(routes[0]!.strip),
      'routes.alias': routes[0]!.alias,
      find_additional_modules: String(build.find_additional_modules),
      'lambda.export': build.lambda.export,
      'lambda.event': build.lambda.event,
      'lambda.partial_batches': String(build.lambda.partial_batches),
      'lambda.multi_value_headers': String(build.lambda.multi_value_headers),
      'gcf.signature': build.gcf.signature,
      'azure.route_prefix': build.azure.route_prefix,
    });
    const { queues } = parseManifest({ name: 'x', queues: { producers: [{ binding: 'A', queue: 'a' }], consumers: [{ queue: 'a' }] } });
    for (const key of ['max_batch_size', 'max_batch_timeout', 'max_retries', 'retry_delay'] as const)
      expect(defaults[`queues.consumers.${key}`]).toBe(String(queues!.consumers[0]![key]));
    expect(defaults['queues.producers.delivery_delay']).toBe(String(queues!.producers[0]!.delivery_delay));
    for (const [key, value] of Object.entries(COMPONENT_DEFAULTS)) expect(defaults[`component.${key}`]).toBe(String(value));
    expect([vars, defaults['vars']]).toEqual([{}, 'none']);
    expect([capabilities.outbound, defaults['capabilities.outbound']]).toEqual([null, 'any host']);
  });

  it('names keys that do nothing', () => {
    for (const key of ['account_id', 'workers_dev', 'observability']) expect(IGNORED_KEYS).toContain(key);
  });

  it('lists the commands in the order of the help', () => {
    const commands = createProgram().commands.map((command) => command.name());
    expect(column(tableUnder('README.md', 'Commands'), 0)).toEqual(commands);
  });

  it('lists what ctx.brink has', () => {
    // Complete by its type.
    const context: Record<keyof BrinkContext, true> = {
      requestId: true,
      traceparent: true,
      url: true,
      clientAddress: true,
      function: true,
      version: true,
      alias: true,
      principal: true,
      deadline: true,
    };
    expect(column(tableUnder('README.md', 'What a function knows of its invocation'), 0)).toEqual(Object.keys(context));
  });

  it('gives the limits that the code has', () => {
    const limits = Object.fromEntries(tableUnder('README.md', 'Limits').map(([what, limit]) => [what, limit]));
    expect(limits).toMatchObject({
      'An artifact': `${ARTIFACT_MAX_BYTES / 2 ** 20} MiB`,
      'The manifest inside of it, vars included': `${MANIFEST_MAX_BYTES / 2 ** 10} KiB`,
      'Schedules that a version declares, and that a function makes': `${MAX_DECLARED}, and ${MAX_MADE.toLocaleString('en')}`,
      'Versions of a function': MAX_VERSIONS.toLocaleString('en'),
      'Moves of an alias that rollback can go back': String(MAX_HISTORY),
      'Secrets of a function': `${MAX_SECRETS}, each of ${SECRET_MAX_BYTES / 2 ** 10} KiB`,
      'A KV key, value, and metadata': `${MAX_KEY} bytes, ${MAX_VALUE / 2 ** 20} MiB, ${MAX_METADATA.toLocaleString('en')} bytes`,
      'KV keys of one `get`, and of one page of `list`': `${MAX_KEYS}, and ${MAX_PAGE.toLocaleString('en')}`,
      'A message of a queue, and a `sendBatch`': `${MAX_MESSAGE.toLocaleString('en')} bytes; ${MAX_MESSAGES} messages, ${MAX_BATCH.toLocaleString('en')} bytes`,
      'Console lines of one invocation (`limits.log_lines`)': expect.stringContaining(
        DEFAULT_LIMITS.log_lines.toLocaleString('en'),
      ) as string,
      'The target of a request, on Node': `${MAX_TARGET.toLocaleString('en')} characters: 414`,
      'The head of a request, on Node': `${MAX_HEAD / 1024} KiB, and ${MAX_HEADER_LINES.toLocaleString('en')} lines: 431`,
    });
  });
});
