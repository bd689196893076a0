// Nothing stands outside of its place, on narrow screens and on wide ones.

import type { Page } from '@playwright/test';
import { Line } from '../support/line';
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

test('on paper there is the whole conversation, and nothing to press', async ({ visitor, page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await visitor.open();
  await visitor.askAndRead('fast 900 words');
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(visitor.message).toBeHidden();
  const { height, printed, ink } = await visitor.transcript.evaluate((transcript) => ({
    height: transcript.scrollHeight,
    printed: document.documentElement.scrollHeight,
    ink: getComputedStyle(document.body).color,
  }));
  expect(printed).toBeGreaterThanOrEqual(height);
  expect(ink).toBe('rgb(0, 0, 0)');
});

test('the end stays in sight when a keyboard comes', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 900 words');
  await expect.poll(() => visitor.fromEnd()).toBe(0);
  const { width, height } = page.viewportSize()!;
  await page.setViewportSize({ width, height: height - 300 });
  await expect.poll(() => visitor.transcript.evaluate((e) => e.clientHeight)).toBeLessThan(height - 300);
  await expect.poll(() => visitor.fromEnd()).toBe(0);
});

test('a page is painted before what makes it live is fetched', async ({ visitor, page }) => {
  await page.addInitScript(() => requestAnimationFrame(() => Object.assign(window, { framed: performance.now() })));
  await visitor.open();
  const [framed, fetched] = await page.evaluate(() => {
    const resources = performance.getEntriesByType('resource');
    const wasm = resources.find(({ name }) => /\/inglenook\.[^/]*\.wasm$/.test(name))!;
    return [(window as unknown as { framed: number }).framed, wasm.startTime];
  });
  expect(fetched).toBeGreaterThanOrEqual(framed);
});

test('a link to a place in the page leads nowhere else', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.questions.getByRole('button', { name: 'Edit' }).click();
  await visitor.message.fill('say something else');
  await page.evaluate(() => (location.hash = 'transcript'));
  await page.goBack();
  await expect(page).not.toHaveURL(/#/);
  // What would be read again is read within this time.
  await page.evaluate(() => fetch('/rpc/kept_draft', { method: 'POST', body: new URLSearchParams({ conversation: location.pathname.slice(3) }) }));
  await expect(visitor.message).toHaveValue('say something else');
  await page.goBack();
  await expect(visitor.questions).toHaveCount(0);
});

test('nothing moves while a page comes over a slow line', async ({ visitor, context, inglenook, watch }) => {
  const line = await Line.to(inglenook.url);
  watch.expect(new RegExp(`asked another host: ${line.url}`));
  await visitor.open(line.url);
  line.slowDown();
  // A new tab has no page before it that would stay in sight meanwhile.
  const page = await context.newPage();
  await page.addInitScript(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries() as (PerformanceEntry & { sources: { node: Element | null }[] })[]) {
        moved.push(...shift.sources.map(({ node }) => node?.className ?? ''));
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(line.url);
  expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  line.close();
});
