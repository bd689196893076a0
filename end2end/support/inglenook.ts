// The server under test, on a free port with a data folder of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Program, serverProgram } from './programs';

export type Settings = Record<string, string>;

export class Inglenook {
  private constructor(
    private program: Program,
    private readonly folder: string,
    private settings: Settings,
  ) {}

  static async start(settings: Settings): Promise<Inglenook> {
    const folder = await mkdtemp(path.join(tmpdir(), 'inglenook-'));
    return new Inglenook(await Inglenook.run(folder, settings, '127.0.0.1:0'), folder, settings);
  }

  private static run(folder: string, settings: Settings, address: string): Promise<Program> {
    const env = { XDG_CONFIG_HOME: folder, INGLENOOK_DATA: path.join(folder, 'data'), ...settings };
    return Program.start(serverProgram, ['serve', '--addr', address], env, folder);
  }

  /** Where its pages are, without a slash at the end. */
  get url(): string {
    return this.program.address.origin;
  }

  /** Ends it as kill -9 does. */
  kill(): Promise<void> {
    return this.program.kill();
  }

  /** Starts it again on the same data and at the same address, if need be with other settings. */
  async restart(changed: Settings = {}): Promise<void> {
    const address = this.program.address.host;
    await this.program.kill();
    this.settings = { ...this.settings, ...changed };
    this.program = await Inglenook.run(this.folder, this.settings, address);
  }

  /** The Markdown of an answer as it is stored. */
  async stored(answer: string): Promise<string> {
    const response = await fetch(`${this.url}/rpc/markdown`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({ answer }),
    });
    if (!response.ok) throw new Error(`the server does not tell the answer: ${response.status}`);
    return response.json();
  }

  /** Ends it for good. */
  async remove(): Promise<void> {
    await this.program.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
