import type { Context } from '../link/context.ts';
import type { Exports, FunctionItem, Item, TypeItem } from '../link/items.ts';
import type { ValueType } from '../plan.ts';
import { interfaceName } from './interface-name.ts';
import { escape } from './wit-names.ts';

/** How many types may still be written: a few bytes of a hostile component can stand for millions. */
export interface WitBudget {
  types: number;
}

interface Member {
  readonly name: string;
  readonly item: FunctionItem;
}

/** Those that a WIT type is made by; any other is equal to one that is written out. */
const NAMED = new Set<ValueType['kind']>(['record', 'variant', 'flags', 'enum']);

/** Writes the inside of one interface, or what a world has itself. */
export class InterfaceWriter {
  readonly #context: Context;
  readonly #interface: string;
  readonly #items = new Map<string, Item>();
  /** What a type is called here: by its index in the pool. */
  readonly #values = new Map<number, string>();
  readonly #resources = new Map<number, string>();
  readonly #budget: WitBudget;

  constructor(context: Context, name: string, items: readonly Exports[], budget: WitBudget) {
    this.#context = context;
    this.#budget = budget;
    this.#interface = name;
    for (const [label, item] of items.flatMap((some) => [...some])) {
      if (!this.#items.has(label)) this.#items.set(label, item);
      if (item.sort !== 'type') continue;
      if (item.type.kind === 'resource') this.#name(this.#resources, item.type.resource.id, label);
      else if (item.type.kind === 'value') this.#name(this.#values, item.type.index, label);
    }
  }

  #name(names: Map<number, string>, key: number, label: string): void {
    if (!names.has(key)) names.set(key, label);
  }

  /** `kind`: what stands before each function of a world. */
  lines(kind?: 'import' | 'export'): string[] {
    const uses = new Map<string, string[]>();
    const lines: string[] = [];
    const members = this.#members();
    for (const [name, item] of this.#items) {
      if (item.sort === 'type') {
        const { origin } = item;
        if (origin && origin.interface !== this.#interface) {
          const used = escape(origin.name) + (origin.name === name ? '' : ` as ${escape(name)}`);
          push(uses, origin.interface, used);
        } else lines.push(...this.#typeLines(name, item, members.get(name) ?? []));
      } else if (item.sort === 'func' && !name.startsWith('[')) {
        lines.push(`${kind === undefined ? '' : `${kind} `}${escape(name)}: ${this.#function(item, 0)};`);
      }
    }
    return [...[...uses].map(([from, names]) => `use ${this.#path(from)}.{${names.join(', ')}};`), ...lines];
  }

  /** How another interface is written here: by its own name alone within one package. */
  #path(other: string): string {
    const [here, there] = [interfaceName(this.#interface), interfaceName(other)];
    const near = here && there && here.namespace === there.namespace && here.package === there.package && here.version === there.version;
    return near ? escape(there.interface) : other;
  }

  /** Functions of resources, by the name of the resource. */
  #members(): Map<string, Member[]> {
    const members = new Map<string, Member[]>();
    for (const [name, item] of this.#items) {
      const resource = /^\[\w+\]([^.]*)/.exec(name)?.[1];
      if (resource === undefined || item.sort !== 'func') continue;
      push(members, resource, { name, item });
    }
    return members;
  }

  #typeLines(name: string, { type }: TypeItem, members: readonly Member[]): string[] {
    if (type.kind === 'resource') {
      const known = this.#resources.get(type.resource.id);
      if (known !== undefined && known !== name) return [`type ${escape(name)} = ${escape(known)};`];
      if (members.length === 0) return [`resource ${escape(name)};`];
      return [`resource ${escape(name)} {`, ...members.map((member) => `  ${this.#member(member)}`), '}'];
    }
    if (type.kind !== 'value') return [];
    const definition = this.#context.pool.info(type.index).type;
    const known = this.#values.get(type.index);
    if (NAMED.has(definition.kind) && known !== undefined && known !== name) return [`type ${escape(name)} = ${escape(known)};`];
    return this.#definition(escape(name), definition);
  }

  #definition(name: string, type: ValueType): string[] {
    switch (type.kind) {
      case 'record':
        return block(
          'record',
          name,
          type.fields.map(([field, of]) => `${escape(field)}: ${this.#type(of)}`),
        );
      case 'variant':
        return block(
          'variant',
          name,
          type.cases.map(([label, of]) => escape(label) + (of === null ? '' : `(${this.#type(of)})`)),
        );
      case 'flags':
      case 'enum':
        return block(type.kind, name, type.labels.map(escape));
      default:
        return [`type ${name} = ${this.#inline(type)};`];
    }
  }

  #member({ name, item }: Member): string {
    if (name.startsWith('[method]')) return `${escape(afterDot(name))}: ${this.#function(item, 1)};`;
    if (name.startsWith('[static]')) return `${escape(afterDot(name))}: static ${this.#function(item, 0)};`;
    const { params, result } = this.#context.pool.signature(item.signature);
    const made = result === null ? undefined : this.#context.pool.info(result).type;
    const fallible = made?.kind === 'result' ? ` -> ${this.#type(result!)}` : '';
    return `constructor(${this.#params(params)})${fallible};`;
  }

  #function(item: FunctionItem, skipped: number): string {
    const { async, params, result } = this.#context.pool.signature(item.signature);
    return `${async ? 'async ' : ''}func(${this.#params(params.slice(skipped))})${result === null ? '' : ` -> ${this.#type(result)}`}`;
  }

  #params(params: readonly (readonly [name: string, type: number])[]): string {
    return params.map(([name, type]) => `${escape(name)}: ${this.#type(type)}`).join(', ');
  }

  #type(index: number): string {
    if (--this.#budget.types < 0) return '…';
    const { type } = this.#context.pool.info(index);
    const name = NAMED.has(type.kind) ? this.#values.get(index) : undefined;
    return name === undefined ? this.#inline(type) : escape(name);
  }

  #inline(type: ValueType): string {
    switch (type.kind) {
      case 'list':
        return `list<${this.#type(type.element)}${type.length === undefined ? '' : `, ${type.length}`}>`;
      case 'map':
        return `map<${this.#type(type.key)}, ${this.#type(type.value)}>`;
      case 'tuple':
        return `tuple<${type.items.map((item) => this.#type(item)).join(', ')}>`;
      case 'option':
        return `option<${this.#type(type.some)}>`;
      case 'result':
        if (type.error === null) return type.ok === null ? 'result' : `result<${this.#type(type.ok)}>`;
        return `result<${type.ok === null ? '_' : this.#type(type.ok)}, ${this.#type(type.error)}>`;
      case 'own':
        return this.#resource(type.resource);
      case 'borrow':
        return `borrow<${this.#resource(type.resource)}>`;
      case 'stream':
      case 'future':
        return type.element === null ? type.kind : `${type.kind}<${this.#type(type.element)}>`;
      case 'record':
      case 'variant':
      case 'flags':
      case 'enum':
        // WIT gives these a name; where a component does not, this says what they are.
        return this.#definition('', type)
          .map((line) => line.trim())
          .join(' ');
      default:
        return type.kind;
    }
  }

  #resource(id: number): string {
    const known = this.#resources.get(id);
    if (known !== undefined) return escape(known);
    const { source } = this.#context.resourceById(id);
    return source.kind === 'imported' ? escape(source.name) : 'resource';
  }
}

function block(kind: string, name: string, entries: readonly string[]): string[] {
  return [`${kind} ${name}${name && ' '}{`, ...entries.map((entry) => `  ${entry},`), '}'];
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function afterDot(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}
