import { z } from '@hono/zod-openapi';
import { MAX_TICK } from '../timing/rules.ts';
import { apiChanges } from './schemas-openapi.ts';

/** The shapes of the admin API: they check what comes in, make the OpenAPI document, and give the client its types. */

const Name = z.string().openapi({ example: 'hello' });
const Time = z.number().openapi({ description: 'Milliseconds since the epoch', example: 1767225600000 });
const Url = z.string().openapi({ format: 'uri', example: 'http://127.0.0.1:8787/hello/' });
const Digest = z.string().openapi({ description: 'SHA-256 of the artifact, 64 hex digits' });
const VersionNumber = z.number().int().positive();

export const WeightedVersion = z
  .object({
    version: VersionNumber,
    weight: z.number().openapi({ description: 'Percent, at most two decimals; the weights add up to 100' }),
  })
  .openapi('WeightedVersion');

export const Sticky = z
  .union([
    z.strictObject({ by: z.enum(['header', 'cookie']), name: z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/) }),
    z.strictObject({ by: z.literal('address') }),
  ])
  .openapi('Sticky', { description: 'What keeps a client on one version' });

const AliasMove = z.object({ versions: z.array(WeightedVersion), sticky: Sticky.nullable(), revision: z.number(), movedAt: Time });

const Warm = z.number().int().min(0).max(1_000);

export const AliasView = AliasMove.extend({
  function: Name,
  alias: Name,
  url: Url,
  warm: Warm.openapi({ description: 'Cells that its versions have together on each host on Node, though nothing calls it' }),
  history: z.array(AliasMove).openapi({ description: 'Earlier targets, newest first; rollback takes the first' }),
  apiChanges,
}).openapi('Alias');

export const AliasBody = z
  .strictObject({
    versions: z.array(WeightedVersion).min(1),
    sticky: Sticky.nullable().optional().openapi({ description: 'Left as it is where absent; null takes it away' }),
    warm: Warm.optional().openapi({ description: 'Left as it is where absent' }),
  })
  .openapi('AliasTarget');

const OpenApiFacts = z
  .object({
    digest: z.string().openapi({ description: 'SHA-256 of the document, 64 hex digits' }),
    size: z.number().openapi({ description: 'Bytes of the document' }),
    source: z.enum(['file', 'function', 'component']).openapi({ description: 'Who has told it' }),
    from: z.string().openapi({ description: 'The OpenAPI that it came in; it is kept as 3.1', example: '3.1.1' }),
    breaking: z
      .enum(['allow', 'refuse'])
      .optional()
      .openapi({ description: 'What is done where it breaks those who call; they are warned where absent' }),
  })
  .openapi('OpenApiFacts');

export const VersionView = z
  .object({
    function: Name,
    number: VersionNumber,
    digest: Digest,
    tag: z.string().nullable(),
    size: z.number().openapi({ description: 'Bytes of the artifact' }),
    createdAt: Time,
    handlers: z.array(z.enum(['fetch', 'scheduled', 'queue', 'email', 'rpc'])),
    crons: z.array(z.string()),
    aliases: z.array(z.string()).openapi({ description: 'The aliases that name it' }),
    openapi: OpenApiFacts.optional().openapi({ description: 'Not there where it has no OpenAPI document' }),
    url: Url,
  })
  .openapi('Version');

const Texts = z.array(z.string());

export const ComponentView = z
  .object({
    imports: Texts.openapi({ description: 'Interfaces that it asks of the host' }),
    exports: Texts,
    wit: z.string().openapi({ description: 'Its world, and the interfaces that it names' }),
    producers: z.object({ language: Texts, 'processed-by': Texts, sdk: Texts }).openapi({ description: 'Who made it, as `name version`' }),
    bytes: z.number().openapi({ description: 'Its size before it was built into an artifact' }),
    isolation: z.enum(['request', 'instance']),
    fixed: z
      .string()
      .nullable()
      .openapi({ description: 'Why an instance cannot be put back after a request, so that each gets a new one; null where it can' }),
    calls: Texts.optional().openapi({
      description: 'The paths at which functions of its own interfaces are called',
      example: ['/ops/add'],
    }),
  })
  .openapi('Component');

