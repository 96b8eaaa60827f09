import { addressOf, contains, kindOf, rangeOf, type Address, type AddressKind, type AddressRange } from '../address.ts';
import type { ShadowOutbound } from '../registry/shadow-record.ts';
import { isAllowed } from './allowed-host.ts';

export interface EgressRules {
  /** The hosts that the manifest names; null: any. */
  readonly outbound: readonly string[] | null;
  /** What the host opens besides public addresses: names, addresses and ranges of them. */
  readonly open: readonly string[];
  /** What a shadow may call; not there where it is none. */
  readonly shadow?: ShadowOutbound | undefined;
}

/** Where a function's connections may lead. Both checks belong to one connection: the name alone says little. */
export interface Egress {
  /** Before it is looked up. @throws {EgressDenied} */
  checkHost(hostname: string): void;
  /** What it was looked up to be, and is connected to. @throws {EgressDenied} */
  checkAddress(hostname: string, address: string): void;
  /** Of a request to a host; a connection that is none has no method. @throws {EgressDenied} */
  checkMethod(hostname: string, method: string | null): void;
}

/** Why a connection is not made: `outbound` is the manifest's rule, a kind of address the host's. */
export type EgressRule = 'outbound' | 'socket-file' | 'shadow' | AddressKind;

/** What `fetch` rejects with. */
export class EgressDenied extends TypeError {
  readonly code = 'egress-denied';
  readonly host: string;
  readonly rule: EgressRule;

  constructor(host: string, rule: EgressRule, why: string) {
    super(`A connection to ${host} is not allowed: ${why}`);
    this.host = host;
    this.rule = rule;
  }
}

const LOOPBACK: readonly Address[] = [addressOf('127.0.0.1')!, addressOf('::1')!];

/** RFC 9110, section 9.2.1. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function createEgress({ outbound, open, shadow }: EgressRules): Egress {
  const ranges = open.map(rangeOf).filter((range): range is AddressRange => range !== null);
  const names = open.filter((entry) => rangeOf(entry) === null).map((name) => name.toLowerCase());

  const isOpen = (host: string, address: Address) => isAllowed(names, host) || ranges.some((range) => contains(range, address));

  return {
    checkHost(hostname) {
      const host = plain(hostname);
      if (outbound !== null && !isAllowed(outbound, hostname))
        throw new EgressDenied(host, 'outbound', `capabilities.outbound of this function names ${outbound.join(', ') || 'no host'}.`);
      const address = addressOf(host);
      if (address !== null) this.checkAddress(hostname, host);
      // RFC 6761, section 6.3: whatever a resolver says.
      else if (isLocalhost(host) && !LOOPBACK.some((each) => isOpen(host, each))) throw refusal(host, 'loopback');
    },
    checkMethod(hostname, method) {
      if (shadow === undefined || shadow === 'all') return;
      if (shadow === 'safe' && method !== null && SAFE.has(method)) return;
      const what = shadow === 'none' ? 'a shadow calls nobody' : 'a shadow makes GET, HEAD and OPTIONS requests alone';
      throw new EgressDenied(plain(hostname), 'shadow', `${what} (--outbound ${shadow}).`);
    },
    checkAddress(hostname, text) {
      const host = plain(hostname);
      const address = addressOf(text);
      const kind = address === null ? 'reserved' : kindOf(address);
      if (kind === 'public' || (address !== null && isOpen(host, address))) return;
      throw refusal(host, kind);
    },
  };
}

/** Whether the host can open it to functions: `10.0.0.0/8`, `::1`, `db.internal`, `*.internal`. */
export function isOpening(text: string): boolean {
  return rangeOf(text) !== null || /^(?:\*\.)?(?=.*[a-z])[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?$/i.test(text);
}

function refusal(host: string, kind: AddressKind): EgressDenied {
  const way = `The host opens it to functions with --allow-private ${host}.`;
  return new EgressDenied(host, kind, `its address is ${kind}, and this host's functions reach public ones. ${way}`);
}

/** Without brackets, and without the dot that makes a name absolute: it is the same host. */
function plain(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}
