/** `{version}-{trace-id}-{parent-id}-{flags}`: version 00 ends there, a newer one may go on. W3C Trace Context, sections 3.2 and 4.3. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** The flags that version 00 knows: sampled, and random trace-id. Section 3.2.2.5. */
const KNOWN_FLAGS = 0b11;

/**
 * The trace context of one invocation: the caller's trace if it names one, with a parent-id of our own.
 *
 * That parent-id also says how many invocations this one lies inside of, whatever they went through to call one another: four
 * bytes of chance, three that are made of those and the trace-id, and the depth. By the three, what another tracer wrote is
 * told from what a host of ours did: one of theirs in 16 million looks as if it were.
 */
export function nextTraceparent(incoming: string | null, random: () => number): string {
  const parent = incoming === null ? null : TRACEPARENT.exec(incoming);
  if (parent === null || (parent[1] === '00' && parent[5] !== undefined)) {
    const low = Math.floor(random() * 0x1_0000_0000);
    return `00-${hex16(random)}${hex8(Math.floor(random() * 0x1_0000_0000))}${hex8(low)}-${parentId(low, 0, random)}-00`;
  }
  const trace = parent[2]!;
  const low = parseInt(trace.slice(24), 16);
  const depth = depthIn(low, parent[3]!);
  return `00-${trace}-${parentId(low, depth === null ? 0 : depth + 1, random)}-0${parseInt(parent[4]!, 16) & KNOWN_FLAGS}`;
}

/** How many invocations that of a `nextTraceparent` lies inside of. */
export function depthOf(traceparent: string): number {
  return parseInt(traceparent.slice(50, 52), 16);
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The parent-id, which is also the name of the invocation in logs. */
export function requestIdOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

/** @param low the last four bytes of the trace-id */
function parentId(low: number, depth: number, random: () => number): string {
  const chance = 1 + Math.floor(random() * 0xffff_ffff);
  return hex8(chance) + hex8(tagOf(low, chance) * 256 + Math.min(depth, 255));
}

/** Null: no host of ours wrote it. */
function depthIn(low: number, parent: string): number | null {
  const said = parseInt(parent.slice(8), 16);
  return said >>> 8 === tagOf(low, parseInt(parent.slice(0, 8), 16)) ? said & 255 : null;
}

/** 24 bits of what was given, mixed as in MurmurHash3's end. */
function tagOf(low: number, chance: number): number {
  let mixed = low ^ chance;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 8;
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 16 hex digits, never all zero. */
function hex16(random: () => number): string {
  return hex8(1 + Math.floor(random() * 0xffff_ffff)) + hex8(Math.floor(random() * 0x1_0000_0000));
}

function hex8(value: number): string {
  return BYTES[value >>> 24]! + BYTES[(value >>> 16) & 255]! + BYTES[(value >>> 8) & 255]! + BYTES[value & 255]!;
}
