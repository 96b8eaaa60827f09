import type { FieldMatch, GatewayMatch } from '../registry/gateway/match.ts';
import { pathPattern } from '../registry/gateway/path-pattern.ts';
import type { Arrival } from './arrival.ts';
import type { Parameters } from './step.ts';
import { headerOf } from './header-lines.ts';

/** What a block's rules are looked up by. */
export interface Matched {
  readonly method: string;
  /** That which the function sees, in the one spelling that rules go by. */
  readonly path: string;
  /** In lower case, without a port. */
  readonly host: string;
  /** The pattern of the route; null where it came by none. */
  readonly route: string | null;
  header(name: string): string | null;
  parameter(name: string): string | null;
}

/** The same of a request, read once for all blocks. */
export class Subject implements Matched {
  readonly arrival: Arrival;
  #path: string | undefined;
  #host: string | undefined;
  #query: URLSearchParams | undefined;

  constructor(arrival: Arrival) {
    this.arrival = arrival;
  }

  get method(): string {
    return this.arrival.request.method;
  }

  get path(): string {
    return (this.#path ??= normalPath(this.arrival.destination.target));
  }

  get host(): string {
    return (this.#host ??= new URL(this.arrival.request.url).hostname);
  }

  get route(): string | null {
    return this.arrival.destination.route;
  }

  header(name: string): string | null {
    return headerOf(name, this.arrival.request, this.arrival.connection);
  }

  parameter(name: string): string | null {
    return (this.#query ??= new URL(this.arrival.destination.target).searchParams).get(name);
  }
}

/** Whether a request is one of those that a block is about: the parts of its path that the pattern names, or null. */
export type Matcher = (subject: Matched) => Parameters | null;

const NONE: Parameters = Object.freeze({});

export function matcherOf({ path, methods, host, route, headers, query }: GatewayMatch): Matcher {
  const patterns = path?.map((pattern) => pathPattern(pattern));
  const hosts = host?.map(hostTest);
  const fields = [
    ...Object.entries(headers ?? {}).map(
      ([name, wanted]) =>
        (subject: Matched) =>
          fits(subject.header(name), wanted),
    ),
    ...Object.entries(query ?? {}).map(
      ([name, wanted]) =>
        (subject: Matched) =>
          fits(subject.parameter(name), wanted),
    ),
  ];
  return (subject) => {
    if (methods !== undefined && !methods.includes(subject.method)) return null;
    if (route !== undefined && (subject.route === null || !route.includes(subject.route))) return null;
    if (hosts !== undefined && !hosts.some((test) => test(subject.host))) return null;
    for (const field of fields) if (!field(subject)) return null;
    if (patterns === undefined) return NONE;
    for (const pattern of patterns) {
      const found = pattern.match(subject.path);
      if (found !== null) return found;
    }
    return null;
  };
}

function hostTest(host: string): (actual: string) => boolean {
  const suffix = host.startsWith('*.') ? host.slice(1) : null;
  return (actual) => (suffix === null ? actual === host : actual.endsWith(suffix) && actual.length > suffix.length);
}

function fits(value: string | null, wanted: FieldMatch): boolean {
  if (typeof wanted === 'boolean') return (value !== null) === wanted;
  if (value === null) return false;
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
}

/** The unreserved characters, which mean the same percent-encoded. RFC 3986, sections 2.3 and 6.2.2.2. */
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * The path of a URL in the one spelling that rules go by, so that none is passed by another spelling of a path that a function
 * would take for the same: dots are resolved as `URL` does, and characters stand for themselves where they may.
 */
function normalPath(url: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const end = endOfPath(url, start);
  const path = url.slice(start, end);
  // As nearly all are.
  if (/^[A-Za-z0-9_~/,;:@!$&'()*+=-]*$/.test(path)) return path;
  const decoded = path.replace(/%([0-9a-fA-F]{2})/g, (whole, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : whole.toUpperCase();
  });
  return new URL(`http://host${decoded}`).pathname;
}

function endOfPath(url: string, start: number): number {
  for (let index = start; index < url.length; index++) {
    const character = url.charCodeAt(index);
    if (character === 0x3f || character === 0x23) return index;
  }
  return url.length;
}
