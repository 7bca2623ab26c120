// A full server lets its visitors wait in order, tells them how long, and tells them when it is their turn.

import { turn, watchTabs } from '../support/tab';
import { expect, test } from '../support/test';
import { REFUSED, UNREACHABLE } from '../support/watch';

/** One place, and a queue behind it. */
const ONE = { session: { max: 1 } };

test('who waits reads meanwhile, and gets the prompt when somebody leaves', async ({ serve, visitor }) => {
  const { origin } = await serve(ONE);
  const [first, second, third] = [await visitor(origin), await visitor(origin), await visitor(origin)];
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toContainText('You are the next.');
  await expect(second.queue).toContainText(/A place in about \d+ minutes, or sooner\./);
  await expect(second.page).toHaveTitle('Next in the queue · tryit');
  await third.startButton.click();
  await expect(third.queue).toContainText('You are number 2 in the queue.');
  await expect(third.page).toHaveTitle('2 in the queue · tryit');

  await second.next('Who am I?');
  await expect(second.command('hostname\ncat /etc/os-release').getByRole('button', { name: 'Run' })).toBeDisabled();
  await second.page.reload();
  await expect(second.queue, 'a reload keeps the place').toContainText('You are the next.');

  await first.end();
  await second.terminal.isReady();
  await expect(second.page).toHaveTitle('A tour of your container · tryit');
  await expect(third.queue, 'the others move up').toContainText('You are the next.');
  await second.end();
  await third.terminal.isReady();
});

test('who looks elsewhere is told, and takes the place on coming back', async ({ serve, visitor }) => {
  const { origin } = await serve(ONE);
  const [first, second] = [await visitor(origin), await visitor(origin, { permissions: ['notifications'] })];
  await watchTabs(second.page.context());
  await second.page.reload();
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toContainText('You get a notification when it is your turn.');
  await turn(second.page, 'hidden');

  await first.end();
  await expect(second.page).toHaveTitle('● Your place is ready · tryit');
  await expect(second.queue).toContainText(/It is held for you for 0:\d\d more\./);
  expect(await second.page.evaluate(() => window.notified)).toEqual(['Your place is ready.']);

  await turn(second.page, 'visible');
  await second.terminal.isReady();
});

test('a place that nobody takes is given on', async ({ serve, visitor }) => {
  const { origin } = await serve({ ...ONE, queue: { claim_seconds: 3 } });
  const [first, second] = [await visitor(origin), await visitor(origin)];
  await watchTabs(second.page.context());
  await second.page.reload();
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toBeVisible();
  await turn(second.page, 'hidden');
  await first.end();
  await second.isAt('Your place was given on.');
  await expect(second.page).toHaveTitle('Your place was given on. · tryit');

  await turn(second.page, 'visible');
  await second.root.getByRole('button', { name: 'Start a new session' }).click();
  await second.start();
});

test('a place in the queue can be given up', async ({ serve, visitor }) => {
  const { origin } = await serve(ONE);
  const [first, second, third] = [await visitor(origin), await visitor(origin), await visitor(origin)];
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toContainText('You are the next.');
  await third.startButton.click();
  await expect(third.queue).toContainText('You are number 2 in the queue.');

  const leave = second.root.getByRole('button', { name: 'Leave', exact: true });
  await second.root.getByRole('button', { name: 'Leave the queue' }).click();
  await expect(leave).toBeFocused();
  await second.page.keyboard.press('Escape');
  await expect(second.root.getByRole('button', { name: 'Leave the queue' }), 'Escape keeps it').toBeFocused();
  await second.page.keyboard.press('Enter');
  await expect(leave).toBeFocused();
  await second.page.keyboard.press('Enter');
  await second.isAt('You left before it began.');
  await expect(third.queue).toContainText('You are the next.');
});

test('without a stream of changes the page asks', async ({ serve, visitor, watch }) => {
  watch.tolerate(UNREACHABLE);
  const { origin } = await serve(ONE);
  const [first, second] = [await visitor(origin), await visitor(origin)];
  await second.page.route('**/updates', (route) => route.abort());
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toContainText('You are the next.');
  await first.end();
  await second.terminal.isReady();
});

test('a full queue says so, and has a place when somebody leaves', async ({ serve, visitor, watch }) => {
  watch.tolerate(REFUSED);
  const { origin } = await serve({ ...ONE, queue: { max: 1 } });
  const [first, second, third] = [await visitor(origin), await visitor(origin), await visitor(origin)];
  await first.start();
  await second.startButton.click();
  await expect(second.queue).toBeVisible();
  await third.startButton.click();
  await expect(third.alert('Every machine is taken.')).toContainText('a place is usually free within minutes');

  await first.end();
  await second.terminal.isReady();
  await third.startButton.click();
  await expect(third.queue).toContainText('You are the next.');
});
