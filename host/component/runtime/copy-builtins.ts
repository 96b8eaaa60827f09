import type { Codec } from '../abi/codec.ts';
import type { GuestMemory } from '../abi/memory.ts';
import type { CoreFunction as PlanFunction } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { ComponentState } from './component-state.ts';
import { BLOCKED, GuestBuffer, type CopyEnd } from './copy.ts';
import type { Instance } from './instance.ts';
import type { CoreFunction } from './lifted.ts';
import { elementKind } from './stream.ts';
import { EVENT } from './waitable.ts';

export type CopyBuiltIn = Extract<PlanFunction, { kind: `stream.${string}` | `future.${string}` }>;

/** What a copy needs of its guest's memory; asked for when it is first called. */
export interface CopyParts {
  readonly memory: GuestMemory | null;
  readonly item: Codec | null;
}

/** `stream.*` and `future.*`. */
export function copyBuiltIn(instance: Instance, component: ComponentState, what: CopyBuiltIn, prepare: () => CopyParts): CoreFunction {
  const { element } = what;
  const single = what.kind.startsWith('future.');
  const readable = single ? EVENT.futureRead : EVENT.streamRead;
  const writable = single ? EVENT.futureWrite : EVENT.streamWrite;
  switch (what.kind) {
    case 'stream.new':
    case 'future.new': {
      const kind = elementKind(instance.plan, element);
      return () => {
        instance.check(component);
        return single ? component.newFuture(element, kind !== 'values') : component.newStream(element, kind);
      };
    }
    case 'stream.read':
    case 'future.read':
    case 'stream.write':
    case 'future.write': {
      const reads = what.kind.endsWith('.read');
      const event = reads ? readable : writable;
      let parts: CopyParts | null = null;
      return (index, pointer, length) => {
        instance.check(component);
        const end = component.endOf(index as number, event, element);
        if (end.state !== 'idle') throw new Trap('A stream or future was read or written in the middle of a copy, or after its end.');
        if (end.set !== null && !what.options.async) throw new Trap('A copy would wait for a stream or future that is in a waitable set.');
        parts ??= prepare();
        end.buffer = new GuestBuffer(parts.item, parts.memory, (pointer as number) >>> 0, single ? 1 : (length as number) >>> 0);
        end.state = 'copying';
        if (reads) end.shared.read(end);
        else end.shared.write(end);
        return outcome(instance, end, what.options.async);
      };
    }
    case 'stream.cancel-read':
    case 'future.cancel-read':
    case 'stream.cancel-write':
    case 'future.cancel-write': {
      const event = what.kind.endsWith('-read') ? readable : writable;
      return (index) => {
        instance.check(component);
        const end = component.endOf(index as number, event, element);
        if (end.state !== 'copying' || end.waiter !== null) throw new Trap('A copy was cancelled that is not under way.');
        if (end.set !== null && !what.async) throw new Trap('A cancellation would wait for a stream or future that is in a waitable set.');
        end.state = 'cancelling';
        end.shared.cancelCopy(end);
        return outcome(instance, end, what.async);
      };
    }
    case 'stream.drop-readable':
    case 'future.drop-readable':
    case 'stream.drop-writable':
    case 'future.drop-writable': {
      const event = what.kind.endsWith('-readable') ? readable : writable;
      return (index) => {
        instance.check(component);
        component.dropEnd(index as number, event, element);
      };
    }
  }
}

/** The end of a copy, where it has come; else the guest waits for it, or goes on without. */
function outcome(instance: Instance, end: CopyEnd, async: boolean): unknown {
  if (end.pending) return taken(end);
  if (async) return BLOCKED;
  instance.checkBlock();
  return instance.suspend(
    (go) => (end.waiter = go),
    () => taken(end),
  );
}

function taken(end: CopyEnd): number {
  end.set?.forget(end);
  return end.take() | 0;
}
