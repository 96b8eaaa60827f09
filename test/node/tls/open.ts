import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostOptions, RunningTls } from '../../../host/platforms/running.ts';
import { openNode } from '../../conformance/harness-node.ts';
import type { TestHost } from '../../conformance/harness.ts';
import { makeCertificate, type CertificateOptions, type Made } from '../../certificate.ts';
import { removeFolder } from '../../remove-folder.ts';

/** A certificate and its key in files. */
export interface PairFiles {
  readonly files: { readonly cert: string; readonly key: string };
  /** What lies in them first. */
  readonly made: Made;
  write(made: Partial<Made>): void;
  remove(): void;
}

export interface SecureHost extends TestHost {
  readonly tls: RunningTls;
  readonly pair: PairFiles;
  /** What a client has to trust. */
  readonly ca: string;
}

export function writePair(options: CertificateOptions = {}): PairFiles {
  const folder = mkdtempSync(join(tmpdir(), 'brink-tls-'));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const write = ({ cert, key }: Partial<Made>) => {
    if (cert !== undefined) writeFileSync(files.cert, cert);
    if (key !== undefined) writeFileSync(files.key, key);
  };
  const made = makeCertificate(options);
  write(made);
  return { files, made, write, remove: () => removeFolder(folder) };
}

/** A host on Node whose port speaks TLS. */
export async function openSecure({ tls, ...options }: Partial<HostOptions> = {}, pair = writePair()): Promise<SecureHost> {
  const host = await openNode({ ...options, tls: { ...pair.files, ...tls } });
  const stop = async () => {
    await host.stop();
    pair.remove();
  };
  return { ...host, tls: host.tls!, pair, ca: pair.made.cert, stop };
}
