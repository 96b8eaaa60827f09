import type { HostSite } from './call.ts';

/** Calls that an instance's end fails. No Set: its old tables would keep them alive (`host/platforms/node/brief-map.ts` says why). */
export class OpenCalls {
  #sites: HostSite[] = [];

  get size(): number {
    return this.#sites.length;
  }

  add(site: HostSite): void {
    site.place = this.#sites.push(site) - 1;
  }

  /** Whether it was there. */
  delete(site: HostSite): boolean {
    const { place } = site;
    if (place === -1) return false;
    const last = this.#sites.pop()!;
    if (last !== site) {
      this.#sites[place] = last;
      last.place = place;
    }
    site.place = -1;
    return true;
  }

  /** Gives those that there were. */
  clear(): HostSite[] {
    const sites = this.#sites;
    this.#sites = [];
    for (const site of sites) site.place = -1;
    return sites;
  }
}
