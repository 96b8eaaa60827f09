import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { policyWat } from '../policy-wat.ts';

// Makes the bundle of README.md without opa: what has a reason is allowed, and all else is not, for lack of one.
const NO = JSON.stringify([{ result: ['An alias moves with a reason.'] }]);
const dir = mkdtempSync(join(tmpdir(), 'brink-policy-'));
writeFileSync(join(dir, 'policy.wasm'), await policyWat({ 'brink/deny': { inputHas: '"reason":"', otherwise: NO } }));
spawnSync('tar', ['-czf', resolve(process.argv[2]!), '-C', dir, './policy.wasm']);
rmSync(dir, { recursive: true });
