import type { HostEvent, InvocationEvent } from './events.ts';

/** An event as one line of JSON, as `JSON.stringify` writes it. There is one for each request, so the usual kind is put together by hand. */
export function jsonLine(event: HostEvent): string {
  return event.type === 'invocation' ? invocationLine(event) : JSON.stringify(event);
}

/** Only a path, an alias, a method and a principal can hold what has to be escaped; the rest are names, numbers and hex digits of our own. */
function invocationLine(event: InvocationEvent): string {
  const { path, status, outcome, durationMs, cold, requestId, traceId, principal } = event;
  const who = principal === undefined ? '' : `,"principal":${JSON.stringify(principal)}`;
  return (
    `${beginningOf(event)}"path":${path === null ? 'null' : JSON.stringify(path)},"status":${status},` +
    `"outcome":"${outcome}","durationMs":${durationMs},"cold":${cold},"requestId":"${requestId}","traceId":"${traceId}"${who}}`
  );
}

type Beginning = Pick<InvocationEvent, 'time' | 'function' | 'version' | 'alias' | 'trigger' | 'method'>;

let latest: Beginning | undefined;
let beginning = '';

/** Where there are so many that it matters, most are of the same millisecond and kind as the one before. */
function beginningOf({ time, function: name, version, alias, trigger, method }: Beginning): string {
  if (
    latest?.time === time &&
    latest.function === name &&
    latest.version === version &&
    latest.alias === alias &&
    latest.trigger === trigger &&
    latest.method === method
  )
    return beginning;
  latest = { time, function: name, version, alias, trigger, method };
  beginning =
    `{"type":"invocation","time":${time},"function":"${name}","version":${version},"alias":${quoted(alias)},` +
    `"trigger":"${trigger}","method":${quoted(method)},`;
  return beginning;
}

const PLAIN = /^[\w-]*$/;

function quoted(text: string | null): string {
  if (text === null) return 'null';
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
