import { BrinkError, STATUS, type Code } from '../errors.ts';
import type { OpenApiDocument } from '../openapi/document.ts';
import type { HostEvent } from '../observe/events.ts';
import { ARTIFACT_MEDIA_TYPE } from '../registry/media-type.ts';
import { readEvents } from './events.ts';
import { gatewayClient } from './clients/gateway.ts';
import { mailClient } from './clients/mail.ts';
import { queuesClient } from './clients/queues.ts';
import { releasesClient } from './clients/releases.ts';
import { schedulesClient } from './clients/schedules.ts';
import { secretsClient } from './clients/secrets.ts';
import { preconditions, query, segment, withBody, type SendOptions } from './clients/request.ts';
import type { ApiChangesResult } from './schemas/openapi.ts';
import type { UsageListResult } from './usage.ts';
import type { AliasResult, AliasTargetBody } from './schemas/aliases.ts';
import type { CellsResult, ClassResult } from './schemas/cells.ts';
import type { QueryBody, QueryResult } from './schemas/databases.ts';
import type { FunctionResult, FunctionSummaryResult, RouteResult } from './schemas/functions.ts';
import type { HealthResult } from './schemas/health.ts';
import type { PurgeRequest } from './schemas/purges.ts';
import type { ComponentResult, PublishedResult, VersionResult } from './schemas/versions.ts';

export interface AdminClientOptions {
  /** The host's URL, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /** Sent as bearer token; null sends none, which a host on this machine may take. */
  readonly token: string | null;
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Sent with every call: who calls, and why (`hand.ts`). */
  readonly said?: Said;
}

/** What a client says of itself, for the history. */
export interface Said {
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
  readonly overrideFreeze?: string | undefined;
  /** That an alias may move though that breaks those who call. */
  readonly allowBreaking?: boolean | undefined;
}

/** Every call throws the `BrinkError` that the host answered with. */
export type AdminClient = ReturnType<typeof createAdminClient>;

export interface PublishRequest {
  readonly alias?: string;
  readonly tag?: string;
}

export interface AliasRequest extends AliasTargetBody {
  /** The revision that the alias must have; 0: it must not exist. */
  readonly ifRevision?: number;
}

/** A database that has an id, or a function's own. */
export type DatabaseAddress = { readonly id: string } | { readonly function: string; readonly binding: string };

export interface UsageRequest {
  readonly function?: string | undefined;
  /** A day or an hour in UTC, as is `to`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Columns, with commas between. */
  readonly by?: string | undefined;
}

export interface LogRequest {
  readonly function?: string;
  readonly limit?: number;
  /** Ends the wait for more. */
  readonly signal?: AbortSignal;
}

