import type { FakeGuest } from './fake-guest.ts';
import {
  alignTo,
  alignment,
  despecialize,
  discriminantBytes,
  elemSize,
  flattenCases,
  flattenType,
  maxCaseAlignment,
} from './model-layout.ts';
import type { Flat } from './model-layout.ts';
import {
  flagBits,
  floatToInt,
  fromInt,
  intToFloat,
  loadInt,
  loadNumber,
  loadString,
  storeInt,
  storeString,
  toInt,
} from './model-leaves.ts';
import type { Type } from './types.ts';

/**
 * Loads, stores, lifts and lowers as definitions.py of the Component Model does, slowly: integers are bigints read byte
 * by byte, core integers are unsigned. Values are those of the host, so that they compare with what codecs give.
 */
export function load(guest: FakeGuest, pointer: number, type: Type): unknown {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string':
      return loadString(guest, loadNumber(guest, pointer, 4), loadNumber(guest, pointer + 4, 4));
    case 'list':
      if (simple.length !== undefined) return loadList(guest, pointer, simple.length, simple.element);
      return loadList(guest, loadNumber(guest, pointer, 4), loadNumber(guest, pointer + 4, 4), simple.element);
    case 'record': {
      let at = pointer;
      const fields = simple.fields.map(([name, field]) => {
        at = alignTo(at, alignment(field));
        const value = load(guest, at, field);
        at += elemSize(field);
        return [name, value] as const;
      });
      return asHost(type, fields);
    }
    case 'variant': {
      const bytes = discriminantBytes(simple.cases.length);
      const [name, value] = simple.cases[loadNumber(guest, pointer, bytes)]!;
      const at = alignTo(pointer + bytes, maxCaseAlignment(simple.cases));
      return caseAsHost(type, name, value === null ? undefined : load(guest, at, value));
    }
    case 'flags': {
      const bits = loadInt(guest, pointer, elemSize(type));
      return Object.fromEntries(simple.labels.map((label, index) => [label, ((bits >> BigInt(index)) & 1n) === 1n]));
    }
    default:
      return fromInt(guest, simple, loadInt(guest, pointer, elemSize(type)));
  }
}

export function store(guest: FakeGuest, value: unknown, type: Type, pointer: number): void {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string': {
      const [at, units] = storeString(guest, value as string);
      storeInt(guest, BigInt(at), pointer, 4);
      storeInt(guest, BigInt(units), pointer + 4, 4);
      return;
    }
    case 'list': {
      const items = [...(value as Iterable<unknown>)];
      const at = simple.length === undefined ? guest.allocate(alignment(simple.element), items.length * elemSize(simple.element)) : pointer;
      items.forEach((item, index) => store(guest, item, simple.element, at + index * elemSize(simple.element)));
      if (simple.length !== undefined) return;
      storeInt(guest, BigInt(at), pointer, 4);
      storeInt(guest, BigInt(items.length), pointer + 4, 4);
      return;
    }
    case 'record': {
      let at = pointer;
      for (const [name, field] of simple.fields) {
        at = alignTo(at, alignment(field));
        store(guest, (value as Record<string, unknown>)[name], field, at);
        at += elemSize(field);
      }
      return;
    }
    case 'variant': {
      const [which, payload] = matchCase(type, value);
      const bytes = discriminantBytes(simple.cases.length);
      storeInt(guest, BigInt(which), pointer, bytes);
      const of = simple.cases[which]![1];
      if (of !== null) store(guest, payload, of, alignTo(pointer + bytes, maxCaseAlignment(simple.cases)));
      return;
    }
    case 'flags':
      storeInt(guest, flagBits(value, simple.labels), pointer, elemSize(type));
      return;
    default:
      storeInt(guest, toInt(guest, simple, value), pointer, elemSize(type));
  }
}