export const PublishedView = z
  .object({
    function: Name,
    version: VersionNumber,
    digest: Digest,
    alias: z.string().nullable().openapi({ description: 'The alias that this publish moved or made' }),
    url: Url.openapi({ description: "Where it answers: the alias's URL, or the version's own where no alias was moved" }),
    versionUrl: Url,
    created: z.boolean().openapi({ description: 'False where this digest was a version already' }),
    handlers: VersionView.shape.handlers,
    crons: z.array(z.string()),
    size: z.number(),
    warnings: z.array(z.string()).openapi({ description: 'Such as secrets that it requires and that are not set' }),
    apiChanges,
  })
  .openapi('Published');

export const SecretView = z
  .object({
    name: z.string().openapi({ example: 'API_KEY' }),
    setAt: Time,
    key: z.string().openapi({ description: 'The id of the key that it is encrypted with' }),
  })
  .openapi('Secret', { description: 'A secret without its value, which nothing shows.' });

const SecretValue = z.string().openapi({ description: 'At most 5 KiB as UTF-8', writeOnly: true });

export const SecretBody = z.strictObject({ value: SecretValue }).openapi('SecretValue');

export const SecretsBody = z
  .strictObject({ secrets: z.record(z.string(), SecretValue.nullable()) })
  .openapi('SecretChanges', { description: 'Values by name; null takes one away' });

export const SecretListView = z.object({ secrets: z.array(SecretView) }).openapi('SecretList');

export const SecretRemovedView = z
  .object({ requiredBy: z.array(z.string()).openapi({ description: 'Aliases of which a version requires it' }) })
  .openapi('SecretRemoved');

export const RotatedView = z
  .object({
    key: z.string().openapi({ description: 'The id of the key under which all are now' }),
    rotated: z.number().openapi({ description: 'How many were under another' }),
  })
  .openapi('Rotated');

const SqlValue = z
  .union([z.string(), z.number(), z.null(), z.array(z.number())])
  .openapi('SqlValue', { description: 'Bytes are a list of numbers' });

export const QueriesBody = z
  .strictObject({
    queries: z
      .array(
        z.strictObject({
          sql: z.string(),
          params: z.array(SqlValue).optional().openapi({ description: 'Values of its parameters, by position' }),
        }),
      )
      .min(1)
      .max(10_000),
  })
  .openapi('Queries');

export const QueriesView = z
  .object({
    results: z.array(
      z.object({
        columns: z.array(z.string()),
        rows: z.array(z.array(SqlValue)),
        meta: z.looseObject({
          duration: z.number(),
          changes: z.number(),
          last_row_id: z.number(),
          rows_read: z.number(),
          rows_written: z.number(),
        }),
      }),
    ),
  })
  .openapi('QueryResults');

export const FunctionView = z
  .object({ name: Name, url: Url, versions: z.array(VersionView), aliases: z.array(AliasView) })
  .openapi('Function');

export const FunctionSummary = z
  .object({
    name: Name,
    url: Url,
    versions: z.number().openapi({ description: 'How many it has' }),
    latest: VersionNumber.nullable(),
    aliases: z.record(z.string(), z.array(WeightedVersion)),
    warm: z.record(z.string(), Warm).optional().openapi({ description: 'Of aliases whose versions keep cells: how many' }),
    crons: z.array(z.string()).openapi({ description: 'Of the versions that `live` names' }),
  })
  .openapi('FunctionSummary');

export const ScheduledBody = z
  .strictObject({
    cron: z.string().max(200).optional().openapi({ description: "The first of the version's own where absent" }),
    scheduledTime: Time.optional().openapi({ description: 'Now where absent' }),
    reference: z.string().optional().openapi({ description: 'An alias, a number or a digest; `live` where absent' }),
  })
  .openapi('ScheduledInvocation');

export const ScheduledView = z
  .looseObject({ outcome: z.string().openapi({ description: '`ok`, or the code of the error' }), noRetry: z.boolean().optional() })
  .openapi('ScheduledResult');

export const QueueView = z
  .object({
    queue: z.string(),
    function: Name.nullable().openapi({ description: 'Its consumer; null where it has none' }),
    paused: z.boolean().openapi({ description: 'Whether its messages are kept back' }),
    messages: z.number().openapi({ description: 'Not acked: waiting, delayed, or with a consumer' }),
    bytes: z.number().openapi({ description: 'Of their bodies' }),
    delayed: z.number().openapi({ description: 'Those of them that wait for their time' }),
    leased: z.number().openapi({ description: 'Those of them that a consumer has' }),
    oldest: Time.nullable().openapi({ description: 'When the first of them was sent' }),
    filtered: z.number().openapi({ description: 'Those that were left out by the filter of its consumer, so far' }),
  })
  .openapi('Queue');

