// A document as every renderer should show it, whatever it adds around: the elements that CommonMark
// and GFM know, and the text in them. Links and images are their text, since renderers that take no
// relative addresses leave them out on purpose.

const BLOCKS = new Set('p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table thead tbody tr th td hr br'.split(' '));
const NAMES = new Set([...BLOCKS, ...'code em strong del input img button'.split(' ')]);
/** What renderers put beside the text for people: labels and buttons. */
const EXTRA = 'figcaption, svg, style, script, [data-streamdown="code-block-header"], [data-streamdown="code-block-actions"]';

/** One line of text for a tree. */
export function normal(root) {
  const line = new Line();
  for (const child of root.childNodes) write(child, line, false);
  return line.text.trimEnd();
}

function write(node, line, exact) {
  if (node.nodeType === Node.TEXT_NODE) return line.add(node.data, exact);
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches(EXTRA)) return;
  const name = name_of(node);
  if (name === 'img') return line.add(node.alt, exact);
  if (name === 'input') return line.add(node.checked ? '[x] ' : '[ ] ', exact);
  if (name === 'button') return node.matches('.image') && write(node.firstChild, line, exact);
  const inside = exact || name === 'pre';
  if (name) line.tag(name === 'ol' && node.start !== 1 ? `ol ${node.start}` : name, BLOCKS.has(name));
  for (const child of node.childNodes) write(child, line, inside);
  // Whether code ends with a line end is not to be seen.
  if (name === 'pre') line.text = line.text.replace(/\n<\/code>$/, '</code>');
  if (name) line.tag(`/${name}`, BLOCKS.has(name));
}

function name_of(node) {
  const name = node.localName;
  if (node.dataset.streamdown === 'strong') return 'strong';
  // A tight list may be told from a loose one by a class instead of missing paragraphs.
  if (name === 'p' && node.matches('.tight > li > p')) return '';
  return NAMES.has(name) ? name : '';
}

/** Text without the space that nobody sees: at the edges of blocks, and after other space. */
class Line {
  text = '';
  edge = true;

  add(text, exact) {
    let seen = exact ? text : text.replace(/\s+/g, ' ');
    if (!exact && (this.edge || this.text.endsWith(' '))) seen = seen.trimStart();
    this.text += seen.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    if (seen) this.edge = false;
  }

  tag(name, is_block) {
    if (is_block) this.text = this.text.trimEnd();
    this.text += `<${name}>`;
    this.edge = is_block;
  }
}
