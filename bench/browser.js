// `cargo xtask bench browser`: the page itself while answers stream, and in a conversation of 1,000 messages, in a Chromium
// as it is, and in one whose processor is slowed down four times, as a phone's is.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { corpus, document } from './markdown/documents.js';
import { tasks } from './markdown/trace.js';
import { machine } from './machine.js';
import { CHROMIUM_ARGUMENTS } from '../end2end/support/chromium.js';
import { inglenook, median, openWebui, table, untilItAnswers, upstream } from './programs.js';

const { inglenook: program, open_webui, chromium: browser_path, out, quick } = JSON.parse(process.argv[2]);
const DELTA_BYTES = 20;
/** How much slower a phone's processor is. */
const SLOWER = 4;
const KILOBYTES = [24, 132, 200];
/** The answers that are followed: how long they are, and how many deltas come in a second. */
const ANSWERS = quick
  ? [{ kilobytes: 24, pace: 1_000, slower: SLOWER }]
  : [
      ...[132, 200].map((kilobytes) => ({ kilobytes, pace: 200, slower: 1 })),
      ...KILOBYTES.flatMap((kilobytes) => [100, 1_000].map((pace) => ({ kilobytes, pace, slower: SLOWER }))),
    ];
/** The one that is followed on another page, too. */
const BESIDE = { kilobytes: 132, pace: 200 };
const MESSAGES = 1_000;
/** What a trace needs for `tasks`. */
const TRACED = ['-*', 'toplevel', 'blink.user_timing'];

const answers = corpus(join(import.meta.dirname, '../markdown/tests/corpus'));
const speaker = await upstream((kilobytes) => document(answers, kilobytes), DELTA_BYTES);
const server = await inglenook(program, speaker.url);
const browser = await chromium.launch({
  executablePath: browser_path,
  args: [...CHROMIUM_ARGUMENTS, '--js-flags=--expose-gc', '--enable-precise-memory-info'],
});

try {
  const streamed = [];
  for (const answer of ANSWERS) streamed.push({ ...(await follow(answer)), 'main thread, unwatched': await unwatched(answer) });
  const id = await imported();
  const long = [];
  for (const slower of [1, SLOWER]) long.push(await conversation(id, slower));
  const beside = open_webui ? [await followElsewhere(BESIDE)] : [];
  console.log('\nanswers followed on the page: milliseconds of the main thread, in all, for a frame, and for the longest task');
  table(streamed);
  console.log(`\na conversation of ${MESSAGES} messages: ms`);
  table(long);
  if (beside.length) {
    console.log('\nthe same answer on another page, unwatched: seconds until it is whole, and milliseconds of the main thread');
    table(beside);
  }
  const result = { bench: 'browser', machine: machine({ browser: browser.version() }), delta_bytes: DELTA_BYTES, streamed, beside, long };
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`\nkept in ${out}`);
} finally {
  await browser.close();
  server.end();
  speaker.end();
}

/** A page that is ready, with its processor slowed down and, mostly, its work observed. */
async function open(address, slower, { watched = true } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slower });
  if (watched) await page.addInitScript(observe);
  await page.goto(address);
  await page.locator('html[data-live] textarea[data-seen]').waitFor();
  return { context, page };
}

