import { failureText, type FailureCode } from '../../cell/failure.ts';
import type { Invocation } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import { requestIdOf } from '../../observe/trace.ts';
import type { ThrownError } from './frames.ts';

/** What a caller hears of a handler that failed. */
export function handlerFailure(code: FailureCode, error: ThrownError, invocation: Invocation): BrinkError {
  const { function: name, version, traceparent } = invocation;
  if (code === 'handler-missing') return missing(error, invocation);
  return new BrinkError(code, `${name}@${version} ${failureText(code)}. \`brink logs ${name}\` shows where.`, {
    details: { requestId: requestIdOf(traceparent) },
    cause: error,
  });
}

function missing(error: ThrownError, { function: name, version, trigger, service }: Invocation): BrinkError {
  if (trigger === 'rpc') return new BrinkError('handler-missing', `${name}@${version} has no such method.`, { cause: error });
  const handler = trigger === 'scheduled' || trigger === 'email' ? trigger : 'fetch';
  const place = service?.entrypoint ? ` in its entrypoint ${service.entrypoint}` : '';
  return new BrinkError('handler-missing', `${name}@${version} has no ${handler} handler${place}.`, { details: { handler } });
}
