// The documents that stream: answers of the kinds that models write, repeated under varied headings
// until the size is reached. The same bytes on every machine.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every answer of the corpus, shuffled so that a short document has several kinds of them, always the same. */
export function corpus(folder) {
  const place = (name) => createHash('sha1').update(name).digest('hex');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort((a, b) => (place(a) < place(b) ? -1 : 1))
    .map((name) => ({ name: name.slice(0, -3), text: readFileSync(join(folder, name), 'utf8') }));
}

/** A document of about `kilobytes`: it ends with the last line that fits. */
export function document(answers, kilobytes) {
  const bytes = kilobytes * 1024;
  let text = '';
  for (let part = 1; Buffer.byteLength(text) < bytes; part++) {
    const { name, text: answer } = answers[(part - 1) % answers.length];
    text += `## Part ${part}: ${name}\n\n${numbered(answer, part).trimEnd()}\n\n`;
  }
  const cut = Buffer.from(text).subarray(0, bytes).toString('utf8');
  return cut.slice(0, cut.lastIndexOf('\n') + 1);
}

/** Labels of references and footnotes are a document's own, so each part gets its own. */
function numbered(answer, part) {
  const labels = [...answer.matchAll(/^ {0,3}\[([^\]]+)\]:/gm)].map(([, label]) => label);
  return labels.reduce((text, label) => text.replaceAll(`[${label}]`, `[${label}-${part}]`), answer);
}

/** Where the sections of CommonMark 0.31.2 begin, by the number of their first example. */
const SECTIONS = Object.entries({
  tabs: 1, escapes: 12, entities: 25, precedence: 42, 'thematic breaks': 43, headings: 62, 'setext headings': 80,
  'indented code': 107, 'fenced code': 119, html: 148, definitions: 192, paragraphs: 219, quotes: 228,
  'list items': 253, lists: 301, 'code spans': 328, emphasis: 350, links: 482, images: 572, autolinks: 594,
  'raw html': 613, breaks: 633,
});

/** The examples of the CommonMark specification without those that have raw HTML, which some show as text. */
export function examples(file) {
  const fence = '`'.repeat(8);
  return readFileSync(file, 'utf8')
    .split(`${fence} example\n`)
    .slice(1)
    .map((example, index) => {
      const [source, html] = example.split(`${fence}\n`)[0].split(/^\.\n/m);
      const [section] = SECTIONS.findLast(([, first]) => first <= index + 1);
      return { section, source, html };
    })
    .filter(({ source }) => !/<(?![a-z]+:|[^ ]+@)[a-z/!?]/i.test(source));
}
