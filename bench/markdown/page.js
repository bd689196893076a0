// What runs in the browser: a document streams into an element through one renderer.

import { normal } from './normal.js';

const answer = document.querySelector('.answer');
const transcript = document.querySelector('.transcript');

/** Loads a renderer and lets it get warm on a short text. */
export async function load(name, warmUp) {
  const engine = await import(`/engines/${name}.js`);
  await engine.ready?.();
  const { growing, done } = begin(engine);
  for (const piece of pieces(warmUp, 20)) await growing.push(piece);
  await growing.finish();
  done();
  return engine;
}

function begin(engine) {
  const element = document.createElement('div');
  element.className = 'prose';
  element.dir = 'auto';
  answer.append(element);
  const growing = engine.grow(element);
  const done = () => {
    growing.remove();
    element.remove();
  };
  return { element, growing, done };
}

/** A text in pieces of at least `size` bytes of UTF-8, cut between characters. */
export function pieces(text, size) {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const found = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + size, bytes.length);
    while ((bytes[end] & 0xc0) === 0x80) end++;
    found.push(decoder.decode(bytes.subarray(start, end)));
    start = end;
  }
  return found;
}

/** Streams without a pause and times every delta: the renderer's work and the changes of the tree, without layout. */
export class Run {
  constructor(engine, text, size) {
    this.engine = engine;
    this.deltas = pieces(text, size);
    this.times = new Float64Array(this.deltas.length);
    this.count = 0;
  }

  async stream(limit_ms) {
    const { deltas, times } = this;
    const { growing, done } = begin(this.engine);
    const start = performance.now();
    let count = 0;
    let before = start;
    while (count < deltas.length && before - start < limit_ms) {
      const rendering = growing.push(deltas[count]);
      // Only a renderer that needs more than one turn gives something to wait for.
      if (rendering) await rendering;
      const now = performance.now();
      times[count++] = now - before;
      before = now;
    }
    this.total_ms = before - start;
    this.count = count;
    this.work = growing.work?.();
    if (count === deltas.length) await growing.finish();
    done();
  }

  result() {
    const { deltas, times, count, total_ms, work } = this;
    const tenth = Math.ceil(count / 10);
    return {
      bytes: new TextEncoder().encode(deltas.slice(0, count).join('')).length,
      stopped: count < deltas.length,
      deltas: count,
      total_ms,
      first: summary(times.slice(0, tenth)),
      last: summary(times.slice(count - tenth, count)),
      work,
    };
  }
}

function summary(times_ms) {
  const sorted = times_ms.sort();
  const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] * 1000;
  const sum = sorted.reduce((sum, time) => sum + time, 0);
  return { mean_us: (sum / sorted.length) * 1000, p50_us: at(0.5), p95_us: at(0.95), max_us: at(1) };
}

/** Streams and counts the nodes that are added, removed or changed. */
export async function touched(engine, text, size, limit_ms) {
  const { element, growing, done } = begin(engine);
  let nodes = 0;
  const count = (records) => {
    for (const record of records) {
      if (record.type !== 'childList') nodes += 1;
      for (const list of [record.addedNodes, record.removedNodes]) for (const node of list) nodes += size_of(node);
    }
  };
  const observer = new MutationObserver(count);
  observer.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
  const start = performance.now();
  let bytes = 0;
  for (const delta of pieces(text, size)) {
    await growing.push(delta);
    count(observer.takeRecords());
    bytes += new TextEncoder().encode(delta).length;
    if (performance.now() - start > limit_ms) break;
  }
  observer.disconnect();
  done();
  return { bytes, nodes };
}

function size_of(node) {
  let count = 1;
  for (let child = node.firstChild; child; child = child.nextSibling) count += size_of(child);
  return count;
}

/** Streams as an answer comes: in every animation frame what has arrived since the last, followed to its end. */
export async function follow(engine, text, size, per_frame, limit_ms) {
  const deltas = pieces(text, size);
  const { growing } = begin(engine);
  const start = performance.now();
  let at = 0;
  while (at < deltas.length && performance.now() - start < limit_ms) {
    await new Promise(requestAnimationFrame);
    performance.mark('frame');
    growing.push(deltas.slice(at, at + per_frame).join(''));
    transcript.scrollTop = transcript.scrollHeight;
    at += per_frame;
  }
  performance.mark('end');
  const bytes = new TextEncoder().encode(deltas.slice(0, at).join('')).length;
  return { bytes, stopped: at < deltas.length, frames: at / per_frame, ms: performance.now() - start };
}

/** The examples that a renderer ends with another document than the specification says. */
export async function wrong(engine, examples, size) {
  const found = [];
  for (const { section, source, html } of examples) {
    const { element, growing, done } = begin(engine);
    let shown;
    try {
      for (const delta of pieces(source, size)) await growing.push(delta);
      await growing.finish();
      without_parts(element);
      shown = normal(element);
    } catch (error) {
      shown = String(error);
    }
    done();
    const expected = document.createElement('template');
    expected.innerHTML = html;
    if (shown !== normal(expected.content)) found.push({ section, source, shown, expected: normal(expected.content) });
  }
  return found;
}

/** Takes away what only groups blocks, and lines of code. */
function without_parts(element) {
  for (const part of element.querySelectorAll('.part')) part.replaceWith(...part.childNodes);
}

/** Whether what has grown is what the renderer gives for the whole text at once. */
export function exact(engine, text, size) {
  const { element, growing, done } = begin(engine);
  for (const delta of pieces(text, size)) growing.push(delta);
  growing.finish();
  without_parts(element);
  const whole = document.createElement('div');
  whole.innerHTML = engine.render(text);
  const same = element.isEqualNode(Object.assign(whole, { className: 'prose', dir: 'auto' }));
  done();
  return same;
}
