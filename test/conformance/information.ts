import { request as nodeRequest, type InformationEvent } from 'node:http';

export interface Informed {
  readonly status: number;
  /** Of each response before the final one: its status, and the values of its lines. */
  readonly before: readonly (readonly [status: number, ...values: string[]])[];
  readonly text: string;
}

export interface InformedOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with the first response before the final one. */
  readonly first?: () => void;
}

/** One request over HTTP/1.1, with what comes before its response, which `fetch` keeps to itself. */
export function informed(url: string, { method = 'GET', headers = {}, first }: InformedOptions = {}): Promise<Informed> {
  return new Promise((resolve, reject) => {
    const before: [number, ...string[]][] = [];
    nodeRequest(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, before, text }));
    })
      .on('information', ({ statusCode, rawHeaders }: InformationEvent) => {
        before.push([statusCode, ...rawHeaders.filter((_, index) => index % 2 === 1)]);
        if (before.length === 1) first?.();
      })
      .on('error', reject)
      .end();
  });
}
