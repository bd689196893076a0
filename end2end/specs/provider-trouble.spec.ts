// The provider is away, refuses, or breaks off: what a person reads then, and how they go on.

import { expect, test } from '../support/test';

const troubles = [
  { ask: '429', words: 'Too many requests to openai just now.', remedy: 'Retry in 7 s.', detail: 'Rate limit reached.' },
  { ask: 'quota', words: 'has no credit left.', remedy: 'Add credit', detail: 'exceeded your current quota' },
  { ask: 'context', words: 'longer than this model can read', remedy: 'Start a new conversation', detail: '8192 tokens' },
  { ask: '404', words: 'The model was not found', remedy: 'Choose another model', detail: 'does not exist' },
  { ask: '500', words: 'An error happened', remedy: 'retry', detail: 'The server had an error.' },
  { ask: 'html', words: 'An error happened', remedy: 'retry', detail: '502' },
];

for (const { ask, words, remedy, detail } of troubles) {
  test(`${ask}: says what happened and what to do`, async ({ visitor }) => {
    await visitor.open();
    await visitor.ask(ask);
    await visitor.isComplete();
    const alert = visitor.answer.getByRole('alert');
    await expect(alert).toContainText(words);
    await expect(alert).toContainText(remedy);
    await expect(alert).toContainText(detail);
    await expect(alert.getByRole('button', { name: 'Retry' })).toBeVisible();
    await visitor.reload();
    await expect(alert).toContainText(words);
  });
}

for (const [ask, words] of [['cut', 'was cut.'], ['error', 'An error happened'], ['broken', 'Something unreadable came']]) {
  test(`${ask}: keeps what came`, async ({ visitor }) => {
    await visitor.open();
    await visitor.ask(ask);
    await visitor.isComplete();
    await expect(visitor.text).toHaveText('This is only the beginning');
    await expect(visitor.answer.getByRole('alert')).toContainText(words);
    await expect(visitor.answer.getByRole('button', { name: 'Continue' })).toBeVisible();
  });
}

test('a provider that is down is named, and Retry works once it is up', async ({ visitor, upstream }) => {
  await visitor.open();
  await upstream.kill();
  await visitor.ask('say hello');
  await visitor.isComplete();
  await expect(visitor.answer.getByRole('alert')).toContainText('Could not connect to openai.');
  await upstream.restart();
  await visitor.answer.getByRole('button', { name: 'Retry' }).click();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await expect(visitor.answers).toHaveCount(1);
});

test('a key that was refused is used again from the settings', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask('401');
  await visitor.isComplete();
  await page.goto('/settings');
  const again = page.getByRole('button', { name: 'Use again' });
  await again.click();
  await expect(page.getByText('Ready.')).toBeVisible();
  await expect(again).toHaveCount(0);
});

test('an answer that ended for length can be continued', async ({ visitor }) => {
  await visitor.open();
  await visitor.askAndRead('length');
  await expect(visitor.answer.getByRole('note')).toContainText('length limit');
  await expect(visitor.answer.getByRole('button', { name: 'Continue' })).toBeVisible();
});

test.describe('with a wrong key', () => {
  test.use({ upstreamArguments: ['--require-key', 'sk-right'], settings: { OPENAI_API_KEY: 'sk-wrong', OPENAI_MODEL: 'scripted' } });

  test('the remedy is said, the key is not, and Retry works with the right one', async ({ visitor, inglenook, page, watch }) => {
    watch.expectLostServer();
    await visitor.open();
    await visitor.message.fill('say hello');
    await visitor.send.click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('The key for openai was not accepted.');
    await expect(alert).toContainText('Correct the key');
    expect(await page.content()).not.toContain('sk-wrong');
    await inglenook.restart({ OPENAI_API_KEY: 'sk-right' });
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect(visitor.text).toHaveText('Hello! How can I help?');
    expect(await page.content()).not.toContain('sk-right');
  });
});

test.describe('without a provider', () => {
  test.use({ settings: { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' } });

  test('the empty page explains what to do', async ({ visitor, page }) => {
    await visitor.open();
    await expect(page.getByRole('heading', { name: 'Add a key to begin' })).toBeVisible();
    await expect(page.getByText('OPENAI_API_KEY=sk-…')).toBeVisible();
    await visitor.message.fill('Hello?');
    await visitor.send.click();
    await expect(page.getByRole('alert')).toContainText('No provider is set up to answer.');
  });
});
