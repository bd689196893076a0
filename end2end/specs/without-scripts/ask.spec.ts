// The page where no script runs: forms, links, and an answer that streams into the response.

import { expect, test } from '../../support/test';
import { words } from '../../support/upstream';

test('a question is asked by form and its answer is in the page', async ({ visitor, page }) => {
  await page.goto('/');
  await visitor.ask('say hello');
  await expect(visitor.text).toHaveText(/Hello! How can I help\?/);
  await page.getByRole('link', { name: 'Show this conversation with its buttons' }).click();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await visitor.ask('fast 3 words');
  await expect(visitor.answers).toHaveCount(2);
  await expect(visitor.text).toContainText('word1 word2 word3');
});

test('the answer streams into the response', async ({ inglenook }) => {
  const response = await fetch(`${inglenook.url}/rpc/ask`, {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams({ text: 'slow 40 words' }),
  });
  expect(response.status).toBe(200);
  let html = '';
  let reads = 0;
  let early = false;
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    html += piece;
    reads += 1;
    early ||= html.includes('word3') && !html.includes('word30') && !html.includes('</html>');
  }
  expect(early).toBe(true);
  expect(reads).toBeGreaterThan(3);
  expect(html).toContain(words(40));
  expect(html).toContain('</html>');
});

test('an answer can be stopped by form', async ({ visitor, page, upstream, inglenook }) => {
  const asked = await fetch(`${inglenook.url}/rpc/ask`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ text: 'stall' }),
  });
  const { conversation } = await asked.json();
  await page.goto(`/c/${conversation}`);
  await expect(page.getByRole('link', { name: 'Show it as it comes' })).toBeVisible();
  await visitor.answer.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => upstream.endings()).toEqual(['closed']);
  await page.goto(`/c/${conversation}`);
  await expect(visitor.answer).toContainText('You stopped this answer.');
  await visitor.answer.getByRole('button', { name: 'Retry' }).click();
  await expect(visitor.text).toContainText('This is only the beginning');
});

test('a failure says what to do', async ({ visitor, page }) => {
  await page.goto('/');
  await visitor.ask('401');
  await expect(page.getByRole('alert')).toContainText('was not accepted');
});
