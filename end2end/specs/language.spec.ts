// Chinese throughout, by what the browser asks for and by the setting; and how the page looks.

import { expect, test } from '../support/test';

test.describe('a Chinese browser', () => {
  test.use({ locale: 'zh-CN' });

  test('is spoken to in Chinese', async ({ page, visitor }) => {
    await visitor.open();
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
    await expect(page.getByRole('heading', { name: '想聊点什么？' })).toBeVisible();
    await expect(page.getByRole('link', { name: /^解释一个概念/ })).toBeVisible();
    await page.getByRole('link', { name: '导师' }).click();
    await expect(page.getByRole('button', { name: '帮我理解递归' })).toBeVisible();
    await visitor.open();
    await page.getByRole('textbox', { name: '消息' }).fill('say hello');
    await page.getByRole('button', { name: '发送', exact: true }).click();
    await expect(page.locator('article.answer > .prose')).toHaveText('Hello! How can I help?');
    // What comes later speaks it too.
    await expect(page.locator('#palette')).toBeAttached();
    // Whatever is written in Latin letters is a name, an example, or what was said.
    const rest = await page.evaluate(() => {
      const said = 'article .prose, .bubble, .wordmark, .model, .who, script, style, title, .sidebar li, kbd, .title, code';
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: string[] = [];
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement!.closest(said) && /[a-z]{3}/i.test(node.textContent!)) found.push(node.textContent!.trim());
      }
      for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
        if (element.closest('article .prose, article[aria-label], .sidebar li')) continue;
        for (const name of ['aria-label', 'placeholder', 'title']) {
          const text = element.getAttribute(name) ?? '';
          if (/[a-z]{3}/i.test(text)) found.push(text);
        }
      }
      return found;
    });
    const exports = ['Markdown', 'HTML', 'JSON'].map((format) => `将此对话导出为 ${format}`);
    expect(rest).toEqual([...exports, 'API 令牌']);

    await page.getByRole('textbox', { name: '消息' }).fill('markdown');
    await page.getByRole('button', { name: '发送', exact: true }).click();
    const copy = page.getByRole('button', { name: '复制', exact: true });
    await expect(copy.first()).toBeVisible();
    await expect(page.locator('article[aria-busy=true]')).toHaveCount(0);
    // The server says it in the same words as the page.
    const streamed = await copy.count();
    await page.reload();
    await expect(copy).toHaveCount(streamed);
  });
});

test('settings are saved and found', async ({ page, visitor }) => {
  await page.goto('/settings');
  await page.getByLabel('Language').selectOption('简体中文');
  await page.getByLabel('Text size').selectOption('Large');
  await page.getByRole('button', { name: 'Save' }).first().click();
  await expect(page.getByRole('heading', { name: '设置' })).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('已保存。');
  await page.getByRole('searchbox').fill('宽度');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('宽度')).toBeVisible();
  await expect(page.getByLabel('主题')).toBeHidden();
  await visitor.open();
  await expect(page.locator('html')).toHaveAttribute('data-size', 'large');
});
