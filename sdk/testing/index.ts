export { createTestEnv } from './create.ts';
export type {
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
