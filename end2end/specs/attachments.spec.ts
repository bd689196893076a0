// Files beside a question: picked, pasted, dropped, refused, sent, and there after a reload.

import { deflateSync } from 'node:zlib';
import type { Locator, Page } from '@playwright/test';
import { crc32 } from '../support/crc32';
import { expect, test } from '../support/test';

/** A picture of one colour. */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, end] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    end.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, end]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, 120)]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

const picture = { name: 'cat.png', mimeType: 'image/png', buffer: png(64, 48) };
const notes = { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# Notes\n\nA cat is 3.\n') };
const archive = { name: 'all.zip', mimeType: 'application/zip', buffer: Buffer.from('PK\x03\x04\x00\x00') };

type Upload = typeof picture;

class Composer {
  readonly form: Locator;
  readonly files: Locator;

  constructor(readonly page: Page) {
    this.form = page.locator('form.composer');
    this.files = this.form.getByRole('listitem');
  }

  async pick(...files: Upload[]): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.form.getByRole('button', { name: 'Add files' }).click();
    await (await chooser).setFiles(files);
  }

  /** Lets a file come by an event of the page, as a paste or a drop brings it. */
  async bring(kind: 'paste' | 'drop', { name, mimeType, buffer }: Upload): Promise<void> {
    await this.page.evaluate(
      ([kind, name, type, bytes]) => {
        const carried = new DataTransfer();
        const data = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
        carried.items.add(new File([data], name, { type }));
        const field = document.querySelector('textarea[name=text]')!;
        const send = (event: Event) => field.dispatchEvent(event);
        const about = { bubbles: true, cancelable: true };
        if (kind === 'paste') return send(new ClipboardEvent('paste', { ...about, clipboardData: carried }));
        send(new DragEvent('dragover', { ...about, dataTransfer: carried }));
        if (!document.querySelector('.dropping .drop-here')) throw new Error('the page does not invite to drop');
        return send(new DragEvent('drop', { ...about, dataTransfer: carried }));
      },
      [kind, name, mimeType, buffer.toString('base64')] as const,
    );
  }

  async remove(name: string): Promise<void> {
    await this.form.getByRole('button', { name: `Remove ${name}` }).click();
  }
}

test('picked files are sent with the question and stay with it', async ({ visitor, page, upstream, watch }) => {
  // A picture that is opened by itself may run nothing, also nothing of the test's own tools.
  watch.expect(/Blocked script execution/);
  await visitor.open();
  const composer = new Composer(page);
  await composer.pick(picture, notes);
  await expect(composer.files).toHaveCount(2);
  await expect(composer.files.nth(0)).toContainText(/cat\.png.*· ≈ 2\d\d tokens/);
  await expect(composer.files.nth(1)).toContainText(/notes\.md21 B · ≈ \d+ tokens/);
  await expect(composer.files.nth(0).locator('img')).toHaveJSProperty('naturalWidth', 64);
  await visitor.askAndRead('say hello');
  await expect(composer.files).toHaveCount(0);

  const [request] = await upstream.record();
  const content = request.body.messages.at(-1)!.content as unknown as Record<string, any>[];
  expect(content.map((part) => part.type)).toEqual(['image_url', 'text', 'text']);
  expect(content[0].image_url.url).toBe(`data:image/png;base64,${picture.buffer.toString('base64')}`);
  expect(content[1].text).toBe('<file name="notes.md">\n# Notes\n\nA cat is 3.\n</file>');
  expect(content[2].text).toBe('say hello');

  const isThere = async () => {
    const image = visitor.questions.last().getByRole('img', { name: 'cat.png' });
    await expect(image).toHaveJSProperty('naturalWidth', 64);
    await expect(visitor.questions.last().getByRole('link', { name: 'notes.md' })).toHaveAttribute('download', 'notes.md');
  };
  await isThere();
  await visitor.reload();
  await isThere();
  const large = page.context().waitForEvent('page');
  await visitor.questions.last().getByRole('link', { name: 'cat.png' }).click();
  await expect(await large).toHaveURL(/\/api\/files\/[0-9a-f]{32}$/);
});

test('files are pasted and dropped, and removed', async ({ visitor, page, upstream }) => {
  await visitor.open();
  const composer = new Composer(page);
  await composer.bring('paste', picture);
  await expect(composer.files).toHaveCount(1);
  await composer.bring('drop', notes);
  await expect(composer.files).toHaveCount(2);
  await expect(page.locator('.drop-here')).toBeHidden();
  await composer.remove('cat.png');
  await expect(composer.files).toHaveCount(1);
  await expect(composer.files).toContainText('notes.md');
  // A file may go without words.
  await expect(visitor.send).toBeEnabled();
  await visitor.send.click();
  await expect(visitor.questions).toHaveCount(1);
  await visitor.isComplete();
  const [request] = await upstream.record();
  expect(request.body.messages).toHaveLength(1);
  expect(JSON.stringify(request.body.messages)).not.toContain('image_url');
});

test('what was added and not sent survives a reload', async ({ visitor, page }) => {
  await visitor.open();
  const composer = new Composer(page);
  await composer.pick(picture);
  await expect(composer.files).toContainText('tokens');
  await visitor.reload();
  await expect(composer.files).toContainText('cat.png');
  await visitor.askAndRead('say hello');
  await visitor.reload();
  await expect(composer.files).toHaveCount(0);
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(composer.files).toHaveCount(0);
});

