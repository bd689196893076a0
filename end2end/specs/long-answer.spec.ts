// Reading while an answer grows: the view follows only who is at the end, and finished text rests.

import { expect, test } from '../support/test';
import { script, type Step } from '../support/upstream';

const paragraphs = (count: number, pause: number): Step[] =>
  Array.from({ length: count }, (_, n): Step[] => [
    { delta: `Paragraph ${n + 1}: ${'some words to fill a line or two '.repeat(6)}\n\n` },
    { pause },
  ]).flat();

test('the view follows at the end, lets go on scrolling up, and comes back', async ({ visitor }) => {
  await visitor.open();
  await visitor.ask(script(...paragraphs(120, 60), { finish: 'stop' }, 'done'));
  await expect(visitor.text).toContainText('Paragraph 25:');
  await expect.poll(() => visitor.fromEnd()).toBeLessThan(60);
  await expect(visitor.toLatest).toBeHidden();

  await visitor.scrollBy(-600);
  await expect(visitor.toLatest).toBeVisible();
  const place = await visitor.transcript.evaluate((e) => e.scrollTop);
  const reached = (await visitor.text.locator('p').count()) + 8;
  await expect(visitor.text.locator('p').nth(reached)).toBeAttached();
  expect(await visitor.transcript.evaluate((e) => e.scrollTop)).toBe(place);

  await visitor.toLatest.click();
  await expect.poll(() => visitor.fromEnd()).toBeLessThan(60);
  await expect(visitor.toLatest).toBeHidden();
  await visitor.isComplete();
  await expect.poll(() => visitor.fromEnd()).toBeLessThan(10);
});

for (const [ask, last] of [['long', 'Copy answer'], ['cut', 'Retry'], ['length', 'Continue']]) {
  test(`what stands below an ended answer comes into view: ${ask}`, async ({ visitor }) => {
    await visitor.open();
    for (const ask of ['context', '404', '500']) await visitor.askAndRead(ask);
    await visitor.askAndRead(ask);
    await expect(visitor.answer.getByRole('button', { name: last })).toBeInViewport({ ratio: 1 });
    await expect.poll(() => visitor.fromEnd()).toBeLessThan(10);
  });
}

test('a conversation opens at its end', async ({ visitor }) => {
  await visitor.open();
  await visitor.askAndRead('long');
  await visitor.reload();
  await expect.poll(() => visitor.fromEnd()).toBeLessThan(10);
  await visitor.scrollBy(-900);
  await expect(visitor.toLatest).toBeVisible();
});

test('hardly more elements are made than stay, and no more at the end than at the beginning', async ({ visitor, page }) => {
  const part = '## A part\n\n- one\n- two with `code`\n\n| a | b |\n| - | - |\n| 1 | **2** |\n\n```rust\nfn main() {}\n```\n\nSome words, and [a link](https://example.com).\n\n';
  const parts = 24;
  const text = part.repeat(parts);
  const deltas = text.match(/[^]{1,12}/g)!.flatMap((delta): Step[] => [{ delta }, { pause: 8 }]);
  await visitor.open();
  // The renderer and the grammar are there, so that what is counted is the answer alone.
  await visitor.askAndRead('long');
  await page.evaluate(() => {
    const text = () => [...document.querySelectorAll('article.answer > .prose')].at(-1)!;
    const counts = { added: 0, halfway: 0, stay: () => text().getElementsByTagName('*').length };
    Object.assign(window, { counts });
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (node instanceof Element && node !== text() && text().contains(node)) counts.added += 1 + node.getElementsByTagName('*').length;
        }
      }
      if (!counts.halfway && text().querySelectorAll('h2').length > 12) counts.halfway = counts.added;
    }).observe(document.body, { childList: true, subtree: true });
  });
  await visitor.askAndRead(script(...deltas, { finish: 'stop' }, 'done'));
  const { added, halfway, stay } = await page.evaluate(() => {
    const { counts } = window as unknown as { counts: { added: number; halfway: number; stay: () => number } };
    return { ...counts, stay: counts.stay() };
  });
  expect(halfway).toBeGreaterThan(0);
  expect(added).toBeLessThan(1.25 * stay);
  expect(added - halfway).toBeLessThan(1.2 * halfway);
});

test('a finished paragraph is never touched again, and a selection in it survives', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask(script({ delta: 'The **first** paragraph, with `code`.\n\n' }, ...paragraphs(40, 50), { finish: 'stop' }, 'done'));
  await expect(visitor.text).toContainText('Paragraph 2:');
  await visitor.text.locator('p').first().evaluate((first) => {
    const marked = first as HTMLElement & { marked?: boolean; changes?: number };
    marked.marked = true;
    marked.changes = 0;
    const count = (changes: MutationRecord[]) => (marked.changes! += changes.length);
    new MutationObserver(count).observe(first, { attributes: true, childList: true, subtree: true, characterData: true });
    getSelection()!.selectAllChildren(first);
  });
  await visitor.isComplete();
  const first = await visitor.text.locator('p').first().evaluate((first) => {
    const { marked, changes } = first as HTMLElement & { marked?: boolean; changes?: number };
    return { marked, changes };
  });
  expect(first).toEqual({ marked: true, changes: 0 });
  expect(await page.evaluate(() => getSelection()!.toString())).toBe('The first paragraph, with code.');
});
