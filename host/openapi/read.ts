import { BrinkError } from '../errors.ts';
import { checkDocument, type Finding } from './check.ts';
import type { OpenApiDocument } from './document.ts';
import { jsonFault } from './json.ts';
import { upgradeDocument } from './upgrade.ts';
import { isObject } from './walk.ts';

/** 4 MiB, as JSON. */
export const OPENAPI_MAX_BYTES = 4 * 1024 * 1024;

/** Which OpenAPI one of 3.0 becomes. */
const UPGRADED = '3.1.1';
/** Findings that are told at once. */
const MAX_FINDINGS = 20;

export interface ReadOpenApi {
  readonly document: OpenApiDocument;
  /** The `openapi` that it came with. */
  readonly from: string;
  /** What its author should know, though it stops nothing. */
  readonly notes: readonly string[];
}

/**
 * Makes a value that came from outside a document of OpenAPI 3.1; one of 3.0 is rewritten. The value is changed and becomes part of it.
 *
 * @param place what it was read from, for messages: `openapi.yaml`
 * @throws {BrinkError} `openapi-invalid`
 */
export function readOpenApi(value: unknown, place: string): ReadOpenApi {
  if (!isObject(value)) throw invalid(place, [{ pointer: '#', message: 'must be an object: an OpenAPI document' }]);
  const fault = jsonFault(value);
  if (fault !== null) throw invalid(place, [fault]);
  const from = versionOf(value, place);
  if (from.startsWith('3.0.')) upgradeDocument(value, UPGRADED);
  const { faults, notes } = checkDocument(value);
  if (faults.length > 0) throw invalid(place, faults);
  const upgraded = from.startsWith('3.0.') ? [`${place} is of OpenAPI ${from}, and is kept as ${UPGRADED}.`] : [];
  return {
    document: value as unknown as OpenApiDocument,
    from,
    notes: [...upgraded, ...notes.slice(0, MAX_FINDINGS).map(({ pointer, message }) => `${place}: ${pointer} ${message}.`)],
  };
}

/** The same of its text as JSON. @throws {BrinkError} `openapi-invalid` */
export function parseOpenApi(bytes: Uint8Array, place: string): ReadOpenApi {
  checkSize(bytes.byteLength, place);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(place, [{ pointer: '#', message: `is no JSON: ${(cause as Error).message}` }], cause);
  }
  return readOpenApi(value, place);
}

/** @throws {BrinkError} `openapi-invalid` */
export function checkSize(bytes: number, place: string): void {
  if (bytes <= OPENAPI_MAX_BYTES) return;
  throw new BrinkError('openapi-invalid', `${place} has ${bytes} bytes; an OpenAPI document has at most ${OPENAPI_MAX_BYTES}.`, {
    details: { bytes, limit: OPENAPI_MAX_BYTES, file: place },
  });
}

function versionOf({ openapi, swagger }: Record<string, unknown>, place: string): string {
  const version = typeof openapi === 'string' ? openapi : undefined;
  if (version !== undefined && /^3\.[01]\.\d+(-.+)?$/.test(version)) return version;
  const why =
    swagger !== undefined
      ? `is a document of Swagger ${JSON.stringify(swagger).slice(0, 20)}; convert it to OpenAPI 3.1, as \`npx swagger2openapi\` does to 3.0`
      : version === undefined
        ? 'must be the version of OpenAPI that the document follows, such as "3.1.1"'
        : `is ${JSON.stringify(version.slice(0, 20))}; documents of OpenAPI 3.0 and 3.1 are taken`;
  throw invalid(place, [{ pointer: swagger === undefined ? '#/openapi' : '#', message: why }]);
}

function invalid(place: string, faults: readonly Finding[], cause?: unknown): BrinkError {
  const [{ pointer, message }] = faults as [Finding];
  const more = faults.length === 1 ? '' : ` ${faults.length - 1} more ${faults.length === 2 ? 'fault was' : 'faults were'} found.`;
  return new BrinkError('openapi-invalid', `${place}: ${pointer} ${message}.${more}`, {
    cause,
    details: { pointer, file: place, issues: faults.slice(0, MAX_FINDINGS) },
  });
}
