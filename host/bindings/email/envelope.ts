/** What a message has beside its bytes on its way to the host. */
export interface WireEnvelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** What a binding lets through, as its scope says it: a cell cannot change that. */
export interface MailRules {
  /** Whose mail it is. */
  readonly function: string;
  /** Recipients; any where it is not there. */
  readonly to?: readonly string[];
  /** Senders; any where it is not there. */
  readonly from?: readonly string[];
  /** Of a message that came in: it goes on as it is, or is answered. */
  readonly received?: true;
}

export function writeRules(rules: MailRules): string {
  return JSON.stringify(rules);
}

export function readRules(scope: string): MailRules {
  return JSON.parse(scope) as MailRules;
}
