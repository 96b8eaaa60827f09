import { memoryDatabases } from '../../host/platforms/node/d1/memory.ts';
import { d1On } from './d1.ts';
import { d1Suite } from './d1-suite.ts';

d1Suite('sqlite', {
  async open() {
    return { d1: d1On(memoryDatabases()), close() {} };
  },
});
