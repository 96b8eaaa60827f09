import { blocking, type HostInterface, type World } from '../../host.ts';
import type { Factory } from '../../wasi/settings.ts';
import { err, ok, type Result } from '../../wasi/values/result.ts';
import { attempt, bindingOf, type AccessDenied } from '../binding.ts';
import { emailError } from './error.ts';

/** The `send_email` binding of Workers, as much of it as is needed here. */
interface EmailBinding {
  send(message: { readonly from: string; readonly to: string; readonly raw: Uint8Array }): Promise<unknown>;
}

/** `sender` of brink:email. */
class Sender {
  readonly of: EmailBinding;

  constructor(of: EmailBinding) {
    this.of = of;
  }
}

const functions: HostInterface = {
  '[method]sender.send': blocking((sender: Sender, from: string, to: string, raw: Uint8Array) =>
    attempt(async () => {
      await sender.of.send({ from, to, raw });
    }, emailError),
  ),
};

/** brink:email/sending. */
export const sending: Factory = (world) => ({ ...functions, open: (name: string) => openSender(world, name) });

function openSender(world: World, name: string): Result<Sender, AccessDenied> {
  const binding = bindingOf<EmailBinding>(world, name, { name: 'binding that sends mail', methods: ['send'] });
  if (binding.tag === 'err') return binding;
  // A queue has a method of that name as well.
  if ('sendBatch' in binding.val)
    return err({ tag: 'access-denied', val: `The function's binding ${JSON.stringify(name)} is no binding that sends mail.` });
  return ok(new Sender(binding.val));
}
