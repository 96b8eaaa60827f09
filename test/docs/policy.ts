import { writeFile } from 'node:fs/promises';
import { policyWat } from '../policy-wat.ts';

// Makes the policy of README.md without opa: GET is allowed, and all else is not, for its reason.
const GET = '"method":"GET"';
const NO = { allow: false, reason: 'The ledger is read, and not written.' };

await writeFile(process.argv[2]!, await policyWat({ 'ledger/allow': { inputHas: GET, otherwise: JSON.stringify([{ result: NO }]) } }));
