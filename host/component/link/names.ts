import { invalid } from '../binary/errors.ts';
import { canonicalKey } from '../binary/names.ts';
import type { Name } from '../binary/syntax.ts';
import type { Item } from './items.ts';
import type { TypePool } from './pool.ts';

/** The imports or the exports of one scope, which may not be confused with each other. */
export class Names {
  readonly items = new Map<string, Item>();
  readonly #keys = new Set<string>();
  readonly #pool: TypePool;

  constructor(pool: TypePool) {
    this.#pool = pool;
  }

  add({ name, offset, implements: implemented }: Name, item: Item): void {
    const key = canonicalKey(name);
    if (this.#keys.has(key)) throw invalid(`two imports or exports are named '${name}', or are told apart by case alone`, offset);
    this.#keys.add(key);
    if (name.startsWith('[')) this.#checkMember(name, item, offset);
    if (implemented !== undefined && item.sort !== 'instance')
      throw invalid(`'${name}' implements an interface, but is no instance`, offset);
    this.items.set(name, item);
  }

  /** design/mvp/Binary.md, "Import and Export Definitions": constructors, methods and static functions. */
  #checkMember(name: string, item: Item, offset: number): void {
    const [, form, resourceName] = /^\[(\w+)\]([^.]*)/.exec(name)!;
    if (item.sort !== 'func') throw invalid(`'${name}' is not a function`, offset);
    const named = this.items.get(resourceName!);
    if (named?.sort !== 'type' || named.type.kind !== 'resource')
      throw invalid(`'${name}' is of no resource that is named before it`, offset);
    const { id } = named.type.resource;
    const pool = this.#pool;
    const { params, result } = pool.signature(item.signature);
    if (form === 'method') {
      const [self, type] = params[0] ?? [];
      const borrow = type === undefined ? undefined : pool.info(type).type;
      if (self !== 'self' || borrow?.kind !== 'borrow' || borrow.resource !== id) {
        throw invalid(`'${name}' does not take a borrow of its resource as 'self' first`, offset);
      }
    } else if (form === 'constructor') {
      let made = result === null ? undefined : pool.info(result).type;
      if (made?.kind === 'result' && made.ok !== null) made = pool.info(made.ok).type;
      if (made?.kind !== 'own' || made.resource !== id) throw invalid(`'${name}' does not give its resource`, offset);
    }
  }
}
