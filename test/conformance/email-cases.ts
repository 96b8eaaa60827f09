interface Refusal {
  readonly title: string;
  readonly subject?: string;
  /** What follows DATA, in place of a message with that subject. */
  readonly raw?: string;
  readonly answer: RegExp;
}

/** What a client is told of a message that was not taken. */
export const REFUSALS: readonly Refusal[] = [
  { title: 'what the handler rejects', subject: 'reject No spam here', answer: /^550 5\.7\.1 No spam here$/ },
  { title: 'a reason of several lines', subject: 'reject One =?x?=\u0001\u00e9 two', answer: /^550 5\.7\.1 One .*two$/ },
  { title: 'a reason that is long', subject: `reject ${'a'.repeat(600)}`, answer: /^550 5\.7\.1 a{300,450}$/ },
  { title: 'a handler that throws', subject: 'throw', answer: /^451 4\.3\.0 / },
  { title: 'work of waitUntil that fails', subject: 'later', answer: /^451 4\.3\.0 / },
  { title: 'a handler that is too slow', subject: 'slow', answer: /^451 4\.3\.0 / },
  { title: 'headers that are too many', raw: `${'X-A: b\r\n'.repeat(1_001)}\r\n.`, answer: /^554 5\.6\.0 / },
  { title: 'headers that are too large', raw: `X-A: ${'b\r\n '.repeat(70_000)}\r\n\r\n.`, answer: /^554 5\.6\.0 / },
  { title: 'a head without an end', raw: `${`${'b'.repeat(900)}\r\n`.repeat(310)}.`, answer: /^554 5\.6\.0 / },
  { title: 'a message that is too large', raw: `Subject: x\r\n\r\n${`${'b'.repeat(900)}\r\n`.repeat(340)}.`, answer: /^552 / },
  { title: 'a message that goes in a circle', raw: `${'Received: from a by b\r\n'.repeat(101)}\r\n.`, answer: /^554 5\.4\.6 / },
];
