// OpenAI's own client for Python: the program beside this file does the asking.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from './relay';

const python = process.env.CLIENT_PYTHON ?? 'python3';
const program = path.join(import.meta.dirname, 'openai_client.py');

test('everything that a program does', async ({ relay }) => {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, RELAY_URL: relay.baseURL, RELAY_TOKEN: relay.token };
  const { stdout } = await promisify(execFile)(python, ['-I', program], { env });
  expect(stdout.trim().split('\n')).toHaveLength(7);
  await expect.poll(() => relay.upstream.endings()).toContain('closed');
});
