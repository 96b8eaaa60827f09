import { readComponent } from '../binary/component.ts';
import type { ComponentSyntax } from '../binary/syntax.ts';
import { Context } from './context.ts';
import { emit, type Linked } from './emit.ts';
import { instantiateRoot } from './instantiate.ts';
import type { Exports } from './items.ts';

export interface LinkedComponent extends Linked {
  readonly world: World;
}

/** What a component asks of its host and gives it. */
export interface World {
  readonly syntax: ComponentSyntax;
  readonly context: Context;
  readonly imports: Exports;
  readonly exports: Exports;
}

/**
 * Lays a component out in one row: plan and core modules, which are parts of `bytes`.
 *
 * @throws {BrinkError} `component-invalid`, `component-unsupported`; both name the byte
 */
export function linkComponent(bytes: Uint8Array): LinkedComponent {
  const world = readWorld(bytes);
  return { ...emit(world.context, world.exports), world };
}

/** The same without the plan. */
export function readWorld(bytes: Uint8Array): World {
  const syntax = readComponent(bytes);
  const context = new Context();
  return { syntax, context, ...instantiateRoot(context, syntax) };
}
