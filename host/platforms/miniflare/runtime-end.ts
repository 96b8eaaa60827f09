import { request, type RequestOptions } from 'node:http';
import { BrinkError } from '../../errors.ts';
import type { HostEvent } from '../../observe/events.ts';

/** Why a runtime has ended. */
export type EndReason = 'crashed' | 'hung' | 'large';

export const PATIENCE = 5_000;
/** How often its memory is looked at, in ms. */
export const LOOK = 500;
/** Before a runtime that has grown too large is ended, what it runs may take so long, in ms. */
export const GRACE = 5_000;
/** How often it is asked whether it listens yet, in ms. */
export const ASK = 3;

/** What is said of a call that a runtime took with it. @param what it is, as people know it */
export function lostBy(reason: EndReason, patience: number, what = 'The runtime'): BrinkError {
  if (reason === 'hung') {
    return new BrinkError(
      'cell-unresponsive',
      `${what} was ended with what it ran, this too, since it gave no answer for ${patience} ms: a function did not return.`,
    );
  }
  return new BrinkError('cell-crashed', `${what} ended while it ran this.`);
}

/** Whether somebody listens there who is well. */
export function answers(where: RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ ...where, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode! < 300);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

export function crashed(reason: string): HostEvent {
  return { type: 'cell', time: Date.now(), function: '*', version: 0, change: 'crashed', reason };
}

export function notice(message: string): HostEvent {
  return { type: 'host', time: Date.now(), function: '*', version: 0, level: 'warn', message };
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}
