// The two programs under test: the server, and the upstream that plays scripts to it.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

const workspace = path.resolve(import.meta.dirname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? path.join(workspace, 'target');

export const serverProgram = process.env.INGLENOOK_BIN ?? path.join(target, 'release/inglenook');
export const upstreamProgram = process.env.SCRIPTED_UPSTREAM_BIN ?? path.join(target, 'release/scripted-upstream');

/** Before all tests: both programs are there. The page takes minutes to build, so that is left to the caller. */
export default function check() {
  if (!existsSync(serverProgram)) {
    throw new Error(`${serverProgram} is missing: run \`cargo xtask test browser\`, which builds it`);
  }
  if (!existsSync(upstreamProgram)) {
    const build = ['build', '--release', '--package', 'scripted-upstream'];
    spawnSync('cargo', build, { cwd: workspace, stdio: 'inherit' });
  }
  if (!existsSync(upstreamProgram)) {
    throw new Error(`${upstreamProgram} is missing and could not be built`);
  }
}

/** A running program that said where it listens. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens. */
    readonly address: URL,
    /** What it wrote to standard error. */
    readonly log: string[],
  ) {}

  static async start(file: string, args: string[], env: Record<string, string>, cwd: string): Promise<Program> {
    // Nothing of the caller's environment may reach the server: a key of a real provider would cost money.
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(file, args, { cwd, env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const log: string[] = [];
    createInterface(child.stderr!).on('line', (line) => log.push(line));
    const lines = createInterface(child.stdout!);
    const address = await new Promise<URL>((resolve, reject) => {
      lines.on('line', (line) => {
        const found = /^listening on (http:\S+)/.exec(line);
        if (found) resolve(new URL(found[1]));
      });
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`${path.basename(file)} ended with ${code}:\n${log.join('\n')}`)));
    });
    return new Program(child, address, log);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}
