// What is changed in one tab shows in the others, without taking anything from whoever writes there.

import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from '../support/test';
import { Visitor } from '../support/visitor';

/** Another tab of the same browser that shows the same. */
async function openBeside(page: Page, context: BrowserContext, isMobile: boolean): Promise<Visitor> {
  const visitor = new Visitor(await context.newPage(), isMobile);
  await visitor.open(new URL(page.url()).pathname);
  return visitor;
}

test('a draft comes to where nobody writes', async ({ visitor, page, context, isMobile, watch }) => {
  watch.expect(/net::ERR_FAILED/);
  await visitor.open();
  await visitor.askAndRead('say hello');
  const other = await openBeside(page, context, isMobile);
  await visitor.message.fill('half a');
  await expect(other.message).toHaveValue('half a');
  await expect(other.send).toBeEnabled();
  await visitor.message.fill('half a question');
  await expect(other.message).toHaveValue('half a question');

  // What is being written stays, although the server has it.
  await other.message.focus();
  const saved = page.waitForResponse('**/rpc/draft');
  await visitor.message.fill('another one');
  await saved;
  await other.page.waitForTimeout(500);
  await expect(other.message).toHaveValue('half a question');

  // And so does what the server has not got.
  await other.page.route('**/rpc/draft', (route) => route.abort());
  await other.message.fill('of my own');
  await other.message.blur();
  const read = other.page.waitForResponse('**/rpc/kept_draft');
  await visitor.message.fill('a third one');
  await read;
  await expect(other.message).toHaveValue('of my own');
});

test('what was sent is no draft in the other tab either', async ({ visitor, page, context, isMobile }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const other = await openBeside(page, context, isMobile);
  await visitor.message.fill('fast 2 words');
  await expect(other.message).toHaveValue('fast 2 words');
  await visitor.send.click();
  await expect(other.text).toHaveText('word1 word2');
  await expect(other.message).toHaveValue('');
});

test('how pages look is chosen for all tabs', async ({ visitor, page, context, isMobile }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const other = await openBeside(page, context, isMobile);
  await visitor.openList();
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await visitor.closeList();
  const root = other.page.locator('html');
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await other.openList();
  await expect(other.page.getByRole('button', { name: 'Theme: dark' })).toBeVisible();

  await page.goto('/settings');
  await page.getByLabel('Density').selectOption('compact');
  await page.getByLabel('Text size').selectOption('large');
  await page.getByLabel('Theme').selectOption('system');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(root).toHaveAttribute('data-density', 'compact');
  await expect(root).toHaveAttribute('data-size', 'large');
  await expect(root).not.toHaveAttribute('data-theme');
});

test.describe('with several models', () => {
  test.use({ upstreamArguments: ['--models', 'small,large'] });

  test('a favourite is one in all tabs', async ({ visitor, page, context, isMobile }) => {
    await visitor.open();
    const other = await openBeside(page, context, isMobile);
    const open = (page: Page) => page.getByRole('button', { name: /^Model: / }).click();
    await open(other.page);
    await expect(other.page.getByRole('heading', { name: 'Favourites' })).toHaveCount(0);
    await open(page);
    await page.getByRole('button', { name: 'Favourite: large' }).click();
    await expect(other.page.getByRole('heading', { name: 'Favourites' })).toBeVisible();
    await expect(other.page.getByRole('button', { name: 'Favourite: large' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', { name: 'Favourite: large' }).click();
    await expect(other.page.getByRole('heading', { name: 'Favourites' })).toHaveCount(0);
  });
});
