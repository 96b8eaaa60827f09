import type { EmailMessage, ForwardableEmailMessage } from '../../../../sdk/email.ts';
import { blocking, type HostInterface } from '../../host.ts';
import type { Factory } from '../../wasi/settings.ts';
import { attempt } from '../binding.ts';
import { emailError } from './error.ts';

/** `message` of brink:email. */
export class GuestEmail {
  readonly of: ForwardableEmailMessage;
  readonly raw: Uint8Array<ArrayBuffer>;

  constructor(of: ForwardableEmailMessage, raw: Uint8Array<ArrayBuffer>) {
    this.of = of;
    this.raw = raw;
  }
}

const functions: HostInterface = {
  '[method]message.from': ({ of }: GuestEmail) => of.from,
  '[method]message.to': ({ of }: GuestEmail) => of.to,
  '[method]message.raw': ({ raw }: GuestEmail) => raw,
  '[method]message.set-reject': ({ of }: GuestEmail, reason: string) => of.setReject(reason),
  '[method]message.forward': blocking(({ of }: GuestEmail, recipient: string, headers: [string, string][]) =>
    attempt(async () => of.forward(recipient, new Headers(headers)), emailError),
  ),
  '[method]message.reply': blocking(({ of }: GuestEmail, from: string, raw: Uint8Array) =>
    attempt(async () => of.reply({ from, to: of.from, raw } as EmailMessage), emailError),
  ),
};

/** brink:email/types. */
export const emailTypes: Factory = () => functions;
