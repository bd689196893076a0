// A person at the page: what they see by name, and what they do.

import { expect, type Locator, type Page } from '@playwright/test';

export class Visitor {
  readonly message: Locator;
  readonly send: Locator;
  readonly stop: Locator;
  readonly questions: Locator;
  /** Answers are named by their model. */
  readonly answers: Locator;
  /** The last answer. */
  readonly answer: Locator;
  readonly conversations: Locator;
  readonly transcript: Locator;
  readonly toLatest: Locator;

  constructor(
    readonly page: Page,
    private readonly isPhone: boolean,
    model: string | RegExp = 'scripted',
  ) {
    this.message = page.getByRole('textbox', { name: 'Message' });
    this.send = page.getByRole('button', { name: 'Send' });
    this.stop = page.locator('form.composer').getByRole('button', { name: 'Stop' });
    this.questions = page.getByRole('article', { name: 'You' });
    this.answers = page.getByRole('article', { name: model, exact: typeof model === 'string' });
    this.answer = this.answers.last();
    this.conversations = page.getByRole('navigation', { name: 'Conversations' });
    this.transcript = page.locator('#transcript');
    this.toLatest = page.getByRole('button', { name: 'To the latest' });
  }

  /** Opens an address and waits until the page listens. */
  async open(address = '/'): Promise<void> {
    await this.page.goto(address);
    await this.isReady();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.isReady();
  }

  /** The field is live first, then the rest of the page. */
  async isReady(): Promise<void> {
    await expect(this.page.locator('html[data-live] textarea[data-seen]')).toBeVisible();
  }

  async ask(question: string): Promise<void> {
    const before = await this.questions.count();
    await this.message.fill(question);
    await this.send.click();
    await expect(this.questions).toHaveCount(before + 1);
    await expect(this.page).toHaveURL(/\/c\/[0-9a-f-]+/);
  }

  /** Sends by the key that does so: where one types on the screen, Enter alone begins a new line. */
  async sendByKey(): Promise<void> {
    await this.message.press(this.isPhone ? 'Control+Enter' : 'Enter');
  }

  /** Asks, and waits for the end of the answer. */
  async askAndRead(question: string): Promise<void> {
    const before = await this.answers.count();
    await this.ask(question);
    await expect(this.answers).toHaveCount(before + 1);
    await this.isComplete();
  }

  async isWriting(): Promise<void> {
    await expect(this.answer).toHaveAttribute('aria-busy', 'true');
  }

  async isComplete(): Promise<void> {
    await expect(this.answer).toHaveAttribute('aria-busy', 'false', { timeout: 25_000 });
  }

  /** The body of the last answer, without its heading and buttons. */
  get text(): Locator {
    return this.answer.locator('> .prose');
  }

  /** The id of the last answer. */
  async answerId(): Promise<string> {
    return (await this.answer.getAttribute('id'))!.replace(/^m-/, '');
  }

  /** Makes the list of conversations visible, which on a phone is a drawer. */
  async openList(): Promise<void> {
    if (this.isPhone) await this.page.getByRole('button', { name: 'Conversations' }).click();
    await expect(this.conversations).toBeVisible();
  }

  /** Closes the drawer, where there is one. */
  async closeList(): Promise<void> {
    if (!this.isPhone) return;
    await this.page.getByRole('button', { name: 'Close the list' }).click();
    await expect(this.conversations).toBeHidden();
  }

  /** Opens the menu of the conversation that is shown. */
  async openMenu(): Promise<void> {
    await this.page.locator('header.bar').getByRole('button', { name: 'Conversation menu' }).click();
    await expect(this.page.locator('#conversation-menu')).toBeVisible();
  }

  /** Opens the menu of the last answer. */
  async openAnswerMenu(): Promise<Locator> {
    await this.answer.getByRole('button', { name: 'More' }).click();
    const menu = this.page.locator('#message-menu');
    await expect(menu).toBeVisible();
    return menu;
  }

  /** Uploads a file of conversations, and sees what would come in. */
  async upload(name: string, content: string | Buffer): Promise<void> {
    await this.page.goto('/import');
    const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) };
    await this.page.getByLabel('File').setInputFiles(file);
    await this.page.getByRole('button', { name: 'See what is in it' }).click();
  }

  /** Scrolls the conversation by hand, upwards if negative. */
  async scrollBy(pixels: number): Promise<void> {
    const box = (await this.transcript.boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (!this.isPhone) {
      await this.page.mouse.move(x, y);
      await this.page.mouse.wheel(0, pixels);
      return;
    }
    const devtools = await this.page.context().newCDPSession(this.page);
    // A finger's way ends at the edge of the screen, so a long one is made of several strokes.
    for (let rest = Math.abs(pixels); rest > 0; rest -= 250) {
      const yDistance = -Math.sign(pixels) * Math.min(rest, 250);
      const gesture = { x, y: y - yDistance / 2, yDistance, speed: 2000 };
      await devtools.send('Input.synthesizeScrollGesture', gesture);
    }
    await devtools.detach();
  }

  /** How far the view is from the end of the conversation, in pixels. */
  fromEnd(): Promise<number> {
    return this.transcript.evaluate((e) => Math.round(e.scrollHeight - e.clientHeight - e.scrollTop));
  }
}
