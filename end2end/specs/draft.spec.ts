// What was written and not sent is not lost.

import { expect, test } from '../support/test';

test('a draft survives a reload, and each conversation has its own', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.message.fill('for a new one');
  await visitor.reload();
  await expect(visitor.message).toHaveValue('for a new one');
  await expect(visitor.send).toBeEnabled();

  await visitor.message.fill('say hello');
  await visitor.send.click();
  await expect(page).toHaveURL(/\/c\//);
  await visitor.isComplete();
  await expect(visitor.message).toHaveValue('');
  await visitor.message.fill('for this one');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(visitor.questions).toHaveCount(0);
  await expect(visitor.message).toHaveValue('');
  await page.goBack();
  await expect(visitor.message).toHaveValue('for this one');
  await visitor.reload();
  await expect(visitor.message).toHaveValue('for this one');
});

test('what is written for a temporary chat is kept nowhere', async ({ visitor, page }) => {
  await visitor.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await visitor.message.fill('private words');
  await visitor.open();
  await expect(visitor.message).toHaveValue('');
});

test('text that could not be sent comes back', async ({ visitor, inglenook, watch }) => {
  watch.expectLostServer();
  await visitor.open();
  await inglenook.kill();
  await visitor.message.fill('say hello');
  await visitor.send.click();
  await expect(visitor.page.getByRole('alert')).toContainText('could not be reached');
  await expect(visitor.message).toHaveValue('say hello');
  await inglenook.restart();
  await visitor.askAndRead('say hello');
  await expect(visitor.page.getByRole('alert')).toHaveCount(0);
});
