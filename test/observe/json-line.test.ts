import { expect, it } from 'vitest';
import type { InvocationEvent } from '../../host/observe/events.ts';
import { jsonLine } from '../../host/observe/json-line.ts';

const EVENT: InvocationEvent = {
  type: 'invocation',
  time: 1_700_000_000_123,
  function: 'my-fn',
  version: 3,
  alias: 'live',
  trigger: 'http',
  method: 'GET',
  path: '/a',
  status: 200,
  outcome: 'ok',
  durationMs: 1.25,
  cold: false,
  requestId: '0123456789abcdef',
  traceId: '0123456789abcdef0123456789abcdef',
};

it.each<Partial<InvocationEvent>>([
  {},
  { alias: null, method: null, path: null, status: null, trigger: 'scheduled', outcome: 'handler-threw', cold: true },
  { path: '/quote"back\\slash/\u2028\u0000ä😀' },
  { method: "PATCH!#$%&'*+.^`|~" },
  { durationMs: 0 },
])('writes %j as JSON.stringify does', (change) => {
  const event = { ...EVENT, ...change };
  expect(jsonLine(event)).toBe(JSON.stringify(event));
});

it('writes other events as JSON.stringify does', () => {
  const event = { type: 'console', time: 1, function: 'a', version: 1, level: 'log', message: '"', requestId: null } as const;
  expect(jsonLine(event)).toBe(JSON.stringify(event));
});
