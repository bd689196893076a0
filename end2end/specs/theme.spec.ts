// Light and dark, without a flash.

import { expect, test } from '../support/test';

const paper = () => getComputedStyle(document.documentElement).backgroundColor;

test('the choice is in the served page, so nothing flashes', async ({ visitor, page }) => {
  await visitor.open();
  const light = await page.evaluate(paper);
  await visitor.openList();
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await expect(page.getByRole('button', { name: 'Theme: dark' })).toBeVisible();
  const dark = await page.evaluate(paper);
  expect(dark).not.toBe(light);
  const response = (await page.reload())!;
  expect(await response.text()).toMatch(/<html[^>]* data-theme="dark"/);
  expect(await page.evaluate(paper)).toBe(dark);
  await visitor.isReady();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('without a choice the system decides', async ({ visitor, page }) => {
  await visitor.open();
  const light = await page.evaluate(paper);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await page.evaluate(paper)).not.toBe(light);
});
