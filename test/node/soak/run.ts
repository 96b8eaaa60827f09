import process from 'node:process';
import { parseArgs } from 'node:util';
import { faultsOf, soak } from './soak.ts';

/** `npm run soak -- --seconds 120 --seed 7`: half an hour without it. Threads live long enough between two kills for no boot loop. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1800' },
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '4000' },
  },
});
const report = await soak({ seconds: Number(values.seconds), seed: Number(values.seed), kills: Number(values.kills) });
console.log(JSON.stringify(report, null, 2));
const faults = faultsOf(report);
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
