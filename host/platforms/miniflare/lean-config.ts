import { CapnpMessage, type Struct } from './capnp-message.ts';

/**
 * Services that Miniflare starts for its own door, its explorer and a mailbox. Clients come in by a socket of the host's, so
 * these would be isolates that nobody calls, and a fifth of what a runtime's start takes.
 */
export const UNUSED: ReadonlySet<string> = new Set(['core:entry', 'MINIFLARE_DEV_CONTROL', 'r2:public', 'email:store', 'email:store-disk']);

/** Pointers of the structs in workerd.capnp, by number. */
const CONFIG = { services: 0, sockets: 1 } as const;
const SERVICE = { name: 0 } as const;
const SOCKET = { service: 4 } as const;
const DESIGNATOR = { name: 0 } as const;

/**
 * A config of workerd without some services, which none but one another and sockets may name: each worker is an isolate, with
 * code to read, that a runtime starts before it listens. Sockets that lead there lead where the others do.
 *
 * @param config as `workerd serve --binary` reads it
 * @throws {RangeError} where it is no such message
 */
export function withoutServices(config: Uint8Array, names: ReadonlySet<string>): Uint8Array {
  const message = new CapnpMessage(new Uint8Array(config));
  const root = message.root();
  const sockets = message.structs(message.pointerOf(root, CONFIG.sockets));
  const leadsThere = (socket: Struct) =>
    names.has(message.textOf(message.pointerOf(message.struct(message.pointerOf(socket, SOCKET.service)), DESIGNATOR.name)));
  const other = sockets.find((socket) => !leadsThere(socket));
  if (other === undefined) return config;
  for (const socket of sockets.filter(leadsThere)) {
    message.copyPointer(message.pointerOf(other, SOCKET.service), message.pointerOf(socket, SOCKET.service));
  }
  message.filter(message.pointerOf(root, CONFIG.services), (service) => !names.has(nameOf(message, service)));
  return message.bytes;
}

export function serviceNames(config: Uint8Array): string[] {
  const message = new CapnpMessage(config);
  return message.structs(message.pointerOf(message.root(), CONFIG.services)).map((service) => nameOf(message, service));
}

function nameOf(message: CapnpMessage, service: Struct): string {
  return message.textOf(message.pointerOf(service, SERVICE.name));
}
