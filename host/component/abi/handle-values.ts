import type { GuestResource } from '../host.ts';
import type { ResourceType } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { Codec, FlatType } from './codec.ts';
import { ErrorContext } from './error-context.ts';
import { ResourceHandle, resourceOf } from './handles.ts';
import { misfit } from './misfit.ts';
import type { AbiTarget } from './target.ts';

const FLAT: readonly FlatType[] = ['i32'];

/** Passed on for good: the giver's handle is gone, the receiver gets one of its own. */
export function own(resource: number, type: ResourceType, target: AbiTarget): Codec {
  const { handles } = target.component;
  const { give, take } = formOf(resource, type);
  return handleValue(
    target,
    (index) => {
      const handle = resourceOf(handles.remove(index), resource);
      if (!handle.own) throw new Trap('A resource was given away that is only borrowed.');
      if (handle.lends > 0) throw new Trap('A resource was given away while it is lent.');
      return give(handle.rep);
    },
    (value) => handles.add(new ResourceHandle(resource, take(value), true, null)),
  );
}

/** Lent for the time of a call. */
export function borrow(resource: number, type: ResourceType, target: AbiTarget): Codec {
  const { component } = target;
  const { handles } = component;
  const { give, take } = formOf(resource, type);
  // Whoever defines a resource knows it by its representation, and needs no handle.
  const isHome = type.kind === 'defined' && type.component === component.index;
  return handleValue(
    target,
    (index) => {
      const handle = resourceOf(handles.get(index), resource);
      component.scope?.lend(handle);
      return give(handle.rep);
    },
    (value) => {
      const rep = take(value);
      if (isHome) return rep as number;
      const { scope } = component;
      if (scope === null) throw new Trap('A resource was lent outside of a call.');
      scope.borrow();
      return handles.add(new ResourceHandle(resource, rep, false, scope));
    },
  );
}

export function stream(element: number | null, target: AbiTarget): Codec {
  const { component } = target;
  return handleValue(
    target,
    (index) => component.liftStream(index, element),
    (value) => component.lowerStream(objectOf('stream', value), element),
  );
}

export function future(element: number | null, target: AbiTarget): Codec {
  const { component } = target;
  return handleValue(
    target,
    (index) => component.liftFuture(index, element),
    (value) => component.lowerFuture(objectOf('future', value), element),
  );
}

export function errorContext(target: AbiTarget): Codec {
  const { handles } = target.component;
  return handleValue(
    target,
    (index) => {
      const entry = handles.get(index);
      if (!(entry instanceof ErrorContext)) throw new Trap('A handle is not the error context that it is used as.');
      return entry;
    },
    (value) => {
      if (!(value instanceof ErrorContext)) throw misfit('error-context', value);
      return handles.add(value);
    },
  );
}

function handleValue(target: AbiTarget, lift: (index: number) => unknown, lower: (value: unknown) => number): Codec {
  const memory = target.memory!;
  return {
    size: 4,
    align: 4,
    flat: FLAT,
    load: (at) => lift(memory.view.getUint32(at, true)),
    store: (at, value) => memory.view.setUint32(at, lower(value), true),
    lift: (flat, at) => lift((flat[at] as number) >>> 0),
    lower: (value, flat, at) => void (flat[at] = lower(value)),
    target,
  };
}

/** What a resource is between components, and to the host. */
interface ResourceForm {
  give(rep: unknown): unknown;
  /** @throws {Misfit} */
  take(value: unknown): unknown;
}

function formOf(resource: number, type: ResourceType): ResourceForm {
  if (type.kind === 'imported') {
    const name = `an object for ${type.interface}.${type.name}`;
    return { give: (rep) => rep, take: (value) => objectOf(name, value) };
  }
  return {
    give: (rep): GuestResource => ({ resource, rep: rep as number }),
    take: (value) => {
      const { resource: given, rep } = objectOf('a resource of a guest', value) as Partial<GuestResource>;
      if (given !== resource || typeof rep !== 'number') throw misfit('a resource of a guest', value);
      return rep;
    },
  };
}

function objectOf(type: string, value: unknown): object {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value;
  throw misfit(type, value);
}
