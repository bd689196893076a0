// The result for people at a terminal.

import { table } from '../programs.js';

const number = (value) =>
  value === undefined ? '' : value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(value >= 10 ? 3 : 2);

export function print({ machine, correct, native, streams, touched, followed, sizes }) {
  console.log(`\n${machine.model}, ${machine.cores} cores, ${machine.memory_mb} MB, Chromium ${machine.browser}`);
  console.log(`load when it began ${machine.load[0]}, when it ended ${machine.load_after[0]}\n`);

  console.log('Final document as CommonMark says (examples without raw HTML)');
  table(
    Object.entries(correct).map(([engine, { examples, wrong, sections }]) => ({
      renderer: engine,
      right: `${examples - wrong} of ${examples}`,
      'wrong in': Object.entries(sections)
        .sort(([, a], [, b]) => b - a)
        .slice(0, 5)
        .map(([section, count]) => `${section} ${count}`)
        .join(', '),
    })),
  );

  console.log('\nStreamed as fast as it goes, in the browser and (native) without one; times per delta in µs');
  const native_rows = native.map((run) => ({ engine: 'inglenook native', ...run }));
  for (const { kilobytes, delta } of native) {
    const here = (run) => run.kilobytes === kilobytes && run.delta === delta;
    const ours = streams.find((run) => here(run) && run.engine === 'inglenook');
    table(
      [...native_rows, ...streams].filter(here).map((run) => ({
        [`${kilobytes} KB by ${delta} bytes`]: run.engine,
        'total ms': number(run.total_ms) + (run.stopped ? ` to ${Math.round(run.bytes / 1024)} KB` : ''),
        'CPU ms': run.cpu_ms === undefined ? '' : number(run.cpu_ms),
        'x ours': run.cpu_ms === undefined ? '' : number(run.cpu_ms / run.bytes / (ours.cpu_ms / ours.bytes)),
        'first 10 %: p50': number(run.first.p50_us),
        p95: number(run.first.p95_us),
        max: number(run.first.max_us),
        'last 10 %: p50': number(run.last.p50_us),
        'p95 ': number(run.last.p95_us),
        'max ': number(run.last.max_us),
        'last/first': number(run.last.mean_us / run.first.mean_us),
        'bytes parsed/length': run.work === undefined ? '' : number(run.work / run.bytes),
        'nodes/KB': number(nodes_per_kilobyte(touched.find((count) => here(count) && count.engine === run.engine))),
      })),
    );
    console.log();
  }

  console.log(`${followed[0].kilobytes} KB followed on the page: main-thread work per frame, and its longest task, in ms`);
  table(
    followed.map((run) => ({
      renderer: run.engine,
      'frame p50': number(run.frame_ms.p50),
      p95: number(run.frame_ms.p95),
      max: number(run.frame_ms.max),
      'first 10 %': number(run.frame_ms.first_tenth_mean),
      'last 10 %': number(run.frame_ms.last_tenth_mean),
      'longest task': number(run.longest_task_ms),
      'in all': number(run.main_thread_ms) + (run.stopped ? ` to ${Math.round(run.bytes / 1024)} KB` : ''),
    })),
  );

  console.log('\nBytes on the wire (brotli)');
  const { page = {}, ...renderer } = sizes.ours;
  for (const [what, bytes] of Object.entries({ ...renderer, ...page, ...sizes.peers })) console.log(`  ${what}: ${bytes.toLocaleString('en')}`);
  const { median, largest, up_to_20_kb } = sizes.grammars;
  console.log(`  a grammar: ${median.toLocaleString('en')} (median), ${largest.toLocaleString('en')} at most; ${up_to_20_kb} have 20 KB or less`);
}

const nodes_per_kilobyte = (count) => count && count.nodes / (count.bytes / 1024);
