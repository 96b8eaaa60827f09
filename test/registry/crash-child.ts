import { writeSync } from 'node:fs';
import { openSql } from '../../host/platforms/node/sql.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';
import { artifactBytes } from './crash-artifact.ts';

/** One line for each thing that was done, written before the next begins. `removing` alone comes before its deed. */
export type Line =
  | { readonly done: 'published'; readonly name: string; readonly number: number; readonly digest: string }
  | {
      readonly done: 'moved';
      readonly name: string;
      readonly alias: string;
      readonly revision: number;
      readonly versions: readonly number[];
    }
  | { readonly done: 'removing'; readonly name: string; readonly number: number };

const [path, round] = process.argv.slice(2) as [string, string];
const sql = openSql(path);
const registry = new Registry({ store: createSqlStore(sql, Date.now), blobs: createSqlBlobs(sql), now: Date.now });

for (let step = 0; ; step++) {
  const name = `fn-${step % 2}`;
  const bytes = artifactBytes(name, `${round}/${step}`, step % 5 === 4 ? 2_500_000 : 1_000);
  const { version } = await registry.publish(name, bytes, { probe: async () => ['fetch'], ...(step % 3 === 0 && { alias: 'live' }) });
  tell({ done: 'published', name, number: version.number, digest: version.digest });
  const { versions, aliases } = await registry.get(name);
  const pair = versions.slice(-2).map(({ number }) => ({ version: number, weight: 100 / Math.min(2, versions.length) }));
  const alias = step % 4 < 2 ? 'live' : 'next';
  const moved = await registry.moveAlias(name, alias, { versions: pair, ifRevision: aliases[alias]?.revision ?? 0 });
  tell({ done: 'moved', name, alias, revision: moved.revision, versions: moved.versions.map((each) => each.version) });
  const used = Object.values((await registry.get(name)).aliases).flatMap((each) => each.versions.map((target) => target.version));
  const old = versions.find(({ number }) => versions.length > 6 && !used.includes(number));
  if (old) {
    tell({ done: 'removing', name, number: old.number });
    await registry.removeVersion(name, old.number);
  }
}

function tell(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
