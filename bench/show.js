// `cargo xtask bench show`: puts the kept results into the README, as one table and one picture.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { median } from './programs.js';

const here = import.meta.dirname;
const readme = join(here, '../README.md');

const relay = latest('relay');
const page = latest('page');
const browser = latest('browser');
const idle = latest('idle');
const memory = latest('memory');
const answers = latest('answers');
const search = latest('search');
const { steps, answers: asked } = memory;
const { messages, questions } = search;

const rows = [
  ...relay.loads.filter(({ pace }) => pace > 0).flatMap((load) => [
    {
      what: `From the upstream through the relay to the reader, ${spelled(load.streams)} of 20 events/s, median`,
      unit: 'ms',
      values: delayed(load, 'p50'),
    },
    { what: 'The same, 99th percentile', unit: 'ms', values: delayed(load, 'p99') },
  ]),
  {
    what: 'Events through the relay as fast as it goes, processor seconds for a million',
    unit: 's',
    values: relayed(
      relay.loads.find(({ pace }) => pace === 0),
      ({ rounds }) => median(rounds.map(({ cpu_s_per_million_events }) => cpu_s_per_million_events)),
    ),
  },
  {
    what: 'The same: events in a second',
    unit: 'of 8 streams',
    values: relayed(
      relay.loads.find(({ pace }) => pace === 0),
      ({ rounds }) => median(rounds.map(({ events_per_s }) => events_per_s)),
    ),
  },
  {
    what: 'Memory with 1,000 streams in the relay',
    unit: 'MB',
    values: relayed(
      relay.loads.find(({ streams }) => streams === 1_000),
      ({ rounds }) => median(rounds.map(({ memory_mb }) => memory_mb)),
    ),
  },
  { what: 'First visit, compressed, until one can type', unit: 'KB', values: visited('KB until ready') },
  { what: 'The same with what is loaded afterwards', unit: 'KB', values: visited('KB in all') },
  { what: 'First visit, until one can type', unit: 'ms', values: visited('ready ms') },
  { what: 'The first coloured block of code (Rust), further', unit: 'KB', values: { Inglenook: page.code?.KB } },
  { what: 'Lighthouse, mobile: performance', unit: 'of 100', values: judged('new chat') },
  { what: 'The same of a conversation', unit: 'of 100', values: judged('conversation') },
  { what: 'From the start of the server to the first byte of a page', unit: 'ms', values: beside('started ms') },
  { what: 'Memory of the server then', unit: 'MB', values: beside('memory MB') },
  { what: 'Memory at rest', unit: 'MB', values: { Inglenook: steps.at(0).taken.memory_mb } },
  {
    what: `The same after an hour of ${asked.toLocaleString('en')} answers to 50 people`,
    unit: 'MB',
    values: { Inglenook: steps.at(-1).taken.memory_mb },
  },
  { what: 'An open event stream while nothing happens', unit: 'KB', values: { Inglenook: idle.kb_each } },
  ...answers.loads.filter(({ readers, answers }) => readers === 1 && answers === 1_000).map(({ rounds }) => ({
    what: '1,000 answers at 20 deltas/s, each stored before it is shown: delay, 99th percentile',
    unit: 'ms',
    values: { Inglenook: median(rounds.map(({ delay_ms }) => delay_ms.p99)) },
  })),
  {
    what: `A search in ${messages.toLocaleString('en')} messages, median of the slowest`,
    unit: 'ms',
    values: { Inglenook: Math.max(...Object.keys(questions).filter((name) => name.startsWith('search ')).map((name) => questions[name].ms.p50)) },
  },
  { what: 'The page of a conversation of 1,000 among them, median', unit: 'ms', values: { Inglenook: questions['conversation of 1,000'].ms.p50 } },
  ...browser.streamed.filter(({ slower }) => slower === 1).flatMap((streamed) => [
    {
      what: `On the page, an answer of ${streamed.answer}: work of the main thread in all`,
      unit: 's',
      values: { Inglenook: streamed['main thread, unwatched'] / 1000, ...onOtherPages(streamed.answer, 'main thread, unwatched', 1000) },
    },
    { what: 'The same: from the question until it is whole', unit: 's', values: { Inglenook: streamed.seconds, ...onOtherPages(streamed.answer, 'seconds', 1) } },
    { what: 'The same in a frame, watched, 95th percentile', unit: 'ms', values: { Inglenook: streamed['frame p95'] } },
  ]),
  ...browser.long.filter(({ slower }) => slower === 1).flatMap((long) => [
    { what: 'A conversation of 1,000 messages, until its page is painted', unit: 'ms', values: { Inglenook: long.painted } },
    { what: 'A key in it, 95th percentile', unit: 'ms', values: { Inglenook: long['a key, p95'] } },
    { what: 'From a new chat to it, until it is painted', unit: 'ms', values: { Inglenook: long['switch to it'] } },
  ]),
].filter(({ values }) => Object.values(values).some((value) => value !== undefined));

