import type { HostEvent, InvocationEvent } from '../observe/events.ts';
import type { Output } from './output.ts';

/** An event as a line for people. */
export function eventLine(event: HostEvent, colors: Output['colors']): string {
  const time = colors.dim(clock(event.time));
  const who = event.function === '*' ? 'host' : `${event.function}@${event.version}`;
  switch (event.type) {
    case 'invocation': {
      const what = whatRan(event);
      const ended = event.status === null ? event.outcome : `${event.status}${event.outcome === 'ok' ? '' : ` ${event.outcome}`}`;
      const good = event.outcome === 'ok' && (event.status ?? 200) < 500;
      const facts = `${event.durationMs.toFixed(1)} ms${event.cold ? ', cold' : ''}`;
      return `${time} ${colors.cyan(who)} ${what} ${(good ? colors.green : colors.red)(ended)} ${colors.dim(`(${facts}) ${event.requestId}`)}`;
    }
    case 'console': {
      return `${time} ${colors.cyan(who)} ${event.level.padEnd(5)} ${levelPaint(event.level, colors)(event.message)}`;
    }
    case 'exception':
      return `${time} ${colors.cyan(who)} ${colors.red((event.stack.includes(event.message) ? event.stack : `${event.message}\n${event.stack}`).trimEnd())}`;
    case 'queue': {
      const where =
        event.change === 'dropped'
          ? 'dropped'
          : event.change === 'kept'
            ? `kept, as ${event.deadLetterQueue} is full,`
            : `moved to ${event.deadLetterQueue}`;
      return `${time} ${colors.cyan(who)} ${colors.red(`message ${event.message} of ${event.queue} was ${where} after ${event.attempts} deliveries`)}`;
    }
    case 'host':
      return `${time} ${colors.cyan(who)} ${event.level.padEnd(5)} ${levelPaint(event.level, colors)(event.message)}`;
    case 'shedding': {
      const text = event.change === 'began' ? `calls are refused: ${event.reason}` : `calls are taken again; ${event.calls} were refused`;
      return `${time} ${colors.cyan(who)} ${event.change === 'began' ? colors.red(text) : colors.green(text)}`;
    }
    case 'release': {
      const paint =
        event.change === 'rolled-back' || event.change === 'aborted' ? colors.red : event.change === 'held' ? colors.yellow : colors.green;
      return `${time} ${colors.cyan(who)} ${paint(`release ${event.release} of ${event.alias} ${event.change}, ${event.weight}%`)}: ${event.reason}`;
    }
    case 'policy': {
      const paint = event.decision === 'allowed' ? colors.green : event.dryRun ? colors.yellow : colors.red;
      const about = event.action === undefined ? '' : `${event.action}: `;
      const what = `${about}policy ${event.policy} ${event.entrypoint}: ${event.decision}${event.dryRun ? ' (dry run)' : ''}`;
      return `${time} ${colors.cyan(who)} ${paint(`${what}${event.reason === null ? '' : `: ${event.reason}`}`)} ${colors.dim(event.requestId)}`;
    }
    case 'circuit': {
      const text = `circuit ${event.state}: ${event.reason}`;
      return `${time} ${colors.cyan(who)} ${event.state === 'open' ? colors.red(text) : colors.green(text)}`;
    }
    case 'cell':
      return `${time} ${colors.cyan(who)} ${colors.dim(`cell ${event.change}${event.reason === null ? '' : `: ${event.reason}`}`)}`;
  }
}

function levelPaint(level: string, colors: Output['colors']): (text: string) => string {
  return level === 'error' ? colors.red : level === 'warn' ? colors.yellow : (text) => text;
}

function whatRan({ trigger, method, path }: InvocationEvent): string {
  switch (trigger) {
    case 'http':
    case 'gateway':
      return `${method} ${path}`;
    case 'service':
      return `${method} ${path} by service`;
    case 'rpc':
      return `${method}() by service`;
    case 'queue':
      return `queue ${path}`;
    case 'email':
      return `email to ${path}`;
    case 'scheduled':
      return 'scheduled';
    case 'health':
    case 'openapi':
      return `${method} ${path} by the host`;
  }
}

/** The hour as this machine's clock shows it. */
function clock(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
