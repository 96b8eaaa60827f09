import { jsonLine } from '../../../host/observe/json-line.ts';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { ECHO, functionOf, HELLO } from './functions.ts';

/** Brink on Node as `brink serve` starts it, log lines included. */
let lines = 0;
const { url, token } = await startNode({ port: 0, state: null, onEvent: (event) => void (lines += jsonLine(event).length) });
const admin = createAdminClient({ url, token });
await admin.publish('hello', encodeArtifact(functionOf('hello', HELLO)));
await admin.publish('echo', encodeArtifact(functionOf('echo', ECHO)));
process.send!({ port: Number(new URL(url).port), token });