const columns = ['Inglenook', ...new Set(rows.flatMap(({ values }) => Object.keys(values)).filter((name) => name !== 'Inglenook'))];
const table = [
  `| | ${columns.join(' | ')} |`,
  `| --- | ${columns.map(() => '---:').join(' | ')} |`,
  ...rows.map(({ what, unit, values }) => `| ${what}, ${unit} | ${columns.map((name) => number(values[name])).join(' | ')} |`),
].join('\n');
replace('bench-table', [table, ...notes()].join('\n\n'));

const hundred = relay.loads.find(({ streams, pace }) => streams === 100 && pace > 0);
const valuesOf = (beginning) => rows.find(({ what }) => what.startsWith(beginning)).values;
const charts = [
  { title: 'Delay added by the relay, ms', note: '100 streams, median', values: relayed(hundred, ({ added_p50_ms }) => added_p50_ms) },
  { title: 'Memory of the relay, MB', note: '1,000 streams', values: valuesOf('Memory with 1,000') },
  { title: 'First visit, KB', note: 'until one can type', values: visited('KB until ready') },
  { title: 'Until one can type, ms', note: 'first visit', values: visited('ready ms') },
  { title: 'Work of the page for an answer, s', note: '132 KB, 200 deltas/s', values: valuesOf('On the page, an answer of 132 KB') },
  { title: 'Memory of the server, MB', note: 'after its start', values: valuesOf('Memory of the server then') },
];
writeFileSync(join(here, 'beside.svg'), picture(charts));
console.log(table);

/** What other pages took for an answer. */
function onOtherPages(answer, field, unit) {
  const same = browser.beside.filter((beside) => beside.answer === answer);
  return Object.fromEntries(same.map((beside) => [beside.page, beside[field] / unit]));
}

/** The newest result that is kept of a bench. */
function latest(name) {
  const files = readdirSync(here).filter((file) => new RegExp(`^${name}-\\d{4}-\\d\\d-\\d\\d\\.json$`).test(file)).sort();
  if (!files.length) throw new Error(`there is no result of ${name}: run \`cargo xtask bench ${name}\``);
  return JSON.parse(readFileSync(join(here, files.at(-1)), 'utf8'));
}

/** The delay of an event, without any relay too: what a relay adds is the difference. */
function delayed(load, percentile) {
  const of = ({ rounds }) => median(rounds.map(({ delay_ms }) => delay_ms[percentile]));
  return { ...relayed(load, of), 'no relay': of(load.targets.direct) };
}

function relayed({ targets }, which) {
  const names = { inglenook: 'Inglenook', nginx: 'nginx', litellm: 'LiteLLM' };
  return Object.fromEntries(
    Object.entries(names).filter(([target]) => targets[target]).map(([target, name]) => [name, which(targets[target])]),
  );
}

function visited(field) {
  const first = page.visits.filter(({ page }) => page.endsWith(', first'));
  return Object.fromEntries(first.map((visit) => [shown(visit.page.split(', ')[0]), visit[field]]));
}

/** What a server takes. llama.cpp loads a model meanwhile, which is no part of a page. */
function beside(field) {
  const comparable = page.servers.filter(({ name }) => !name.startsWith('llama'));
  return Object.fromEntries(comparable.map((server) => [shown(server.name), server[field]]));
}

