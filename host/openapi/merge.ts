import { METHODS, type OpenApiDocument, type PathItem, type Tag } from './document.ts';
import { Names, OPERATION, WEBHOOK } from './names.ts';
import { partsOf, pointerOf } from './pointer.ts';
import { isObject, walk } from './walk.ts';

/** A document that becomes a part of another. */
export interface Part {
  /** What tells it from the others: of letters, digits and `-`, with nothing but a `_` at its beginning. */
  readonly name: string;
  readonly document: OpenApiDocument;
  /** The path at which clients reach one of its paths; null where they do not. */
  readonly place: (path: string) => string | null;
}

/** Documents as one: below the paths at which they are reached, with a tag for each, and no name twice. */
export function merged(parts: readonly Part[], own: Pick<OpenApiDocument, 'info' | 'servers'>): OpenApiDocument {
  const names = new Names(parts);
  const components: Record<string, Record<string, unknown>> = {};
  const paths: [string, PathItem][] = [];
  const webhooks: [string, PathItem][] = [];
  const tags: Tag[] = [];
  for (const part of parts) {
    const { document, placed } = renamed(part, names);
    paths.push(...placed);
    webhooks.push(
      ...Object.entries(document.webhooks ?? {}).map(([name, item]): [string, PathItem] => [names.of(part.name, WEBHOOK, name), item]),
    );
    if (placed.length > 0) tags.push(...tagsOf(part, placed));
    for (const [kind, named] of Object.entries(document.components ?? {})) {
      if (!isObject(named) || kind.startsWith('x-')) continue;
      const all = Object.entries(named).map(([name, value]) => [names.of(part.name, kind, name), value] as const);
      components[kind] = { ...components[kind], ...Object.fromEntries(all) };
    }
  }
  return {
    openapi: '3.1.1',
    ...own,
    paths: Object.fromEntries(paths),
    ...(webhooks.length > 0 && { webhooks: Object.fromEntries(webhooks) }),
    ...(Object.keys(components).length > 0 && { components }),
    ...(tags.length > 0 && { tags }),
  };
}

interface Renamed {
  /** With the names of the whole in all that it refers to. */
  readonly document: OpenApiDocument;
  readonly placed: [path: string, item: PathItem][];
}

function renamed(part: Part, names: Names): Renamed {
  const document = structuredClone(part.document);
  const renaming: Renaming = { ...part, nameOf: (kind, name) => names.of(part.name, kind, name) };
  walk(document, {
    object(kind, value) {
      if (typeof value['$ref'] === 'string') value['$ref'] = renamedReference(value['$ref'], renaming);
      if (kind === 'operation') renameOperation(value, renaming);
      else if (kind === 'security') renameSecurity(value, renaming);
      else if (kind === 'discriminator') renameMapping(value, renaming);
      else if (kind === 'link') renameLink(value, renaming);
    },
    reference(_kind, value) {
      value['$ref'] = renamedReference(value['$ref'] as string, renaming);
    },
  });
  const placed = Object.entries(document.paths ?? {}).flatMap(([path, item]): Renamed['placed'] => {
    const at = path.startsWith('x-') || !isReached(item) ? null : part.place(path);
    return at === null ? [] : [[at, item]];
  });
  return { document, placed };
}

function isReached(item: PathItem): boolean {
  return item.$ref !== undefined || METHODS.some((method) => item[method] !== undefined);
}

interface Renaming extends Part {
  readonly nameOf: (kind: string, name: string) => string;
}

function renamedReference(ref: string, { nameOf, place }: Renaming): string {
  const way = partsOf(ref);
  if (way === null) return ref;
  const [root, first, second, ...rest] = way;
  if (root === 'components' && first !== undefined && second !== undefined) return pointerOf([root, first, nameOf(first, second), ...rest]);
  const below = second === undefined ? [] : [second, ...rest];
  if (root === 'paths' && first !== undefined) return pointerOf([root, place(first) ?? first, ...below]);
  if (root === 'webhooks' && first !== undefined) return pointerOf([root, nameOf(WEBHOOK, first), ...below]);
  return ref;
}

function renameOperation(operation: Record<string, unknown>, { name, document, nameOf }: Renaming): void {
  const { operationId, tags } = operation;
  if (typeof operationId === 'string') operation['operationId'] = nameOf(OPERATION, operationId);
  const own = Array.isArray(tags) ? (tags as string[]) : [];
  operation['tags'] = own.length === 0 ? [name] : own.map((tag) => tagOf(name, tag));
  // What held for all of its document holds for no more than that.
  if (operation['security'] === undefined && (document.security ?? []).length > 0)
    operation['security'] = structuredClone(document.security);
}

function renameSecurity(requirement: Record<string, unknown>, { nameOf }: Renaming): void {
  const entries = Object.entries(requirement).map(([scheme, scopes]) => [nameOf('securitySchemes', scheme), scopes] as const);
  for (const scheme of Object.keys(requirement)) delete requirement[scheme];
  Object.assign(requirement, Object.fromEntries(entries));
}

/** Its values are references, or names of schemas. */
function renameMapping(discriminator: Record<string, unknown>, renaming: Renaming): void {
  const { mapping } = discriminator;
  if (!isObject(mapping)) return;
  const schemas = renaming.document.components?.schemas ?? {};
  for (const [value, target] of Object.entries(mapping)) {
    if (typeof target !== 'string') continue;
    mapping[value] = Object.hasOwn(schemas, target) ? renaming.nameOf('schemas', target) : renamedReference(target, renaming);
  }
}

function renameLink(link: Record<string, unknown>, renaming: Renaming): void {
  const { operationId, operationRef } = link;
  if (typeof operationId === 'string') link['operationId'] = renaming.nameOf(OPERATION, operationId);
  if (typeof operationRef === 'string') link['operationRef'] = renamedReference(operationRef, renaming);
}

/** One for all of a part, which those of its operations have that have none, and its own below it. */
function tagsOf({ name, document: { info, tags = [] } }: Part, placed: Renamed['placed']): Tag[] {
  const description = [`**${info.title}** ${info.version}`, info.description ?? info.summary]
    .filter((text) => text !== undefined)
    .join('\n\n');
  const all = new Map<string, Tag>([[name, { name, description }]]);
  for (const tag of tags) all.set(tagOf(name, tag.name), { ...tag, name: tagOf(name, tag.name) });
  for (const [, item] of placed)
    for (const method of METHODS) for (const tag of item[method]?.tags ?? []) if (!all.has(tag)) all.set(tag, { name: tag });
  return [...all.values()];
}

function tagOf(part: string, tag: string): string {
  return `${part}/${tag}`;
}
