import { list, option, record, t, type Type } from '../abi/types.ts';

/** How a call ended: with a value, or with a trap. */
export type End = { readonly value: unknown } | { readonly trap: string };

/** Where jco does something else, and why we do not. Each has an example, which says when jco has changed. */
export interface Deviation {
  readonly reason: string;
  /** What it is told apart by: the message of a trap; null is a value. */
  readonly ours: RegExp | null;
  readonly jcos: RegExp | null | 'anything';
  readonly example: { readonly type: Type; readonly call: 'call' | 'raw'; readonly argument: unknown };
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    reason:
      'jco refuses numbers of 8 and 16 bits with more bits set; the canonical ABI takes the lowest (lift_flat_unsigned, lift_flat_signed)',
    ours: null,
    jcos: /must be between/,
    example: { type: t('s8'), call: 'raw', argument: Uint8Array.of(128) },
  },
  {
    reason: 'jco refuses booleans other than 0 and 1; the canonical ABI takes them for true (convert_int_to_bool)',
    ours: null,
    jcos: /invalid variant discriminant for bool/,
    example: { type: t('bool'), call: 'raw', argument: Uint8Array.of(2) },
  },
  {
    reason: 'jco refuses flags that do not exist; the canonical ABI ignores them (unpack_flags_from_int)',
    ours: null,
    jcos: /flags have extraneous bits set/,
    example: { type: { kind: 'flags', labels: ['a'] }, call: 'raw', argument: Uint8Array.of(3) },
  },
  {
    reason: 'jco cuts off a list of numbers that runs past the end of memory; the canonical ABI traps (load_list_from_range)',
    ours: /^(A pointer of the guest is out of range|A list of the guest is longer)/,
    jcos: null,
    example: { type: list(t('u16')), call: 'raw', argument: Uint8Array.of(0, 0, 1, 0, 3, 0, 0, 0) },
  },
  {
    reason: 'jco puts U+FFFD where a string is not valid; the canonical ABI traps (load_string_from_range)',
    ours: /^A string of the guest is not valid/,
    jcos: null,
    // The bytes themselves are at 16384, and the string is the first of them.
    example: { type: record({ a: t('string'), b: t('u8') }), call: 'raw', argument: Uint8Array.of(8, 64, 0, 0, 1, 0, 0, 0, 255, 0, 0, 0) },
  },
  {
    reason: 'jco takes an option in an option in an option for one that is nested once less, and cannot hand it on',
    ours: null,
    jcos: 'anything',
    example: { type: option(option(option(t('u64')))), call: 'call', argument: { tag: 'some', val: { tag: 'none' } } },
  },
];

export function deviates({ ours, jcos }: Deviation, ends: { ours: End; jcos: End; type: Type }): boolean {
  if (jcos === 'anything') return hasDeepOption(ends.type);
  return matches(ours, ends.ours) && matches(jcos, ends.jcos);
}

function matches(pattern: RegExp | null, end: End): boolean {
  return 'trap' in end ? pattern !== null && pattern.test(end.trap) : pattern === null;
}

function hasDeepOption(type: Type): boolean {
  if (type.kind === 'option' && type.some.kind === 'option' && type.some.some.kind === 'option') return true;
  const parts = Object.values(type).flat(2) as unknown[];
  return parts.some((part) => part !== null && typeof part === 'object' && 'kind' in part && hasDeepOption(part as Type));
}
