import { writeSync } from 'node:fs';
import { openSql } from '../../host/platforms/node/sql.ts';
import { Registry } from '../../host/registry/registry.ts';
import { createKeyring } from '../../host/secrets/keyring.ts';
import { createSqlBlobs, createSqlStore } from '../../host/stores/sql.ts';

/** Sets, removes and rotates for ever; a line before each change, and one after it. */
export interface Line {
  readonly done: boolean;
  /** What the secrets are after the change. */
  readonly values: Readonly<Record<string, string>>;
}

const [path, round] = process.argv.slice(2) as [string, string];
const sql = openSql(path);
const stores = { store: createSqlStore(sql, Date.now), blobs: createSqlBlobs(sql), now: Date.now };
const keys = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const rings = [keys, keys.toReversed()].map((given) => new Registry({ ...stores, keyring: createKeyring(() => given) }));
const record = await rings[0]!.find('fn');
const values = { ...(record && (await rings[0]!.secrets.valuesOf(record))) };

for (let step = 0; ; step++) {
  const { secrets } = rings[step % 2]!;
  const name = `S${step % 5}`;
  if (step % 7 === 6) await secrets.rotate();
  else if (step % 3 === 2 && name in values) {
    tell({ done: false, values: without(values, name) });
    await secrets.remove('fn', name);
    delete values[name];
  } else {
    const changed = { [name]: `${round}/${step}`, PAIR: `${round}/${step}` };
    tell({ done: false, values: { ...values, ...changed } });
    await secrets.change('fn', new Map(Object.entries(changed)));
    Object.assign(values, changed);
  }
  tell({ done: true, values });
}

function without(all: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([each]) => each !== name));
}

function tell(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
