// `cargo xtask bench markdown`: the streaming renderer beside others, on its own and in Chromium.
//
// Everything that is compared runs in turn in every round, so that a busy machine is busy for all.
// Medians over the rounds go into the JSON and the table. Nothing here fails because it is slow.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { corpus, document, examples } from './markdown/documents.js';
import { machine } from './machine.js';
import { tasks } from './markdown/trace.js';
import { print } from './markdown/table.js';
import { CHROMIUM_ARGUMENTS } from '../end2end/support/chromium.js';
import { serve } from './markdown/serve.js';
import { grammar_sizes, own_sizes, peer_sizes } from './markdown/sizes.js';

const root = join(import.meta.dirname, '..');
const { native, grammars, wasm, site, chromium: browser_path, out, quick } = JSON.parse(process.argv[2]);

const OURS = 'inglenook';
const PEERS = ['incremark', 'streaming-markdown', 'marked', 'streamdown'];
const ENGINES = [OURS, ...PEERS];
const DELTAS = [5, 50];
const FULL = { kilobytes: [6, 24, 132, 1024], rounds: 3, limit_ms: 20_000, follow_kilobytes: 200, follow_rounds: 3 };
const QUICK = { kilobytes: [6, 24, 132], rounds: 1, limit_ms: 1_000, follow_kilobytes: 48, follow_rounds: 1 };
const plan = quick ? QUICK : FULL;
/** How an answer comes that is followed on the page: so many deltas of so many bytes in each frame. */
const PACE = { delta_bytes: 50, deltas_per_frame: 4 };
const FOLLOW_LIMIT_MS = 120_000;
const NATIVE_ROUNDS = 5;
const WARM_UP_KILOBYTES = 4;

const answers = corpus(join(root, 'markdown/tests/corpus'));
const specification = examples(join(root, 'markdown/tests/examples/spec.txt'));
const documents = plan.kilobytes.map((kilobytes) => ({ kilobytes, text: document(answers, kilobytes) }));

const server = await serve({ wasm, engines: ENGINES });
const browser = await chromium.launch({
  executablePath: browser_path,
  args: CHROMIUM_ARGUMENTS,
});

try {
  const result = {
    about: readFileSync(join(import.meta.dirname, 'markdown/about.txt'), 'utf8').trim().split('\n'),
    machine: machine({ browser: browser.version() }),
    plan: { ...plan, pace: PACE, quick: !!quick },
    sizes: { ours: own_sizes(wasm, site), peers: peer_sizes(server.bundles, PEERS), grammars: grammar_sizes(grammars) },
    correct: await correct(),
    native: native_runs(),
    streams: await streams(),
    touched: await touched(),
    followed: await followed(),
  };
  result.machine.load_after = machine({}).load;
  writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
  print(result);
  console.log(`\nwritten to ${out}`);
} finally {
  await browser.close();
  server.close();
}

/** Runs in a new page, where the renderer is loaded and warm. */
async function in_page(engine, run, argument) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    page.on('pageerror', (error) => console.error(`${engine}: ${error.message}`));
    await page.goto(`${server.url}/page.html`);
    await page.evaluate(
      async ([name, warm_up]) => {
        window.bench = await import('/page.js');
        window.engine = await window.bench.load(name, warm_up);
      },
      [engine, document(answers, WARM_UP_KILOBYTES)],
    );
    return await run(page, argument);
  } finally {
    await page.close();
  }
}

/** What each renderer ends with, compared with CommonMark; and ours with itself, at once and grown. */
async function correct() {
  const found = {};
  for (const engine of ENGINES) {
    say(`correctness of ${engine}`);
    const wrong = await in_page(engine, (page) =>
      page.evaluate((examples) => window.bench.wrong(window.engine, examples, 5), specification),
    );
    const sections = {};
    for (const { section } of wrong) sections[section] = (sections[section] ?? 0) + 1;
    found[engine] = { examples: specification.length, wrong: wrong.length, sections };
  }
  for (const { kilobytes, text } of documents) {
    const same = await in_page(OURS, (page) =>
      page.evaluate(([text]) => window.bench.exact(window.engine, text, 50), [text]),
    );
    if (!same) throw new Error(`the page does not show what the renderer gives for the whole text of ${kilobytes} KB`);
  }
  return found;
}

