/** A message is not what the function's config says of its queue. */
export class InvalidMessage extends Error {
  override name = 'InvalidMessage';

  constructor(id: string, problem: string) {
    super(`The message ${id} ${problem}.`);
  }
}
