import { openWorkerd } from '../conformance/harness-workerd.ts';
import { componentQueueSuite } from './queue-component-suite.ts';
import { queueDeliverySuite } from './queue-delivery-suite.ts';

queueDeliverySuite(openWorkerd);
componentQueueSuite(openWorkerd);
