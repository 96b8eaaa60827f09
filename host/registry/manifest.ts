import { cronProblem } from '../timing/cron.ts';
import { invalidManifest, unreadManifest } from './manifest-errors.ts';
import { jsonProblem, type JsonValue } from './manifest-json.ts';
import { canonicalRoutes } from './manifest-routes.ts';
import { isScheduler, type ManifestSchedule, type ManifestScheduler } from './manifest-schedules.ts';
import { manifestSchema } from './manifest-schema.ts';
import { withoutUnsupported } from './manifest-unsupported.ts';
import { checkName } from './names.ts';

export type { JsonValue } from './manifest-json.ts';
export type { ManifestSchedule, ManifestScheduler } from './manifest-schedules.ts';

/** What a function asks of its host, published with its code. */
export interface Manifest {
  /** A DNS label without "--". */
  readonly name: string;
  /** YYYY-MM-DD: the behaviour of the Workers runtime that the function was written for; `DEFAULT_COMPATIBILITY_DATE` by default. */
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  /** Plain values that the function finds in its `env`. */
  readonly vars: Readonly<Record<string, JsonValue>>;
  /** Not there where it requires none. */
  readonly secrets?: {
    /** Names of secrets without which no alias may name the version, each once. One that is a var's is there already. */
    readonly required: readonly string[];
  };
  /** Not there where there is none; each binding once. */
  readonly kv_namespaces?: readonly ManifestKvNamespace[];
  /** Not there where there is none: bindings for schedules made at run time, and those that are declared, each name once. */
  readonly schedules?: readonly (ManifestScheduler | ManifestSchedule)[];
  readonly triggers: {
    /** Cron expressions of five fields, each once. */
    readonly crons: readonly string[];
  };
  /** Each pattern once, in its one spelling (`formatRoute`). */
  readonly routes: readonly ManifestRoute[];
  readonly limits: {
    /** Milliseconds from the request until the head of the response: 1 to 600,000, and 30,000 by default. */
    readonly deadline_ms: number;
  };
  readonly capabilities: {
    /** Hosts that `fetch` may reach: `api.example.com`, or `*.example.com` for every name below it. null, the default: any. */
    readonly outbound: readonly string[] | null;
  };
  /** How the instances of a WebAssembly component are used; not there for a function of JavaScript. */
  readonly component?: ManifestComponent;
}

export interface ManifestComponent {
  /** `request`, the default: nothing of one request is left for the next. `instance`: instances are used again as they are. */
  readonly isolation: 'request' | 'instance';
  /** MiB that each memory of an instance may grow to: 1 to 4096, and 128 by default. */
  readonly memory_mb: number;
  /** With `isolation = "instance"`: requests after which an instance is thrown away; 100,000 by default. */
  readonly max_requests: number;
  /** With `isolation = "instance"`: requests that one instance serves at the same time, of WASI 0.3; 64 by default. */
  readonly max_concurrent: number;
  /** With `isolation = "instance"`: handles that an instance may have beyond those after its first request; 10,000 by default. */
  readonly max_handles: number;
}

export interface ManifestKvNamespace {
  /** The name in `env`. */
  readonly binding: string;
  /** Functions that name the same one share it; without, the namespace is the function's own. */
  readonly id?: string;
}

export interface ManifestRoute {
  readonly pattern: string;
  /** Whether the part of the path before the pattern's `*` is taken away before the function sees it; false by default. */
  readonly strip: boolean;
  /** The alias that the route leads to; `live` by default. */
  readonly alias: string;
}

/** 256 KiB, as JSON. */
export const MANIFEST_MAX_BYTES = 256 * 1024;

const utf8 = new TextEncoder();

/**
 * The only place where an unknown value becomes a manifest. Keys that are left out get their defaults, and routes may
 * be written in each of wrangler's ways; a manifest's own JSON comes back as it is.
 *
 * @param place the file that the value comes from, for messages
 * @throws {BrinkError} `manifest-invalid`, `manifest-unknown-key`, `binding-unsupported`, `name-invalid`, `route-invalid`
 */
