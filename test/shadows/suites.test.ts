import { d1On } from '../bindings/d1.ts';
import { d1Suite } from '../bindings/d1-suite.ts';
import { perform } from '../bindings/kv-function.ts';
import { kvBy } from '../bindings/kv.ts';
import { kvSuite } from '../bindings/kv-suite.ts';
import { playOn } from '../bindings/locks.ts';
import { locksSuite } from '../bindings/locks-suite.ts';
import { SUBJECTS } from '../bindings/r2-function.ts';
import { r2Suite } from '../bindings/r2-suite.ts';
import type { KVNamespace } from '../../sdk/kv.ts';
import type { LockManager } from '../../sdk/locks.ts';
import type { R2Bucket } from '../../sdk/r2.ts';
import { manualClock } from '../stores/clock.ts';
import { bothOf, clientOf, stateOn } from './scratch.ts';

// What a shadow writes and reads again is as it is for a version that answers.

kvSuite('of a shadow', {
  clock: true,
  async open() {
    const clock = manualClock();
    const kv = clientOf<KVNamespace>('kv', bothOf('kv', 'id/test', stateOn(clock.now)).scratch, clock.now);
    return { kv: kvBy((orders) => Promise.all(orders.map((order) => perform(kv, order)))), clock, close() {} };
  },
});

r2Suite('of a shadow', {
  async open() {
    const bucket = clientOf<R2Bucket>('r2', bothOf('r2', 'bucket/test', stateOn()).scratch);
    return { run: (subject, name) => SUBJECTS[subject]![name]!(bucket), close() {} };
  },
});

d1Suite('of a shadow', {
  async open() {
    const state = stateOn();
    const { scratch } = bothOf('d1', 'id/test', state);
    const query = async (request: Uint8Array) => (await scratch['query']!([], request)).body as Uint8Array;
    return { d1: d1On({ open: () => ({ query }) }), close() {} };
  },
});

locksSuite('of a shadow', async () => {
  const locks = clientOf<LockManager>('locks', bothOf('locks', 'id/test', stateOn()).scratch);
  return { play: playOn(locks), close() {} };
});
