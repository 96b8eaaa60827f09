interface Sent {
  readonly title: string;
  /** `EMAIL` where it is not there. */
  readonly binding?: string;
  readonly message: object;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  /** What the relay gets. */
  readonly text: readonly RegExp[];
}

interface Unsent {
  readonly title: string;
  readonly binding?: string;
  readonly message: object;
  readonly code: string;
}

const PLAIN = { from: 'me@example.com', to: 'you@example.net', subject: 'Hello', text: 'Hello' };
const TO_YOU = { from: 'me@example.com', to: ['you@example.net'] };

function raw(...lines: string[]): string {
  return [...lines, '', 'Hello'].join('\r\n');
}

const RAW = raw('From: Me <me@example.com>', 'To: you@example.net', 'Message-ID: <1@example.com>', 'Subject: Raw');

export const SENT: readonly Sent[] = [
  {
    title: 'text, with what a message has to have',
    message: PLAIN,
    envelope: TO_YOU,
    text: [
      /^From: me@example\.com\r$/m,
      /^To: you@example\.net\r$/m,
      /^Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000\r$/m,
      /^MIME-Version: 1\.0\r$/m,
      /\r\n\r\nSGVsbG8=\r\n/,
    ],
  },
  {
    title: 'HTML beside text',
    message: { ...PLAIN, html: '<p>Hello</p>' },
    envelope: TO_YOU,
    text: [/multipart\/alternative/, /text\/plain[\s\S]*text\/html/],
  },
  {
    title: 'names, copies, and an address for answers',
    message: {
      ...PLAIN,
      from: { email: 'me@example.com', name: 'Me, "myself"' },
      to: ['You <you@example.net>', { email: 'z@example.net', name: 'Zoë' }],
      cc: 'c@example.net',
      bcc: ['b@example.net'],
      replyTo: 'answers@example.com',
    },
    envelope: { from: 'me@example.com', to: ['you@example.net', 'z@example.net', 'c@example.net', 'b@example.net'] },
    text: [
      /^From: "Me, \\"myself\\"" <me@example\.com>/m,
      /^ =\?UTF-8\?B\?Wm/m,
      /^Cc: c@example\.net/m,
      /^Reply-To: answers@/m,
      /^(?![\s\S]*b@example\.net)/,
    ],
  },
  {
    title: 'a subject and headers that would be more than one line',
    message: { ...PLAIN, subject: 'One\r\nBcc: evil@example.net\r\n\r\nTwo', headers: { 'X-Own': 'a\nb: c' } },
    envelope: TO_YOU,
    text: [/^Subject: One Bcc: evil@example\.net Two\r$/m, /^X-Own: a b: c\r$/m],
  },
  {
    title: 'a subject that is no ASCII, in encoded words of whole characters',
    message: { ...PLAIN, subject: '日本語'.repeat(20) },
    envelope: TO_YOU,
    text: [/^Subject: =\?UTF-8\?B\?(?:5pel5pys6Kqe)[\w+/=]*\?=\r\n =\?UTF-8\?B\?/m],
  },
  {
    title: 'attachments, of text in Base64 and of bytes',
    message: {
      ...PLAIN,
      bytes: 'a,b',
      html: '<img src="cid:pic">',
      attachments: [
        { filename: 'täble.csv', type: 'text/csv', content: '' },
        { filename: 'p.png', type: 'image/png', disposition: 'inline', contentId: 'pic', content: 'AAEC' },
      ],
    },
    envelope: TO_YOU,
    text: [
      /multipart\/mixed/,
      /multipart\/related/,
      /Content-ID: <pic>/,
      /filename\*=UTF-8''t%C3%A4ble\.csv/,
      /\r\n\r\nAAEC\r\n/,
      /\r\n\r\nYSxi\r\n/,
    ],
  },
  {
    title: 'an EmailMessage',
    message: { from: 'me@example.com', to: 'you@example.net', raw: RAW },
    envelope: TO_YOU,
    text: [/^Subject: Raw\r$/m],
  },
  {
    title: 'an EmailMessage of a stream',
    message: { from: 'ME@example.com', to: 'you@example.net', raw: RAW, stream: true },
    envelope: { from: 'ME@example.com', to: ['you@example.net'] },
    text: [/^Subject: Raw\r$/m],
  },
  {
    title: 'by a binding with one recipient, who need not be named',
    binding: 'ONE',
    message: { from: 'me@example.com', subject: 'x', text: 'y' },
    envelope: { from: 'me@example.com', to: ['one@example.net'] },
    text: [/^To: one@example\.net\r$/m],
  },
  {
    title: 'by a binding with some recipients',
    binding: 'SOME',
    message: { ...PLAIN, to: ['A@example.net', 'b@example.net'] },
    envelope: { from: 'me@example.com', to: ['A@example.net', 'b@example.net'] },
    text: [],
  },
];

