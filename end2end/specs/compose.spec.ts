// Writing a message: which keys send, and what the button says.

import { expect, test } from '../support/test';

test.beforeEach(({ visitor }) => visitor.open());

test('a key sends and empties the field', async ({ visitor }) => {
  await visitor.message.fill('say hello');
  await visitor.sendByKey();
  await expect(visitor.questions).toHaveText(['say hello']);
  await expect(visitor.message).toHaveValue('');
  await visitor.isComplete();
});

test('where one types on the screen, Enter begins a new line', async ({ visitor, isMobile }) => {
  test.skip(!isMobile, 'a keyboard of its own has Shift+Enter for that');
  await visitor.message.pressSequentially('one\ntwo');
  await expect(visitor.message).toHaveValue('one\ntwo');
  await expect(visitor.questions).toHaveCount(0);
});

test('an answer can be stopped while the next question is written', async ({ visitor, page }) => {
  await visitor.ask('stall');
  await visitor.message.fill('And then?');
  const stop = (await visitor.stop.boundingBox())!;
  const send = (await page.locator('form.composer .send').boundingBox())!;
  expect(send.x - stop.x - stop.width, 'they stand side by side').toBeLessThan(10);
  await visitor.stop.click();
  await visitor.isComplete();
  await expect(visitor.stop).toHaveCount(0);
  await expect(visitor.message).toHaveValue('And then?');
  await expect(visitor.send).toBeEnabled();
});

test('Shift+Enter breaks the line and the field grows', async ({ visitor }) => {
  await visitor.message.fill('one');
  const low = (await visitor.message.boundingBox())!.height;
  for (const line of ['two', 'three', 'four']) {
    await visitor.message.press('Shift+Enter');
    await visitor.message.pressSequentially(line);
  }
  await expect(visitor.message).toHaveValue('one\ntwo\nthree\nfour');
  expect((await visitor.message.boundingBox())!.height).toBeGreaterThan(low * 2);
  await expect(visitor.questions).toHaveCount(0);
  await visitor.sendByKey();
  await expect(visitor.questions.locator('.bubble')).toHaveText('one\ntwo\nthree\nfour', { useInnerText: true });
});

test('the Enter that chooses a word does not send', async ({ visitor }) => {
  await visitor.message.fill('にほんご');
  await visitor.message.evaluate((field) => {
    const enter = (extra: object) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...extra }));
    enter({ isComposing: true });
    enter({ keyCode: 229 });
    // Safari tells of the end of the composition first, and of the key that ended it then.
    field.dispatchEvent(new CompositionEvent('compositionend', { data: '日本語', bubbles: true }));
    enter({});
  });
  // A later Enter is the person's own, and proves that the earlier ones were not merely late.
  await expect(async () => {
    await visitor.sendByKey();
    await expect(visitor.questions).toHaveCount(1, { timeout: 200 });
  }).toPass();
  await expect(visitor.questions).toHaveText(['にほんご']);
});

test('Send is disabled only when there is nothing to send', async ({ visitor }) => {
  await expect(visitor.send).toBeDisabled();
  await visitor.message.fill('  \n ');
  await expect(visitor.send).toBeDisabled();
  await visitor.message.fill('stall');
  await expect(visitor.send).toBeEnabled();
  await visitor.send.click();
  await expect(visitor.stop).toBeVisible();
  await expect(visitor.send).toHaveCount(0);
  await visitor.stop.click();
  await expect(visitor.send).toBeVisible();
  await expect(visitor.send).toBeDisabled();
});

test('the next message can be sent while an answer comes, and waits for its end', async ({ visitor }) => {
  await visitor.ask('slow 30 words');
  await visitor.message.fill('fast 2 words');
  await visitor.sendByKey();
  await expect(visitor.message).toHaveValue('');
  await expect(visitor.questions).toHaveCount(1);
  await expect(visitor.questions).toHaveCount(2, { timeout: 20_000 });
  await visitor.isComplete();
  await expect(visitor.text).toHaveText('word1 word2');
});
