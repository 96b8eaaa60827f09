import { writeFileSync } from 'node:fs';
import { makeCertificate } from '../certificate.ts';

// Makes the certificate of README.md and its key without openssl.
const { cert, key } = makeCertificate();
writeFileSync(process.argv[2]!, cert);
writeFileSync(process.argv[3]!, key);
