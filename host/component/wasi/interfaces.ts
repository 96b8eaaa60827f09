import { blobstore } from './blobstore/blobstore.ts';
import { container } from './blobstore/container.ts';
import { types as blobTypes } from './blobstore/values.ts';
import * as clocks2 from './clocks/clocks-0.2.ts';
import * as clocks3 from './clocks/clocks-0.3.ts';
import { environment2, environment3 } from './cli/environment.ts';
import { exit } from './cli/exit.ts';
import * as stdio2 from './cli/stdio-0.2.ts';
import * as stdio3 from './cli/stdio-0.3.ts';
import * as terminals from './cli/terminal.ts';
import { config } from './config/config.ts';
import { preopens } from './filesystem/preopens.ts';
import { filesystemTypes2 } from './filesystem/types-0.2.ts';
import { filesystemTypes3 } from './filesystem/types-0.3.ts';
import { error } from './io/error.ts';
import { poll } from './io/poll.ts';
import { streams } from './io/streams.ts';
import { atomics, atomicsOfDraft1 } from './keyvalue/atomics.ts';
import { batch } from './keyvalue/batch.ts';
import { store, storeOfDraft1 } from './keyvalue/store.ts';
import { outgoingHandler } from './http-0.2/outgoing-handler.ts';
import { types as httpTypes2 } from './http-0.2/types.ts';
import { client, nextHandler } from './http-0.3/client.ts';
import { types as httpTypes3 } from './http-0.3/types.ts';
import { logging } from './logging/logging.ts';
import * as random from './random/random.ts';
import type { Factory } from './settings.ts';
import * as sockets2 from './sockets/sockets-0.2.ts';
import * as sockets3 from './sockets/sockets-0.3.ts';

export interface Interface {
  /** By the version that it is, or by the part of it that says what is compatible: `0.2`. */
  readonly versions: Readonly<Record<string, Factory>>;
  /** The oldest release candidate of 0.3.0 that has the shapes of the release; null where there was none. */
  readonly firstCandidate: string | null;
}

type Generations = Readonly<Record<string, Factory>>;

/** All that this host has, by interface without version. */
export const INTERFACES: Readonly<Record<string, Interface>> = {
  ...since('rc-2026-01-06', {
    'wasi:cli/environment': { '0.2': environment2, '0.3': environment3 },
    'wasi:cli/exit': both(exit),
    'wasi:cli/terminal-input': both(terminals.terminal),
    'wasi:cli/terminal-output': both(terminals.terminal),
    'wasi:cli/terminal-stdin': both(terminals.terminalStdin),
    'wasi:cli/terminal-stdout': both(terminals.terminalStdout),
    'wasi:cli/terminal-stderr': both(terminals.terminalStderr),
    'wasi:clocks/monotonic-clock': { '0.2': clocks2.monotonicClock, '0.3': clocks3.monotonicClock },
    'wasi:clocks/system-clock': { '0.3': clocks3.systemClock },
    'wasi:clocks/wall-clock': { '0.2': clocks2.wallClock },
    'wasi:clocks/timezone': { '0.2': clocks2.timezoneClock, '0.3': clocks3.timezoneClock },
    'wasi:clocks/types': { '0.3': clocks3.types },
    'wasi:http/client': { '0.3': client },
    'wasi:http/handler': { '0.3': nextHandler },
    'wasi:http/outgoing-handler': { '0.2': outgoingHandler },
    'wasi:http/types': { '0.2': httpTypes2, '0.3': httpTypes3 },
    'wasi:random/random': { '0.2': random.random2, '0.3': random.random3 },
    'wasi:random/insecure': { '0.2': random.insecureRandom2, '0.3': random.insecureRandom3 },
    'wasi:random/insecure-seed': { '0.2': random.insecureSeed2, '0.3': random.insecureSeed3 },
  }),
  ...since('rc-2026-02-09', {
    'wasi:cli/types': { '0.3': stdio3.types },
    'wasi:cli/stdin': { '0.2': stdio2.stdin, '0.3': stdio3.stdin },
    'wasi:cli/stdout': { '0.2': stdio2.stdout, '0.3': stdio3.stdout },
    'wasi:cli/stderr': { '0.2': stdio2.stderr, '0.3': stdio3.stderr },
  }),
  ...since('rc-2026-03-15', {
    'wasi:io/error': { '0.2': error },
    'wasi:io/poll': { '0.2': poll },
    'wasi:io/streams': { '0.2': streams },
    'wasi:filesystem/types': { '0.2': filesystemTypes2, '0.3': filesystemTypes3 },
    'wasi:filesystem/preopens': both(preopens),
    'wasi:sockets/types': { '0.3': sockets3.types },
    'wasi:sockets/ip-name-lookup': { '0.2': sockets2.ipNameLookup, '0.3': sockets3.ipNameLookup },
    'wasi:sockets/network': { '0.2': sockets2.network },
    'wasi:sockets/instance-network': { '0.2': sockets2.instanceNetwork },
    'wasi:sockets/tcp': { '0.2': sockets2.tcp },
    'wasi:sockets/tcp-create-socket': { '0.2': sockets2.tcpCreateSocket },
    'wasi:sockets/udp': { '0.2': sockets2.udp },
    'wasi:sockets/udp-create-socket': { '0.2': sockets2.udpCreateSocket },
    'wasi:config/store': { '0.2.0-draft': config, '0.2.0-rc.1': config, '0.2': config },
    'wasi:config/runtime': { '0.2.0-draft': config },
    'wasi:keyvalue/store': { '0.2.0-draft': storeOfDraft1, '0.2.0-draft2': store },
    'wasi:keyvalue/atomics': { '0.2.0-draft': atomicsOfDraft1, '0.2.0-draft2': atomics },
    'wasi:keyvalue/batch': { '0.2.0-draft': batch, '0.2.0-draft2': batch },
    'wasi:blobstore/blobstore': { '0.2.0-draft': blobstore },
    'wasi:blobstore/container': { '0.2.0-draft': container },
    'wasi:blobstore/types': { '0.2.0-draft': blobTypes },
    'wasi:logging/logging': { '0.1.0-draft': logging },
  }),
};

function both(factory: Factory): Generations {
  return { '0.2': factory, '0.3': factory };
}

function since(firstCandidate: string, interfaces: Readonly<Record<string, Generations>>): Record<string, Interface> {
  return Object.fromEntries(Object.entries(interfaces).map(([name, versions]) => [name, { versions, firstCandidate }]));
}
