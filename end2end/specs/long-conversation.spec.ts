// A conversation of a thousand messages opens at its end, and older ones come without a jump.

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';
import type { Visitor } from '../support/visitor';

const MESSAGES = 1000;

function conversation(): string {
  const messages = Array.from({ length: MESSAGES }, (_, n) => ({
    key: `m${n}`,
    ...(n > 0 && { parent: n - 1 }),
    role: n % 2 ? 'assistant' : 'user',
    content: n % 2 ? `Answer **${n}** with some words.\n\n- one\n- two\n\n\`\`\`rust\nfn main() {}\n\`\`\`` : `Question ${n}`,
    created_at: 1730000000000 + n,
  }));
  return JSON.stringify({ inglenook: 1, conversation: { key: 'long', title: 'A long one', created_at: 1730000000000, updated_at: 1730000000000, active: MESSAGES - 1, messages } });
}

async function openLong(visitor: Visitor, page: Page) {
  await page.goto('/import');
  await page.locator('input[type=file]').setInputFiles({ name: 'long.json', mimeType: 'application/json', buffer: Buffer.from(conversation()) });
  await page.getByRole('button', { name: 'See what is in it' }).click();
  await expect(page.getByText('A long one').first()).toBeVisible();
  await page.getByRole('button', { name: /^Import/ }).click();
  await page.getByRole('link', { name: 'A long one' }).first().click();
  await visitor.isReady();
}

test('what stands far above the end is laid out after it, and nothing moves', async ({ visitor, page }) => {
  await openLong(visitor, page);
  await page.addInitScript(() => {
    const seen = { shift: 0, leftOut: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
    const isLeftOut = (article: Element) => !article.firstElementChild!.checkVisibility({ contentVisibilityAuto: true });
    // In the second frame it is known what the first one has painted.
    const count = () => requestAnimationFrame(() => requestAnimationFrame(() => (seen.leftOut = [...document.querySelectorAll('article')].filter(isLeftOut).length)));
    document.addEventListener('DOMContentLoaded', count);
  });
  await visitor.reload();
  await expect(page.locator('html[data-whole]')).toBeAttached();
  const { shift, leftOut } = await page.evaluate(() => (window as unknown as { seen: { shift: number; leftOut: number } }).seen);
  expect(leftOut).toBeGreaterThan(10);
  expect(shift).toBeLessThan(0.001);
  await expect(page.locator('article').last()).toBeInViewport();
  expect(await visitor.fromEnd()).toBeLessThan(10);
  const heights = () => page.locator('article').evaluateAll((all) => all.map((article) => article.getBoundingClientRect().height));
  const known = await heights();
  await visitor.scrollBy(-3000);
  expect(await heights()).toEqual(known);
});

test('a thousand messages open at the end and go on upwards', async ({ visitor, page }) => {
  await openLong(visitor, page);
  await expect(page.locator('html[data-whole]')).toBeAttached();
  const articles = page.locator('article');
  expect(await articles.count()).toBeLessThan(60);
  await expect(articles.last()).toContainText(`Answer ${MESSAGES - 1}`);
  await expect(articles.last()).toBeInViewport();

  for (let more = 0; more < 3; more += 1) {
    const before = await articles.count();
    const first = articles.first();
    const id = await first.getAttribute('id');
    // Scrolling may have older ones come at once, so where it is then is asked in the same breath.
    const was = await visitor.transcript.evaluate((e, id) => {
      e.scrollTo(0, 400);
      return document.getElementById(id)!.getBoundingClientRect().y;
    }, id!);
    const place = async () => (await page.locator(`#${id}`).boundingBox())!.y;
    await visitor.scrollBy(-60);
    await expect.poll(() => articles.count()).toBeGreaterThan(before);
    // It has moved by what was scrolled and by nothing else.
    await expect.poll(async () => Math.abs((await place()) - was)).toBeLessThan(200);
  }
  // Whoever uses keys goes on where they were.
  const older = page.getByRole('button', { name: 'Show older messages' });
  await older.focus();
  const shown = await articles.count();
  await page.keyboard.press('Enter');
  await expect.poll(() => articles.count()).toBeGreaterThan(shown);
  await expect(older).toBeFocused();
  await visitor.toLatest.click();
  await expect(articles.last()).toBeInViewport();
  await visitor.askAndRead('say hello');
  await visitor.reload();
  expect(await articles.count()).toBeLessThan(60);
});
