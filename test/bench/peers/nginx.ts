import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** nginx with `proxy_cache` before the server at a port, one process as all others here have one. */
const [program, origin] = process.argv.slice(2) as [string, string];
const dir = mkdtempSync(join(tmpdir(), 'brink-nginx-'));
const port = await freePort();
writeFileSync(
  join(dir, 'nginx.conf'),
  `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${dir}/pid;
error_log ${dir}/error.log;
events { worker_connections 256; }
http {
  access_log ${dir}/access.log;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  keepalive_requests 1000000000;
  proxy_cache_path ${dir}/cache keys_zone=hello:1m;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${origin}; proxy_cache hello; proxy_cache_valid 200 1h; }
  }
}
`,
);
const child = spawn(program, ['-p', dir, '-c', join(dir, 'nginx.conf'), '-e', join(dir, 'error.log')], { stdio: 'inherit' });
const stop = () => {
  child.kill();
  rmSync(dir, { recursive: true, force: true });
};
process.once('exit', stop);
process.once('SIGTERM', () => process.exit(0));
while (!(await listens())) await new Promise((resolve) => setTimeout(resolve, 20));
process.send!({ port });

function listens(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
