// Reloads, second tabs and other devices: the same text everywhere, and it never shrinks.

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';
import { words } from '../support/upstream';
import { Visitor } from '../support/visitor';

/**
 * Records every text that the page shows as its answer, from its first moment. Each load has a list of its own: what it
 * replaces may still grow while the server renders it.
 */
async function recordTexts(page: Page): Promise<string[][]> {
  const loads = new Map<number, string[]>();
  const seen: string[][] = [];
  await page.exposeFunction('sawAnswer', (text: string, load: number) => {
    if (!loads.has(load)) {
      loads.set(load, []);
      seen.push(loads.get(load)!);
    }
    loads.get(load)!.push(text);
  });
  await page.addInitScript(() => {
    let last = '';
    const look = () => {
      const bodies = document.querySelectorAll('article.answer > .prose');
      const text = bodies[bodies.length - 1]?.textContent?.trim();
      if (text !== undefined && text !== last) {
        last = text;
        (window as unknown as { sawAnswer(text: string, load: number): void }).sawAnswer(text, performance.timeOrigin);
      }
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
  return seen;
}

test('reloading while an answer comes neither shrinks nor repeats it', async ({ visitor, page }) => {
  await visitor.open();
  const seen = await recordTexts(page);
  await visitor.ask('slow 100 words');
  for (const word of ['word10', 'word30', 'word50']) {
    await expect(visitor.text).toContainText(word);
    const before = (await visitor.text.textContent())!.trim();
    await visitor.reload();
    const after = (await visitor.text.textContent())!.trim();
    expect(after.startsWith(before)).toBe(true);
  }
  await visitor.isComplete();
  await expect(visitor.text).toHaveText(words(100));
  expect(seen.length, 'each reload is a load').toBe(3);
  for (const texts of seen) {
    for (const text of texts) expect(words(100).startsWith(text), text).toBe(true);
    const lengths = texts.map((text) => text.length);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  }
});

test('a second tab and a phone see the same answer live', async ({ visitor, context, browser, watch, inglenook }) => {
  await visitor.open();
  await visitor.ask('slow 100 words');
  await expect(visitor.text).toContainText('word5');
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    baseURL: inglenook.url,
  });
  watch.over(phone);
  const others = [new Visitor(await context.newPage(), false), new Visitor(await phone.newPage(), true)];
  for (const other of others) {
    await other.open(visitor.page.url());
    await other.isWriting();
  }
  for (const other of [visitor, ...others]) await expect(other.text).toContainText('word70');
  for (const other of [visitor, ...others]) {
    await other.isComplete();
    await expect(other.text).toHaveText(words(100));
  }
  await phone.close();
});

test('closing the tab does not stop the answer', async ({ visitor, context, upstream }) => {
  await visitor.open();
  await visitor.ask('slow 30 words');
  await expect(visitor.text).toContainText('word3');
  const address = visitor.page.url();
  await visitor.page.close();
  await expect.poll(() => upstream.endings()).toEqual(['played']);
  const later = new Visitor(await context.newPage(), false);
  await later.open(address);
  await later.isComplete();
  await expect(later.text).toHaveText(words(30));
});

test('what another tab asked is in the list when one comes back', async ({ visitor, context }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const other = new Visitor(await context.newPage(), false);
  await other.open(visitor.page.url());
  await expect(other.text).toHaveText('Hello! How can I help?');
});
