import { once } from 'node:events';
import { connect } from 'node:net';
import { createTransport, type SendMailOptions } from 'nodemailer';

/** Sends by a second library, a connection for each message. */
export async function sendMail(url: string, options: SendMailOptions) {
  const transport = createTransport(url);
  try {
    return await transport.sendMail({ from: 'ada@example.org', ...options });
  } finally {
    transport.close();
  }
}

/** Says these lines one after the other, and gives the last line of each answer, that of the greeting first. */
export async function speakSmtp(url: string, lines: readonly (string | Uint8Array)[]): Promise<string[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  const answers: string[] = [];
  let text = '';
  const answer = async () => {
    for (;;) {
      const end = /^\d{3} .*\r\n/m.exec(text);
      if (end !== null) {
        text = text.slice(end.index + end[0].length);
        return answers.push(end[0].trimEnd());
      }
      const [data] = (await once(socket, 'data')) as [string];
      text += data;
    }
  };
  try {
    await answer();
    for (const line of lines) {
      socket.write(line);
      socket.write('\r\n');
      await answer();
    }
    return answers;
  } finally {
    socket.destroy();
  }
}
