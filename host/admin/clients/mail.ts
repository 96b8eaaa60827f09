import type { AddressResult, EmailResult, KeptMailResult } from '../schemas/mail.ts';
import { query, segment, type Call, type SendOptions } from './request.ts';

/** A message with its envelope. */
export interface MailRequest {
  readonly from: string;
  readonly to: string;
  readonly raw: Uint8Array<ArrayBuffer>;
}

/** The part of the client for mail. `send` gives the answer as it came. */
export function mailClient(call: Call, send: (method: string, path: string) => Promise<Response>) {
  return {
    /** Runs the `email` handler of what `reference` names, or of `live`. */
    email: (name: string, { from, to, raw, reference }: MailRequest & { readonly reference?: string | undefined }) =>
      call<EmailResult>('POST', `/functions/${segment(name)}/email${query({ from, to, reference })}`, withMail(raw)),
    /** Hands a message to whoever takes mail of its recipient. @throws {BrinkError} `address-not-found` */
    receive: ({ from, to, raw }: MailRequest) => call<EmailResult>('POST', `/email${query({ from, to })}`, withMail(raw)),
    /** @throws {BrinkError} `address-not-found` */
    address: (address: string) => call<AddressResult>('GET', `/email/addresses/${segment(address)}`),
    addresses: async () => (await call<{ addresses: AddressResult[] }>('GET', '/email/addresses')).addresses,
    /** What functions have sent, where it is kept. */
    mails: async (limit?: number) => (await call<{ mails: KeptMailResult[] }>('GET', `/mail${query({ limit })}`)).mails,
    async mail(id: string): Promise<Uint8Array<ArrayBuffer>> {
      return new Uint8Array(await (await send('GET', `/mail/${segment(id)}`)).arrayBuffer());
    },
    purgeMail: () => call<{ removed: number }>('DELETE', '/mail'),
  };
}

function withMail(raw: Uint8Array<ArrayBuffer>): SendOptions {
  return { body: raw, headers: { 'content-type': 'message/rfc822' } };
}
