// The server dies, the line is cut, the device loses its network.

import { Line } from '../support/line';
import { expect, test } from '../support/test';
import { words } from '../support/upstream';
import { Visitor } from '../support/visitor';

test.beforeEach(({ watch }) => watch.expectLostServer());

test('after kill -9 everything seen is there, and the answer can be continued or retried', async ({ visitor, inglenook }) => {
  await visitor.open();
  await visitor.ask('slow 100 words');
  await expect(visitor.text).toContainText('word10');
  await inglenook.kill();
  await expect(visitor.answer).toContainText('Reconnecting…');
  const seen = (await visitor.text.textContent())!.trim();
  await inglenook.restart();
  await visitor.isComplete();
  await expect(visitor.answer).toContainText('The server ended while this was being written.');
  await expect(visitor.answer).not.toContainText('Reconnecting…');
  const kept = (await visitor.text.textContent())!.trim();
  expect(kept.startsWith(seen)).toBe(true);
  expect((await inglenook.stored(await visitor.answerId())).trim()).toBe(kept);
  await visitor.reload();
  await expect(visitor.text).toHaveText(kept);
  await expect(visitor.answer).toContainText('The server ended while this was being written.');

  await visitor.answer.getByRole('button', { name: 'Continue' }).click();
  await expect.poll(async () => (await visitor.text.textContent())!.length).toBeGreaterThan(kept.length + 10);
  expect((await visitor.text.textContent())!.startsWith(kept)).toBe(true);
  await visitor.isComplete();
  await visitor.answer.getByRole('button', { name: 'Answer again' }).click();
  await visitor.isWriting();
  await visitor.isComplete();
  await expect(visitor.text).toHaveText(words(100));
});

test('a cut line is mended without a gap', async ({ page, isMobile, inglenook, baseURL, watch }) => {
  const line = await Line.to(inglenook.url);
  watch.expect(new RegExp(`asked another host: ${line.url}`));
  const visitor = new Visitor(page, isMobile);
  expect(baseURL).toBe(inglenook.url);
  await visitor.open(line.url);
  await visitor.ask('slow 100 words');
  await expect(visitor.text).toContainText('word10');
  line.cut();
  await expect(visitor.answer).toContainText('Reconnecting…');
  line.mend();
  await expect(visitor.answer).not.toContainText('Reconnecting…');
  await visitor.isComplete();
  await expect(visitor.text).toHaveText(words(100));
  line.close();
});

test('offline is said, and what came meanwhile appears afterwards', async ({ visitor, context }) => {
  await visitor.open();
  await visitor.ask('slow 80 words');
  await expect(visitor.text).toContainText('word5');
  await context.setOffline(true);
  await expect(visitor.answer).toContainText('You are offline.');
  await context.setOffline(false);
  await expect(visitor.answer).not.toContainText('You are offline.');
  await visitor.isComplete();
  await expect(visitor.text).toHaveText(words(80));
});
