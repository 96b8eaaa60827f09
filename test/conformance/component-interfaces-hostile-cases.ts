import { beforeAll, describe, expect, it } from 'vitest';
import { LYING, lyingComponent } from '../component/calls/lying-guest.ts';
import { eventually, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

/** Components that lie about what they return: each call gets its clear answer, and nobody else notices. */
export function componentInterfacesHostileCases(world: { readonly host: TestHost }): void {
  describe.each(['request', 'instance'])('functions that lie, with isolation = "%s"', (isolation) => {
    let url: string;
    beforeAll(async () => {
      url = await publish();
    });

    async function publish(limits = ''): Promise<string> {
      const config = `[component]\nisolation = "${isolation}"\nmemory_mb = 16\n${limits}`;
      return (await publishComponent(world.host, await lyingComponent(), config)).url;
    }

    async function call(name: string, parameters: object = {}, at = url): Promise<readonly [status: number, body: unknown]> {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(parameters) };
      const response = await fetch(`${at}/lies/${name}`, init);
      return [response.status, await response.json()];
    }

    it.each(LYING)('%s', async (name) => {
      const parameters = name === 'bad-place' ? { text: 'where?' } : {};
      const [lied, fine] = await Promise.all([call(name, parameters), call('fine')]);
      expect(lied).toMatchObject([502, { code: 'guest-trapped' }]);
      expect(fine).toEqual([200, 7]);
      expect(await call('fine')).toEqual([200, 7]);
    });

    it('one that never comes back ends at the deadline', async () => {
      const short = await publish('[limits]\ndeadline_ms = 1000\n');
      const spun = await call('spin', {}, short).catch(() => 'broken off');
      // Open-source workerd cannot interrupt code: its supervisor starts the runtime anew, and connections break.
      if (world.host.platform === 'node' || spun !== 'broken off') expect(spun).toMatchObject([504, { code: 'deadline-exceeded' }]);
      const alive = () => call('fine', {}, short).then((answer) => (answer[0] === 200 ? answer : undefined), () => undefined); // prettier-ignore
      expect(await eventually(alive)).toEqual([200, 7]);
    });
  });
}
