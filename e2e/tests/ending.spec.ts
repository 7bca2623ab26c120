// The end of a session comes announced, can be put off, and says why it came.

import { expect, test } from '../support/test';
import { REFUSED } from '../support/watch';

test('the last minute is announced, and more time takes it back', async ({ serve, visitor }) => {
  const { origin } = await serve({ session: { duration: '75s', extensions: 1 } });
  const visit = await visitor(origin);
  await visit.start();
  const time = visit.root.locator('.time');
  await expect(time).toHaveText(/^1:\d\d left$/);
  await expect(time).toHaveClass(/soon/);

  await expect(visit.root.getByRole('status').filter({ hasText: 'One minute left.' })).toHaveCount(1);
  await expect(time).toHaveText(/^0:\d\d left$/);
  await expect(time).toHaveClass(/last/);
  await expect(visit.terminal.input, 'a warning takes no focus').toBeFocused();

  await visit.root.getByRole('button', { name: 'More time' }).click();
  await expect(time).toHaveText(/^1[56]:\d\d left$/);
  await expect(time).not.toHaveClass(/soon|last/);
  await expect(visit.root.getByRole('button', { name: 'More time' }), 'there is no more of it').toHaveCount(0);
});

test('a session whose time is up says so', async ({ serve, visitor, watch }) => {
  watch.tolerate(REFUSED);
  const { origin } = await serve({ session: { duration: '8s' } });
  const visit = await visitor(origin);
  await visit.startButton.click();
  await expect(visit.heading).toHaveText('Your time is up.');
  await expect(visit.page).toHaveTitle('Your time is up. · tryit');
  await visit.root.getByRole('button', { name: 'Start a new session' }).click();
  await expect(visit.startButton).toBeEnabled();
});

test('time that is refused says why, and the words can be dismissed', async ({ visit, page, watch }) => {
  watch.tolerate(REFUSED);
  await visit.start();
  const message = 'Others are waiting for a place.';
  // What the rules refuse depends on other visitors; here only the words matter.
  await page.route('**/extend', (route) =>
    route.fulfill({ status: 409, json: { error: { code: 'extension_refused', message } } }),
  );
  await page.getByRole('button', { name: 'More time' }).click();
  await expect(visit.alert('No more time can be added now.')).toContainText(message);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(visit.alert('No more time can be added now.')).toHaveCount(0);
  await visit.end();
});
