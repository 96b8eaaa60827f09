import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClientAddress } from '../../gateway/client-address.ts';
import type { ClientCertificate, Connection } from '../../platform.ts';
import { altNames } from './alt-names.ts';
import type { NodeRaw } from './call.ts';
import { brokeOff, hasGone } from './gone.ts';
import { headerLinesOf } from './http2.ts';
import { interimOf, type NodeInterim } from './interim.ts';

export class NodeConnection implements Connection {
  readonly address: string | null;
  readonly rawHeaders: readonly string[];
  readonly raw: NodeRaw;

  /** @param clientOf whose request it is, where proxies may stand before the host */
  constructor(raw: NodeRaw, clientOf?: ClientAddress) {
    const peer = raw.incoming.socket.remoteAddress ?? null;
    this.address = clientOf === undefined ? peer : clientOf(peer, (name) => valueOf(raw, name));
    this.rawHeaders = headerLinesOf(raw.incoming);
    this.raw = raw;
  }

  certificate(): ClientCertificate | null {
    const socket = this.raw.incoming.socket as Socket & Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;
    // One that nobody vouches for has no connection; and none is asked for without someone who could.
    const shown = socket.authorized === true ? socket.getPeerX509Certificate!() : undefined;
    if (shown === undefined) return null;
    const uri = altNames(shown.subjectAltName).find(([kind]) => kind === 'URI');
    return {
      uri: uri === undefined ? null : uri[1],
      subject: shown.subject?.split('\n').reverse().join(',') ?? '',
      fingerprint: shown.fingerprint256.replaceAll(':', '').toLowerCase(),
    };
  }

  get signal(): AbortSignal {
    const { raw } = this;
    if (hasGone(raw)) return AbortSignal.abort();
    const controller = new AbortController();
    // Before it is a call: one that only ends its side gets its refusal, and most have gone.
    raw.call ??= { left: () => controller.abort() };
    raw.outgoing.once('close', () => {
      if (!raw.outgoing.writableFinished || brokeOff(raw)) controller.abort();
    });
    return controller.signal;
  }

  get interim(): NodeInterim | undefined {
    return interimOf(this.raw);
  }
}

function valueOf({ incoming }: NodeRaw, name: string): string | null {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}
