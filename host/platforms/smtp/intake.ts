import type { SMTPServerDataStream } from 'smtp-server';
import { SmtpAnswer } from './answers.ts';

/** Bytes of messages that a process has at once, while they come and while functions have them. */
const MAX_HELD = 256 * 1024 * 1024;

let held = 0;

/** A message as it comes. It is read to its end, whatever becomes of it: the answer comes after that. */
export class Intake {
  /** @throws {SmtpAnswer} where it is too large, or there is no room */
  readonly bytes: Promise<Buffer>;
  #size = 0;

  constructor(stream: SMTPServerDataStream, most: number) {
    this.bytes = this.#read(stream, most);
    // Whoever waits for it comes later.
    this.bytes.catch(() => {});
  }

  /** Nothing of it is needed any more. */
  release(): void {
    held -= this.#size;
    this.#size = 0;
  }

  async #read(stream: SMTPServerDataStream, most: number): Promise<Buffer> {
    let chunks: Buffer[] = [];
    let full: SmtpAnswer | undefined;
    for await (const chunk of stream as unknown as AsyncIterable<Buffer>) {
      if (full !== undefined) continue;
      if (this.#size + chunk.byteLength > most) full = new SmtpAnswer(552, `5.3.4 A message has at most ${most} bytes here.`);
      else if (held + chunk.byteLength > MAX_HELD)
        full = new SmtpAnswer(452, '4.3.1 There is no room for the message now. Try again later.');
      if (full !== undefined) {
        chunks = [];
        this.release();
        continue;
      }
      held += chunk.byteLength;
      this.#size += chunk.byteLength;
      chunks.push(chunk);
    }
    if (full !== undefined) throw full;
    return Buffer.concat(chunks);
  }
}
