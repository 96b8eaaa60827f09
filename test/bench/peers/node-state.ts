import { jsonLine } from '../../../host/observe/json-line.ts';
import { startNode } from '../../../host/platforms/node/serve.ts';

/** Brink on Node as `brink serve` starts it, with what lies in a state directory. */
let lines = 0;
const { url, token } = await startNode({ port: 0, state: process.argv[2]!, onEvent: (event) => void (lines += jsonLine(event).length) });
process.send!({ port: Number(new URL(url).port), token });
