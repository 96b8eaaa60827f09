import { openWorkerd } from '../conformance/harness-workerd.ts';
import { queueDeliverySuite } from './queue-delivery-suite.ts';

queueDeliverySuite(openWorkerd);
