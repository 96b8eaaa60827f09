import type { World } from '../link/link.ts';

/** What the comments of WIT say of an interface's parts. */
export interface WitDocs {
  of(interfaceLabel: string): InterfaceDocs;
}

export interface InterfaceDocs {
  readonly docs: string | undefined;
  func(name: string): string | undefined;
  type(name: string): string | undefined;
  /** Of a field, a case or a label. */
  item(type: string, name: string): string | undefined;
}

const SECTION = 'package-docs';

/**
 * Comments are in a component only where its build has put the custom section `package-docs` of its WIT package there
 * (wit-parser, `PackageMetadata`): a byte of 0 or 1, and JSON. Nobody has to write one that can be read.
 */
export function witDocs({ syntax }: World, bytes: Uint8Array): WitDocs {
  const section = syntax.customs.find(({ name }) => name === SECTION);
  const interfaces = member(section && jsonOf(bytes.subarray(section.start, section.end)), 'interfaces');
  return {
    of(label) {
      const own = member(interfaces, label);
      const types = member(own, 'types');
      return {
        docs: docsOf(own),
        func: (name) => docsOf(member(member(own, 'funcs'), name)),
        type: (name) => docsOf(member(types, name)),
        item: (type, name) => docsOf(member(member(member(types, type), 'items'), name)),
      };
    },
  };
}

function jsonOf(section: Uint8Array): unknown {
  if (section[0]! > 1) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(section.subarray(1)));
  } catch {
    return undefined;
  }
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string, unknown>)[name] : undefined;
}

/** Where there is nothing else than comments, they stand alone. */
function docsOf(of: unknown): string | undefined {
  const docs = typeof of === 'string' ? of : member(of, 'docs');
  return typeof docs === 'string' && docs !== '' ? docs : undefined;
}
