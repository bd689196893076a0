// Reading and finding one's way where no script runs.

import { expect, test } from '../../support/test';
import { Visitor } from '../../support/visitor';

async function ask(url: string, text: string): Promise<void> {
  const response = await fetch(`${url}/rpc/ask`, { method: 'POST', headers: { accept: 'text/html' }, body: new URLSearchParams({ text }) });
  await response.text();
}

test('old conversations are found in the list and read fully', async ({ visitor, page, inglenook }) => {
  await ask(inglenook.url, 'say hello');
  await ask(inglenook.url, 'markdown');
  await ask(inglenook.url, 'code');
  await page.goto('/');
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveText(['code', 'markdown', 'say hello']);
  await visitor.conversations.getByRole('link', { name: 'markdown' }).click();
  await expect(visitor.text.getByRole('table').getByRole('cell')).toHaveCount(4);
  await expect(visitor.text.getByRole('heading', { name: 'A heading' })).toBeVisible();
  await visitor.openList();
  await expect(visitor.conversations.locator('[aria-current=page]')).toHaveText('markdown');
  await visitor.conversations.getByRole('link', { name: 'code' }).click();
  await expect(visitor.text.locator('figure')).toHaveCount(2);
  await expect(visitor.text.locator('pre code span').first()).toBeAttached();
  await expect(page.getByRole('button', { name: 'Copy answer' })).toBeHidden();
});

test('the theme is chosen by form', async ({ visitor, page }) => {
  await page.goto('/');
  await visitor.openList();
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await visitor.openList();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a page that is not there says so', async ({ page, watch }) => {
  watch.expect(/status of 404/);
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { name: 'There is no conversation here' })).toBeVisible();
});

test.describe('with a password', () => {
  test.use({ settings: { INGLENOOK_PASSWORD: 'correct horse battery' } });

  test('one signs in, asks, and signs out', async ({ page, isMobile, watch }) => {
    watch.expect(/status of 401/);
    const visitor = new Visitor(page, isMobile);
    await page.goto('/');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.ask('say hello');
    await expect(visitor.text).toContainText('Hello! How can I help?');
    await visitor.openList();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/login/);
  });
});
