// A person asks, and watches the answer come.

import { expect, test } from '../support/test';
import { words } from '../support/upstream';

test('an answer streams in and is what the upstream said', async ({ visitor, inglenook, upstream }) => {
  await visitor.open();
  await visitor.ask('slow 60 words');
  await expect(visitor.questions.last()).toHaveText('slow 60 words');
  await visitor.isWriting();
  await expect(visitor.text).toContainText('word5 ');
  const early = (await visitor.text.textContent())!;
  expect(early.length).toBeLessThan(words(60).length);
  await expect(visitor.text).toContainText('word40');
  await visitor.isComplete();
  await expect(visitor.text).toHaveText(words(60));
  expect(words(60).startsWith(early.trim())).toBe(true);
  expect((await inglenook.stored(await visitor.answerId())).trim()).toBe(words(60));

  const [request] = await upstream.record();
  expect(request.body.messages.at(-1)).toMatchObject({ role: 'user', content: 'slow 60 words' });
  await expect.poll(() => upstream.endings()).toEqual(['played']);
});

test('a second question is asked in the light of the first', async ({ visitor, upstream }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.askAndRead('fast 3 words');
  await expect(visitor.answers).toHaveCount(2);
  const [, second] = await upstream.record();
  expect(second.body.messages.filter((message) => message.role !== 'system')).toEqual([
    { role: 'user', content: 'say hello' },
    { role: 'assistant', content: 'Hello! How can I help?' },
    { role: 'user', content: 'fast 3 words' },
  ]);
});

test('the answer is copied as Markdown, and answered again on request', async ({ visitor, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visitor.open();
  await visitor.askAndRead('whole');
  await visitor.answer.getByRole('button', { name: 'Copy answer' }).click();
  await expect(visitor.answer.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('The answer is **42**.');
  await visitor.answer.getByRole('button', { name: 'Answer again' }).click();
  await expect(visitor.answers).toHaveCount(1);
  await visitor.isComplete();
  await expect(visitor.text).toHaveText('The answer is 42.');
});

test('an event of 2 MB and words cut inside letters arrive whole', async ({ visitor, inglenook }) => {
  await visitor.open();
  await visitor.askAndRead('unicode');
  await expect(visitor.text).toHaveText('👩‍👩‍👧 漢字 العربية é e\u0301 🏳️‍🌈');
  await visitor.askAndRead('huge');
  expect(await inglenook.stored(await visitor.answerId())).toBe('0123456789abcde '.repeat(2 << 16));
  await expect.poll(async () => (await visitor.text.textContent())!.length).toBe((2 << 20) - 1);
});
