import type { Factory } from '../settings.ts';
import { invocationOf } from '../values/invocation.ts';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'critical';

const LEVELS = { trace: 'debug', debug: 'debug', info: 'info', warn: 'warn', error: 'error', critical: 'error' } as const;

export const logging: Factory = (world) => ({
  log(level: Level, context: string, message: string) {
    // What is said while no request is served has no log to go to.
    invocationOf(world)?.log(LEVELS[level], context === '' ? message : `${context}: ${message}`);
  },
});
