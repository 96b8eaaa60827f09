import type { GatewayResult, RevisionResult } from './gateway.ts';
import { preconditions, segment, withBody, type SendOptions } from './request.ts';

export interface RulesRequest {
  /** The revision that the rules must have; 0: there must never have been any. */
  readonly ifRevision?: number | undefined;
}

/** The part of the client for gateway rules. `name` is a function, or null: what stands before all functions of the host. */
export function gatewayClient(call: <Result>(method: string, path: string, init?: SendOptions) => Promise<Result>) {
  const path = (name: string | null) => (name === null ? '/gateway' : `/functions/${segment(name)}/gateway`);
  return {
    gateway: (name: string | null, revision?: number) =>
      call<GatewayResult>('GET', revision === undefined ? path(name) : `${path(name)}/revisions/${revision}`),
    /** @throws {BrinkError} `manifest-invalid`, `manifest-unknown-key`, `rules-conflict` */
    putGateway: (name: string | null, gateway: readonly unknown[], { ifRevision }: RulesRequest = {}) =>
      call<GatewayResult>('PUT', path(name), withBody({ gateway }, preconditions(ifRevision))),
    removeGateway: (name: string | null, { ifRevision }: RulesRequest = {}) =>
      call<GatewayResult>('DELETE', path(name), { headers: preconditions(ifRevision) }),
    /** To the revision before, or to this one. @throws {BrinkError} `revision-not-found`, `rules-conflict` */
    rollbackGateway: (name: string | null, { to, ifRevision }: RulesRequest & { readonly to?: number | undefined } = {}) =>
      call<GatewayResult>('POST', `${path(name)}/rollback`, withBody(to === undefined ? {} : { to }, preconditions(ifRevision))),
    /** The newest first. */
    gatewayHistory: async (name: string | null) =>
      (await call<{ revisions: RevisionResult[] }>('GET', `${path(name)}/revisions`)).revisions,
  };
}
