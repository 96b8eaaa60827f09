import { BrinkError, toBrinkError } from '../errors.ts';
import { readBody } from '../gateway/read-body.ts';
import { OPENAPI_MAX_BYTES } from '../openapi/read.ts';
import type { Manifest } from '../registry/manifest.ts';
import type { Readiness } from '../registry/readiness.ts';
import type { Cell, LoadedVersion } from './cell.ts';
import { ownFetch, type OwnFetchTools } from './own-fetch.ts';
import type { Pool } from './pool/pool.ts';

export interface ReadinessOptions extends OwnFetchTools {
  readonly pool: Pool;
}

/** How long an answer may take where the manifest does not say, in ms. */
const TIMEOUT = 5_000;

/** Starts a cell of a version before an alias leads to it, and has it asked whether it is well, where it says how (`[health]`), and for its OpenAPI document, where it gives that itself. */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { pool } = options;
  return {
    check: (manifest) => checkClass(manifest, pool),
    async ready(version) {
      checkClass(version.manifest, pool);
      const cell = await pool.prepare(version).catch((error: unknown) => {
        throw toBrinkError(error).code === 'cell-start-failed' ? unwell(version, 'does not start', error) : error;
      });
      if (version.manifest.health !== undefined) await askWhetherWell(cell, version, options);
    },
    async warm(version) {
      await pool.prepare(version).catch(() => {});
    },
    async openapi(version) {
      checkClass(version.manifest, pool);
      const cell = await pool.prepare(version).catch((error: unknown) => {
        throw toBrinkError(error).code === 'cell-start-failed' ? undescribed(version, 'does not start', error) : error;
      });
      return askForOpenApi(cell, version, options);
    },
    discard: (artifact) => pool.drop(artifact, 'it has become no version'),
  };
}

function checkClass({ name, scaling }: Manifest, pool: Pool): void {
  if (scaling?.class === undefined || pool.hasClass(scaling.class)) return;
  throw new BrinkError(
    'unsupported',
    `${name} asks for cells of the class "${scaling.class}", which this host does not have. Start it with \`--memory-class ${scaling.class}=SIZE\` or \`--cpu-class ${scaling.class}=CORES\`, or take "shared" or "dedicated".`,
    { details: { class: scaling.class } },
  );
}

function askWhetherWell(cell: Cell, version: LoadedVersion, options: ReadinessOptions): Promise<void> {
  const { path, timeout_ms: within = TIMEOUT } = version.manifest.health!;
  const use = ({ status, body }: Response) => {
    body?.cancel().catch(() => {});
    if (status >= 500) throw unwell(version, `answered ${status} at ${path}`);
  };
  const failure = (what: string, cause?: unknown) => unwell(version, what, cause);
  const headers = { 'user-agent': 'brink-health' };
  return ownFetch(cell, { version, path, headers, trigger: 'health', within, code: 'health-check-failed', failure, use }, options);
}

async function askForOpenApi(cell: Cell, version: LoadedVersion, options: ReadinessOptions): Promise<Uint8Array> {
  const { path = '', timeout_ms: within = TIMEOUT } = version.manifest.openapi!;
  const failure = (what: string, cause?: unknown) => undescribed(version, what, cause);
  const use = async (response: Response) => {
    if (response.status !== 200) {
      response.body?.cancel().catch(() => {});
      throw failure(`answered ${response.status} at ${path}, and not 200`);
    }
    const { bytes, rest } = await readBody(response.body, OPENAPI_MAX_BYTES);
    if (rest === null) return bytes;
    rest.cancel().catch(() => {});
    throw failure(`answered more than ${OPENAPI_MAX_BYTES} bytes at ${path}`);
  };
  const headers = { accept: 'application/json', 'user-agent': 'brink-openapi' };
  return ownFetch(cell, { version, path, headers, trigger: 'openapi', within, code: 'openapi-failed', failure, use }, options);
}

function unwell({ function: name, number }: LoadedVersion, what: string, cause?: unknown): BrinkError {
  return new BrinkError(
    'health-check-failed',
    `No alias leads to version ${number} of ${name}: it ${what}. \`brink logs ${name}\` says more; what was live stays so.`,
    { cause, details: { function: name, version: number } },
  );
}

function undescribed({ function: name, number }: LoadedVersion, what: string, cause?: unknown): BrinkError {
  return new BrinkError(
    'openapi-failed',
    `${name} has no version ${number}: asked for its OpenAPI document, it ${what}. \`brink logs ${name}\` says more; nothing has changed.`,
    { cause, details: { function: name, version: number } },
  );
}
