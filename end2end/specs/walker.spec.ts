// A person who clicks and types whatever comes, for a minute; ten with WALK_MINUTES=10. Nothing
// may be complained of on the console, and the memory may not grow without end.

import { expect, test } from '../support/test';

const MINUTES = Number(process.env.WALK_MINUTES ?? 1);
const SEED = Number(process.env.WALK_SEED ?? 1);

/** A small generator, so that a walk can be taken again (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const TEXTS = ['say hello', 'fast 3 words', 'slow 30 words', 'markdown', '什么是哈希表？', 'مرحبا', '/', '> quoted', ' ', 'reasoning'];
// Pages that the server alone renders. Whoever walks onto one goes back after a while.
const PLAIN = ['/settings', '/settings#keys', '/settings#prices', '/tokens', '/usage', '/usage?range=12m', '/prompts', '/personas', '/archive', '/import'];
const STEPS_ON_PLAIN_PAGES = 12;
const KEYS = ['Escape', 'Tab', 'Enter', 'Shift+Tab', 'ArrowDown', 'ControlOrMeta+k', '?', '/', 'Alt+n', 'Alt+t', 'Alt+s', 'PageUp', 'End'];

test('a random walk leads into no error', async ({ visitor, page, watch, isMobile }) => {
  test.setTimeout(MINUTES * 60_000 + 60_000);
  const next = random(SEED + (isMobile ? 1000 : 0));
  const pick = <T>(from: T[]): T => from[Math.floor(next() * from.length)];
  // Two clicks in one moment may ask for what the first has made impossible.
  watch.expect(/status of 4(04|09|22)/);
  page.on('dialog', (dialog) => dialog.dismiss());
  // A click may lead elsewhere in the same moment, and the browser follows the later one.
  const open = async (address = '/') => {
    // Plain pages have no field to wait for.
    const openOnce = async () => void (await (PLAIN.includes(address) ? page.goto(address) : visitor.open(address)));
    // One that is interrupted once is tried again; one that never opens fails the walk below.
    for (let tries = 0; tries < 5; tries += 1) {
      if (await openOnce().then(() => true, () => false)) return;
      await page.waitForLoadState().catch(() => {});
    }
    await openOnce();
  };
  await open();
  const devtools = await page.context().newCDPSession(page);
  const heap = async (): Promise<number> => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  };
  const until = Date.now() + MINUTES * 60_000;
  let steps = 0;
  let early = 0;
  let onPlainPages = 0;
  while (Date.now() < until) {
    steps += 1;
    if (steps === 60) {
      await open();
      early = await heap();
    }
    const what = next();
    if (what < 0.25) {
      await page.keyboard.press(pick(KEYS)).catch(() => {});
    } else if (what < 0.45) {
      const field = pick(await page.locator('textarea:visible, input:not([type]):visible, input[type=text]:visible, input[type=search]:visible').all());
      await field?.fill(pick(TEXTS), { timeout: 500 }).catch(() => {});
      if (next() < 0.6) await page.keyboard.press('Enter');
    } else {
      const target = pick(await page.locator('button:visible, a:visible, summary:visible, select:visible, [role=option]:visible').all());
      const href = (await target?.getAttribute('href', { timeout: 300 }).catch(() => null)) ?? '';
      const isDownload = (await target?.getAttribute('download', { timeout: 300 }).catch(() => null)) !== null;
      // Downloads lead to no page, and other hosts are left alone.
      if (isDownload || /^(http|mailto|\/api)/.test(href)) continue;
      if ((await target?.getAttribute('class', { timeout: 300 }).catch(() => '')) === 'image') continue;
      await target?.click({ timeout: 500 }).catch(() => {});
    }
    const { protocol, pathname } = new URL(page.url());
    const isConversation = pathname === '/' || /^\/c\/[^/]+$/.test(pathname);
    onPlainPages = isConversation ? 0 : onPlainPages + 1;
    if (!protocol.startsWith('http') || pathname.startsWith('/rpc') || onPlainPages > STEPS_ON_PLAIN_PAGES) await open();
    else if (steps % 40 === 0) await open(isConversation ? pick(['/', pathname]) : '/');
    else if (steps % 40 === 20) await open(PLAIN[Math.floor(steps / 40) % PLAIN.length]);
  }
  await open();
  const late = await heap();
  expect(steps).toBeGreaterThan(100);
  expect(late, `${early.toFixed(1)} MB after 60 of ${steps} steps`).toBeLessThan(early + 20);
});
