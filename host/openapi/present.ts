import { METHODS, type Method, type OpenApiDocument, type OpenApiServer, type Operation, type PathItem } from './document.ts';
import { resolvePointer } from './pointer.ts';
import { guarded, Schemes, type Guard } from './security.ts';

/** How a function is reached, and what stands before it. */
export interface Presence {
  /** What stands in the client's path before what the function sees: `/shop`, or nothing. */
  readonly mount: string;
  /** Who may call, by what the function would see; null where that is for the function to say. */
  readonly guard: (method: Uppercase<Method>, path: string) => Guard | null;
}

/**
 * A function's document as it holds for its clients: its servers lead to where it is reached, and what its gateway asks of a client is
 * asked by each operation.
 */
export function presented(document: OpenApiDocument, { mount, guard }: Presence): OpenApiDocument {
  const base = basePath(document);
  const schemes = new Schemes(document);
  const paths = Object.entries(document.paths ?? {}).map(([path, item]) => {
    if (path.startsWith('x-')) return [path, item] as const;
    const seen = (method: Method) => guard(method.toUpperCase() as Uppercase<Method>, `${base}${sample(path)}`);
    return [
      path,
      guardedItem(document, item, (method, operation) => guarded(operation, { document, schemes, guard: seen(method) })),
    ] as const;
  });
  const components = schemes.added === null ? {} : { components: { ...document.components, securitySchemes: schemes.added } };
  return {
    ...document,
    servers: [{ url: `${mount}${base}` || '/' }],
    ...(document.paths !== undefined && { paths: Object.fromEntries(paths) }),
    ...components,
  };
}

/**
 * What a document's paths begin with in what the function sees: the first of its servers may say so by a path. A URL with a host says
 * where someone thought that the function would be.
 */
export function basePath({ servers = [] }: Pick<OpenApiDocument, 'servers'>): string {
  const [first] = servers;
  if (first === undefined) return '';
  const url = withDefaults(first);
  if (!url.startsWith('/') || url.startsWith('//')) return '';
  return url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
}

/** A path with something in the place of each of its names. */
export function sample(path: string): string {
  return path.replace(/\{[^}]*\}/g, '0');
}

function withDefaults({ url, variables = {} }: OpenApiServer): string {
  return url.replace(/\{([^}]*)\}/g, (whole, name: string) => (Object.hasOwn(variables, name) ? variables[name]!.default : whole));
}

function guardedItem(document: OpenApiDocument, item: PathItem, change: (method: Method, operation: Operation) => Operation): PathItem {
  // What it leads to may be reached by several paths, whose rules differ.
  const { $ref, ...own } = item;
  const whole = $ref === undefined ? item : { ...(resolvePointer(document, $ref) as PathItem), ...own };
  const operations = METHODS.flatMap((method) => {
    const operation = whole[method];
    return operation === undefined ? [] : [[method, change(method, operation)] as const];
  });
  return { ...whole, ...Object.fromEntries(operations) };
}
