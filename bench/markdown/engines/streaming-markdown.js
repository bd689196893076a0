// streaming-markdown: a parser by characters that only ever appends.

import { default_renderer, parser, parser_end, parser_write } from 'streaming-markdown';

export function grow(element) {
  const growing = parser(default_renderer(element));
  return {
    push: (delta) => parser_write(growing, delta),
    finish: () => parser_end(growing),
    remove() {},
  };
}
