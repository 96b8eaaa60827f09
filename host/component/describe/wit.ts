import type { Exports } from '../link/items.ts';
import type { World } from '../link/link.ts';
import { interfaceName } from './interface-name.ts';
import { escape } from './wit-names.ts';
import { InterfaceWriter, type WitBudget } from './wit-interface.ts';

/** Interfaces by package, then by name. */
type Packages = Map<string, Map<string, Exports[]>>;
type Write = (name: string, items: readonly Exports[]) => InterfaceWriter;

const MAX_TYPES = 200_000;

/** The world of a component as WIT, with the interfaces that it names, each in its package. */
export function worldAsWit({ context, imports, exports }: World): string {
  const packages: Packages = new Map();
  const budget: WitBudget = { types: MAX_TYPES };
  const write: Write = (name, items) => new InterfaceWriter(context, name, items, budget);
  const lines = [...worldLines('import', imports, write, packages), ...worldLines('export', exports, write, packages)];
  const world = `package root:component;\n\nworld root {\n${indent(lines)}}\n`;
  return [world, ...[...packages].map(([name, interfaces]) => packageAsWit(name, interfaces, write))].join('\n');
}

function worldLines(kind: 'import' | 'export', items: Exports, write: Write, packages: Packages): string[] {
  const own = new Map([...items].filter(([, item]) => item.sort !== 'instance'));
  const writer = write('', [own]);
  const interfaces = [...items].flatMap(([name, item]) => {
    if (item.sort !== 'instance') return [];
    const parts = interfaceName(name);
    if (parts === null) {
      const body = write(name, [item.exports]).lines();
      return [`${kind} ${escape(name)}: interface {`, ...body.map((line) => `  ${line}`), '}'];
    }
    const key = `${parts.namespace}:${parts.package}${parts.version === null ? '' : `@${parts.version}`}`;
    const known = packages.get(key) ?? new Map<string, Exports[]>();
    packages.set(key, known);
    // One may be both imported and exported, with what is needed of it either time.
    known.set(parts.interface, [...(known.get(parts.interface) ?? []), item.exports]);
    return [`${kind} ${name};`];
  });
  return [...interfaces, ...writer.lines(kind)];
}

function packageAsWit(name: string, interfaces: ReadonlyMap<string, readonly Exports[]>, write: Write): string {
  const [path, version] = name.split('@');
  const bodies = [...interfaces].map(([own, exports]) => {
    const full = `${path}/${own}${version === undefined ? '' : `@${version}`}`;
    return [
      `interface ${escape(own)} {`,
      ...write(full, exports)
        .lines()
        .map((line) => line && `  ${line}`),
      '}',
    ];
  });
  return `package ${name} {\n${indent(bodies.flatMap((body, i) => (i === 0 ? body : ['', ...body])))}}\n`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '\n' : `  ${line}\n`)).join('');
}
