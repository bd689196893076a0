// `cargo xtask bench page`: what a first visit and a revisit weigh and take, beside other pages.

import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import lighthouse, { desktopConfig } from 'lighthouse';

import { machine } from './machine.js';
import { CHROMIUM_ARGUMENTS } from '../end2end/support/chromium.js';
import { inglenook, median, openWebui, start, table, untilItAnswers, upstream } from './programs.js';

const { inglenook: program, python, llama, open_webui, chromium: browser_path, out, quick } = JSON.parse(process.argv[2]);
const ROUNDS = quick ? 1 : 5;
/** Lighthouse takes half a minute for a page. */
const JUDGED = quick ? 1 : 3;

/** What the upstream says, by the question: see `upstream`. */
const CODE_WANTED = '2 at 100';
const documentOf = (kilobytes) => (kilobytes === 2 ? '```rust\nfn main() {}\n```\n' : 'A short answer, with `code` and **weight**.\n');
const speaker = await upstream(documentOf, 20);
const pages = [];

try {
  await serve('inglenook', 'html[data-live] textarea[data-seen]', () => inglenook(program, speaker.url));
  await serve("llama.cpp's page", 'textarea', () => start(python, ['-I', llama]));
  if (open_webui) await serve('Open WebUI', '#chat-input', () => openWebui(open_webui));
  const [ours] = pages;
  const servers = pages.map(({ name, started_ms, pid }) => ({ name, 'started ms': started_ms, 'memory MB': megabytes(pid) }));
  const conversation = await ask(ours.url);
  const visits = await measured();
  const code = await firstCode(ours);
  const judged = await judgedAll([
    { name: 'inglenook: new chat', url: ours.url },
    { name: 'inglenook: conversation', url: conversation },
    ...pages.slice(1),
  ]);
  console.log('\nfrom the start to the first page, and memory then (of llama.cpp with its model)');
  table(servers);
  console.log('\nfirst visit and revisit: KB over the wire, ms, medians');
  table(visits.map(({ kinds, ...visit }) => visit));
  console.log('\nthe first block of code, coloured: KB beyond what a first visit has loaded');
  table([code]);
  console.log('\nLighthouse, medians');
  table(judged.map(({ below_90, ...row }) => row));
  writeFileSync(out, `${JSON.stringify({ bench: 'page', machine: machine({}), rounds: ROUNDS, judged: JUDGED, servers, visits, code, lighthouse: judged }, null, 1)}\n`);
  console.log(`\nkept in ${out}`);
} finally {
  for (const page of pages) page.end();
  speaker.end();
}

/** Starts a server with a page, whose first byte has come `started_ms` after. */
async function serve(name, ready, begin) {
  // What asks first loads Node's own client, which takes longer than some servers take to start.
  await untilItAnswers(speaker.url);
  const begun = performance.now();
  const page = { name, ready, ...(await begin()) };
  pages.push(page);
  await untilItAnswers(page.url);
  page.started_ms = performance.now() - begun;
}

/** How much memory of a process is resident. */
function megabytes(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes) / 1024;
}

/** Has a conversation with an answer, and returns its address. */
async function ask(url) {
  const reply = await fetch(`${url}/rpc/ask`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ text: 'Say something short.' }),
  });
  const { conversation } = await reply.json();
  return `${url}/c/${conversation}`;
}

/** Every page in turn, in every round: a first visit, and a second one with what the first has cached. */
async function measured() {
  const runs = new Map(pages.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const page of pages) {
      const browser = await chromium.launch({ executablePath: browser_path, args: CHROMIUM_ARGUMENTS });
      const context = await browser.newContext();
      runs.get(page.name).push({ first: await visit(context, page), again: await visit(context, page) });
      await browser.close();
    }
  }
  return [...runs].flatMap(([name, rounds]) =>
    ['first', 'again'].map((which) => {
      const of = (field) => median(rounds.map((round) => round[which][field]));
      return {
        page: `${name}, ${which}`,
        'KB until ready': of('kilobytes_until_ready'), 'KB in all': of('kilobytes'), requests: of('requests'), 'first byte ms': of('first_byte_ms'),
        'first paint ms': of('first_paint_ms'), 'ready ms': of('ready_ms'), kinds: rounds[0][which].kinds,
      };
    }),
  );
}

