// wscat, a client of WebSockets for terminals.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test, type Relay } from './relay';

const program = path.join(import.meta.dirname, '../node_modules/.bin/wscat');

/** Runs it until it has said what is waited for, and gives all that it said. */
async function wscat({ url }: Relay, args: string[], until: string): Promise<string> {
  const socket = `${url.replace('http', 'ws')}/chat`;
  const child = spawn(program, ['--connect', socket, '--wait', '20', ...args]);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes(until)) resolve();
    });
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`wscat ended before it said ${until}: ${said}`)));
  });
  child.kill();
  return said;
}

test('a question, with a token in a header', async ({ relay }) => {
  const header = ['--header', `Authorization: Bearer ${relay.token}`];
  const said = await wscat(relay, [...header, '--execute', 'say hello'], '{"end":');
  expect(said).toContain('Hello! ');
  expect(said).toMatch(/\{"end":\{.*"status":"finished".*\}\}/);
});

test('a question, with a token in the first frame', async ({ relay }) => {
  const frames = ['--execute', `Bearer ${relay.token}`, '--execute', 'say hello'];
  expect(await wscat(relay, frames, '{"end":')).toContain('Hello! ');
});
