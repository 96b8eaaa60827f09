import { openWorkerd } from '../conformance/harness-workerd.ts';
import { openOn } from './queue.ts';
import { queueApiSuite } from './queue-suite.ts';

queueApiSuite('in an isolate on workerd', { open: () => openOn(openWorkerd) });
