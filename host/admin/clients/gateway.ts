import { ARTIFACT_MEDIA_TYPE } from '../../registry/media-type.ts';
import type { GatewayResult, RevisionResult } from '../gateway.ts';
import type { PublishPolicyResult } from '../publish-policy.ts';
import { preconditions, segment, withBody, type Call } from './request.ts';

export interface RulesRequest {
  /** The revision that the rules must have; 0: there must never have been any. */
  readonly ifRevision?: number | undefined;
}

/** The part of the client for gateway rules. `name` is a function, or null: what stands before all functions of the host. */
export function gatewayClient(call: Call) {
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
    /** What is asked before something is published. */
    policy: () => call<PublishPolicyResult>('GET', '/publish-policy'),
    /** @param bytes an artifact whose gateway has one policy */
    putPolicy: (bytes: Uint8Array<ArrayBuffer>, { ifRevision }: RulesRequest = {}) =>
      call<PublishPolicyResult>('PUT', '/publish-policy', {
        body: bytes,
        headers: { 'content-type': ARTIFACT_MEDIA_TYPE, ...preconditions(ifRevision) },
      }),
    removePolicy: ({ ifRevision }: RulesRequest = {}) =>
      call<PublishPolicyResult>('DELETE', '/publish-policy', { headers: preconditions(ifRevision) }),
    /** The newest first. */
    gatewayHistory: async (name: string | null) =>
      (await call<{ revisions: RevisionResult[] }>('GET', `${path(name)}/revisions`)).revisions,
  };
}
