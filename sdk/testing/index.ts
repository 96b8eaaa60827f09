export { createTestEnv } from './create.ts';
export type { BindingKindName, RateLimitBinding, ServiceDouble, TestClock, TestEnv, TestEnvOptions } from './types.ts';
