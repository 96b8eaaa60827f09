import type { Interface } from '../wasi/interfaces.ts';
import { emailTypes } from './email/message.ts';
import { sending } from './email/sending.ts';
import { locks2, locks3 } from './locks/locks.ts';
import { messagingTypes, producer, requestReply } from './queues/messaging.ts';
import { queues } from './queues/queues.ts';
import { types } from './queues/types.ts';
import { schedules } from './schedules/schedules.ts';

/** What WASI has no interface for, as `wit/` says it: 0.2 is for guests of WASI 0.2, 0.3 for those of 0.3. */
export const BRINK_INTERFACES: Readonly<Record<string, Interface>> = {
  'brink:email/sending': { versions: { '0.2': sending, '0.3': sending }, firstCandidate: null },
  'brink:email/types': { versions: { '0.2': emailTypes, '0.3': emailTypes }, firstCandidate: null },
  'brink:locks/locks': { versions: { '0.2': locks2, '0.3': locks3 }, firstCandidate: null },
  'brink:queues/queues': { versions: { '0.2': queues, '0.3': queues }, firstCandidate: null },
  'brink:queues/types': { versions: { '0.2': types, '0.3': types }, firstCandidate: null },
  // WASI's, over the same queues.
  'wasi:messaging/types': { versions: { '0.2.0-draft': messagingTypes }, firstCandidate: null },
  'wasi:messaging/producer': { versions: { '0.2.0-draft': producer }, firstCandidate: null },
  'wasi:messaging/request-reply': { versions: { '0.2.0-draft': requestReply }, firstCandidate: null },
  'brink:schedules/schedules': { versions: { '0.2': schedules, '0.3': schedules }, firstCandidate: null },
};
