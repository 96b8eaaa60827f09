import { writeSync } from 'node:fs';
import type { R2Bucket } from '../../sdk/r2.ts';
import { EVERY, type Line } from './r2-crash.ts';

const PART = 5 * 1024 * 1024;

/** Writes to a bucket without an end, and says what has been done. The first writes are slow: so the kill falls among them. */
export async function work(bucket: R2Bucket, round: number): Promise<void> {
  await Promise.all([0, 1, 2].map((writer) => write(bucket, { round, writer })));
}

async function write(bucket: R2Bucket, { round, writer }: { round: number; writer: number }): Promise<void> {
  for (let step = 0; ; step++) {
    const key = `key-${writer}-${step % EVERY}`;
    const at = round * 1_000_000 + step;
    const size = [100, 70_000, 1_500_000, PART + 1_000][step % EVERY]!;
    const bytes = new Uint8Array(size).fill(at % 251);
    if (size > PART) await inParts(bucket, { key, bytes });
    else await bucket.put(key, step % 2 === 0 ? bytes : new Blob([bytes]).stream(), { customMetadata: { step: String(at) } });
    tell({ done: 'put', key, step: at, size });
    if (step % 7 !== 6) continue;
    await bucket.delete(key);
    tell({ done: 'deleted', key, step: at });
  }
}

async function inParts(bucket: R2Bucket, { key, bytes }: { key: string; bytes: Uint8Array }): Promise<void> {
  const upload = await bucket.createMultipartUpload(key);
  const parts = [await upload.uploadPart(1, bytes.subarray(0, PART)), await upload.uploadPart(2, bytes.subarray(PART))];
  await upload.complete(parts);
}

function tell(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}