/** @param next gives the next core value, as the type that is asked for */
export function liftFlat(guest: FakeGuest, next: (want: Flat) => bigint | number, type: Type): unknown {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string':
      return loadString(guest, Number(next('i32')), Number(next('i32')));
    case 'list':
      if (simple.length === undefined) return loadList(guest, Number(next('i32')), Number(next('i32')), simple.element);
      return packed(
        simple.element,
        Array.from({ length: simple.length }, () => liftFlat(guest, next, simple.element)),
      );
    case 'record':
      return asHost(
        type,
        simple.fields.map(([name, field]) => [name, liftFlat(guest, next, field)] as const),
      );
    case 'variant': {
      const have = flattenCases(simple.cases);
      const [name, value] = simple.cases[Number(next('i32'))]!;
      const coerced = (want: Flat) => {
        const from = have.shift()!;
        const x = next(from);
        if (from === want) return x;
        if (want === 'i32') return BigInt.asUintN(32, x as bigint);
        if (want === 'f32') return intToFloat(BigInt.asUintN(32, x as bigint), 4);
        return intToFloat(x as bigint, 8);
      };
      const payload = value === null ? undefined : liftFlat(guest, coerced, value);
      for (const rest of have) next(rest);
      return caseAsHost(type, name, payload);
    }
    case 'flags': {
      let bits = 0n;
      for (let word = 0; word < Math.ceil(simple.labels.length / 32); word += 1) bits |= (next('i32') as bigint) << BigInt(32 * word);
      return Object.fromEntries(simple.labels.map((label, index) => [label, ((bits >> BigInt(index)) & 1n) === 1n]));
    }
    case 'f32':
    case 'f64':
      return next(simple.kind);
    case 's64':
    case 'u64':
      return fromInt(guest, simple, next('i64') as bigint);
    default:
      return fromInt(guest, simple, next('i32') as bigint);
  }
}

export function lowerFlat(guest: FakeGuest, value: unknown, type: Type): (bigint | number)[] {
  const simple = despecialize(type);
  switch (simple.kind) {
    case 'string':
      return storeString(guest, value as string).map(BigInt);
    case 'list': {
      if (simple.length !== undefined) return [...(value as Iterable<unknown>)].flatMap((item) => lowerFlat(guest, item, simple.element));
      const at = guest.allocate(4, 8);
      store(guest, value, type, at);
      return [loadInt(guest, at, 4), loadInt(guest, at + 4, 4)];
    }
    case 'record':
      return simple.fields.flatMap(([name, field]) => lowerFlat(guest, (value as Record<string, unknown>)[name], field));
    case 'variant': {
      const [which, payload] = matchCase(type, value);
      const want = flattenCases(simple.cases);
      const of = simple.cases[which]![1];
      const have = of === null ? [] : flattenType(of);
      const flat = of === null ? [] : lowerFlat(guest, payload, of);
      flat.forEach((item, index) => {
        if (have[index] === want[index]) return;
        if (have[index] === 'f32') flat[index] = floatToInt(item as number, 4);
        else if (have[index] === 'f64') flat[index] = floatToInt(item as number, 8);
      });
      for (const rest of want.slice(flat.length)) flat.push(rest.startsWith('i') ? 0n : 0);
      return [BigInt(which), ...flat];
    }
    case 'flags': {
      const bits = flagBits(value, simple.labels);
      return Array.from({ length: Math.ceil(simple.labels.length / 32) }, (_, word) => BigInt.asUintN(32, bits >> BigInt(32 * word)));
    }
    case 'f32':
    case 'f64':
      return [value as number];
    case 's64':
      return [BigInt.asUintN(64, value as bigint)];
    case 'u64':
      return [value as bigint];
    default:
      return [BigInt.asUintN(32, toInt(guest, simple, value))];
  }
}

function loadList(guest: FakeGuest, pointer: number, length: number, element: Type): unknown {
  return packed(
    element,
    Array.from({ length }, (_, index) => load(guest, pointer + index * elemSize(element), element)),
  );
}

// --- what values are to the host (host/component/host.ts)

function packed(element: Type, items: unknown[]): unknown {
  return element.kind === 'u8' ? Uint8Array.from(items as number[]) : items;
}

function asHost(type: Type, fields: readonly (readonly [string, unknown])[]): unknown {
  return type.kind === 'tuple' ? fields.map(([, value]) => value) : Object.fromEntries(fields);
}

function caseAsHost(type: Type, name: string, value: unknown): unknown {
  if (type.kind === 'enum') return name;
  if (type.kind === 'option' && type.some.kind !== 'option') return value;
  return { tag: name, val: value };
}

function matchCase(type: Type, value: unknown): [which: number, value: unknown] {
  if (type.kind === 'option' && type.some.kind !== 'option') return value === undefined ? [0, undefined] : [1, value];
  const simple = despecialize(type) as { cases: readonly (readonly [string, Type | null])[] };
  const { tag, val } = type.kind === 'enum' ? { tag: value as string, val: undefined } : (value as { tag: string; val: unknown });
  return [simple.cases.findIndex(([name]) => name === tag), val];
}
