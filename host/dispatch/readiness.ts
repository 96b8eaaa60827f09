import { BrinkError, toBrinkError } from '../errors.ts';
import { nextTraceparent } from '../observe/trace.ts';
import type { EventSink } from '../observe/events.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { Readiness } from '../registry/readiness.ts';
import type { Cell, LoadedVersion } from './cell.ts';
import { ownInvocation } from './own-invocation.ts';
import { endedEvent } from './ended.ts';
import type { Pool } from './pool/pool.ts';

export interface ReadinessOptions {
  readonly pool: Pool;
  readonly events: EventSink;
  readonly now: () => number;
  readonly random: () => number;
}

/** How long an answer may take where the manifest does not say, in ms. */
const TIMEOUT = 5_000;

/** Starts a cell of a version before an alias leads to it, and has it asked whether it is well, where it says how (`[health]`). */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { pool } = options;
  return {
    check: (manifest) => checkClass(manifest, pool),
    async ready(version) {
      checkClass(version.manifest, pool);
      const cell = await pool.prepare(version).catch((error: unknown) => {
        throw toBrinkError(error).code === 'cell-start-failed' ? unwell(version, 'does not start', error) : error;
      });
      const { health } = version.manifest;
      if (health !== undefined) await ask(cell, { version, path: health.path, within: health.timeout_ms ?? TIMEOUT }, options);
    },
    async warm(version) {
      await pool.prepare(version).catch(() => {});
    },
    discard: (artifact) => pool.drop(artifact, 'it has become no version'),
  };
}

function checkClass({ name, scaling }: Manifest, pool: Pool): void {
  if (scaling?.class === undefined || pool.hasClass(scaling.class)) return;
  throw new BrinkError(
    'unsupported',
    `${name} asks for cells of the class "${scaling.class}", which this host does not have. Start it with \`--memory-class ${scaling.class}=SIZE\`, or take "shared" or "dedicated".`,
    { details: { class: scaling.class } },
  );
}

interface Question {
  readonly version: LoadedVersion;
  readonly path: string;
  /** Ms. */
  readonly within: number;
}

async function ask(cell: Cell, { version, path, within }: Question, { events, now, random }: ReadinessOptions): Promise<void> {
  const aborter = new AbortController();
  const url = `http://localhost${path}`;
  const request = new Request(url, { headers: { 'user-agent': 'brink-health' }, signal: aborter.signal });
  const invocation = ownInvocation(version, { alias: null, trigger: 'health', traceparent: nextTraceparent(null, random), url });
  const mark = { time: now(), start: performance.now(), cold: false };
  const end = (status: number | null, outcome: string) => events(endedEvent(mark, invocation, { method: 'GET', path, status, outcome }));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(unwell(version, `gave no answer at ${path} within ${within} ms`));
    aborter.abort();
  }, within);
  const answered = cell.fetch(request, invocation);
  answered.catch(() => {});
  try {
    const { status, body } = await Promise.race([answered, late.promise]);
    end(status, 'ok');
    body?.cancel().catch(() => {});
    if (status >= 500) throw unwell(version, `answered ${status} at ${path}`);
  } catch (cause) {
    const error = toBrinkError(cause);
    if (error.code === 'health-check-failed') throw error;
    end(error.status, error.code);
    throw unwell(version, `failed at ${path} (${error.code})`, cause);
  } finally {
    clearTimeout(timer);
  }
}

function unwell({ function: name, number }: LoadedVersion, what: string, cause?: unknown): BrinkError {
  return new BrinkError(
    'health-check-failed',
    `No alias leads to version ${number} of ${name}: it ${what}. \`brink logs ${name}\` says more; what was live stays so.`,
    { cause, details: { function: name, version: number } },
  );
}
