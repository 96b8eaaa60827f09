export { createTestEnv } from './create.ts';
export type {
  SentMail,
  TestMail,
  BindingKindName,
  RateLimitBinding,
  ServiceDouble,
  TestBatchOutcome,
  TestClock,
  TestEnv,
  TestEnvOptions,
  TestMessage,
  TestScheduledEvent,
  WaitingMessage,
} from './types.ts';
