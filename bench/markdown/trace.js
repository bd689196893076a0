// Reads from a browser's trace what the page's main thread did.

/**
 * The work in each frame, or for each `what` else that the page marks, and the longest task, in milliseconds, between its
 * first and last mark.
 */
export function tasks(events, what = 'frame') {
  const marks = events.filter(({ cat, name }) => cat.includes('blink.user_timing') && (name === what || name === 'end'));
  const { pid, tid } = marks[0];
  const frames = marks.map(({ ts }) => ts).sort((a, b) => a - b);
  const end = frames.at(-1);
  const on_main = events.filter(
    (event) => event.pid === pid && event.tid === tid && event.ph === 'X' && event.name.endsWith('RunTask'),
  );
  const work = new Float64Array(frames.length - 1);
  let longest = 0;
  let longest_cpu = 0;
  let over_50 = 0;
  let cpu = 0;
  on_main.sort((a, b) => a.ts - b.ts);
  let frame = 0;
  for (const { ts, dur = 0, tdur = dur } of on_main) {
    // A frame's task begins a moment before the mark that it sets.
    while (frame + 1 < frames.length - 1 && ts + dur >= frames[frame + 1]) frame++;
    if (ts + dur < frames[0] || ts > end) continue;
    work[frame] += tdur / 1000;
    cpu += tdur / 1000;
    longest = Math.max(longest, dur / 1000);
    longest_cpu = Math.max(longest_cpu, tdur / 1000);
    if (dur > 50_000) over_50++;
  }
  const tenth = Math.ceil(work.length / 10);
  const mean = (frames) => frames.reduce((sum, ms) => sum + ms, 0) / frames.length;
  const [first, last] = [mean(work.slice(0, tenth)), mean(work.slice(-tenth))];
  const sorted = work.sort();
  const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
  return {
    frame_ms: { p50: at(0.5), p95: at(0.95), max: at(1), first_tenth_mean: first, last_tenth_mean: last },
    main_thread_ms: cpu,
    tasks_over_50_ms: over_50,
    longest_task_ms: longest_cpu,
    longest_task_wall_ms: longest,
  };
}
