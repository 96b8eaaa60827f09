import { invalid } from '../binary/errors.ts';
import type { Sort } from '../binary/syntax.ts';
import type { Context } from './context.ts';
import type { ComponentInstance, Item } from './items.ts';

type ItemOf<S extends Sort> = Extract<Item, { sort: S }>;

/**
 * The index spaces of one component, component type or instance type while its definitions are gone through.
 * `component`: the instance of the component; null within a type.
 */
export class Scope<C extends ComponentInstance | null = ComponentInstance | null> {
  readonly context: Context;
  readonly parent: Scope | null;
  readonly component: C;
  readonly #spaces = new Map<Sort, Item[]>();

  constructor(context: Context, parent: Scope | null, component: C) {
    this.context = context;
    this.parent = parent;
    this.component = component;
  }

  /** That of a component or a type within. */
  inner<I extends ComponentInstance | null>(component: I): Scope<I> {
    return new Scope(this.context, this, component);
  }

  add(item: Item): void {
    const space = this.#spaces.get(item.sort);
    if (space) space.push(item);
    else this.#spaces.set(item.sort, [item]);
  }

  get<S extends Sort>(sort: S, index: number, offset: number): ItemOf<S> {
    const item = this.#spaces.get(sort)?.[index];
    if (item === undefined) throw invalid(`there is no ${sort} ${index} here`, offset);
    return item as ItemOf<S>;
  }
}
