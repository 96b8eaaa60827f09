import type { Invocation, LoadedVersion } from './cell.ts';

export interface OwnCall extends Pick<Invocation, 'alias' | 'trigger' | 'traceparent'> {
  /** Of the request; not there where there is none. */
  readonly url?: string;
}

/** Of a call that the host makes by itself: no client is behind it. */
export function ownInvocation(version: LoadedVersion, { alias, trigger, traceparent, url = '' }: OwnCall): Invocation {
  return {
    function: version.function,
    version: version.number,
    alias,
    trigger,
    traceparent,
    url,
    target: url,
    clientAddress: null,
    principal: null,
    rawHeaders: null,
    raw: null,
    service: null,
    waited: 0,
  };
}
