import { BrinkError } from '../../errors.ts';
import type { HostInterface, Hosts, World } from '../host.ts';
import type { Plan } from '../plan.ts';
import { Trap } from '../trap.ts';
import { BRINK_INTERFACES } from '../brink/interfaces.ts';
import { INTERFACES, type Interface } from './interfaces.ts';
import { NO_SETTINGS, type Factory, type HostSettings, type InstanceLife } from './settings.ts';
import { compatible, interfaceName } from './versions.ts';

/** All that a component may import, by interface without version. */
const OFFERED: Readonly<Record<string, Interface>> = { ...INTERFACES, ...BRINK_INTERFACES };

/** The hosts of one instance. */
export interface InstanceHosts {
  readonly hosts: Hosts;
  /** Nothing is left to do in the instance: what waits for an end is given out, as the last line of a log. */
  idle(): void;
  /** The instance has been put back to what it was: nothing of before is left. */
  reset(): void;
}

/** What a plan imports, made for one instance, by the names that the plan has for it. */
export function hostsFor(plan: Plan, world: World, settings: HostSettings): InstanceHosts {
  const idle: (() => void)[] = [];
  const reset: (() => void)[] = [];
  const life: InstanceLife = {
    onIdle: (step) => idle.push(step),
    onReset: (step) => reset.push(step),
  };
  const made = new Map<Factory, HostInterface>();
  const hosts: Record<string, HostInterface> = {};
  for (const [name, factory] of factoriesOf(plan)) {
    let functions = made.get(factory);
    if (functions === undefined) made.set(factory, (functions = factory(world, settings, life)));
    hosts[name] = functions;
  }
  return { hosts, idle: () => run(idle), reset: () => run(reset) };
}

/**
 * Checks that the host has all that a component imports.
 *
 * @throws {BrinkError} component-unsupported, with the interface, and what the host has instead
 */
export function checkImports(plan: Plan): void {
  for (const what of plan.functions) if (what.kind === 'import') resolveImport(what.interface, what.name);
  for (const what of plan.resources) if (what.kind === 'imported') resolveInterface(what.interface);
}

/**
 * The factory of the interface that has an imported function.
 *
 * @param full with its version, as `wasi:clocks/monotonic-clock@0.3.0`
 * @throws {BrinkError} component-unsupported
 */
export function resolveImport(full: string, name: string): Factory {
  const factory = resolveInterface(full);
  const functions = functionsOf(factory);
  if (Object.hasOwn(functions, name)) return factory;
  const has = Object.keys(functions).join(', ');
  throw unsupported(
    `The component imports ${name} of ${full}, which this host's version of it lacks. It has: ${has || 'no functions'}.`,
    full,
    { name },
  );
}

/**
 * Whether an imported function may make its caller wait, though its type does not say so.
 *
 * @throws {BrinkError} component-unsupported
 */
export function isBlocking(full: string, name: string): boolean {
  return functionsOf(resolveImport(full, name))[name]!.blocking === true;
}

function resolveInterface(full: string): Factory {
  const { name, version } = interfaceName(full);
  const known = OFFERED[name];
  if (known === undefined || !Object.hasOwn(OFFERED, name)) throw unsupported(unknown(full, name), full, { available: siblings(name) });
  const key = compatible(version, Object.keys(known.versions), known.firstCandidate);
  if (key !== null) return known.versions[key]!;
  const available = versionsOf(known).map((each) => `${name}@${each}`);
  throw unsupported(`The component imports ${full}; this host has ${available.join(' and ')} instead.`, full, { available });
}

const factories = new WeakMap<Plan, readonly (readonly [string, Factory])[]>();

/** Of a plan that has been checked; what an import lacks all the same, the guest finds out when it calls it. */
function factoriesOf(plan: Plan): readonly (readonly [string, Factory])[] {
  let found = factories.get(plan);
  if (found === undefined) {
    const names = new Set(plan.functions.filter((what) => what.kind === 'import').map((what) => what.interface));
    found = [...names].map((name) => [name, resolveInterface(name)] as const);
    factories.set(plan, found);
  }
  return found;
}

const shapes = new Map<Factory, HostInterface>();

/** The functions of an interface, to look at and never to be called. */
function functionsOf(factory: Factory): HostInterface {
  let shape = shapes.get(factory);
  if (shape === undefined)
    shapes.set(factory, (shape = factory(NO_WORLD, NO_SETTINGS, { onIdle: () => undefined, onReset: () => undefined })));
  return shape;
}

const NO_WORLD: World = {
  get invocation(): never {
    throw new Trap('No request is served.');
  },
};

function run(steps: readonly (() => void)[]): void {
  for (const step of steps) step();
}

function versionsOf({ versions }: Interface): readonly string[] {
  return Object.keys(versions).map((each) => (/^\d+\.\d+$/.test(each) ? `${each}.x` : each));
}

function unknown(full: string, name: string): string {
  if (name === '') return 'The component imports a function without an interface; this host has functions only in interfaces.';
  const near = siblings(name);
  const has = near.length > 0 ? `It has ${near.join(', ')}.` : `It has the packages ${packages().join(', ')}.`;
  return `The component imports ${full}, which this host does not have. ${has}`;
}

/** The other interfaces of its package. */
function siblings(name: string): readonly string[] {
  const prefix = `${packageOf(name)}/`;
  return Object.keys(OFFERED).filter((each) => each.startsWith(prefix));
}

function packages(): readonly string[] {
  return [...new Set(Object.keys(OFFERED).map(packageOf))];
}

function packageOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('/')));
}

function unsupported(message: string, full: string, details: Record<string, unknown>): BrinkError {
  return new BrinkError('component-unsupported', message, { details: { interface: full, ...details } });
}
