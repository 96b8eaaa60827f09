export interface Credentials {
  readonly name: string;
  readonly password: string;
}

const NAME = /^[a-z0-9][a-z0-9_-]{2,31}$/;
/** NIST SP 800-63B-4, section 3.1.1.2: at least 15 where a password is all that there is, and no rules about its characters. */
const SHORTEST = 15;
const LONGEST = 128;

/** What a form sent, or null where it is none. */
export async function readForm(request: Request): Promise<Credentials | null> {
  const form = await request.formData().catch(() => null);
  if (form === null) return null;
  const text = (field: string) => {
    const value = form.get(field);
    return typeof value === 'string' ? value : '';
  };
  return { name: text('name').normalize('NFKC').trim().toLowerCase(), password: text('password') };
}

/** What is wrong with them, as sentences for whoever fills in the form. */
export function faultsOf({ name, password }: Credentials): string[] {
  const length = Array.from(password.normalize('NFKC')).length;
  return [
    ...(NAME.test(name) ? [] : ['A name has 3 to 32 of a-z, 0-9, _ and -, and begins with a letter or a digit.']),
    ...(length >= SHORTEST ? [] : [`A password has at least ${SHORTEST} characters. A sentence is a good one.`]),
    ...(length <= LONGEST ? [] : [`A password has at most ${LONGEST} characters.`]),
    ...(name !== '' && password.toLowerCase().includes(name) ? ['A password does not contain the name.'] : []),
  ];
}
