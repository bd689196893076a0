// What answers look like: Markdown, code, reasoning, other scripts, and hostile text.

import { expect, test } from '../support/test';
import { answerWith } from '../support/upstream';

test.beforeEach(({ visitor }) => visitor.open());

test('Markdown is rendered', async ({ visitor }) => {
  await visitor.askAndRead('markdown');
  const text = visitor.text;
  await expect(text.getByRole('heading', { name: 'A heading' })).toBeVisible();
  await expect(text.getByRole('heading', { name: 'Lists' })).toBeVisible();
  await expect(text.getByRole('table').getByRole('columnheader')).toHaveText(['fruit', 'price']);
  await expect(text.getByRole('table').getByRole('cell')).toHaveText(['apple', '1.20', 'pear', '0.90']);
  await expect(text.getByRole('checkbox')).toHaveCount(2);
  await expect(text.getByRole('checkbox').first()).toBeChecked();
  await expect(text.getByRole('checkbox').last()).not.toBeChecked();
  await expect(text.locator('ul ul li')).toHaveText(['green ones']);
  await expect(text.locator('ol li')).toHaveText(['first', 'second']);
  await expect(text.getByRole('blockquote')).toContainText('A quote');
  await expect(text.getByRole('link', { name: 'link' })).toHaveAttribute('href', 'https://example.org/');
  await expect(text.getByRole('link', { name: 'link' })).toHaveAttribute('rel', /noopener|noreferrer/);
  await expect(text.locator('del')).toHaveText('a mistake');
});

test('code names its language, has colours, and is copied exactly', async ({ visitor, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visitor.askAndRead('code');
  const blocks = visitor.text.locator('figure');
  await expect(blocks).toHaveCount(2);
  await expect(blocks.first()).toContainText(/rust/i);
  await expect(blocks.last()).toContainText(/python/i);
  const spans = blocks.first().locator('code span');
  // The last colours come from beside the page.
  await expect
    .poll(() => spans.evaluateAll((spans) => new Set(spans.map((span) => getComputedStyle(span).color)).size))
    .toBeGreaterThan(2);
  await blocks.last().getByRole('button', { name: 'Copy' }).click();
  await expect(blocks.last().getByRole('button', { name: 'Copied' })).toBeVisible();
  const python = 'from collections import Counter\n\ndef count(text: str) -> Counter:\n    """Counts words."""\n    return Counter(text.split())\n';
  expect((await page.evaluate(() => navigator.clipboard.readText())).trimEnd()).toBe(python.trimEnd());
});

test('reasoning is folded away, and says that it thinks and for how long', async ({ visitor }) => {
  await visitor.ask('reasoning');
  const reasoning = visitor.answer.locator('details');
  await expect(reasoning.locator('summary')).toHaveText(/^Thinking/);
  await expect(reasoning).not.toHaveAttribute('open');
  await visitor.isComplete();
  await expect(reasoning.locator('summary')).toHaveText(/^Thought for [12] s$/);
  await expect(visitor.text).toHaveText('The answer is 42.');
  await expect(reasoning.getByText('Thought 20.')).toBeHidden();
  await reasoning.locator('summary').click();
  await expect(reasoning.getByText('Thought 1.', { exact: false })).toBeVisible();
  await visitor.reload();
  await expect(reasoning.locator('summary')).toHaveText(/^Thought for [12] s$/);
});

test('hostile text is only text', async ({ visitor, page }) => {
  await visitor.askAndRead('hostile');
  const check = async () => {
    await expect(visitor.text).toContainText('<script>document.title = "owned"</script>');
    await expect(visitor.text).toContainText('That is all.');
    await expect(visitor.text.locator('script, iframe, style, img, [onerror], [style]')).toHaveCount(0);
    const links = await visitor.text.locator('a[href]').evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).protocol));
    expect(links.every((protocol) => ['http:', 'https:', 'mailto:'].includes(protocol))).toBe(true);
    await expect(page).not.toHaveTitle('owned');
    await expect(visitor.message).toBeVisible();
  };
  await check();
  await visitor.reload();
  await check();
});

test('a hostile question is only text, also as a title', async ({ visitor, page }) => {
  const question = '</title></script><script>document.title="owned"</script><img src=x onerror=alert(1)></textarea>';
  await visitor.askAndRead(question);
  await expect(visitor.questions).toHaveText(question);
  await visitor.reload();
  await expect(visitor.questions).toHaveText(question);
  await expect(page).not.toHaveTitle('owned');
  await expect(page.locator('img')).toHaveCount(0);
});

test('Arabic runs from the right, Chinese from the left', async ({ visitor }) => {
  const direction = () => visitor.text.locator('p').first().evaluate((p) => getComputedStyle(p).direction);
  await visitor.askAndRead(answerWith('مرحبا، كيف يمكنني مساعدتك اليوم؟'));
  await expect(visitor.text).toHaveText('مرحبا، كيف يمكنني مساعدتك اليوم؟');
  expect(await direction()).toBe('rtl');
  await visitor.askAndRead(answerWith('你好，今天我能帮你什么？'));
  await expect(visitor.text).toHaveText('你好，今天我能帮你什么？');
  expect(await direction()).toBe('ltr');
});

test('each paragraph runs its own way, and code always from the left', async ({ visitor }) => {
  await visitor.askAndRead(answerWith('مرحبا بك\n\nHello, and 你好.\n\n```rust\nfn main() {}\n```\n'));
  const direction = (selector: string) =>
    visitor.text.locator(selector).first().evaluate((element) => {
      // What an element's `dir=auto` decides is in its style; `plaintext` decides by each paragraph.
      const { direction, unicodeBidi } = getComputedStyle(element);
      return unicodeBidi === 'plaintext' ? 'by its text' : direction;
    });
  expect(await direction('p >> nth=0')).toMatch(/rtl|by its text/);
  expect(await direction('p >> nth=1')).toMatch(/ltr|by its text/);
  expect(await direction('pre code')).toBe('ltr');
});
