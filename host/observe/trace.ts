/** `{version}-{trace-id}-{parent-id}-{flags}`: version 00 ends there, a newer one may go on. W3C Trace Context, sections 3.2 and 4.3. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;
/** The flags that version 00 knows: sampled, and random trace-id. Section 3.2.2.5. */
const KNOWN_FLAGS = 0b11;

/** The trace context of one invocation: the caller's trace if it names one, with a parent-id of our own. */
export function nextTraceparent(incoming: string | null, random: () => number): string {
  const parent = incoming === null ? null : TRACEPARENT.exec(incoming);
  if (parent === null || (parent[1] === '00' && parent[4] !== undefined)) return `00-${hex16(random)}${hex16(random)}-${hex16(random)}-00`;
  return `00-${parent[2]}-${hex16(random)}-0${parseInt(parent[3]!, 16) & KNOWN_FLAGS}`;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The parent-id, which is also the name of the invocation in logs. */
export function requestIdOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** 16 hex digits, never all zero. */
function hex16(random: () => number): string {
  return hex8(1 + Math.floor(random() * 0xffff_ffff)) + hex8(Math.floor(random() * 0x1_0000_0000));
}

function hex8(value: number): string {
  return BYTES[value >>> 24]! + BYTES[(value >>> 16) & 255]! + BYTES[(value >>> 8) & 255]! + BYTES[value & 255]!;
}
