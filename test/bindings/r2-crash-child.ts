import { work } from './r2-crash-work.ts';
import { openObjects } from './r2-directory.ts';
import { bucketOn } from './r2.ts';

const [directory, round] = process.argv.slice(2) as [string, string];
await work(bucketOn(openObjects(directory).objects), Number(round));
