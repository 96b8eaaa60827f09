import { jsonLine } from '../../../host/observe/json-line.ts';
import { createAdminClient } from '../../../host/admin/client.ts';
import { startMiniflare } from '../../../host/platforms/miniflare/serve.ts';
import { encodeArtifact } from '../../../host/registry/artifact.ts';
import { functionOf, HELLO } from './functions.ts';

/** Brink on workerd as `npm run dev:edge` starts it, log lines included. */
let lines = 0;
const { url, token } = await startMiniflare({ port: 0, state: null, onEvent: (event) => void (lines += jsonLine(event).length) });
const admin = createAdminClient({ url, token });
await admin.publish('hello', encodeArtifact(functionOf('hello', HELLO)));
process.send!({ port: Number(new URL(url).port), token });
