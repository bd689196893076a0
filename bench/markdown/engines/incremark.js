// @incremark/core yields syntax trees, block by block. It comes with components for frameworks and
// with no renderer for plain pages, so unified's makes its blocks into nodes. A block is made again
// only if its text has changed, and a finished one if a link's definition came after it.

import { createIncremarkParser } from '@incremark/core';
import { toDom } from 'hast-util-to-dom';
import { toHast } from 'mdast-util-to-hast';

const refers = (node) => node.type.endsWith('Reference') || !!node.children?.some(refers);

export function grow(element) {
  const parser = createIncremarkParser({ gfm: true });
  const referring = [];
  let pending = new Map();
  let defined = 0;

  function nodesOf(block, definitions) {
    // A tree is rendered with what it defines itself, so that is where all definitions go.
    const tree = { type: 'root', children: [...Object.values(definitions), block.node] };
    const made = toDom(toHast(tree), { fragment: true });
    return [...made.childNodes];
  }

  function show(update) {
    const { completed, definitions } = update;
    const count = Object.keys(definitions).length;
    if (count !== defined) {
      defined = count;
      for (const shown of referring) {
        const nodes = nodesOf(shown.block, definitions);
        shown.nodes[0]?.before(...nodes);
        shown.nodes.forEach((node) => node.remove());
        shown.nodes = nodes;
      }
    }
    const before = pending;
    pending = new Map();
    for (const [index, block] of [...completed, ...update.pending].entries()) {
      let shown = before.get(block.id);
      if (shown?.block.rawText === block.rawText) {
        before.delete(block.id);
      } else {
        shown = { block, nodes: nodesOf(block, definitions) };
      }
      if (index >= completed.length) pending.set(block.id, shown);
      else if (refers(block.node)) referring.push(shown);
      if (!shown.nodes[0]?.isConnected) element.append(...shown.nodes);
    }
    for (const { nodes } of before.values()) nodes.forEach((node) => node.remove());
  }

  return {
    push: (delta) => show(parser.append(delta)),
    finish: () => show(parser.finalize()),
    remove() {},
  };
}
