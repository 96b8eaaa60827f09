import { openSql } from '../../host/platforms/node/sql.ts';
import { createSqlStore } from '../../host/stores/sql.ts';
import { schedulesClockSuite } from './schedules-clock-suite.ts';
import { schedulesOn } from './schedules-on.ts';
import { schedulesSuite } from './schedules-suite.ts';

const open = (now: () => number) => {
  const sql = openSql(':memory:');
  return { store: createSqlStore(sql, now, 'binding'), close: () => sql.close() };
};

schedulesSuite('sqlite', async () => schedulesOn(open));
schedulesClockSuite('sqlite', open);
