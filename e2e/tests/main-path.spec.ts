// From the link to a root shell and back: the way that most visitors take.

import type { Service } from '../support/service';
import { PHONE, expect, test } from '../support/test';
import type { Visit } from '../support/visit';

const MESSAGE = 'Clear and quick. "Quotes", <b>tags</b> and ünïcode survive.';
/** A container's name: its visitor's host name too. */
const CONTAINER = /^(tryit-[a-z]+-[a-z0-9-]+)$/m;
const EMAIL = 'visitor@example.org';

test('a visitor on a desktop goes the whole way', async ({ visit, service }) => {
  await readTermsAndStart(visit);
  await takeSteps(visit);
  await visit.next('What runs here');
  await visit.back('Who am I?');
  await expect(visit.command('whoami'), 'what was run stays marked').toContainText('ran');
  await sayAndEnd(visit, service, await visit.terminal.ask('hostname', CONTAINER));
});

test.describe('on a phone', () => {
  test.use(PHONE);

  test('a visitor goes the whole way', async ({ visit, service }) => {
    await readTermsAndStart(visit);
    await takeSteps(visit);
    const peek = visit.root.getByRole('button', { name: 'Show the terminal' });
    await expect(peek, 'the output is in sight below the guide').toContainText('root');
    await visit.show('Terminal');
    await expect(visit.heading).toBeHidden();
    await visit.terminal.input.pressSequentially('echo typed on a $((6*7))');
    await visit.root.getByRole('region', { name: 'Keys' }).getByRole('button', { name: 'ctrl' }).click();
    await visit.terminal.input.pressSequentially('c');
    await visit.terminal.shows(/\^C$/m);
    await visit.terminal.ask('echo typed on a $((7*7))', /^typed on a (49)$/m);
    expect(await visit.terminal.text(), 'the key row interrupted').not.toContain('typed on a 42');
    const container = await visit.terminal.ask('hostname', CONTAINER);
    await visit.show('Guide');
    await expect(visit.heading).toBeVisible();
    await sayAndEnd(visit, service, container);
  });
});

async function readTermsAndStart(visit: Visit): Promise<void> {
  await expect(visit.heading).toHaveText('A tour of your container');
  await expect(visit.root.getByText('Ready now.')).toBeVisible();
  await visit.root.getByText('By starting you accept the terms').click();
  await expect(visit.root.getByText('It is temporary.')).toBeVisible();
  await visit.start();
}

async function takeSteps(visit: Visit): Promise<void> {
  await visit.run('echo "Hello, container"', /^Hello, container$/m);
  await visit.next('Who am I?');
  await visit.run('whoami', /^root$/m);
  await visit.check('There is no file ~/whoami yet.');
  await visit.run('id > ~/whoami', /id > ~\/whoami/);
  await visit.terminal.isReady();
  await visit.check('Done.');
}

async function sayAndEnd(visit: Visit, service: Service, container: string): Promise<void> {
  await visit.leaveFeedback(4, MESSAGE, EMAIL);
  const said = { rating: 4, message: MESSAGE, email: EMAIL, email_consent: true, tutorial: 'tour' };
  expect(await service.feedback(), 'the operator reads it').toContainEqual(expect.objectContaining(said));
  expect((await service.askFeedback('tryit_op_guessed')).status).toBe(401);

  expect(await service.project.instances()).toContain(container);
  await visit.end();
  await expect(visit.root.getByRole('radio', { name: '4 stars' }), 'the feedback is there again').toBeChecked();
  await expect.poll(() => service.project.instances(), { message: 'the container is gone' }).not.toContain(container);
  await visit.root.getByRole('button', { name: 'Start a new session' }).click();
  await expect(visit.startButton).toBeEnabled();
}