async function visit(context, { url, ready }) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const kinds = {};
  const types = new Map();
  let requests = 0;
  await devtools.send('Network.enable');
  devtools.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    requests++;
    const type = types.get(requestId) ?? 'Other';
    kinds[type] = (kinds[type] ?? 0) + encodedDataLength;
  });
  const kilobytes = () => Object.values(kinds).reduce((sum, bytes) => sum + bytes, 0) / 1024;
  const begun = performance.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.locator(ready).first().waitFor({ timeout: 60_000 });
  const ready_ms = performance.now() - begun;
  const kilobytes_until_ready = kilobytes();
  await page.waitForLoadState('networkidle').catch(() => {});
  const { first_byte_ms, first_paint_ms } = await page.evaluate(() => ({
    first_byte_ms: performance.getEntriesByType('navigation')[0].responseStart,
    first_paint_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  }));
  await page.close();
  return { kilobytes_until_ready, kilobytes: kilobytes(), requests, first_byte_ms, first_paint_ms, ready_ms, kinds };
}

/** What is fetched for the first block of code that is ever seen, until it has its colours. */
async function firstCode({ url, ready }) {
  const browser = await chromium.launch({ executablePath: browser_path, args: CHROMIUM_ARGUMENTS });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(ready).waitFor();
  await page.waitForLoadState('networkidle');
  const fetched = [];
  // These are the worker's requests, too.
  context.on('requestfinished', (request) => fetched.push(request));
  await page.locator('textarea').fill(CODE_WANTED);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('figure.code .line span').first().waitFor();
  await page.waitForLoadState('networkidle');
  let bytes = 0;
  const files = [];
  for (const request of fetched) {
    const { pathname } = new URL(request.url());
    // The question and its answer are no part of it.
    if (/^\/(rpc|api|c)\//.test(pathname)) continue;
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    bytes += responseBodySize + responseHeadersSize;
    files.push(pathname);
  }
  await browser.close();
  return { language: 'rust', KB: bytes / 1024, files: files.length };
}

/** What Lighthouse says of some pages, as phone and as desktop: all of them in turn, in every round. */
async function judgedAll(named) {
  const runs = new Map();
  for (let round = 0; round < JUDGED; round++) {
    for (const preset of ['mobile', 'desktop']) {
      for (const { name, url } of named) {
        const page = `${name}, ${preset}`;
        runs.set(page, [...(runs.get(page) ?? []), await judge(url, preset)]);
      }
    }
  }
  return [...runs].map(([page, rounds]) => {
    const of = (field) => median(rounds.map((round) => round[field]));
    return {
      page, performance: of('performance'), accessibility: of('accessibility'), 'best practices': of('best practices'),
      'of each round': rounds.map(({ performance }) => performance).join(' '), below_90: rounds.at(-1).below_90,
    };
  });
}

/** What Lighthouse says of a page. */
async function judge(url, preset) {
  const browser = await chromium.launch({
    executablePath: browser_path,
    args: [...CHROMIUM_ARGUMENTS, '--remote-debugging-port=9333'],
  });
  try {
    const { lhr } = await lighthouse(url, { port: 9333, logLevel: 'error' }, preset === 'desktop' ? desktopConfig : undefined);
    const score = (category) => Math.round((lhr.categories[category]?.score ?? 0) * 100);
    const failing = Object.values(lhr.audits)
      .filter(({ score, scoreDisplayMode }) => score !== null && score < 0.9 && scoreDisplayMode !== 'informative')
      .map(({ id }) => id);
    return {
      performance: score('performance'), accessibility: score('accessibility'), 'best practices': score('best-practices'),
      below_90: failing,
    };
  } finally {
    await browser.close();
  }
}