/** Notes, within the page, where frames begin, and how many elements are added and removed. */
function observe() {
  const seen = { added: 0, removed: 0 };
  window.seen = seen;
  const frame = () => {
    performance.mark('frame');
    performance.clearMarks('frame');
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const elements = (nodes) => {
    let count = 0;
    for (const node of nodes) if (node instanceof Element) count += 1 + node.getElementsByTagName('*').length;
    return count;
  };
  addEventListener('DOMContentLoaded', () => {
    new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        seen.added += elements(addedNodes);
        seen.removed += elements(removedNodes);
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
}

/** Has an answer streamed, and follows it to its end. */
async function follow({ kilobytes, pace, slower }) {
  const { context, page } = await open(server.url, slower);
  await page.evaluate(() => Object.assign(window.seen, { added: 0, removed: 0 }));
  await browser.startTracing(page, { categories: TRACED });
  const begun = performance.now();
  await askAndRead(page, { kilobytes, pace });
  const seconds = (performance.now() - begun) / 1000;
  await page.evaluate(() => performance.mark('end'));
  const { added, removed, elements, heap } = await page.evaluate(() => {
    // In a task of its own, since the one with the mark counts as well.
    window.gc?.();
    const elements = document.querySelector('article.answer').getElementsByTagName('*').length;
    return { ...window.seen, elements, heap: performance.memory.usedJSHeapSize };
  });
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const { frame_ms, main_thread_ms, tasks_over_50_ms, longest_task_wall_ms } = tasks(traceEvents);
  const resident = await renderer_mb();
  await context.close();
  return {
    answer: label({ kilobytes, pace }), slower,
    seconds, 'main thread': main_thread_ms, 'frame p50': frame_ms.p50, 'frame p95': frame_ms.p95, 'frame max': frame_ms.max,
    'over 50 ms': tasks_over_50_ms, longest: longest_task_wall_ms,
    elements, added, removed, 'heap MB': heap / 2 ** 20, 'process MB': resident,
  };
}

/** How an answer is called in results, which are compared by it. */
function label({ kilobytes, pace }) {
  return `${kilobytes} KB, ${pace} deltas/s`;
}

/** What asks the upstream for an answer. */
function question({ kilobytes, pace }) {
  return `${kilobytes} at ${pace}`;
}

/** Asks for an answer, and waits for its end, of which the page tells: to ask again and again would be work for it. */
async function askAndRead(page, answer) {
  await page.locator('textarea').fill(question(answer));
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('article.answer').waitFor();
  await page.evaluate(() => new Promise((resolve) => {
    const has_ended = () => document.querySelector('article.answer[aria-busy="false"]');
    const observer = new MutationObserver(() => has_ended() && resolve());
    observer.observe(document.body, { subtree: true, attributeFilter: ['aria-busy'] });
    if (has_ended()) resolve();
  }));
}

/**
 * How long the main thread works for an answer that nobody watches: who marks each frame has the browser make sixty in a
 * second, and counting elements and tracing take their time. `undefined` where the processor is slowed down, which the
 * browser does by having the thread work in vain.
 */
async function unwatched({ slower, ...answer }) {
  if (slower !== 1) return undefined;
  const { context, page } = await open(server.url, slower, { watched: false });
  const worked_ms = await worker(page);
  await askAndRead(page, answer);
  const ms = await worked_ms();
  await context.close();
  return ms;
}

/** Tells how long the page's main thread has worked since now. */
async function worker(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const in_all_ms = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
  };
  const before_ms = await in_all_ms();
  return async () => (await in_all_ms()) - before_ms;
}

/** An answer on Open WebUI's page, which asks for nothing but that answer. */
async function followElsewhere(answer) {
  const other = await openWebui(open_webui, {
    OPENAI_API_BASE_URL: `${speaker.url}/v1`, OPENAI_API_KEY: 'none', DEFAULT_MODELS: 'bench', ENABLE_OLLAMA_API: 'False',
    ENABLE_TITLE_GENERATION: 'False', ENABLE_TAGS_GENERATION: 'False', ENABLE_FOLLOW_UP_GENERATION: 'False',
  });
  try {
    await untilItAnswers(other.url);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(other.url);
    await page.locator('#chat-input').waitFor({ timeout: 120_000 });
    // It says first what is new in it.
    await page.keyboard.press('Escape');
    await page.locator('#chat-input').click();
    const worked_ms = await worker(page);
    const begun = performance.now();
    await page.keyboard.type(question(answer));
    await page.keyboard.press('Enter');
    // Stands below an answer that is whole.
    await page.locator('.regenerate-response-button').waitFor({ state: 'attached', timeout: 1_200_000 });
    const seconds = (performance.now() - begun) / 1000;
    const ms = await worked_ms();
    await context.close();
    return { page: 'Open WebUI', answer: label(answer), seconds, 'main thread, unwatched': ms };
  } finally {
    other.end();
  }
}

/** How much memory the page's process takes, its WASM included. */
async function renderer_mb() {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const resident = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]) / 1024);
  // A browser keeps an empty one in reserve.
  return Math.max(...resident);
}

/** Opens a conversation of many messages, types in it, and goes to another and back. */
async function conversation(id, slower) {
  const opened = [];
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    const { context, page } = await open(server.url, slower, { watched: false });
    // What the page before still fetches would be in the way.
    await page.waitForTimeout(1_500);
    await page.goto(`${server.url}/c/${id}`);
    // It is asked in each frame.
    const ready = await page.waitForFunction(() => document.querySelector('html[data-live] textarea[data-seen]') && performance.now());
    const times = await page.evaluate((ready_ms) => ({
      here_ms: performance.getEntriesByType('navigation')[0].responseEnd,
      paint_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
      ready_ms,
    }), await ready.jsonValue());
    // What it still lays out and fetches is no part of a key.
    await page.waitForTimeout(1_500);
    const key_ms = await keys(page);
    const switch_ms = await change(page, id);
    opened.push({ ...times, key_ms, switch_ms });
    await context.close();
  }
  const of = (field) => median(opened.map((run) => run[field]));
  return { slower, 'page here': of('here_ms'), painted: of('paint_ms'), ready: of('ready_ms'), 'a key, p95': of('key_ms'), 'switch to it': of('switch_ms') };
}

/**
 * The main thread's work from one key to the next, painting included. A clock would measure the wait for the screen as
 * well: after a key the browser has everything else wait for the next frame.
 */
async function keys(page) {
  await page.locator('textarea').focus();
  await page.evaluate(() => addEventListener('keydown', () => performance.mark('key'), { capture: true }));
  await browser.startTracing(page, { categories: TRACED });
  await page.keyboard.type('How does one write a long question without any delay at all? ', { delay: 30 });
  await page.evaluate(() => performance.mark('end'));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return tasks(traceEvents, 'key').frame_ms.p95;
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
  const text = async (address) => (await fetch(server.url + address)).text();
  for (const [, id] of (await text('/')).matchAll(/href="\/c\/([0-9a-f]+)"/g)) {
    if ((await text(`/c/${id}`)).includes('<title>Long ·')) return id;
  }
  throw new Error(`the conversation was not imported: ${done.status}`);
}
