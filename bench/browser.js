// `cargo xtask bench browser`: the page itself while answers stream, and in a conversation of 1,000 messages, in a Chromium
// whose processor is slowed down four times, as a phone's is.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { corpus, document } from './markdown/documents.js';
import { machine } from './machine.js';
import { CHROMIUM_ARGUMENTS, inglenook, median, table, upstream } from './programs.js';

const { inglenook: program, chromium: browser_path, out, quick } = JSON.parse(process.argv[2]);
const KILOBYTES = quick ? [24] : [24, 132, 200];
const PACES = quick ? [1_000] : [100, 1_000];
const DELTA_BYTES = 20;
const SLOWER = 4;
const MESSAGES = 1_000;

const answers = corpus(join(import.meta.dirname, '../markdown/tests/corpus'));
const speaker = await upstream((kilobytes) => document(answers, kilobytes), DELTA_BYTES);
const server = await inglenook(program, speaker.url);
const browser = await chromium.launch({
  executablePath: browser_path,
  args: [...CHROMIUM_ARGUMENTS, '--js-flags=--expose-gc', '--enable-precise-memory-info'],
});

try {
  const streamed = [];
  for (const kilobytes of KILOBYTES) for (const pace of PACES) streamed.push(await follow(kilobytes, pace));
  const id = await imported();
  const long = [];
  for (const slower of [1, SLOWER]) long.push(await conversation(id, slower));
  console.log(`\nanswers followed on the page, processor ${SLOWER} times slower: main-thread ms`);
  table(streamed);
  console.log(`\na conversation of ${MESSAGES} messages: ms`);
  table(long);
  const result = { bench: 'browser', machine: machine({ browser: browser.version() }), slower: SLOWER, delta_bytes: DELTA_BYTES, streamed, long };
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`\nkept in ${out}`);
} finally {
  await browser.close();
  server.end();
  speaker.end();
}

/** A page that is ready, with its processor slowed down and its work observed. */
async function open(address, slower) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await devtools.send('Performance.enable');
  await page.addInitScript(observe);
  await page.goto(address);
  await page.locator('html[data-live] textarea[data-seen]').waitFor();
  return { context, page, devtools };
}

/** Counts, within the page, long tasks, frames and the nodes that are added and removed. */
function observe() {
  const seen = { long: [], frames: [], nodes: 0, removed: 0 };
  window.seen = seen;
  new PerformanceObserver((list) => seen.long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  let last = 0;
  const frame = (now) => {
    if (last) seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        seen.nodes += addedNodes.length;
        seen.removed += removedNodes.length;
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
}

async function task_ms(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

async function follow(kilobytes, pace) {
  const { context, page, devtools } = await open(server.url, SLOWER);
  await page.locator('html[data-live] textarea[data-seen]').fill(`${kilobytes}x${pace}`);
  await page.evaluate(() => Object.assign(window.seen, { long: [], frames: [], nodes: 0, removed: 0 }));
  const before = await task_ms(devtools);
  await page.getByRole('button', { name: 'Send' }).click();
  const begun = performance.now();
  await page.locator('article[aria-busy="false"]').last().waitFor({ timeout: 600_000 });
  const seconds = (performance.now() - begun) / 1000;
  const after = await task_ms(devtools);
  const seen = await page.evaluate(() => {
    window.gc?.();
    return { ...window.seen, heap: performance.memory.usedJSHeapSize };
  });
  await context.close();
  const frames = seen.frames.sort((a, b) => a - b);
  const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))] ?? 0;
  return {
    answer: `${kilobytes} KB, ${pace} deltas/s`,
    seconds, 'main thread': after - before, 'frame p50': at(0.5), 'frame p95': at(0.95), 'frame max': at(1),
    'long tasks': seen.long.length, longest: Math.max(0, ...seen.long),
    'nodes added/KB': seen.nodes / kilobytes, removed: seen.removed, 'heap MB': seen.heap / 2 ** 20,
  };
}

/** Opens a conversation of many messages, types in it, and goes to another and back. */
async function conversation(id, slower) {
  const opened = [];
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    const { context, page } = await open(server.url, slower);
    const begun = performance.now();
    await page.goto(`${server.url}/c/${id}`);
    await page.locator('html[data-live] textarea[data-seen]').waitFor();
    const ready_ms = performance.now() - begun;
    const first_byte_ms = await page.evaluate(() => performance.getEntriesByType('navigation')[0].responseEnd);
    const paint_ms = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
    const key_ms = await keys(page);
    const switch_ms = await change(page, id);
    opened.push({ first_byte_ms, paint_ms, ready_ms, key_ms, switch_ms });
    await context.close();
  }
  const of = (field) => median(opened.map((run) => run[field]));
  return { slower, 'page here': of('first_byte_ms'), painted: of('paint_ms'), ready: of('ready_ms'), 'a key, p95': of('key_ms'), 'switch to it': of('switch_ms') };
}

/** From a key to the end of the frame that shows it; the page's own work, without the wait for the screen. */
async function keys(page) {
  await page.locator('html[data-live] textarea[data-seen]').focus();
  await page.evaluate(() => {
    window.keys = [];
    let begun = 0;
    addEventListener('keydown', () => (begun = performance.now()), { capture: true });
    addEventListener('input', () => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.keys.push(performance.now() - begun);
      // After layout, which the measuring forces as a frame would.
      void document.querySelector('textarea').scrollHeight;
      channel.port2.postMessage(0);
    });
  });
  await page.keyboard.type('How does one write a long question without any delay at all? ', { delay: 30 });
  const times = (await page.evaluate(() => window.keys)).sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)];
}

/**
 * To a new chat, and by the list back to the conversation: until its last message is on the screen. The page measures it
 * itself, since a test that looks from outside takes its time, too.
 */
async function change(page, id) {
  await page.locator('a[href="/"]').first().click();
  await page.locator('article').first().waitFor({ state: 'detached' });
  return page.evaluate(async (address) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const begun = performance.now();
    document.querySelector(`nav a[href="${address}"]`).click();
    do await frame();
    while (!document.querySelector('article'));
    // The next frame begins when this one is painted.
    await frame();
    return performance.now() - begun;
  }, `/c/${id}`);
}

async function imported() {
  const mapping = {};
  for (let i = 0; i < MESSAGES; i++) {
    const parts = [i % 2 ? answers[i % answers.length].text.slice(0, 1_500) : `Question ${i}`];
    mapping[i] = {
      parent: i ? String(i - 1) : null,
      message: { author: { role: i % 2 ? 'assistant' : 'user' }, create_time: 1.7e9 + i, content: { content_type: 'text', parts } },
    };
  }
  const file = JSON.stringify([{ id: 'long', title: 'Long', create_time: 1.7e9, mapping }]);
  const form = new FormData();
  form.append('file', new Blob([file]), 'conversations.json');
  const preview = await fetch(`${server.url}/import`, { method: 'POST', body: form, redirect: 'manual' });
  const done = await fetch(server.url + preview.headers.get('location'), { method: 'POST', body: new URLSearchParams({}) });
  const [, id] = /href="\/c\/([0-9a-f]+)"/.exec(await (await fetch(`${server.url}/`)).text()) ?? [];
  if (!done.ok || !id) throw new Error(`the conversation was not imported: ${done.status}`);
  return id;
}
