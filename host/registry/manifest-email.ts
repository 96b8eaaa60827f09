import { z } from 'zod';
import { isAddressPattern, isMailAddress, normalAddress } from '../mail/address.ts';
import { bindingName, flag, list, must, text } from './manifest-fields.ts';

export interface ManifestSendEmail {
  /** The name in `env`. */
  readonly name: string;
  /** The only recipient there is. */
  readonly destination_address?: string;
  /** The recipients there are; any without it. */
  readonly allowed_destination_addresses?: readonly string[];
  /** The senders there are; any without it. */
  readonly allowed_sender_addresses?: readonly string[];
}

export interface ManifestEmail {
  /** `in@example.com`, `*@example.com` or `*`, in small letters, each once. */
  readonly addresses: readonly string[];
}

const address = text.refine(isMailAddress, 'is not an address; write one such as "ada@example.com"');

/** An item of `send_email`. https://developers.cloudflare.com/workers/wrangler/configuration/#email-bindings */
export const sendEmail = z
  .strictObject(
    {
      name: bindingName,
      destination_address: address.optional(),
      allowed_destination_addresses: list(address).optional(),
      allowed_sender_addresses: list(address).optional(),
      // wrangler's, for local development: mail goes where the host sends it.
      remote: flag.optional(),
    },
    { error: must('be a table with a name') },
  )
  .refine(
    ({ destination_address: one, allowed_destination_addresses: several }) => one === undefined || several === undefined,
    'has both destination_address and allowed_destination_addresses; write one of them',
  );

export const SEND_EMAIL_KEYS = ['name', 'destination_address', 'allowed_destination_addresses', 'allowed_sender_addresses', 'remote'];

const pattern = text
  .refine(isAddressPattern, 'is no address; write one such as "in@example.com", or "*@example.com" for all of a domain')
  .transform(normalAddress);

/** `[email]`: whose mail a function takes. wrangler has no such key: on Cloudflare it is a rule of Email Routing. */
export const email = z.strictObject({ addresses: list(pattern).default([]) }, { error: must('be a table') });

export const EMAIL_KEYS = Object.keys(email.shape);
