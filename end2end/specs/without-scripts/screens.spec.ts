// Pictures of the page where no script runs, to be looked at.

import { expect, test } from '../../support/test';

test('a conversation', async ({ visitor, page }, { project }) => {
  const picture = (state: string) => page.screenshot({ path: `artefacts/screens/${project.name}/${state}.png` });
  await page.goto('/');
  await picture('empty');
  await visitor.ask('markdown');
  await expect(page.getByRole('link', { name: 'Show this conversation with its buttons' })).toBeVisible();
  await picture('asked');
  await page.getByRole('link', { name: 'Show this conversation with its buttons' }).click();
  await expect(visitor.text).toContainText('The end.');
  await picture('read');
  await visitor.openList();
  await picture('list');
});