export const MessageView = z
  .object({
    id: z.string(),
    sent: Time,
    due: Time.openapi({ description: 'When it is or was ready to be delivered' }),
    attempts: z.number().openapi({ description: 'How often it has been delivered' }),
    leased: z.boolean().openapi({ description: 'Whether a consumer has it now' }),
    contentType: z.enum(['text', 'bytes', 'json', 'v8']),
    body: z.string(),
    encoding: z.enum(['utf8', 'base64']).openapi({ description: 'Of `body`; base64 for `bytes` and `v8`' }),
    origin: z.string().nullable().openapi({
      description:
        'Of a dead letter: the queue that it could not be delivered from. Of what a webhook took: `webhook:`, the function and the path',
    }),
    boundTo: z.string().nullable().openapi({ description: 'The version that a retry stays on' }),
  })
  .openapi('Message');

export const QueueInvocationBody = z
  .strictObject({
    queue: z
      .string()
      .max(63)
      .optional()
      .openapi({ description: 'The name that the handler sees; the first that the version consumes where absent' }),
    messages: z
      .array(z.strictObject({ body: z.unknown(), attempts: z.int().min(1).max(101).optional() }))
      .min(1)
      .max(100)
      .openapi({ description: 'Their bodies, as JSON' }),
    reference: z.string().optional().openapi({ description: 'An alias, a number or a digest; `live` where absent' }),
  })
  .openapi('QueueInvocation');

export const QueueInvocationView = z
  .object({
    outcome: z.string().openapi({ description: '`ok`, or the code of the error' }),
    version: VersionNumber,
    messages: z.array(
      z.object({
        id: z.string(),
        result: z.enum(['ack', 'retry']),
        delaySeconds: z.number().nullable().openapi({ description: 'What the handler asked for' }),
      }),
    ),
  })
  .openapi('QueueInvocationResult');

const ScheduleView = z
  .object({
    function: Name,
    id: z.string().openapi({ description: 'Its name, where the manifest declares it' }),
    declared: z.boolean().openapi({ description: 'Whether the manifest of a live version declares it' }),
    at: Time.optional(),
    cron: z.string().optional(),
    timezone: z.string().optional(),
    every: z.number().optional().openapi({ description: 'Milliseconds' }),
    jitter: z.number().openapi({ description: 'Milliseconds that it may fire later' }),
    overlap: z.enum(['skip', 'queue', 'allow']),
    misfire: z.enum(['skip', 'once', 'all']),
    payload: z.string().optional().openapi({ description: 'JSON text; of those that a manifest declares it is the version that has it' }),
    next: Time.nullable().openapi({ description: 'When it is due next' }),
    running: z.number().openapi({ description: 'Runs that go on' }),
    waiting: z.number().openapi({ description: 'Due times that have come and not begun' }),
  })
  .openapi('Schedule');

export const TickBody = z.object({ ms: z.number().int().min(1).max(MAX_TICK).openapi({ description: 'Milliseconds' }) }).openapi('Tick');
export const TickView = z.object({ from: Time, to: Time }).openapi('Ticked');

export const ScheduleListView = z.object({ schedules: z.array(ScheduleView) }).openapi('ScheduleList');

const RunView = z
  .object({
    function: Name,
    schedule: z.string(),
    declared: z.boolean(),
    due: Time,
    until: Time.optional().openapi({ description: 'Of several that were missed together, the last; `due` is the first' }),
    late: z.number().openapi({ description: 'Milliseconds after it should have fired' }),
    started: Time,
    ended: Time,
    outcome: z.string().openapi({ description: '`ok`, the code of an error, or `missed`, `overlap`, `undeclared`, `crashed`' }),
    attempt: z.number().openapi({ description: '1, and one more after each host that crashed in the middle' }),
    version: VersionNumber.nullable(),
    requestId: z.string().nullable(),
  })
  .openapi('ScheduleRun');

export const RunListView = z.object({ runs: z.array(RunView) }).openapi('ScheduleRunList');

export const CellsView = z
  .object({
    function: Name,
    version: VersionNumber,
    class: z.string().openapi({ description: 'Whose memory and CPU time its cells take' }),
    ready: z.number().openapi({ description: 'Cells that take calls' }),
    starting: z.number(),
    warm: z.number().openapi({ description: 'Cells that it keeps though nothing calls it' }),
    calls: z.number().openapi({ description: 'Calls under way' }),
    waiting: z.number().openapi({ description: 'Calls that wait for a cell' }),
    shed: z.number().openapi({ description: 'Calls that were refused with `overloaded`' }),
    memory: z.number().openapi({ description: 'Bytes that its cells are accounted with' }),
  })
  .openapi('Cells');

