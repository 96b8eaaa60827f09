import { errorOfFailure, type CallFailure } from '../../bindings/service/failure.ts';

const TOLD = 'brink-told:';

/** A stream's end that says why, where a frame carries no more than a message. */
export function toldMessage(failure: CallFailure): string {
  return TOLD + JSON.stringify(failure);
}

/** The error that such a message stands for; undefined where it is another. */
export function toldIn(error: unknown): Error | undefined {
  if (!(error instanceof Error) || !error.message.startsWith(TOLD)) return undefined;
  return errorOfFailure(JSON.parse(error.message.slice(TOLD.length)) as CallFailure);
}
