import type { BindingKind } from '../binding.ts';
import { BindingError } from '../binding-error.ts';
import { readRules, writeRules } from './envelope.ts';
import { createMailMethods } from './methods.ts';

/** `send_email`. Two bindings with the same rules are one to the host: it keeps nothing for them. */
export const email: BindingKind = {
  type: 'SendEmail',
  place: 'host',
  specs: ({ name, send_email: bindings = [] }) =>
    bindings.map(({ name: binding, destination_address: only, allowed_destination_addresses: to, allowed_sender_addresses: from }) => {
      const allowed = only === undefined ? to : [only];
      return {
        name: binding,
        scope: writeRules({ function: name, ...(allowed && { to: allowed }), ...(from && { from }) }),
        settings: { only },
      };
    }),
  open(scope, { mail }) {
    if (mail === undefined) throw new BindingError('This host has no way to send mail.', { code: 'E_SENDER_DOMAIN_NOT_AVAILABLE' });
    return createMailMethods(readRules(scope), mail);
  },
};
