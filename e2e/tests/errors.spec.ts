// Whatever is in the way, the page says what happened and what one can do.

import { Relay } from '../support/relay';
import { expect, test } from '../support/test';
import { Visit } from '../support/visit';
import { REFUSED, UNREACHABLE } from '../support/watch';

test('an address with as many sessions as it may have is told', async ({ serve, visitor, watch }) => {
  watch.tolerate(REFUSED);
  const { origin } = await serve({ session: { per_address: 1 } });
  const [first, second] = [await visitor(origin), await visitor(origin)];
  await first.start();
  await second.startButton.click();
  await expect(second.alert('You have as many sessions as one address may have.')).toContainText('End one of them');
});

test('an unknown tutorial leads to those that there are', async ({ visit, service, watch }) => {
  watch.tolerate(REFUSED);
  await visit.page.goto(`${service.origin}/t/no-such-tutorial`);
  await expect(visit.heading).toHaveText('There is nothing at this address.');
  await visit.root.getByRole('link', { name: 'First steps with LXD' }).click();
  await expect(visit.heading).toHaveText('First steps with LXD');
});

test('a session that ends shows its end in every tab', async ({ visit, context }) => {
  await visit.start();
  const other = new Visit(await context.newPage());
  await other.page.goto(visit.page.url());
  await other.terminal.isReady();
  await visit.end();
  await expect(other.heading).toHaveText('You ended the session.');
  await other.page.reload();
  await expect(other.heading).toHaveText('You ended the session.');
});

test('a shell that ends can be started again in the same container', async ({ visit }) => {
  await visit.start();
  await visit.terminal.ask('touch kept; echo done', /^(done)$/m);
  await visit.terminal.input.pressSequentially('exit 3\n');
  await expect(visit.alert('The shell has ended. (status 3)')).toBeVisible();
  await visit.root.getByRole('button', { name: 'Connect again' }).click();
  await expect(visit.alert('The shell has ended.')).toBeHidden();
  await visit.terminal.isReady();
  await visit.terminal.ask('ls', /^(kept)$/m);
});

test('a service without LXD says that no machine can be reached', async ({ serve, visitor }) => {
  const { origin } = await serve({ socket: '/nonexistent/unix.socket' }, 'unavailable');
  const visit = await visitor(origin);
  await expect(visit.root.getByText('cannot be reached right now. Running sessions are kept. This page keeps asking.')).toBeVisible();
  await expect(visit.startButton).toBeDisabled();
  // The guide's contents can be read nevertheless.
  await expect(visit.root.getByRole('listitem').filter({ hasText: 'Break something' })).toBeVisible();
});

test('what a start was refused for goes when it is over', async ({ serve, visitor, watch }) => {
  watch.tolerate(REFUSED);
  const service = await serve();
  const visit = await visitor(service.origin);
  await expect(visit.startButton).toBeEnabled();
  await service.maintain(true);
  await visit.startButton.click();
  const refusal = visit.root.getByRole('alert');
  await expect(refusal).toBeVisible();
  await expect(visit.startButton).toBeDisabled();
  await service.maintain(false);
  await expect(refusal).toBeHidden();
  await visit.start();
});

test('a start without a network says so, and works when it is back', async ({ visit, context, watch }) => {
  // The loader of the page's second half reports that it could not have it.
  watch.tolerate(UNREACHABLE, /TypeError: Failed to fetch/);
  await expect(visit.startButton).toBeEnabled();
  await context.setOffline(true);
  await visit.startButton.click();
  await expect(visit.alert("The service can't be reached.")).toContainText('Nothing is lost.');
  await context.setOffline(false);
  await visit.start();
});

test('a lost connection comes back by itself and loses neither output nor typing', async ({ service, visitor, watch }) => {
  watch.tolerate(UNREACHABLE);
  const relay = await Relay.start(service.port);
  const visit = await visitor(relay.origin);
  await visit.start();
  const shell = await visit.terminal.ask('echo "shell=$$"', /^shell=(\d+)$/m);
  await visit.terminal.ask('(until test -e cut; do sleep 0.1; done; echo "came $((6*7))") &', /^(\[1\]) \d+$/m);

  relay.cut();
  await expect(visit.alert('Connection lost. Connecting again…')).toContainText('what you type is kept');
  await visit.terminal.input.pressSequentially('touch cut; echo "typed $((7*7)) in $$"\n');
  relay.mend();

  await visit.terminal.shows(new RegExp(`^typed 49 in ${shell}$`, 'm'));
  await visit.terminal.shows(/came 42$/m);
  await expect(visit.alert('Connection lost.')).toBeHidden();
  await visit.end();
  await relay.stop();
});