/** What Lighthouse says of other pages, and of one of ours. */
function judged(ours) {
  const named = page.lighthouse.filter(({ page }) => page.endsWith(', mobile') && (!page.includes(':') || page.includes(`: ${ours},`)));
  return Object.fromEntries(named.map((row) => [shown(row.page.split(/[:,]/)[0]), row.performance]));
}

/** What the numbers do not tell: who did not carry a load, and where they were measured. */
function* notes() {
  for (const { streams, targets } of relay.loads) {
    const failed = relayed({ targets }, ({ rounds }) => median(rounds.map(({ failed }) => failed)));
    for (const [name, count] of Object.entries(failed)) {
      if (count) yield `Of ${spelled(streams)} through ${name}, ${count} failed in the median round: its delays are those of the others.`;
    }
  }
  const machines = new Map();
  for (const { bench, machine } of [relay, answers, idle, page, browser, search, memory]) {
    const name = `${machine.cores} cores of ${/AMD|Intel/.exec(machine.model)?.[0] ?? machine.model}`;
    machines.set(name, [...(machines.get(name) ?? []), bench]);
  }
  yield `Measured on ${[...machines].map(([name, benches]) => `${name} (${benches.join(', ')})`).join(' and ')}.`;
}

function shown(name) {
  return name === 'inglenook' ? 'Inglenook' : name;
}

function spelled(streams) {
  return streams === 1 ? 'one stream' : `${streams.toLocaleString('en')} streams`;
}

function number(value) {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 0 : 2);
}

/** Replaces what stands between two comments of the README. */
function replace(name, text) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = readFileSync(readme, 'utf8');
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place marked ${begin} … ${end}`);
  writeFileSync(readme, `${whole.slice(0, from + begin.length)}\n${text}\n${whole.slice(to)}`);
}

/** Bars beside each other, in the colours of the reader's theme. */
function picture(charts) {
  const [width, gap, bar, top] = [760, 24, 22, 56];
  const column = (width - gap) / 2;
  const height = (chart) => top + Object.keys(chart.values).length * (bar + 6) + 20;
  // Where each pair begins, and where the last one ends.
  const tops = [0];
  for (let first = 0; first < charts.length; first += 2) {
    tops.push(tops.at(-1) + Math.max(...charts.slice(first, first + 2).map(height)));
  }
  const drawn = charts.map((chart, index) => {
    const [x, y] = [(index % 2) * (column + gap), tops[Math.floor(index / 2)]];
    const largest = Math.max(...Object.values(chart.values));
    const bars = Object.entries(chart.values).map(([name, value], line) => {
      const long = Math.max(2, (Math.max(value, 0) / largest) * (column - 190));
      const at = top + line * (bar + 6);
      return `<text class="name" x="104" y="${at + 16}" text-anchor="end">${name.replace("llama.cpp's page", 'llama.cpp')}</text>` +
        `<rect class="${name === 'Inglenook' ? 'ours' : 'other'}" x="112" y="${at}" width="${long.toFixed(1)}" height="${bar}" rx="4"/>` +
        `<text class="value" x="${(118 + long).toFixed(1)}" y="${at + 16}">${number(value)}</text>`;
    });
    return `<g transform="translate(${x} ${y})"><text class="title" x="0" y="24">${chart.title}</text>` +
      `<text class="note" x="0" y="42">${chart.note}</text>${bars.join('')}</g>`;
  });
  const words = charts.map(({ title, note, values }) => `${title} (${note}): ${Object.entries(values).map(([name, value]) => `${name} ${number(value)}`).join(', ')}.`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tops.at(-1)}" role="img" aria-labelledby="t d">
<title id="t">Inglenook beside others</title>
<desc id="d">${words.join(' ')}</desc>
<style>
text { font: 13px system-ui, sans-serif; fill: #57534e }
.title { font-weight: 600; font-size: 15px; fill: #1c1917 }
.note { font-size: 12px }
.value { fill: #1c1917; font-variant-numeric: tabular-nums }
.ours { fill: #b4532a }
.other { fill: #d6d3d1 }
@media (prefers-color-scheme: dark) {
text { fill: #a8a29e }
.title, .value { fill: #f5f5f4 }
.ours { fill: #e0875c }
.other { fill: #57534e }
}
</style>
${drawn.join('\n')}
</svg>
`;
}
