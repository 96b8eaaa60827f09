import process from 'node:process';
import { parseArgs } from 'node:util';
import { faultsOf, soak } from './soak.ts';

/** `npm run soak -- --seconds 120 --seed 7`: half an hour without it. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1800' }, seed: { type: 'string', default: '1' } } });
const report = await soak({ seconds: Number(values.seconds), seed: Number(values.seed) });
console.log(JSON.stringify(report, null, 2));
const faults = faultsOf(report);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
