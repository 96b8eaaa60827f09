import type { HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err } from '../values/result.ts';
import { refuseAll } from './refuse.ts';

/** Of `types` and of `ip-name-lookup`. */
const DENIED = err({ tag: 'access-denied' });

const BOTH = [
  '[static]create',
  'bind',
  'connect',
  'send',
  'receive',
  'get-local-address',
  'get-remote-address',
  'get-address-family',
  'get-receive-buffer-size',
  'set-receive-buffer-size',
  'get-send-buffer-size',
  'set-send-buffer-size',
];

const TCP = [
  'listen',
  'get-is-listening',
  'set-listen-backlog-size',
  'get-keep-alive-enabled',
  'set-keep-alive-enabled',
  'get-keep-alive-idle-time',
  'set-keep-alive-idle-time',
  'get-keep-alive-interval',
  'set-keep-alive-interval',
  'get-keep-alive-count',
  'set-keep-alive-count',
  'get-hop-limit',
  'set-hop-limit',
];

const UDP = ['disconnect', 'get-unicast-hop-limit', 'set-unicast-hop-limit'];

const typesInterface: HostInterface = {
  ...refuseAll('tcp-socket', [...BOTH, ...TCP], DENIED),
  ...refuseAll('udp-socket', [...BOTH, ...UDP], DENIED),
};
const lookup: HostInterface = { 'resolve-addresses': () => DENIED };

export const types: Factory = () => typesInterface;
export const ipNameLookup: Factory = () => lookup;
