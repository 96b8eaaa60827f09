import { preconditions, segment, withBody, type Call } from './request.ts';
import type { FreezeAsked, FreezeResult, MoveResult, ReleaseAsked, ReleaseResult } from '../schemas/releases.ts';
import type { ShadowAsked, ShadowReported, ShadowResult } from '../schemas/shadows.ts';

/** The part of the client for how versions take aliases over: releases, shadows, freezes and the history. */
export function releasesClient(call: Call) {
  return {
    releases: async (name: string) => (await call<{ releases: ReleaseResult[] }>('GET', `/functions/${segment(name)}/releases`)).releases,
    release: (name: string, id: number) => call<ReleaseResult>('GET', `/functions/${segment(name)}/releases/${id}`),
    /** `ifRevision` is that of the alias. */
    askRelease: (name: string, { ifRevision, ...asked }: ReleaseAsked & { readonly ifRevision?: number }) =>
      call<ReleaseResult>('POST', `/functions/${segment(name)}/releases`, withBody(asked, preconditions(ifRevision))),
    shadows: async (name: string) => (await call<{ shadows: ShadowResult[] }>('GET', `/functions/${segment(name)}/shadows`)).shadows,
    shadow: (name: string, id: number) => call<ShadowReported>('GET', `/functions/${segment(name)}/shadows/${id}`),
    startShadow: (name: string, asked: ShadowAsked) => call<ShadowResult>('POST', `/functions/${segment(name)}/shadows`, withBody(asked)),
    stopShadow: (name: string, id: number, ifRevision?: number) =>
      call<ShadowResult>('POST', `/functions/${segment(name)}/shadows/${id}/stop`, { headers: preconditions(ifRevision) }),
    /** `ifRevision` is that of the release. */
    changeRelease: (
      name: string,
      id: number,
      { to, ifRevision }: { readonly to: 'pause' | 'resume' | 'abort'; readonly ifRevision?: number },
    ) => call<ReleaseResult>('POST', `/functions/${segment(name)}/releases/${id}/${to}`, { headers: preconditions(ifRevision) }),
    /** How its aliases were moved, the newest first. */
    history: async (name: string) => (await call<{ moves: MoveResult[] }>('GET', `/functions/${segment(name)}/history`)).moves,
    freezes: async () => (await call<{ freezes: FreezeResult[] }>('GET', '/freezes')).freezes,
    putFreeze: (id: string, freeze: FreezeAsked) => call<FreezeResult>('PUT', `/freezes/${segment(id)}`, withBody(freeze)),
    removeFreeze: (id: string) => call<object>('DELETE', `/freezes/${segment(id)}`),
  };
}
