import type { CommandKey } from './commands';
import { CONTEXT_KEYS, POOL_VIEW_ID, RECOMMENDED_VIEW_ID, ROW } from './views';

interface MenuEntry {
  readonly command: CommandKey;
  readonly when: string;
  readonly group: string;
}

const inPool = `view == ${POOL_VIEW_ID}`;
const inRecommended = `view == ${RECOMMENDED_VIEW_ID}`;
const row = (name: keyof typeof ROW): string => `viewItem =~ /\\b${ROW[name]}\\b/`;

export const VIEW_TITLE_MENU: readonly MenuEntry[] = [
  { command: 'addBackend', when: inPool, group: 'navigation@1' },
  { command: 'refresh', when: inPool, group: 'navigation@2' },
  { command: 'openReport', when: inPool, group: 'navigation@3' },
  { command: 'chooseTask', when: inRecommended, group: 'navigation@1' },
  { command: 'rank', when: inRecommended, group: 'navigation@2' },
  { command: 'chooseHost', when: `${inRecommended} && ${CONTEXT_KEYS.hasHosts}`, group: '2_more@1' },
  { command: 'redetectHardware', when: inRecommended, group: '2_more@2' },
  { command: 'measureBandwidth', when: inRecommended, group: '2_more@3' },
  { command: 'openSettings', when: inPool, group: '2_more@1' },
  { command: 'showLog', when: inPool, group: '2_more@2' },
  { command: 'copyDiagnostics', when: inPool, group: '2_more@3' },
];

export const VIEW_ITEM_MENU: readonly MenuEntry[] = [
  { command: 'refresh', when: `${inPool} && ${row('problem')}`, group: 'inline@1' },
  { command: 'openSettings', when: `${inPool} && ${row('problem')}`, group: 'inline@2' },
  { command: 'setApiKey', when: `${inPool} && ${row('needsKey')}`, group: 'inline@1' },
  { command: 'pickModel', when: `${inPool} && ${row('model')}`, group: 'inline@1' },
  { command: 'askModel', when: `${inPool} && ${row('model')}`, group: 'inline@2' },
  { command: 'removeModel', when: `${inPool} && ${row('removable')}`, group: 'inline@3' },
  { command: 'pickModel', when: `${inPool} && ${row('model')}`, group: '1_use@1' },
  { command: 'askModel', when: `${inPool} && ${row('model')}`, group: '1_use@2' },
  { command: 'warmModel', when: `${inPool} && ${row('ownModel')}`, group: '1_use@3' },
  { command: 'measureModel', when: `${inPool} && ${row('ownModel')}`, group: '1_use@4' },
  { command: 'probeToolCalling', when: `${inPool} && ${row('model')}`, group: '1_use@5' },
  { command: 'copyModelId', when: `${inPool} && ${row('model')}`, group: '2_copy@1' },
  { command: 'explainRoute', when: `${inPool} && ${row('model')}`, group: '3_show@2' },
  { command: 'showDispatches', when: `${inPool} && ${row('model')}`, group: '3_show@1' },
  { command: 'removeModel', when: `${inPool} && ${row('removable')}`, group: '4_remove@1' },
  { command: 'installModel', when: `${inRecommended} && ${row('installable')}`, group: 'inline@1' },
  { command: 'showInstallCommand', when: `${inRecommended} && ${row('recommended')}`, group: 'inline@2' },
  { command: 'installModel', when: `${inRecommended} && ${row('installable')}`, group: '1_install@1' },
  { command: 'showInstallCommand', when: `${inRecommended} && ${row('recommended')}`, group: '1_install@2' },
  { command: 'explainScore', when: `${inRecommended} && ${row('recommended')}`, group: '2_explain@1' },
  { command: 'redetectHardware', when: `${inRecommended} && ${row('thisMachine')}`, group: 'inline@1' },
  {
    command: 'chooseHost',
    when: `${inRecommended} && ${row('machine')} && ${CONTEXT_KEYS.hasHosts}`,
    group: 'inline@2',
  },
  { command: 'redetectHardware', when: `${inRecommended} && ${row('thisMachine')}`, group: '1_machine@1' },
  { command: 'measureBandwidth', when: `${inRecommended} && ${row('thisMachine')}`, group: '1_machine@2' },
  { command: 'cancelPull', when: row('pullRunning'), group: 'inline@1' },
  { command: 'resumePull', when: row('pullStopped'), group: 'inline@1' },
  { command: 'dismissPull', when: row('pullStopped'), group: 'inline@2' },
  { command: 'cancelPull', when: row('pullRunning'), group: '1_install@1' },
  { command: 'resumePull', when: row('pullStopped'), group: '1_install@1' },
  { command: 'dismissPull', when: row('pullStopped'), group: '1_install@2' },
];