test('a file waits in the conversation to which it was added', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const composer = new Composer(page);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/api/files', async (route) => {
    await held;
    await route.continue();
  });
  await composer.pick(picture);
  await expect(composer.files).toContainText('cat.png');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(visitor.questions).toHaveCount(0);
  await expect(composer.files).toHaveCount(0);
  const arrived = page.waitForResponse('**/api/files');
  letGo();
  await arrived;
  await visitor.askAndRead('fast 3 words');
  await expect(visitor.questions.getByRole('listitem')).toHaveCount(0);
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(composer.files).toContainText('tokens');
  await visitor.reload();
  await expect(composer.files).toContainText('cat.png');
});

test('what is not accepted says why, and holds the question back until it is removed', async ({ visitor, page, watch }) => {
  watch.expect(/status of 415/);
  await visitor.open();
  const composer = new Composer(page);
  await visitor.message.fill('say hello');
  await composer.pick(archive);
  await expect(composer.files.getByRole('alert')).toHaveText(/^This kind of file cannot be sent\. Accepted are PNG/);
  await expect(visitor.send).toBeDisabled();
  await visitor.sendByKey();
  await expect(visitor.questions).toHaveCount(0);
  await composer.remove('all.zip');
  await visitor.askAndRead('say hello');
});

test.describe('with small limits', () => {
  test.use({ settings: { INGLENOOK_MAX_FILE_BYTES: '2000', INGLENOOK_MAX_FILES_PER_MESSAGE: '1' } });

  test('too large and too many are said before anything is sent', async ({ visitor, page }) => {
    await visitor.open();
    const composer = new Composer(page);
    await composer.pick({ name: 'long.txt', mimeType: 'text/plain', buffer: Buffer.alloc(2001, 'x') });
    await expect(composer.files.getByRole('alert')).toHaveText('This file is too large: at most 2 KB are allowed.');
    await composer.remove('long.txt');
    await composer.pick(picture, notes);
    await expect(composer.files.nth(0)).toContainText('tokens');
    await expect(composer.files.nth(1).getByRole('alert')).toHaveText('Only one file can be sent with a question.');
  });
});

test('a large picture is made smaller before it is sent', async ({ visitor, page }) => {
  await visitor.open();
  const composer = new Composer(page);
  await composer.pick({ ...picture, name: 'wide.png', buffer: png(3000, 600) });
  await expect(composer.files.locator('img')).toHaveJSProperty('naturalWidth', 2048);
  await expect(composer.files.locator('img')).toHaveJSProperty('naturalHeight', 409);
});

test('a file that does not reach the server says so', async ({ visitor, page, inglenook, watch }) => {
  watch.expectLostServer();
  await visitor.open();
  // What adds files comes after the page.
  await expect(page.locator('#file-picker')).toBeAttached();
  await inglenook.kill();
  const composer = new Composer(page);
  await composer.pick(notes);
  await expect(composer.files.getByRole('alert')).toContainText('did not reach the server');
});

const about = (fields: object) => ['--about-models', JSON.stringify(fields)];

test.describe('with a model that does not see', () => {
  test.use({ upstreamArguments: about({ capabilities: ['completion'] }) });

  test('a picture is refused, and comes back with the text', async ({ visitor, page, upstream, watch }) => {
    watch.expect(/status of 422/);
    await visitor.open();
    const composer = new Composer(page);
    await composer.pick(picture);
    await expect(composer.files).toContainText('tokens');
    await visitor.message.fill('What is it?');
    await visitor.send.click();
    await expect(page.getByRole('alert')).toHaveText(/^scripted cannot read pictures\./);
    await expect(visitor.message).toHaveValue('What is it?');
    await expect(composer.files).toContainText('cat.png');
    expect(await upstream.record()).toEqual([]);
  });
});

test.describe('with a small context window', () => {
  const pricing = { prompt: '0.00001', completion: '0.00002' };
  test.use({ upstreamArguments: about({ context_length: 100, pricing }) });

  test('the estimate grows with what is typed, and what is left out is said', async ({ visitor, page, watch }) => {
    watch.expect(/status of 422/);
    const estimate = page.locator('.estimate');
    await visitor.open();
    await expect(async () => {
      // The provider's list is asked for in the background.
      await visitor.reload();
      await visitor.message.fill('one two three four');
      await expect(estimate).toHaveText('≈ 8 tokens · < $0.0001', { timeout: 1000 });
    }).toPass();
    await expect(estimate.getByRole('meter', { name: 'Context window' })).toHaveAttribute('value', '8');
    await visitor.message.fill('one two three four five six seven eight');
    await expect(estimate).toHaveText('≈ 12 tokens · $0.0001');
    // Said before it is sent, and by the refusal from then on.
    const unfit = page.locator('form.composer').getByText(/Shorten it, or choose a model with a larger context window/);
    await visitor.message.fill('word '.repeat(96).trim());
    await expect(unfit).toHaveCount(0);
    await visitor.message.fill('word '.repeat(200).trim());
    await expect(unfit).toHaveText(/^This takes about 20\d tokens, and scripted can read 100\./);
    await expect(estimate.getByRole('meter', { name: 'Context window' })).toHaveAttribute('value', '100');
    await visitor.send.click();
    await expect(page.getByRole('alert')).toContainText('scripted can read 100');
    await expect(unfit).toHaveCount(1);
    await visitor.message.fill('');
    await expect(estimate).toHaveText('');
    const words = 'say hello ' + 'word '.repeat(30).trim();
    await visitor.askAndRead(words);
    await expect(visitor.answer).not.toContainText('did not fit');
    await visitor.askAndRead(words);
    await expect(visitor.answer).toContainText('The 2 oldest messages did not fit into the model\'s context window and were not sent.');
    await visitor.reload();
    await expect(visitor.answer).toContainText('The 2 oldest messages did not fit');
  });
});
