import { work } from '../bindings/r2-crash-work.ts';
import { bucketOn } from '../bindings/r2.ts';
import { openOn } from './state.ts';

const [url, prefix, round] = process.argv.slice(2) as [string, string, string];
await work(bucketOn((await openOn(url, { prefix })).objects), Number(round));
