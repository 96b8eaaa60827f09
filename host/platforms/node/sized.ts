import type { BodyTools } from '../../metering/body.ts';
import { BodyReader } from './body.ts';
import { LightResponse } from './light-response.ts';

/** The usual response is not made into a platform's to learn how long it is. */
export const responseBodies: BodyTools = {
  sizeOf(response) {
    const given = LightResponse.is(response) ? LightResponse.given(response) : undefined;
    if (given === undefined || given instanceof BodyReader) return null;
    if (given === null) return 0;
    return typeof given === 'string' ? Buffer.byteLength(given) : given.byteLength;
  },
  withBody: (response, body) =>
    LightResponse.is(response) ? (LightResponse.withStream(response, body) as unknown as Response) : new Response(body, response),
};
