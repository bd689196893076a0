// The machine that a bench ran on, for whoever compares results later.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Describes the machine, with what else `versions` says. */
export function machine(versions) {
  const { devDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  return {
    cores: os.cpus().length,
    model: os.cpus()[0]?.model,
    memory_mb: Math.round(os.totalmem() / 2 ** 20),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    ...versions,
    packages: devDependencies,
    load: os.loadavg().map((load) => Math.round(load * 100) / 100),
  };
}