/** Our renderer without a browser. */
function native_runs() {
  const found = [];
  for (const { kilobytes, text } of documents) {
    const file = join(wasm, `document-${kilobytes}.md`);
    writeFileSync(file, text);
    for (const delta of DELTAS) {
      const runs = Array.from({ length: NATIVE_ROUNDS }, () => JSON.parse(execFileSync(native, [delta, file], { encoding: 'utf8' })));
      found.push({ kilobytes, delta, ...median_of(runs) });
    }
  }
  return found;
}

/** Every document through every renderer, as fast as it goes. */
async function streams() {
  const found = [];
  for (const { kilobytes, text } of documents) {
    for (const delta of DELTAS) {
      const runs = Object.fromEntries(ENGINES.map((engine) => [engine, []]));
      for (let round = 0; round < plan.rounds; round++) {
        for (const engine of ENGINES) {
          // Whoever did not get through once is not asked again.
          if (runs[engine].some((run) => run.stopped)) continue;
          say(`${kilobytes} KB in deltas of ${delta} bytes, round ${round + 1}: ${engine}`);
          runs[engine].push(await in_page(engine, (page) => stream(page, text, delta)));
        }
      }
      for (const engine of ENGINES) found.push({ engine, kilobytes, delta, ...median_of(runs[engine]) });
    }
  }
  return found;
}

async function stream(page, text, delta) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpu_ms = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
  };
  await page.evaluate(([text, delta]) => {
    window.run = new window.bench.Run(window.engine, text, delta);
  }, [text, delta]);
  const before = await cpu_ms();
  await page.evaluate((limit) => window.run.stream(limit), plan.limit_ms);
  const after = await cpu_ms();
  return { cpu_ms: after - before, ...(await page.evaluate(() => window.run.result())) };
}

/** How many nodes each renderer touches, which is counted and needs no rounds. */
async function touched() {
  const found = [];
  for (const { kilobytes, text } of documents.filter(({ kilobytes }) => kilobytes <= 132)) {
    for (const delta of DELTAS) {
      for (const engine of ENGINES) {
        say(`nodes touched in ${kilobytes} KB in deltas of ${delta} bytes: ${engine}`);
        const run = await in_page(engine, (page) =>
          page.evaluate(
            ([text, delta, limit]) => window.bench.touched(window.engine, text, delta, limit),
            [text, delta, plan.limit_ms / 6],
          ),
        );
        found.push({ engine, kilobytes, delta, ...run });
      }
    }
  }
  return found;
}

/** An answer that is followed on the page: all that the main thread does, layout and painting included. */
async function followed() {
  const text = document(answers, plan.follow_kilobytes);
  const runs = Object.fromEntries(ENGINES.map((engine) => [engine, []]));
  for (let round = 0; round < plan.follow_rounds; round++) {
    for (const engine of ENGINES) {
      if (runs[engine].some((run) => run.stopped)) continue;
      say(`${plan.follow_kilobytes} KB followed on the page, round ${round + 1}: ${engine}`);
      const run = await in_page(engine, async (page) => {
        await browser.startTracing(page, { categories: ['-*', 'toplevel', 'devtools.timeline', 'blink.user_timing'] });
        const run = await page.evaluate(
          ([text, { delta_bytes, deltas_per_frame }, limit]) =>
            window.bench.follow(window.engine, text, delta_bytes, deltas_per_frame, limit),
          [text, PACE, FOLLOW_LIMIT_MS],
        );
        const trace = JSON.parse((await browser.stopTracing()).toString());
        return { ...run, ...tasks(trace.traceEvents) };
      });
      runs[engine].push(run);
    }
  }
  return ENGINES.map((engine) => ({ engine, kilobytes: plan.follow_kilobytes, ...median_of(runs[engine]) }));
}

/** The median of every number in runs that look alike; of a run that was stopped there is only one. */
function median_of(runs) {
  const kept = runs.some((run) => run.stopped) ? runs.filter((run) => run.stopped) : runs;
  const merge = (values) => {
    if (typeof values[0] === 'number') return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    if (typeof values[0] !== 'object' || values[0] === null) return values[0];
    return Object.fromEntries(Object.keys(values[0]).map((key) => [key, merge(values.map((value) => value[key]))]));
  };
  return { rounds: kept.length, ...merge(kept) };
}

function say(what) {
  process.stderr.write(process.stderr.isTTY ? `\x1b[2K\r${what}` : `${what}\n`);
}