/** The admin API of a host, as functions. */
export function createAdminClient({ url, token, fetch = (request) => globalThis.fetch(request), said = {} }: AdminClientOptions) {
  const base = `${url.replace(/\/+$/, '')}/_brink`;

  async function send(method: string, path: string, { headers, ...init }: SendOptions = {}): Promise<Response> {
    const all = new Headers(headers);
    if (token !== null) all.set('authorization', `Bearer ${token}`);
    for (const [name, value] of saidHeaders(said)) all.set(name, value);
    const response = await fetch(new Request(base + path, { method, headers: all, redirect: 'manual', ...init }));
    if (response.ok) return response;
    throw await errorOf(response, base);
  }
  async function call<Result>(method: string, path: string, init?: SendOptions): Promise<Result> {
    const response = await send(method, path, init);
    return response.json().catch((cause: unknown) => {
      throw notBrink(base, response.status, cause);
    }) as Promise<Result>;
  }
  const cellsAndClasses = (name?: string) =>
    call<{ versions: CellsResult[]; classes: ClassResult[] }>('GET', `/cells${query({ function: name })}`);
  return {
    health: () => call<HealthResult>('GET', '/health'),

    functions: async () => (await call<{ functions: FunctionSummaryResult[] }>('GET', '/functions')).functions,
    function: (name: string) => call<FunctionResult>('GET', `/functions/${segment(name)}`),
    removeFunction: (name: string) => call<object>('DELETE', `/functions/${segment(name)}`),

    /** `bytes` are an artifact in its canonical form; their digest goes along, so that damage on the way is found. */
    async publish(name: string, bytes: Uint8Array<ArrayBuffer>, { alias, tag }: PublishRequest = {}): Promise<PublishedResult> {
      const headers = { 'content-type': ARTIFACT_MEDIA_TYPE, 'content-digest': await contentDigestOf(bytes) };
      return call('POST', `/functions/${segment(name)}/versions${query({ alias, tag })}`, { body: bytes, headers });
    },
    version: (name: string, reference: string | number) =>
      call<VersionResult>('GET', `/functions/${segment(name)}/versions/${segment(reference)}`),
    /** @throws {BrinkError} `not-found` where the version is no component */
    component: (name: string, reference: string | number) =>
      call<ComponentResult>('GET', `/functions/${segment(name)}/versions/${segment(reference)}/component`),
    async artifact(name: string, reference: string | number): Promise<Uint8Array<ArrayBuffer>> {
      const response = await send('GET', `/functions/${segment(name)}/versions/${segment(reference)}/artifact`);
      return new Uint8Array(await response.arrayBuffer());
    },
    /** The OpenAPI document of a version. @throws {BrinkError} `openapi-not-found` where it has none */
    openapi: (name: string, reference: string | number) =>
      call<OpenApiDocument>('GET', `/functions/${segment(name)}/versions/${segment(reference)}/openapi`),
    /** What has changed for those who call, the worst first. @throws {BrinkError} `openapi-not-found` where neither has a document */
    apiChanges: (name: string, { from, to }: { from: string | number; to: string | number }) =>
      call<ApiChangesResult>('GET', `/functions/${segment(name)}/openapi/changes${query({ from, to })}`),
    removeVersion: (name: string, reference: string | number) =>
      call<object>('DELETE', `/functions/${segment(name)}/versions/${segment(reference)}`),

    alias: (name: string, alias: string) => call<AliasResult>('GET', `/functions/${segment(name)}/aliases/${segment(alias)}`),
    moveAlias: (name: string, alias: string, { ifRevision, ...target }: AliasRequest) =>
      call<AliasResult>('PUT', `/functions/${segment(name)}/aliases/${segment(alias)}`, withBody(target, preconditions(ifRevision))),
    removeAlias: (name: string, alias: string) => call<object>('DELETE', `/functions/${segment(name)}/aliases/${segment(alias)}`),
    rollback: (name: string, alias: string, ifRevision?: number) =>
      call<AliasResult>('POST', `/functions/${segment(name)}/aliases/${segment(alias)}/rollback`, { headers: preconditions(ifRevision) }),

    ...releasesClient(call),
    ...gatewayClient(call),
    ...secretsClient(call),
    ...queuesClient(call),
    ...mailClient(call, send),
    ...schedulesClient(call),

    /** All in one transaction. @throws {BrinkError} `sql-failed` in the words of SQLite */
    async query(database: DatabaseAddress, queries: readonly QueryBody[]): Promise<QueryResult[]> {
      const path =
        'id' in database
          ? `/databases/${segment(database.id)}`
          : `/functions/${segment(database.function)}/databases/${segment(database.binding)}`;
      return (await call<{ results: QueryResult[] }>('POST', `${path}/query`, withBody({ queries }))).results;
    },
    purge: (name: string, request: PurgeRequest) =>
      call<{ purged: PurgeRequest }>('POST', `/functions/${segment(name)}/purge`, withBody(request)),
    cells: async (name?: string) => (await cellsAndClasses(name)).versions,
    /** The cells of each version, and the classes of cells: `shared`, and those that have a part of the host's memory or CPU time. */
    cellsAndClasses,
    routes: async () => (await call<{ routes: RouteResult[] }>('GET', '/routes')).routes,
    usage: (request: UsageRequest = {}) => call<UsageListResult>('GET', `/usage${query({ ...request })}`),
    usageCsv: async (request: UsageRequest = {}) => (await send('GET', `/usage${query({ ...request, format: 'csv' })}`)).text(),

    logs: async (request: LogRequest = {}) => gather(readEvents(await logs(request, false))),
    /** The newest events, then each as it happens, until `signal` aborts or the host stops. */
    async *followLogs(request: LogRequest = {}): AsyncGenerator<HostEvent> {
      yield* readEvents(await logs(request, true));
    },
  };

  function logs({ function: name, limit, signal }: LogRequest, follow: boolean): Promise<Response> {
    return send('GET', `/logs${query({ function: name, limit, follow: follow || undefined })}`, { ...(signal && { signal }) });
  }
}

function saidHeaders({ actor, reason, overrideFreeze, allowBreaking }: Said): [string, string][] {
  const headers: Record<string, string | undefined> = {
    'brink-actor': actor,
    'brink-reason': reason,
    'brink-override-freeze': overrideFreeze,
    'brink-allow-breaking': allowBreaking ? 'true' : undefined,
  };
  return Object.entries(headers).flatMap(([name, value]) => (value ? [[name, encodeURIComponent(value)] as [string, string]] : []));
}

async function gather(events: AsyncIterable<HostEvent>): Promise<HostEvent[]> {
  const all: HostEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** RFC 9530, section 2. */
async function contentDigestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return `sha-256=:${btoa(String.fromCharCode(...hash))}:`;
}

async function errorOf(response: Response, base: string): Promise<Error> {
  const problem: unknown = await response.json().catch(() => null);
  if (problem === null || typeof problem !== 'object') return notBrink(base, response.status);
  const { type: _type, title: _title, status: _status, detail, code, ...details } = problem as Record<string, unknown>;
  if (typeof code !== 'string' || typeof detail !== 'string') return notBrink(base, response.status);
  const options = Object.keys(details).length > 0 ? { details } : {};
  // A newer host may have codes that this client does not know.
  return Object.hasOwn(STATUS, code)
    ? new BrinkError(code as Code, detail, options)
    : new BrinkError('internal', `${code}: ${detail}`, options);
}

function notBrink(base: string, status: number, cause?: unknown): BrinkError {
  return new BrinkError('bad-request', `${base} answered ${status}, and not as a Brink host does. Check the host's URL.`, { cause });
}
