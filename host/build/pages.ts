import { readFile, realpath } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { invalidManifest } from '../registry/manifest-errors.ts';

/** Where files are looked for, and what the config is called in messages. */
export interface PagesOptions {
  readonly dir: string;
  readonly place: string;
}

export interface WithPages<Value> {
  readonly value: Value;
  /** Absolute paths of the files that were read. */
  readonly files: readonly string[];
}

type Table = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * What `fallback.file` of a gateway names, as the `body` that a manifest has: so a page is there where the function is not.
 *
 * @throws {BrinkError} `manifest-invalid`
 */
export async function withPages(config: Table, options: PagesOptions): Promise<WithPages<Table>> {
  const files: string[] = [];
  const value = { ...config };
  for (const key of ['gateway', 'routes'] as const) {
    const list = config[key];
    if (!Array.isArray(list)) continue;
    value[key] = await Promise.all(
      list.map(async (item: unknown, index) => {
        const block = key === 'gateway' ? item : isTable(item) ? item['gateway'] : undefined;
        if (!isTable(block) || !isTable(block['fallback']) || !('file' in block['fallback'])) return item;
        const where = `${key}[${index}]${key === 'gateway' ? '' : '.gateway'}.fallback`;
        const { path, fallback } = await withBody(block['fallback'], where, options);
        files.push(path);
        const changed = { ...block, fallback };
        return key === 'gateway' ? changed : { ...(item as Table), gateway: changed };
      }),
    );
  }
  return { value, files };
}

async function withBody(
  { file, ...fallback }: Table,
  where: string,
  { dir, place }: PagesOptions,
): Promise<{ path: string; fallback: Table }> {
  const invalid = (why: string) => invalidManifest(`${where}.file`, why, place);
  if (typeof file !== 'string' || file === '') throw invalid("must be the name of a file in the function's folder");
  if (fallback['body'] !== undefined || fallback['function'] !== undefined)
    throw invalid('goes without body and function: it is the answer');
  const path = await realpath(resolve(dir, file)).catch(() => {
    throw invalid(`names ${JSON.stringify(file)}, which is not there`);
  });
  if (relative(dir, path).split(sep)[0] === '..') throw invalid("names a file outside of the function's folder");
  let body: string;
  try {
    body = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch {
    throw invalid('names a file that is no text in UTF-8');
  }
  const { headers = {} } = fallback;
  const typed = isTable(headers) && Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const type = { 'content-type': TYPES[extname(path).toLowerCase()] ?? TYPES['.txt'] };
  return { path, fallback: { ...fallback, body, headers: typed || !isTable(headers) ? headers : { ...headers, ...type } } };
}

function isTable(value: unknown): value is Table {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