export function parseManifest(value: unknown, place?: string): Manifest {
  const notJson = jsonProblem(value);
  if (notJson !== null) throw invalidManifest(notJson.path, notJson.why, place);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalidManifest('', 'must be a table of keys', place);
  const parsed = manifestSchema.safeParse(withoutUnsupported(value as Record<string, unknown>, place));
  if (!parsed.success) throw unreadManifest(parsed.error.issues, place);
  const { route, routes, component, secrets, kv_namespaces: namespaces = [], schedules = [], ...rest } = parsed.data;
  if (route !== undefined && routes !== undefined) throw invalidManifest('route', 'stands beside routes; keep one of the two', place);
  checkName(rest.name, 'function');
  checkCrons(rest.triggers.crons, place);
  checkBindings('kv_namespaces', namespaces, { taken: Object.keys(rest.vars), place });
  const taken = [...Object.keys(rest.vars), ...namespaces.map(({ binding }) => binding)];
  checkBindings('schedules', schedules, { taken, place });
  checkSchedules(schedules, rest.triggers.crons, place);
  // What the runtime put between the lines (prototypes, shared tables) goes with the text.
  const vars = JSON.parse(JSON.stringify(rest.vars)) as Manifest['vars'];
  const manifest = {
    ...rest,
    ...(component !== undefined && { component }),
    ...(secrets !== undefined && secrets.required.length > 0 && { secrets: { required: [...new Set(secrets.required)] } }),
    ...(namespaces.length > 0 && { kv_namespaces: namespaces }),
    ...(schedules.length > 0 && { schedules }),
    vars,
    routes: canonicalRoutes(route ? [route] : (routes ?? []), place),
  };
  checkSize(manifest, place);
  return manifest;
}

function checkCrons(crons: readonly string[], place: string | undefined): void {
  for (const [index, cron] of crons.entries()) {
    const problem = cronProblem(cron) ?? (crons.indexOf(cron) < index ? 'stands there twice' : null);
    if (problem !== null) throw invalidManifest(`triggers.crons[${index}]`, problem, place);
  }
}

/** Two of one name could not be told apart. */
function checkSchedules(
  schedules: readonly (ManifestScheduler | ManifestSchedule)[],
  crons: readonly string[],
  place: string | undefined,
): void {
  const names = schedules.map((each) => (isScheduler(each) ? null : each.name));
  for (const [index, name] of names.entries()) {
    if (name === null || (names.indexOf(name) === index && !crons.includes(name))) continue;
    const where = crons.includes(name) ? 'triggers.crons' : `schedules[${names.indexOf(name)}]`;
    throw invalidManifest(`schedules[${index}]`, `has the name ${JSON.stringify(name)} of ${where}; give it a name of its own`, place);
  }
}

/** `env` has one thing under each name. */
function checkBindings(
  key: string,
  items: readonly object[],
  { taken, place }: { taken: readonly unknown[]; place: string | undefined },
): void {
  const names = items.map((item) => ('binding' in item ? item.binding : undefined));
  for (const [index, name] of names.entries()) {
    if (name === undefined) continue;
    const problem =
      names.indexOf(name) < index
        ? 'stands there twice'
        : taken.includes(name)
          ? 'is the name of a variable or another binding, too'
          : null;
    if (problem !== null) throw invalidManifest(`${key}[${index}].binding`, problem, place);
  }
}

/** What a version has in `env` by itself: vars and bindings. */
export function namesInEnv(manifest: Manifest | null): string[] {
  const { vars = {}, kv_namespaces: namespaces = [], schedules = [] } = manifest ?? {};
  return [...Object.keys(vars), ...[...namespaces, ...schedules.filter(isScheduler)].map(({ binding }) => binding)];
}

function checkSize(manifest: Manifest, place: string | undefined): void {
  const bytes = utf8.encode(JSON.stringify(manifest)).byteLength;
  if (bytes <= MANIFEST_MAX_BYTES) return;
  throw invalidManifest('', `has ${bytes} bytes as JSON; at most ${MANIFEST_MAX_BYTES} are taken. Import large values as modules`, place);
}
