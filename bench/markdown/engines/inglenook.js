// Ours: the page's renderer as WASM, which makes its patches itself.

import start, { Growing, render } from '/wasm/bench.js';

export const ready = async () => {
  await start();
};

export function grow(element) {
  const growing = new Growing(element);
  return {
    push: (delta) => growing.push(delta),
    finish: () => growing.finish(),
    work: () => growing.work(),
    remove: () => growing.free(),
  };
}

export { render };
