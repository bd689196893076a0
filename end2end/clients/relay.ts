// A server with a password, as beyond one's own machine, and a token for a program.

import { test as base, expect } from '@playwright/test';
import { Inglenook } from '../support/inglenook';
import { Upstream } from '../support/upstream';

const PASSWORD = 'hearth';

/** What only the server may send. */
export const OWNERS_KEY = 'sk-of-the-owner';

export interface Relay {
  upstream: Upstream;
  /** Where the server is, without a slash at the end. */
  url: string;
  /** What clients call the base URL. */
  baseURL: string;
  token: string;
}

async function makeToken(url: string): Promise<string> {
  const post = (path: string, fields: [string, string][], cookie = '') =>
    fetch(url + path, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { cookie },
      redirect: 'manual',
    });
  const signedIn = await post('/login', [['password', PASSWORD]]);
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0];
  const made = await post('/tokens', [['name', 'a client'], ['scope', 'relay']], cookie);
  const token = /value="(ink_\w+)"/.exec(await made.text())?.[1];
  if (!token) throw new Error(`no token was made: ${made.status}`);
  return token;
}

export const test = base.extend<{ relay: Relay }>({
  relay: async ({}, use) => {
    const upstream = await Upstream.start('--require-key', OWNERS_KEY);
    const inglenook = await Inglenook.start({
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: OWNERS_KEY,
      INGLENOOK_PASSWORD: PASSWORD,
    });
    const { url } = inglenook;
    await use({ upstream, url, baseURL: `${url}/v1`, token: await makeToken(url) });
    await inglenook.remove();
    await upstream.kill();
  },
});

export { expect };
