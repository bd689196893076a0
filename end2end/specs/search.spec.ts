// Search as you type, over titles and messages.

import { expect, test } from '../support/test';

test('messages are found, marked, and jumped to', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 3 words about quinces');
  await visitor.askAndRead('什么是哈希表？');
  await page.getByRole('link', { name: 'New chat' }).first().click().catch(async () => {
    await visitor.openList();
    await page.getByRole('link', { name: 'New chat' }).first().click();
  });
  await visitor.openList();
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill('quinc');
  await expect(visitor.conversations.locator('mark').first()).toHaveText('quinc');
  await search.fill('哈希');
  const hit = visitor.conversations.getByRole('link').filter({ hasText: '什么是哈希表' }).last();
  await expect(hit.locator('mark').first()).toHaveText('哈希');
  await hit.click();
  await expect(page).toHaveURL(/\/c\//);
  await expect(page.locator('.sought')).toBeInViewport();
  await visitor.openList();
  await search.fill('nothing like this');
  await expect(page.getByText('Nothing has all of these words.')).toBeVisible();
  await search.fill('');
  await expect(visitor.conversations.getByRole('heading')).toHaveText(['Today']);
});

test('what is found reads as in its message, and the place in it is marked', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('script: [{"delta": "# First\\n\\nwords\\n\\n- **Quinces** and `pears`"}, "done"]');
  await visitor.openList();
  await page.getByRole('searchbox', { name: 'Search' }).fill('quinces pears');
  const hit = visitor.conversations.getByRole('link').filter({ hasText: 'First words' });
  await expect(hit.locator('span')).toHaveText('First words Quinces and pears');
  await hit.click();
  await expect(page.locator('.sought')).toHaveText('Quinces and pears');
  await expect(page.locator('.sought')).toBeInViewport();
});

test('keys lead from the search into what it finds and back', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 3 words about quinces');
  const address = page.url();
  await visitor.open();
  await visitor.openList();
  const search = page.getByRole('searchbox', { name: 'Search' });
  const found = visitor.conversations.getByRole('link');
  await search.fill('quinces');
  // The title, and the question.
  await expect(found.filter({ has: page.locator('mark') })).toHaveCount(2);
  await search.press('ArrowDown');
  await expect(found.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(found.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(search).toBeFocused();
  await search.press('Enter');
  await expect(page).toHaveURL(address);
  await expect(visitor.questions).toHaveCount(1);
  await expect(page.locator('#search')).toHaveValue('quinces');
});
