// A container that is beyond repair is exchanged for a fresh one; everything else stays.

import { expect, test } from '../support/test';
import { REFUSED } from '../support/watch';

test('a fresh container comes in the same session, on the same page, with the same marks', async ({ visit, page }) => {
  await visit.start();
  await visit.run('echo "Hello, container"', /^Hello, container$/m);
  await visit.next('Who am I?');
  const before = await visit.terminal.ask('touch old; hostname', /^(tryit-[a-z0-9-]+)$/m);
  const ends = await page.locator('.time').getAttribute('title');

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('button', { name: 'Take a fresh container' }).click();
  await expect(page.getByRole('button', { name: 'Keep this one' }), 'the safe answer is the first').toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Take a fresh container?' })).toBeHidden();
  await page.keyboard.press('Escape');
  expect(await visit.terminal.ask('ls', /^(old)$/m), 'nothing was done').toBe('old');

  await visit.reset();
  await expect(page.getByText('This is a fresh container. The guide keeps its marks.')).toBeVisible();
  await visit.terminal.isReady();
  await expect(visit.heading, 'the same page').toHaveText('Who am I?');
  const after = await visit.terminal.ask('ls; hostname', /^(tryit-[a-z0-9-]+)$/m);
  expect(after).not.toBe(before);
  expect(await visit.terminal.text()).not.toMatch(/^old$/m);
  expect(await page.locator('.time').getAttribute('title'), 'the same time').toBe(ends);
  await visit.back('A tour of your container');
  await expect(visit.command('echo "Hello, container"'), 'the same marks').toContainText('ran');
  await visit.end();
});

test('a container without a process to spare says so and offers a fresh one', async ({ visit, page, watch }) => {
  watch.tolerate(REFUSED);
  await visit.start();
  await visit.next('Who am I?');
  await visit.terminal.input.pressSequentially('for i in $(seq 600); do sleep 9999 & done\n');
  await visit.terminal.shows(/fork: .*Resource temporarily unavailable/);
  await page.getByRole('button', { name: 'Check' }).click();
  const full = visit.alert('Your container is full.');
  await expect(full).toBeVisible();
  await full.getByRole('button', { name: 'Take a fresh container' }).click();
  await page.getByRole('button', { name: 'Delete and take a fresh one' }).click();
  await expect(page.getByText('This is a fresh container.')).toBeVisible();
  await visit.terminal.isReady();
  await visit.check('There is no file ~/whoami yet.');
  await visit.end();
});
