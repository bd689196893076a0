// The model's side: a scripted upstream of the test's own.

import { tmpdir } from 'node:os';
import { Program, upstreamProgram } from './programs';

/** One request for an answer, as the upstream saw it. */
export interface Recorded {
  path: string;
  headers: Record<string, string>;
  body: { model: string; messages: { role: string; content: string }[]; [parameter: string]: unknown };
  /** `closed` means that the server hung up before the script was over. */
  ending: 'open' | 'played' | 'closed';
}

export class Upstream {
  private constructor(private program: Program, private readonly args: string[]) {}

  static async start(...args: string[]): Promise<Upstream> {
    return new Upstream(await Program.start(upstreamProgram, args, {}, tmpdir()), args);
  }

  /** Where the API is, as a provider's `base_url`. */
  get url(): string {
    return this.program.address.href;
  }

  /** Every request for an answer so far. */
  async record(): Promise<Recorded[]> {
    return (await fetch(new URL('/record', this.program.address))).json();
  }

  /** How each request ended so far. */
  async endings(): Promise<string[]> {
    return (await this.record()).map((request) => request.ending);
  }

  kill(): Promise<void> {
    return this.program.kill();
  }

  /** Starts again at the same address. */
  async restart(...args: string[]): Promise<void> {
    const port = this.program.address.port;
    await this.program.kill();
    this.program = await Program.start(upstreamProgram, ['--port', port, ...(args.length ? args : this.args)], {}, tmpdir());
  }
}

/** A step of a script; see the crate `scripted-upstream`. */
export type Step = { delta: string } | { pause: number } | { finish: string } | 'stall' | 'cut' | 'done';

/** The question that makes the upstream play these steps. */
export function script(...steps: Step[]): string {
  return `script: ${JSON.stringify(steps)}`;
}

/** The question that is answered with this Markdown, in a few pieces. */
export function answerWith(markdown: string, pause = 20): string {
  const pieces = markdown.match(/[^]{1,12}/gu) ?? [];
  return script(...pieces.flatMap((delta): Step[] => [{ delta }, { pause }]), { finish: 'stop' }, 'done');
}

/** What the scenarios `slow N words` and `fast N words` say. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ');
}
