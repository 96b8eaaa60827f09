import type { BodyTools } from '../metering/body.ts';
import { poured } from '../cell/tapped.ts';
import type { Messages } from '../gateway/cache/messages.ts';
import type { Bounded } from './bounded.ts';

export interface AnswerTools {
  readonly messages: Messages;
  /** Not there where the standard's way will do. */
  readonly bodies: BodyTools | undefined;
}

/** Has a body read along: gives the response to be sent in place of this one. */
export function readAlong(response: Response, bounded: Bounded, { messages, bodies }: AnswerTools): Response {
  const whole = messages.whole(response);
  if (whole !== undefined) {
    bounded.whole(whole);
    return response;
  }
  const body = response.body;
  if (body === null) {
    bounded.end();
    return response;
  }
  // Whoever is quicker sets the pace, and the copy is given up where it grows large.
  const [own, copy] = body.tee();
  void poured(copy, bounded);
  return bodies === undefined ? new Response(own, response) : bodies.withBody(response, own);
}

/** Reads all of it, as far as it is small. */
export function readWhole(response: Response, bounded: Bounded, messages: Messages): void {
  const whole = messages.whole(response);
  if (whole !== undefined) return bounded.whole(whole);
  if (response.body === null) return bounded.end();
  return void poured(response.body, bounded);
}
