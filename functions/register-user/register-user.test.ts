import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brink } from '../../test/cli/brink.ts';
import { ENGINES, folderOf, openExample, type OpenedExample } from '../../test/functions/open.ts';
import { isPassword } from './src/password.ts';

const PASSWORD = 'tea is served at five';

describe.each(ENGINES)('on %s', (_engine, on) => {
  let users: OpenedExample;
  beforeAll(async () => {
    users = await openExample('register-user', { on });
    const args = ['d1', 'migrations', 'apply', 'DB', '--config', folderOf('register-user'), '--host', users.url];
    expect(await brink(args, { cwd: folderOf('register-user') })).toMatchObject({ code: 0 });
  });
  afterAll(() => users.stop());

  const post = async (path: string, name: string, password = PASSWORD, headers: Record<string, string> = {}) => {
    const response = await fetch(users.at + path, { method: 'POST', body: new URLSearchParams({ name, password }), headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const rows = async () => {
    const database = { function: 'register-user', binding: 'DB' };
    const [result] = await users.admin.query(database, [{ sql: 'SELECT name, password FROM user ORDER BY name' }]);
    return new Map(result!.rows as [string, string][]);
  };

  it('has a page for each, with a form that scripts and frames of others do not get at', async () => {
    for (const [path, words] of [
      ['', 'new-password'],
      ['login', 'current-password'],
    ] as const) {
      const response = await fetch(users.at + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; form-action 'self'; frame-ancestors 'none'");
      expect(await response.text()).toContain(`autocomplete="${words}"`);
    }
    expect((await fetch(`${users.at}other`)).status).toBe(404);
    expect((await fetch(users.at, { method: 'PUT' })).status).toBe(405);
    expect((await fetch(users.at, { method: 'POST', body: 'name=ada' })).status).toBe(415);
  });

  it('registers a user, whose password is stored as a hash with its salt and parameters', async () => {
    expect(await post('', ' Ada ')).toMatchObject({ status: 201, text: expect.stringContaining('Welcome, ada') as string });
    expect(await post('', 'bob')).toMatchObject({ status: 201 });
    const [ada, bob] = [...(await rows()).values()];
    expect(ada).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(bob).not.toBe(ada);
    // As Node computes it, wherever the function ran.
    expect([await isPassword(PASSWORD, ada!), await isPassword('tea is served at six', ada!)]).toEqual([true, false]);
  });

  it('gives a name to one of fifty who want it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('', 'grace')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, ...Array<number>(49).fill(409)]);
    expect(answers.find(({ status }) => status === 409)!.text).toContain('The name grace is taken.');
  });

  it.each([
    ['a name of other characters', '<script>alert(1)</script>', PASSWORD, 'A name has 3 to 32 of'],
    ['a short password', 'alan', 'tea', 'A password has at least 15 characters.'],
    ['a long password', 'alan', 'x'.repeat(129), 'A password has at most 128 characters.'],
    ['a password with the name', 'alan', 'Alan drinks tea at five', 'A password does not contain the name.'],
  ])('refuses %s', async (_what, name, password, said) => {
    const { status, text } = await post('', name, password);
    expect([status, text]).toEqual([400, expect.stringContaining(said)]);
    expect(text).not.toContain('<script');
    expect(text).not.toContain(password);
  });

  it('takes no form from a page of another site', async () => {
    const { host } = new URL(users.at);
    const refused = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of refused)
      expect(await post('', 'mallory', PASSWORD, headers as Record<string, string>)).toMatchObject({ status: 403 });
    expect([...(await rows()).keys()]).not.toContain('mallory');
    const taken = [{ 'sec-fetch-site': 'same-origin' }, { origin: `https://${host}` }];
    for (const headers of taken) expect(await post('', 'ada', PASSWORD, headers as Record<string, string>)).toMatchObject({ status: 409 });
  });

  it('logs in who has the password, and says the same of a wrong name and a wrong password', async () => {
    await post('', 'edsger');
    expect(await post('login', 'EDSGER')).toMatchObject({ status: 200, text: expect.stringContaining('Welcome back, edsger') as string });
    const wrongPassword = await post('login', 'edsger', 'tea is served at six');
    const wrongName = await post('login', 'edsgar', 'tea is served at six');
    expect(wrongPassword.status).toBe(403);
    expect(wrongName.status).toBe(403);
    expect(wrongName.text.replace('edsgar', 'edsger')).toBe(wrongPassword.text);
  });

  it('takes as long for a wrong name as for a wrong password', async () => {
    await post('', 'barbara');
    const took = async (name: string) => {
      const start = performance.now();
      await post('login', name, 'tea is served at six');
      return performance.now() - start;
    };
    // The least of a few in turns: the machine has other work too. Without a hash it would be a hundredth.
    const pairs: [number, number][] = [];
    for (const _round of [1, 2, 3, 4]) pairs.push([await took('barbara'), await took('nobody-of-that-name')]);
    const [known, unknown] = [Math.min(...pairs.map(([time]) => time)), Math.min(...pairs.map(([, time]) => time))];
    expect(unknown / known).toBeGreaterThan(0.1);
    expect(unknown / known).toBeLessThan(10);
  });

  it('hashes anew with parameters of today what was hashed with others', async () => {
    const weak = '$scrypt$ln=10,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$Gmv4Brq2b6mOWigfsHrCinyWY4ro6FNaM+JVDmmtock';
    const sql = "INSERT INTO user VALUES ('niklaus', ?, '2001-01-01')";
    await users.admin.query({ function: 'register-user', binding: 'DB' }, [{ sql, params: [weak] }]);
    expect(await post('login', 'niklaus', 'wrong and long enough')).toMatchObject({ status: 403 });
    expect((await rows()).get('niklaus')).toBe(weak);
    expect(await post('login', 'niklaus')).toMatchObject({ status: 200 });
    expect((await rows()).get('niklaus')).toMatch(/^\$scrypt\$ln=14,/);
    expect(await post('login', 'niklaus')).toMatchObject({ status: 200 });
  });

  it('lets a client try a name five times in a minute, and others all the same', async () => {
    const answers = [];
    // Two windows may meet in between.
    for (let tries = 0; tries < 11 && answers.at(-1)?.status !== 429; tries++)
      answers.push(await post('login', 'donald', 'not the right one'));
    expect(answers.at(-1)).toMatchObject({ status: 429 });
    expect(answers.at(-1)!.headers.get('retry-after')).toBe('60');
    expect(answers.length).toBeGreaterThan(5);
    expect(await post('login', 'ada')).toMatchObject({ status: 200 });
  });
});
