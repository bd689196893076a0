// streamdown, Vercel's component for streaming answers: it is given the text so far. Each rendering is
// waited for, with what its effects render after it, so that work is counted where it is caused.

import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { Streamdown } from 'streamdown';

const turns = new MessageChannel();

/** Resolves when the tasks that are queued by now have run. */
const turn = () =>
  new Promise((resolve) => {
    turns.port1.onmessage = resolve;
    turns.port2.postMessage(null);
  });

export function grow(element) {
  const root = createRoot(element);
  let text = '';
  const render = (isAnimating) =>
    flushSync(() => root.render(createElement(Streamdown, { isAnimating }, text)));
  return {
    push(delta) {
      text += delta;
      render(true);
      return turn();
    },
    finish() {
      render(false);
      return turn();
    },
    remove: () => root.unmount(),
  };
}
