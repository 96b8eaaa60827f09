import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXCLUSIONS, type Exclusion } from './exclusions.ts';
import { judge, type Verdict } from './outcome.ts';
import { play } from './play.ts';
import { readScript } from './script.ts';

/**
 * Runs the Component Model's own test files from a copy of them: `npm run spec-tests -- DIR [PART OF A FILE'S NAME]`.
 * Exits with 1 where one fails that is not excluded, or an exclusion is not needed.
 */
const [dir, part = ''] = process.argv.slice(2);
if (dir === undefined) {
  console.error('Name the folder `test` of a copy of github.com/WebAssembly/component-model.');
  process.exit(2);
}

const files: string[] = [];
for await (const file of glob('**/*.wast', { cwd: dir })) if (file.includes(part)) files.push(file);
files.sort();
const verdicts: Verdict[] = [];
for (const file of files) {
  const exclusions = EXCLUSIONS.filter((exclusion) => exclusion.file === file);
  const outcomes = await play(readScript(await readFile(join(dir, file), 'utf8')));
  const judged = outcomes.map((outcome) => judge(outcome, exclusions));
  verdicts.push(...judged);
  console.log(`${file}: ${counts(judged)}`);
  for (const { line, kind, failure } of judged.filter(failed)) console.log(`  line ${line}, ${kind}: ${failure}`);
}

const needed = new Map<Exclusion, number>();
for (const { excluded } of verdicts) if (excluded !== null) needed.set(excluded, (needed.get(excluded) ?? 0) + 1);
console.log('\nexcluded');
for (const [{ file, reason }, count] of needed) console.log(`  ${count} of ${file}: ${reason}`);
const unneeded = EXCLUSIONS.filter((exclusion) => files.includes(exclusion.file) && !needed.has(exclusion));
for (const { file, calls, failure } of unneeded) console.log(`  not needed any more: ${file} ${calls?.join() ?? failure ?? ''}`);
console.log(`\n${files.length} files: ${counts(verdicts)}`);
process.exit(files.length === 0 || verdicts.some(failed) || unneeded.length > 0 ? 1 : 0);

function failed({ failure, excluded }: Verdict): boolean {
  return failure !== null && excluded === null;
}

function counts(of: readonly Verdict[]): string {
  const excluded = of.filter((verdict) => verdict.excluded !== null).length;
  const failures = of.filter(failed).length;
  return `${of.length - excluded - failures} passed, ${failures} failed, ${excluded} excluded`;
}