export const UNSENT: readonly Unsent[] = [
  { title: 'another recipient than the only one', binding: 'ONE', message: PLAIN, code: 'E_RECIPIENT_NOT_ALLOWED' },
  {
    title: 'a copy to another recipient',
    binding: 'SOME',
    message: { ...PLAIN, to: 'a@example.net', bcc: 'x@example.net' },
    code: 'E_RECIPIENT_NOT_ALLOWED',
  },
  {
    title: 'another sender',
    binding: 'SOME',
    message: { ...PLAIN, to: 'a@example.net', from: 'boss@example.com' },
    code: 'E_SENDER_NOT_VERIFIED',
  },
  {
    title: 'a From header that is another sender',
    binding: 'SOME',
    message: { from: 'me@example.com', to: 'a@example.net', raw: raw('From: boss@example.com', 'Message-ID: <1@x>') },
    code: 'E_VALIDATION_ERROR',
  },
  {
    title: 'a From header with two senders',
    message: { from: 'me@example.com', to: 'a@example.net', raw: raw('From: me@example.com, boss@example.com', 'Message-ID: <1@x>') },
    code: 'E_VALIDATION_ERROR',
  },
  {
    title: 'no Message-ID',
    message: { from: 'me@example.com', to: 'a@example.net', raw: raw('From: me@example.com') },
    code: 'E_VALIDATION_ERROR',
  },
  { title: 'an address with a line break', message: { ...PLAIN, to: 'you@example.net>\r\nDATA' }, code: 'E_VALIDATION_ERROR' },
  { title: 'no subject', message: { ...PLAIN, subject: undefined }, code: 'E_FIELD_MISSING' },
  { title: 'no body', message: { ...PLAIN, text: undefined }, code: 'E_FIELD_MISSING' },
  { title: 'no recipient', message: { ...PLAIN, to: [] }, code: 'E_FIELD_MISSING' },
  {
    title: '51 recipients',
    message: { ...PLAIN, to: Array.from({ length: 51 }, (_each, index) => `u${index}@example.net`) },
    code: 'E_TOO_MANY_RECIPIENTS',
  },
  {
    title: '33 attachments',
    message: { ...PLAIN, attachments: Array.from({ length: 33 }, () => ({ filename: 'a', type: 'text/plain', content: '' })) },
    code: 'E_TOO_MANY_ATTACHMENTS',
  },
  { title: 'more than 5 MiB', message: { ...PLAIN, text: 'a'.repeat(4_200_000) }, code: 'E_CONTENT_TOO_LARGE' },
  { title: 'a header of its own that is the host’s', message: { ...PLAIN, headers: { Bcc: 'x@example.net' } }, code: 'E_VALIDATION_ERROR' },
  { title: 'a header whose name is none', message: { ...PLAIN, headers: { 'X-A: b\r\nX-C': 'd' } }, code: 'E_VALIDATION_ERROR' },
  {
    title: 'an attachment whose type is none',
    message: { ...PLAIN, attachments: [{ filename: 'a', type: 'text/plain\r\nX: y', content: '' }] },
    code: 'E_VALIDATION_ERROR',
  },
];
