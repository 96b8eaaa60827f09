import type { Socket } from 'node:net';
import type { NodeRaw } from './call.ts';

const CURRENT = Symbol('the latest request');
const OVER = Symbol('over');

interface OfConnection extends Socket {
  [CURRENT]?: NodeRaw | undefined;
  [OVER]?: true;
}

/** A request was refused: nothing that follows on its connection is a request. */
export function endAfter(socket: Socket): void {
  (socket as OfConnection)[OVER] = true;
}

export function isOver(socket: Socket): boolean {
  return (socket as OfConnection)[OVER] !== undefined;
}

/** What an HTTP/1.1 connection is busy with: a property of it, since a map would cost every request a look-up. */
export function begin(raw: NodeRaw): void {
  (raw.incoming.socket as OfConnection)[CURRENT] = raw;
}

/** An idle connection keeps nothing of its last request. */
export function end(raw: NodeRaw): void {
  const socket = raw.incoming.socket as OfConnection;
  if (socket[CURRENT] === raw) socket[CURRENT] = undefined;
}

/** The request that came last, if its answer has not left yet. */
export function currentOf(socket: Socket): NodeRaw | undefined {
  const raw = (socket as OfConnection)[CURRENT];
  return raw === undefined || raw.outgoing.writableFinished ? undefined : raw;
}
