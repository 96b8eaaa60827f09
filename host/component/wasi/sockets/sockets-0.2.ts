import type { HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err } from '../values/result.ts';
import { refuseAll } from './refuse.ts';

const DENIED = err('access-denied');

/** The network of an instance that has none. */
class Network {}

const BOTH = [
  'start-bind',
  'finish-bind',
  'local-address',
  'remote-address',
  'address-family',
  'receive-buffer-size',
  'set-receive-buffer-size',
  'send-buffer-size',
  'set-send-buffer-size',
  'subscribe',
];

const tcpInterface = refuseAll(
  'tcp-socket',
  [
    ...BOTH,
    'start-connect',
    'finish-connect',
    'start-listen',
    'finish-listen',
    'accept',
    'is-listening',
    'set-listen-backlog-size',
    'keep-alive-enabled',
    'set-keep-alive-enabled',
    'keep-alive-idle-time',
    'set-keep-alive-idle-time',
    'keep-alive-interval',
    'set-keep-alive-interval',
    'keep-alive-count',
    'set-keep-alive-count',
    'hop-limit',
    'set-hop-limit',
    'shutdown',
  ],
  DENIED,
);

const udpInterface: HostInterface = {
  ...refuseAll('udp-socket', [...BOTH, 'stream', 'unicast-hop-limit', 'set-unicast-hop-limit'], DENIED),
  ...refuseAll('incoming-datagram-stream', ['receive', 'subscribe'], DENIED),
  ...refuseAll('outgoing-datagram-stream', ['check-send', 'send', 'subscribe'], DENIED),
};

const lookup: HostInterface = {
  'resolve-addresses': () => DENIED,
  ...refuseAll('resolve-address-stream', ['resolve-next-address', 'subscribe'], DENIED),
};

export const network: Factory = () => ({ 'network-error-code': () => undefined });
export const instanceNetwork: Factory = () => ({ 'instance-network': () => new Network() });
export const ipNameLookup: Factory = () => lookup;
export const tcp: Factory = () => tcpInterface;
export const udp: Factory = () => udpInterface;
export const tcpCreateSocket: Factory = () => ({ 'create-tcp-socket': () => DENIED });
export const udpCreateSocket: Factory = () => ({ 'create-udp-socket': () => DENIED });
