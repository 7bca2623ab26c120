// Two sessions of one visitor, and a container that goes from the one to the other.

import { audit } from '../support/audit';
import type { Families } from '../support/prepared';
import { expect, test } from '../support/test';
import { Visit } from '../support/visit';

for (const families of ['both', 'ipv6'] satisfies Families[]) {
  test(`a container is copied from one session to another (${families})`, async ({ page, serve }) => {
    test.slow();
    const { origin } = await serve({ tutorial: 'first-steps-with-lxd', link: families });
    await page.goto(origin);
    const first = new Visit(page);
    await first.start();
    await first.terminal.ask('lxc launch tiny c1 && lxc snapshot c1 s1 && echo saved$((1))', /^(saved1)$/m);

    const second = new Visit(await page.context().newPage());
    await second.page.goto(`${origin}/t/first-steps-with-lxd?another=1`);
    await second.start();
    const dialog = await second.openLinks();
    await dialog.getByRole('button', { name: /^Link with tryit-/ }).click();
    const [bind, add] = [dialog.getByText(/^lxc config set core.https_address/), dialog.getByText(/^lxc remote add/)];
    await expect(add).toBeVisible();
    await audit(second.page, `link-${families}`);
    const [trust, remote] = [await bind.innerText(), await add.innerText()];
    // The dialog, then the menu that it was chosen from.
    for (const _ of [1, 2]) await second.page.keyboard.press('Escape');

    // The token is wider than the screen.
    await first.terminal.input.focus();
    await first.terminal.input.pressSequentially(`clear; token=$(${trust}); echo "$token" | fold -w 50; echo "length ${'${#token}'}"\n`);
    await first.terminal.shows(/^length \d{3}$/m);
    const shown = (await first.terminal.text()).split('\n');
    const token = shown.slice(0, shown.findIndex((line) => line.startsWith('length '))).filter((line) => /^[\w+/=]+$/.test(line)).join('');
    expect(token).toHaveLength(Number(shown.find((line) => line.startsWith('length '))!.split(' ')[1]));

    await second.terminal.ask(`${remote.replace('TOKEN', token)} && echo added$((1))`, /^(added1)$/m);
    await second.terminal.ask('clear; lxc copy peer:c1/s1 c2 && lxc start c2 && lxc list -c ns', /c2 +\| (RUNNING)/);

    await first.end();
    const left = await second.openLinks();
    await expect(left.getByText('No other session of yours is running in this browser.')).toBeVisible();
    await expect(left.getByText('lxc remote add')).toBeHidden();
    await second.page.close();
  });
}
