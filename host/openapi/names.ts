import type { OpenApiDocument } from './document.ts';
import { isObject, walk } from './walk.ts';

/** What has a name that only one may have: a kind of components, or one of these. */
export type Named = string;

export const OPERATION: Named = 'operation';
export const WEBHOOK: Named = 'webhooks';

/** Names in several documents that become one: those that two of them have are told apart by the name of the part. */
export class Names {
  readonly #names = new Map<string, string>();

  /** @param parts no name of one begins with that of another and `_` */
  constructor(parts: readonly { readonly name: string; readonly document: OpenApiDocument }[]) {
    const all = parts.flatMap(({ name, document }) => namesIn(document).map((each) => ({ part: name, ...each })));
    const counts = new Map<string, number>();
    for (const { kind, name } of all) counts.set(`${kind} ${name}`, (counts.get(`${kind} ${name}`) ?? 0) + 1);
    for (const { part, kind, name } of all) {
      let free = name;
      if (counts.get(`${kind} ${name}`)! > 1) for (free = `${part}_${name}`; counts.has(`${kind} ${free}`);) free += '_';
      counts.set(`${kind} ${free}`, counts.get(`${kind} ${free}`) ?? 1);
      this.#names.set(`${part} ${kind} ${name}`, free);
    }
  }

  /** The name that one of a part has in the whole. */
  of(part: string, kind: Named, name: string): string {
    return this.#names.get(`${part} ${kind} ${name}`) ?? name;
  }
}

function namesIn(document: OpenApiDocument): { readonly kind: Named; readonly name: string }[] {
  const operations: string[] = [];
  walk(document, {
    object: (kind, { operationId }) => {
      if (kind === 'operation' && typeof operationId === 'string') operations.push(operationId);
    },
  });
  const components = Object.entries(document.components ?? {}).flatMap(([kind, named]) =>
    isObject(named) && !kind.startsWith('x-') ? Object.keys(named).map((name) => ({ kind, name })) : [],
  );
  return [
    ...components,
    ...operations.map((name) => ({ kind: OPERATION, name })),
    ...Object.keys(document.webhooks ?? {}).map((name) => ({ kind: WEBHOOK, name })),
  ];
}
