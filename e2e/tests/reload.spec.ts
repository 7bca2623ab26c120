// A reload in the middle loses nothing: the backend owns the terminal, not the browser.

import { expect, test } from '../support/test';

test('a reload keeps the session, the step, the marks, the screen and the shell', async ({ visit }) => {
  await visit.start();
  await visit.next('Who am I?');
  await visit.run('whoami', /^root$/m);
  const shell = await visit.terminal.ask('echo "shell=$$"', /^shell=(\d+)$/m);
  const screen = await visit.terminal.text();

  await visit.page.reload();

  await expect(visit.heading).toHaveText('Who am I?');
  await expect(visit.command('whoami')).toContainText('ran');
  await expect.poll(() => visit.terminal.text(), { message: 'the screen is there again' }).toBe(screen);
  await visit.terminal.ask('clear', /^[^\n]*$/);
  expect(await visit.terminal.ask('echo "shell=$$"', /^shell=(\d+)$/m)).toBe(shell);
});

test('output that came while the page was away is there after it', async ({ visit }) => {
  await visit.start();
  // Says that it is done only after the page has left; a file of its own tells it when.
  await visit.terminal.ask('(until test -e away; do sleep 0.1; done; echo "came $((6*7))") &', /^\[1\] \d+$/m);
  await visit.terminal.input.pressSequentially('sleep 1; touch away\n');
  const left = visit.page.url();
  await visit.page.goto('about:blank');
  await visit.page.goto(left);
  await visit.terminal.shows(/came 42$/m);
});
