// Nothing stands outside of its place, on narrow screens and on wide ones.

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('no page scrolls sideways', async ({ visitor, page, isMobile }) => {
  await page.setViewportSize(isMobile ? { width: 360, height: 740 } : { width: 768, height: 1024 });
  await visitor.open();
  await visitor.askAndRead(`fast 3 words about ${'a-word-that-is-not-broken'.repeat(20)}`);
  const answer = await visitor.answerId();
  await visitor.reload();
  expect(await sideways(page), 'a conversation').toBe(0);
  for (const address of ['', 'settings', 'prompts', 'personas', 'import', 'archive', 'tokens', 'usage', `inspect/${answer}`]) {
    await page.goto(`/${address}`);
    expect(await sideways(page), `/${address}`).toBe(0);
  }
});

test('what stands in the bar and in the composer stands inside of them', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  for (const around of ['header.bar', 'form.composer .box', 'form.composer .bar']) {
    const outside = await page.locator(around).evaluate((box) => {
      const edge = box.getBoundingClientRect();
      const isOutside = (inner: DOMRect) =>
        inner.width > 1 && (inner.top < edge.top - 1 || inner.bottom > edge.bottom + 1 || inner.left < edge.left - 1 || inner.right > edge.right + 1);
      const controls = [...box.querySelectorAll('a, button, textarea, select, p')];
      return controls.filter((control) => isOutside(control.getBoundingClientRect())).map((control) => control.outerHTML.slice(0, 120));
    });
    expect(outside, around).toEqual([]);
  }
});
