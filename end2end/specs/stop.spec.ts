// Stopping, at any moment.

import { expect, test } from '../support/test';
import { words } from '../support/upstream';

test('Stop keeps the text, closes the connection, and offers ways on', async ({ visitor, upstream, inglenook }) => {
  await visitor.open();
  await visitor.ask('slow 200 words');
  await expect(visitor.text).toContainText('word5');
  await visitor.stop.click();
  await visitor.isComplete();
  await expect(visitor.answer).toContainText('You stopped this answer.');
  await expect.poll(() => upstream.endings()).toEqual(['closed']);
  const kept = (await visitor.text.textContent())!.trim();
  expect(words(200).startsWith(kept)).toBe(true);
  expect((await inglenook.stored(await visitor.answerId())).trim()).toBe(kept);
  await visitor.reload();
  await expect(visitor.text).toHaveText(kept);

  await visitor.answer.getByRole('button', { name: 'Retry' }).click();
  await expect(visitor.answers).toHaveCount(1);
  await visitor.isWriting();
  await expect(visitor.text).toContainText('word1 word2 word3');
  await visitor.stop.click();
  await visitor.isComplete();

  const retried = (await visitor.text.textContent())!.trim();
  await visitor.answer.getByRole('button', { name: 'Continue' }).click();
  await expect.poll(async () => (await visitor.text.textContent())!.length).toBeGreaterThan(retried.length + 10);
  expect((await visitor.text.textContent())!.startsWith(retried)).toBe(true);
  await visitor.isComplete();
});

test('only the last answer goes on', async ({ visitor }) => {
  await visitor.open();
  await visitor.ask('slow 200 words');
  await expect(visitor.text).toContainText('word5');
  await visitor.stop.click();
  const first = visitor.answers.first();
  await expect(first.getByRole('button', { name: 'Continue' })).toBeVisible();
  await visitor.askAndRead('say hello');
  await expect(first.getByRole('button', { name: 'Retry' }).first()).toBeVisible();
  await expect(first.getByRole('button', { name: 'Continue' })).toHaveCount(0);
});

test('Stop works before the first token', async ({ visitor, upstream }) => {
  await visitor.open();
  await visitor.ask('never');
  await visitor.isWriting();
  await expect(visitor.answer).toContainText('Waiting for the answer');
  await expect.poll(() => upstream.endings()).toEqual(['open']);
  await visitor.stop.click();
  await visitor.isComplete();
  await expect.poll(() => upstream.endings()).toEqual(['closed']);
  await expect(visitor.answer).toContainText('You stopped this answer.');
  await expect(visitor.answer.getByRole('button', { name: 'Retry' })).toBeVisible();
  // There is nothing to continue yet.
  await expect(visitor.answer.getByRole('button', { name: 'Continue' })).toHaveCount(0);
  await visitor.askAndRead('say hello');
  await expect(visitor.text).toHaveText('Hello! How can I help?');
});
