// Questions said in another way, answers given again, and what follows from that.

import { expect, test } from '../support/test';

test('an edited question stands beside the first, and one switches between them', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 1 words');
  await visitor.askAndRead('fast 2 words');
  await visitor.questions.first().hover();
  await visitor.questions.first().getByRole('button', { name: 'Edit' }).click();
  await expect(visitor.message).toHaveValue('fast 1 words');
  await visitor.message.fill('fast 3 words');
  await visitor.send.click();
  await expect(visitor.questions).toHaveCount(1);
  await visitor.isComplete();
  await expect(visitor.text).toHaveText('word1 word2 word3');
  await expect(page.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  await page.getByRole('button', { name: 'Previous version' }).click();
  await expect(visitor.questions).toHaveCount(2);
  await expect(visitor.text).toHaveText('word1 word2');
  await visitor.reload();
  await expect(visitor.questions).toHaveCount(2);
  await expect(page.getByRole('group', { name: 'Versions' })).toContainText('1/2');
});

test('editing can be left, and the draft comes back', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 1 words');
  await visitor.message.fill('a draft');
  await visitor.questions.first().hover();
  await visitor.questions.first().getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(visitor.message).toHaveValue('a draft');
});

test('an answer is given again beside the first', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await page.getByRole('button', { name: 'Answer again' }).click();
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  await visitor.isComplete();
  await expect(visitor.answers).toHaveCount(1);
});

test('a message is deleted after being asked once more', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 1 words');
  await visitor.askAndRead('fast 2 words');
  await visitor.questions.first().hover();
  await visitor.questions.first().getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(visitor.questions).toHaveCount(1);
  await expect(visitor.questions.first()).toContainText('fast 2 words');
});

test('a fork is a conversation of its own', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 1 words');
  await visitor.askAndRead('fast 2 words');
  const first = page.url();
  await visitor.answers.first().getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Continue in a new conversation' }).click();
  await expect(page).not.toHaveURL(first);
  await expect(visitor.questions).toHaveCount(1);
  await visitor.askAndRead('fast 3 words');
  await expect(visitor.questions).toHaveCount(2);
});

test('what an answer took is told on demand', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.answer.getByRole('button', { name: 'More' }).click();
  const menu = page.locator('#message-menu');
  for (const name of ['Model', 'First token', 'Tokens in', 'Tokens out']) {
    await expect(menu.getByText(name, { exact: true })).toBeVisible();
  }
});

test('a paragraph that is clicked thrice is quoted, also the last one, and the button goes with the text', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('markdown');
  await visitor.text.locator('p').last().click({ clickCount: 3 });
  const button = page.getByRole('button', { name: 'Quote' });
  const distance = async () => (await button.boundingBox())!.y - (await visitor.text.locator('p').last().boundingBox())!.y;
  const before = await distance();
  await visitor.transcript.evaluate((element) => element.scrollBy(0, -60));
  expect(Math.abs((await distance()) - before)).toBeLessThan(2);
  await button.click();
  await expect(visitor.message).toHaveValue('> The end.\n\n');
});

test('what is copied with formatting, or read aloud, is what the answer says', async ({ visitor, page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.addInitScript(() => {
    Object.assign(window, { spoken: [] });
    speechSynthesis.speak = (utterance) => (window as unknown as { spoken: string[] }).spoken.push(utterance.text);
  });
  await visitor.open();
  await visitor.askAndRead('markdown');
  const more = async (name: string) => {
    await visitor.answer.getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name }).click();
  };
  await more('Copy with formatting');
  const read = (kind: string) =>
    page.evaluate(async (kind) => {
      const [item] = await navigator.clipboard.read();
      return (await item!.getType(kind)).text();
    }, kind);
  await expect.poll(() => read('text/plain').catch(() => '')).toMatch(/Lists\n+apples\n/);
  expect(await read('text/plain')).not.toContain('Copy');
  expect(await read('text/html')).toContain('<table>');
  expect(await read('text/html')).not.toContain('<button');
  await more('Read aloud');
  const spoken = await page.evaluate(() => (window as unknown as { spoken: string[] }).spoken);
  expect(spoken).toHaveLength(1);
  expect(spoken[0]).not.toMatch(/Copy|rust/);
  // Nothing of what was made for that is left.
  await expect(visitor.text).toHaveCount(1);
});

test('reading aloud can be stopped from where it was begun, until it ends', async ({ visitor, page }) => {
  await page.addInitScript(() => {
    speechSynthesis.speak = (utterance) => Object.assign(window, { utterance });
  });
  const end = () =>
    page.evaluate(() => (window as unknown as { utterance: EventTarget }).utterance.dispatchEvent(new Event('end')));
  await visitor.open();
  await visitor.askAndRead('say hello');
  const menu = page.getByRole('dialog', { name: 'More' });
  const more = async (name: string) => {
    await visitor.answer.getByRole('button', { name: 'More' }).click();
    await menu.getByRole('button', { name }).click();
  };
  const silence = visitor.answer.getByRole('button', { name: 'Stop reading' });
  await more('Read aloud');
  await expect(silence).toBeVisible();
  await more('Stop reading');
  await expect(silence).toHaveCount(0);
  await more('Read aloud');
  await silence.click();
  await expect(silence).toHaveCount(0);
  await more('Read aloud');
  await expect(silence).toBeVisible();
  await end();
  await expect(silence).toHaveCount(0);

  const palette = page.getByRole('combobox', { name: 'All actions' });
  for (const [typed, name, count] of [['aloud', 'Read the last answer aloud', 1], ['stop r', 'Stop reading', 0]] as const) {
    await page.keyboard.press('ControlOrMeta+k');
    await palette.fill(typed);
    await expect(page.getByRole('option').first()).toHaveText(name);
    await page.keyboard.press('Enter');
    await expect(silence).toHaveCount(count);
  }
});

test('a question whose answer was deleted is asked again', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.askAndRead('fast 2 words');
  const remove = async (number: number) => {
    await visitor.answers.nth(number).getByRole('button', { name: 'More' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
  };
  await remove(1);
  await expect(visitor.answers).toHaveCount(1);
  const again = (number: number) => visitor.questions.nth(number).getByRole('button', { name: 'Answer again' });
  await expect(again(0)).toHaveCount(0);
  await again(1).click();
  await expect(visitor.text).toHaveText('word1 word2');
  await expect(again(1)).toHaveCount(0);
  await expect(visitor.questions).toHaveCount(2);

  // What was asked after it stands on a branch of its own then.
  await remove(0);
  await expect(visitor.answers).toHaveCount(1);
  await visitor.questions.first().hover();
  await visitor.questions.first().getByRole('button', { name: 'More' }).click();
  await page.getByRole('dialog', { name: 'More' }).getByRole('button', { name: 'Answer again' }).click();
  await expect(visitor.questions).toHaveCount(1);
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await visitor.answer.getByRole('button', { name: 'Previous version' }).click();
  await expect(visitor.questions).toHaveCount(2);
  await expect(visitor.text).toHaveText('word1 word2');
});

test('a selection is quoted in the next question', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.text.evaluate((text) => {
    const range = document.createRange();
    range.selectNodeContents(text.querySelector('p')!);
    getSelection()!.removeAllRanges();
    getSelection()!.addRange(range);
  });
  await page.getByRole('button', { name: 'Quote' }).click();
  await expect(visitor.message).toHaveValue('> Hello! How can I help?\n\n');
  await expect(visitor.message).toBeFocused();
});
