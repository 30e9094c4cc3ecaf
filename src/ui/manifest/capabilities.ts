import type { Settings } from '../../shared/settings';
import { SETTINGS, settingKey } from './settings';

/**
 * package.json's `capabilities`: what works in folders that nobody trusts, and in those that are not on a disk.
 *
 * Limited, not full: VS Code then drops what such a folder writes into `.vscode/settings.json` for any of our settings.
 * That is the second lock. The first is their scope, which no folder can write to, and the third `readSettings`, which
 * reads the user's own values alone; those two hold in trusted folders as well.
 */
export const capabilities = {
  untrustedWorkspaces: {
    supported: 'limited',
    description:
      "Everything works with your own settings. What the folder's settings say for Model Pool does not count: no address, key, route or budget.",
    restrictedConfigurations: (Object.keys(SETTINGS) as (keyof Settings)[]).map(settingKey),
  },
  virtualWorkspaces: true,
};
