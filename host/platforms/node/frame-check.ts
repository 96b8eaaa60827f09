import { isFailureCode } from '../../cell/failure.ts';
import { MAX_ARGS, MAX_WHOLE } from '../../bindings/binding.ts';
import { isSaid } from '../../bindings/queues/said.ts';
import { PIECE, type BodyFrame, type FromCell } from './frames.ts';

/** Characters of a binding's name, and of a method's. */
const MAX_NAME = 128;
/** Characters of what comes before a response. */
const MAX_INTERIM = 16_384;
/** Why a message was refused. */
const MAX_REASON = 1_000;

type Check = (frame: readonly unknown[]) => boolean;

/** A function shares its thread with our code there and can bend it: what a cell says is looked at before it is used. */
export function isFromCell(frame: unknown): frame is FromCell {
  if (!Array.isArray(frame) || typeof frame[0] !== 'string') return false;
  const check = Object.hasOwn(CHECKS, frame[0]) ? CHECKS[frame[0] as FromCell[0]] : undefined;
  return check !== undefined && check(frame);
}

const CHECKS: Readonly<Record<FromCell[0], Check>> = {
  ready: ([, handlers]) => isLines(handlers),
  'start-failed': ([, error]) => isThrown(error),
  response: ([, id, status, headers, body, settled, statusText]) =>
    isNumber(id) &&
    isStatus(status) &&
    isLines(headers) &&
    headers.length % 2 === 0 &&
    isReplyBody(body) &&
    typeof settled === 'boolean' &&
    typeof statusText === 'string',
  interim: ([, id, status, headers]) =>
    isNumber(id) && isNumber(status) && status >= 102 && status <= 199 && isLines(headers) && isShort(headers),
  'scheduled-done': ([, id, noRetry]) => isNumber(id) && typeof noRetry === 'boolean',
  'email-done': ([, id, rejected]) =>
    isNumber(id) && (rejected === null || (typeof rejected === 'string' && rejected.length <= MAX_REASON)),
  said: ([, id, said]) => isNumber(id) && isSaid(said),
  'rpc-done': ([, id]) => isNumber(id),
  failed: ([, id, code, error]) => isNumber(id) && isFailureCode(code) && isThrown(error),
  settled: ([, id]) => isNumber(id),
  console: ([, level, message, requestId]) => isLevel(level) && typeof message === 'string' && isRequestId(requestId),
  exception: ([, error, requestId]) => isThrown(error) && isRequestId(requestId),
  chunk: ([, id, bytes]) => isNumber(id) && bytes instanceof Uint8Array,
  end: ([, id]) => isNumber(id),
  error: ([, id, message]) => isNumber(id) && typeof message === 'string',
  credit: ([, id, bytes]) => isNumber(id) && isNumber(bytes),
  cancel: ([, id]) => isNumber(id),
  message: ([, id, data]) => isNumber(id) && (typeof data === 'string' || data instanceof Uint8Array),
  close: ([, id, code, reason]) => isNumber(id) && isNumber(code) && typeof reason === 'string',
  call: ([, id, invocation, binding, method, args, body]) =>
    isNumber(id) &&
    isNumber(invocation) &&
    isText(binding, MAX_NAME) &&
    isText(method, MAX_NAME) &&
    isText(args, MAX_ARGS) &&
    (body === null || body === true || isBytes(body, MAX_WHOLE)),
  value: ([, frame]) => Array.isArray(frame) && isBodyFrame(frame),
  abort: ([, id]) => isNumber(id),
  pong: () => true,
  collected: () => true,
};

const BODY_FRAMES: ReadonlySet<unknown> = new Set<BodyFrame[0]>(['chunk', 'end', 'error', 'credit', 'cancel']);

function isBodyFrame(frame: readonly unknown[]): boolean {
  if (!BODY_FRAMES.has(frame[0]) || !CHECKS[frame[0] as BodyFrame[0]](frame)) return false;
  return frame[0] !== 'chunk' || (frame[2] as Uint8Array).byteLength <= PIECE;
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

function isBytes(value: unknown, most: number): boolean {
  return value instanceof Uint8Array && value.byteLength <= most;
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isStatus(value: unknown): boolean {
  return isNumber(value) && (value === 101 || (value >= 200 && value <= 599));
}

function isLines(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  for (const line of value) if (typeof line !== 'string') return false;
  return true;
}

/** Pairs, as long together as lines of an interim response may be. */
function isShort(lines: readonly string[]): boolean {
  let left = MAX_INTERIM;
  for (const line of lines) left -= line.length;
  return left >= 0 && lines.length % 2 === 0;
}

function isReplyBody(value: unknown): boolean {
  if (value === null || value === true || typeof value === 'string' || value instanceof Uint8Array) return true;
  if (typeof value !== 'object' || !('socket' in value)) return false;
  return value.socket === null || typeof value.socket === 'string';
}

function isThrown(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    'stack' in value &&
    typeof value.message === 'string' &&
    typeof value.stack === 'string'
  );
}

function isLevel(value: unknown): boolean {
  return value === 'debug' || value === 'log' || value === 'info' || value === 'warn' || value === 'error';
}

function isRequestId(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^[0-9a-f]{16}$/.test(value));
}
