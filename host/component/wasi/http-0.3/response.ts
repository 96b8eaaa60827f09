import type { HostInterface, Pending, Source } from '../../host.ts';
import type { Fields } from '../http/fields.ts';
import { ERR, OK, type Result } from '../values/result.ts';
import type { TrailersResult } from './incoming-body.ts';
import { consume, discard, outgoing, type Content } from './message.ts';
import type { Transmission } from './outgoing-body.ts';

/** `response` of wasi:http 0.3. */
export class WasiResponse {
  status: number;
  readonly headers: Fields;
  readonly content: Content;
  #taken = false;

  constructor(status: number, headers: Fields, content: Content) {
    this.status = status;
    this.headers = headers;
    this.content = content;
  }

  /** RFC 9110, section 15: three digits, of which the first is 1 to 5. */
  setStatus(status: number): Result<undefined, undefined> {
    if (status < 100 || status > 599) return ERR;
    this.status = status;
    return OK;
  }

  /** What it carries, for whoever reads or sends it from now on. */
  take(): Content {
    this.#taken = true;
    return this.content;
  }

  [Symbol.dispose](): void {
    if (!this.#taken) discard(this.take());
  }
}

export const response: HostInterface = {
  '[static]response.new'(headers: Fields, contents: Source | undefined, trailers: Pending<TrailersResult>) {
    headers.immutable = true;
    const content = outgoing(contents, trailers);
    return [new WasiResponse(200, headers, content), content.sent];
  },
  '[method]response.get-status-code': (made: WasiResponse) => made.status,
  '[method]response.set-status-code': (made: WasiResponse, status: number) => made.setStatus(status),
  '[method]response.get-headers': (made: WasiResponse) => made.headers,
  '[static]response.consume-body': (made: WasiResponse, outcome: Pending<Transmission>) => consume(made.take(), outcome),
};
