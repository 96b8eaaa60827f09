import type { HostEvent, InvocationEvent } from './events.ts';

/** An event as one line of JSON, as `JSON.stringify` writes it. There is one for each request, so the usual kind is put together by hand. */
export function jsonLine(event: HostEvent): string {
  return event.type === 'invocation' ? invocationLine(event) : JSON.stringify(event);
}

/** Only a path, an alias, a method and a principal can hold what has to be escaped; the rest are names, numbers and hex digits of our own. */
function invocationLine(event: InvocationEvent): string {
  const { time, version, alias, trigger, method, path, status, outcome, durationMs, cold, requestId, traceId, principal } = event;
  const who = principal === undefined ? '' : `,"principal":${JSON.stringify(principal)}`;
  return (
    `{"type":"invocation","time":${time},"function":"${event.function}","version":${version},"alias":${quoted(alias)},` +
    `"trigger":"${trigger}","method":${quoted(method)},"path":${path === null ? 'null' : JSON.stringify(path)},"status":${status},` +
    `"outcome":"${outcome}","durationMs":${durationMs},"cold":${cold},"requestId":"${requestId}","traceId":"${traceId}"${who}}`
  );
}

const PLAIN = /^[\w-]*$/;

function quoted(text: string | null): string {
  if (text === null) return 'null';
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
