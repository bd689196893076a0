// marked, as most pages use it: the whole text is parsed again and put in place of what was shown.
// Its HTML is not sanitised here, which a page would have to add.

import { marked } from 'marked';

export function grow(element) {
  let text = '';
  return {
    push(delta) {
      text += delta;
      element.innerHTML = marked.parse(text);
    },
    finish() {},
    remove() {},
  };
}
