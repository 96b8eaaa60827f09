import type { Plan } from '../plan.ts';
import { Trap } from '../trap.ts';
import type { Codec, Codecs } from './codec.ts';
import { flags } from './flags.ts';
import { borrow, errorContext, future, own, stream } from './handle-values.ts';
import { bytes, fixedList, list, values, type Items } from './lists.ts';
import { numbers } from './number-lists.ts';
import { option, result } from './options.ts';
import { primitive } from './primitives.ts';
import { record, tuple } from './records.ts';
import { text } from './text.ts';
import type { AbiTarget } from './target.ts';
import { enumeration, variant } from './variants.ts';

/** What a value of one type may take in memory. A few nested types describe one that is larger than all there is. */
const MAX_BYTES = 2 ** 20;

/** The codecs of a plan's types for one target, each made when it is first asked for. */
export function createCodecs(plan: Plan, target: AbiTarget): Codecs {
  const made: (Codec | undefined)[] = [];
  const codecs: Codecs = (type) => (made[type] ??= checked(make(plan, type, target, codecs)));
  return codecs;
}

function checked({ size, align, flat, load, store, lift, lower, target }: Codec): Codec {
  if (size > MAX_BYTES) throw new Trap(`A type of the guest takes ${size} bytes, and at most ${MAX_BYTES} are supported.`);
  // Made in one place, all have one shape, and who calls them finds their functions without a search.
  return { size, align, flat, load, store, lift, lower, target };
}

function make(plan: Plan, index: number, target: AbiTarget, codecs: Codecs): Codec {
  const type = plan.types[index]!;
  const maybe = (of: number | null) => (of === null ? null : codecs(of));
  switch (type.kind) {
    case 'string':
      return text(target);
    case 'record':
      return record(
        type.fields.map(([name]) => name),
        type.fields.map(([, field]) => codecs(field)),
        target,
      );
    case 'tuple':
      return tuple(type.items.map(codecs), target);
    case 'variant':
      return variant(
        type.cases.map(([name]) => name),
        type.cases.map(([, value]) => maybe(value)),
        target,
      );
    case 'enum':
      return enumeration(type.labels, target);
    case 'option':
      return option(codecs(type.some), plan.types[type.some]!.kind === 'option', target);
    case 'result':
      return result(maybe(type.ok), maybe(type.error), target);
    case 'flags':
      return flags(type.labels, target);
    case 'list': {
      const element = codecs(type.element);
      const items = itemsOf(plan, type.element, element) as Items<unknown>;
      return type.length === undefined ? list(items, target) : fixedList(items, element, type.length);
    }
    case 'map':
      return list(values(tuple([codecs(type.key), codecs(type.value)], target)), target);
    case 'own':
      return own(type.resource, plan.resources[type.resource]!, target);
    case 'borrow':
      return borrow(type.resource, plan.resources[type.resource]!, target);
    case 'stream':
      return stream(type.element, target);
    case 'future':
      return future(type.element, target);
    case 'error-context':
      return errorContext(target);
    default:
      return primitive(type.kind, target);
  }
}

function itemsOf(plan: Plan, index: number, element: Codec): Items<Uint8Array> | Items<unknown[]> {
  const { kind } = plan.types[index]!;
  switch (kind) {
    case 'u8':
      return bytes(element.target.memory!);
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32':
    case 'u64':
    case 's64':
    case 'f32':
    case 'f64':
      return numbers(kind, element.target.memory!);
    default:
      return values(element);
  }
}
