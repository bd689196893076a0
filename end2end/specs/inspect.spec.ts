// What exactly was sent for an answer, and the same question to another model.

import { expect, test } from '../support/test';
import { Visitor } from '../support/visitor';

const key = 'sk-nobody-may-see-this';

test.use({ upstreamArguments: ['--models', 'small,large'], settings: { OPENAI_API_KEY: key } });

test('what was sent is told word by word but for the key, until something changes', async ({ page, upstream, isMobile }) => {
  const visitor = new Visitor(page, isMobile, 'small');
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.askAndRead('fast 3 words');
  const menu = await visitor.openAnswerMenu();
  await menu.getByRole('link', { name: 'What was sent' }).click();
  await expect(page).toHaveURL(/\/inspect\//);
  const address = page.url();
  const second = (await upstream.record())[1]!;
  expect(second.headers.authorization).toBe(`Bearer ${key}`);
  expect(second.body.messages.map(({ content }) => content)).toEqual(['say hello', 'Hello! How can I help?', 'fast 3 words']);

  await expect(page.getByText('This is exactly what was sent for this answer; only the key is left out.')).toBeVisible();
  const [head, body, end] = await page.locator('pre').allTextContents();
  expect(head!.split('\n')).toEqual([
    `POST ${upstream.url.replace(/\/$/, '')}/chat/completions`,
    'authorization: Bearer ••••••',
    'content-type: application/json',
  ]);
  expect(JSON.parse(body!)).toEqual(second.body);
  expect(JSON.parse(end!)).toMatchObject({ status: 'finished', model: 'small' });
  expect(await page.content()).not.toContain(key);

  await page.getByRole('link', { name: 'Back to the answer' }).click();
  await visitor.isReady();
  await expect(visitor.text).toHaveText('word1 word2 word3');
  await visitor.questions.first().hover();
  await visitor.questions.first().getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(visitor.questions).toHaveCount(1);
  await page.goto(address);
  await expect(page.getByText('Something has been changed since this was sent')).toBeVisible();
  expect(JSON.parse((await page.locator('pre').nth(1).textContent())!).messages).toHaveLength(1);
});

test('what was sent goes to another model, whose answer stands beside', async ({ page, upstream, isMobile }) => {
  const visitor = new Visitor(page, isMobile, /^(small|large)$/);
  await visitor.open();
  await visitor.askAndRead('say hello');
  const conversation = page.url();
  const menu = await visitor.openAnswerMenu();
  await menu.getByRole('link', { name: 'What was sent' }).click();
  const model = page.getByLabel('Model');
  await expect(model.locator('option:checked')).toHaveText('openai/small');
  await model.selectOption('openai/large');
  await page.getByRole('button', { name: 'Send again' }).click();
  await visitor.isReady();
  expect(page.url().replace(/[?#].*/, '')).toBe(conversation);
  await expect(visitor.answers).toHaveCount(1);
  await expect(page.getByRole('article', { name: 'large' })).toBeVisible();
  await visitor.isComplete();
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  const [first, again] = await upstream.record();
  expect(again!.body).toEqual({ ...first!.body, model: 'large' });
});

test('a question is answered again with another model, and one switches between the two', async ({ page, upstream, isMobile }) => {
  const visitor = new Visitor(page, isMobile, /^(small|large)$/);
  await visitor.open();
  await visitor.askAndRead('say hello');
  await expect(page.getByRole('article', { name: 'small' })).toBeVisible();
  const menu = await visitor.openAnswerMenu();
  await menu.getByLabel('Answer with another model').selectOption({ label: 'openai/large' });
  const versions = visitor.answer.getByRole('group', { name: 'Versions' });
  await expect(versions).toContainText('2/2');
  await visitor.isComplete();
  await expect(page.getByRole('article', { name: 'large' })).toBeVisible();
  await expect(visitor.answers).toHaveCount(1);
  expect((await upstream.record()).map(({ body }) => body.model)).toEqual(['small', 'large']);

  await page.getByRole('button', { name: 'Previous version' }).click();
  await expect(versions).toContainText('1/2');
  await expect(page.getByRole('article', { name: 'small' })).toBeVisible();
  await expect(page.getByRole('article', { name: 'large' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Previous version' })).toBeDisabled();
  await visitor.reload();
  await expect(versions).toContainText('1/2');
  await page.getByRole('button', { name: 'Next version' }).click();
  await expect(versions).toContainText('2/2');
  await expect(page.getByRole('article', { name: 'large' })).toBeVisible();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
});
