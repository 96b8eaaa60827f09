/** One name of a certificate, as `URI` or `DNS` and what it is. */
export type AltName = readonly [kind: string, name: string];

/**
 * The names of a certificate, from the one text that Node has of them. Names that could be taken for several are quoted in it
 * as JSON. https://nodejs.org/api/crypto.html#x509subjectaltname
 */
export function altNames(text: string | undefined): AltName[] {
  const names: AltName[] = [];
  const pattern = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;
  for (let found = pattern.exec(text ?? ''); found !== null; found = pattern.exec(text!)) {
    const [, kind, value] = found as unknown as [string, string, string];
    names.push([kind, value.startsWith('"') ? (JSON.parse(value) as string) : value]);
    if (pattern.lastIndex >= text!.length) break;
  }
  return names;
}
