// The next question, asked while an answer is being written.

import { expect, test } from '../support/test';

test('questions wait and are asked one after the other, also while nobody looks', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask('slow 60 words');
  await expect(visitor.text).toContainText('word2');
  for (const question of ['fast 1 words', 'fast 2 words']) {
    await visitor.message.fill(question);
    await page.getByRole('button', { name: 'Send after this answer' }).click();
    await expect(visitor.message).toHaveValue('');
  }
  const waiting = page.getByRole('list', { name: 'Questions that wait' });
  await expect(waiting.getByRole('listitem')).toHaveCount(2);
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  await visitor.isReady();
  await expect(visitor.questions).toHaveCount(3, { timeout: 20_000 });
  await visitor.isComplete();
  await expect(visitor.text).toHaveText('word1 word2');
  await expect(waiting).toHaveCount(0);
});

test('a waiting question is taken back, or sent after a stop', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask('slow 200 words');
  await expect(visitor.text).toContainText('word2');
  for (const question of ['fast 1 words', 'fast 2 words']) {
    await visitor.message.fill(question);
    await page.getByRole('button', { name: 'Send after this answer' }).click();
  }
  await page.getByRole('button', { name: 'Take back' }).first().click();
  await expect(visitor.message).toHaveValue('fast 1 words');
  await visitor.message.fill('');
  await visitor.stop.click();
  await page.getByRole('button', { name: 'Send now' }).click();
  await expect(visitor.questions).toHaveCount(2);
  await visitor.isComplete();
  await expect(visitor.text).toHaveText('word1 word2');
});
