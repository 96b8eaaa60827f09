import { BrinkError } from '../../errors.ts';

/** An answer of SMTP that is no 250. Its text begins with an enhanced code. RFC 3463. */
export class SmtpAnswer extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, text: string) {
    super(lineOf(text));
    this.name = 'SmtpAnswer';
    this.responseCode = responseCode;
  }
}

/** What became of the copy of one recipient. */
export type Delivered = { readonly to: string } & ({ readonly rejected: string | null } | { readonly error: unknown });

/** RFC 5321, section 4.5.3.1.5: a line has 512 octets. */
const MAX_TEXT = 450;

/**
 * The one answer for all recipients, or null where all have it. What passes comes first: the message comes again then, for
 * all of them. A refusal of some alone is a refusal, which names who has it all the same.
 */
export function smtpAnswer(outcomes: readonly Delivered[]): SmtpAnswer | null {
  const failed = outcomes.flatMap((each) => ('error' in each ? [answerOf(each.error)] : []));
  const passing = failed.find(({ responseCode }) => responseCode < 500);
  if (passing !== undefined) return passing;
  if (failed[0] !== undefined) return failed[0];
  const refused = outcomes.flatMap((each) =>
    'rejected' in each && each.rejected !== null ? [{ to: each.to, reason: each.rejected }] : [],
  );
  if (refused.length === 0) return null;
  if (outcomes.length === 1) return new SmtpAnswer(550, `5.7.1 ${refused[0]!.reason}`);
  const others = outcomes.length - refused.length;
  const rest = others === 0 ? '' : ` (${others} of ${outcomes.length} recipients have it)`;
  return new SmtpAnswer(550, `5.7.1 <${refused[0]!.to}>: ${refused[0]!.reason}${rest}`);
}

/**
 * What a client is told of a host's error. Only what no later try could change is for good; a function's own error is not:
 * the next version may take the message.
 */
export function answerOf(error: unknown): SmtpAnswer {
  const code = error instanceof BrinkError ? error.code : null;
  switch (code) {
    case 'address-not-found':
      return new SmtpAnswer(550, '5.1.1 No such recipient here.');
    case 'bad-request':
      return new SmtpAnswer(554, '5.6.0 The message cannot be read: its headers are too large, or too many.');
    case 'request-too-large':
      return new SmtpAnswer(552, '5.3.4 The message is too large.');
    case 'handler-missing':
      return new SmtpAnswer(451, '4.3.5 Nobody here can take the message now. Try again later.');
    default:
      return new SmtpAnswer(451, '4.3.0 The message cannot be taken now. Try again later.');
  }
}

/** ASCII alone, as a client need not know more. RFC 5321, section 4.2. */
function lineOf(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]+/g, '?').slice(0, MAX_TEXT);
}