export const ClassView = z
  .object({
    name: z.string(),
    cells: z.number(),
    calls: z.number().openapi({ description: 'Calls under way' }),
    waiting: z.number().openapi({ description: 'Calls that wait for a cell, or for CPU time' }),
    memory: z
      .object({ limit: z.number(), used: z.number() })
      .nullable()
      .openapi({ description: 'In bytes; null for a class that has no part of its own: its cells take what `shared` has' }),
    cpu: z
      .object({
        limit: z.number(),
        used: z.number().openapi({ description: 'Over the last seconds' }),
        heldBack: z.boolean().openapi({ description: 'Whether calls had to wait for CPU time within the last second' }),
      })
      .nullable()
      .openapi({ description: 'In cores; null for a class without a budget' }),
  })
  .openapi('CellClass');

export const RouteView = z.object({ pattern: z.string(), strip: z.boolean(), function: Name, alias: Name }).openapi('Route');

export const HealthView = z.object({ status: z.literal('ok'), engine: z.enum(['node', 'workerd']) }).openapi('Health');

export const LiveView = z.object({ status: z.literal('live') }).openapi('Live');

export const ReadyView = z
  .object({
    status: z.enum(['ready', 'not-ready']),
    checks: z.object({
      starting: z.boolean().openapi({ description: 'It waits for its state, or loads' }),
      draining: z.boolean().openapi({ description: 'It stops: it takes no new connection' }),
      overloaded: z.boolean().openapi({ description: 'It falls behind with what it has' }),
      storeReachable: z.boolean(),
    }),
  })
  .openapi('Ready');

export const LeaveView = z.object({ draining: z.literal(true) }).openapi('Leave');

export const ProblemView = z
  .looseObject({ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), code: z.string() })
  .openapi('Problem', { description: 'Problem details, RFC 9457. `code` is stable; further members are facts of that code.' });

export type AliasTargetBody = z.infer<typeof AliasBody>;
export type AliasResult = z.infer<typeof AliasView>;
export type ComponentResult = z.infer<typeof ComponentView>;
export type VersionResult = z.infer<typeof VersionView>;
export type PublishedResult = z.infer<typeof PublishedView>;
export type FunctionResult = z.infer<typeof FunctionView>;
export type FunctionSummaryResult = z.infer<typeof FunctionSummary>;
export type ScheduledRequest = z.infer<typeof ScheduledBody>;
export type ScheduledResult = z.infer<typeof ScheduledView>;
export type QueryBody = z.infer<typeof QueriesBody>['queries'][number];
export type QueryResult = z.infer<typeof QueriesView>['results'][number];
export type ScheduleResult = z.infer<typeof ScheduleView>;
export type TickResult = z.infer<typeof TickView>;
export type RunResult = z.infer<typeof RunView>;
export type SecretResult = z.infer<typeof SecretView>;
export type SecretRemovedResult = z.infer<typeof SecretRemovedView>;
export type RotatedResult = z.infer<typeof RotatedView>;
export type QueueResult = z.infer<typeof QueueView>;
export type MessageResult = z.infer<typeof MessageView>;
export type QueueInvocationRequest = z.infer<typeof QueueInvocationBody>;
export type QueueInvocationResult = z.infer<typeof QueueInvocationView>;
export type ClassResult = z.infer<typeof ClassView>;
export type CellsResult = z.infer<typeof CellsView>;
export type RouteResult = z.infer<typeof RouteView>;
export type HealthResult = z.infer<typeof HealthView>;

export const PurgeBody = z
  .object({
    url: z.string().max(8_192).optional().openapi({ description: 'The one of this URL, or of this path on any host, with its query' }),
    tag: z.string().max(1_024).optional().openapi({ description: 'Those with this tag in `Cache-Tag`' }),
    prefix: z.string().max(8_192).optional().openapi({ description: 'Those whose URL or path begins so' }),
    all: z.literal(true).optional().openapi({ description: 'All of them' }),
  })
  .openapi('PurgeRequest');
export const PurgedView = PurgeBody.openapi('PurgedWhat');
export type PurgeRequest = z.infer<typeof PurgeBody>;
