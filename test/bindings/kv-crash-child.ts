import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { work } from './kv-crash-work.ts';
import { namespaceOn } from './kv.ts';

const [path, round] = process.argv.slice(2) as [string, string];
await work(namespaceOn(createSqlStore(openSql(path), Date.now, 'binding'), Date.now), Number(round));
