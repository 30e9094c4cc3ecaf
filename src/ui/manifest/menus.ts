import type { CommandKey } from './commands';
import { CONTEXT_KEYS, POOL_VIEW_ID, PROPOSALS_VIEW_ID, RECOMMENDED_VIEW_ID, ROW } from './views';

interface MenuEntry {
  readonly command: CommandKey;
  readonly when: string;
  readonly group: string;
}

const inPool = `view == ${POOL_VIEW_ID}`;
const inProposals = `view == ${PROPOSALS_VIEW_ID}`;
const inRecommended = `view == ${RECOMMENDED_VIEW_ID}`;
/** An entry of several views still belongs to ours alone: other extensions may call their rows alike. */
const inOurs = 'view =~ /^modelPool\\./';
const row = (name: keyof typeof ROW): string => `viewItem =~ /\\b${ROW[name]}\\b/`;
const eitherRow = (...names: readonly (keyof typeof ROW)[]): string =>
  `viewItem =~ /\\b(?:${names.map((name) => ROW[name]).join('|')})\\b/`;

/** A download that carries out a proposal is paused there: that is open again then, for another word. */
const endable = `view != ${PROPOSALS_VIEW_ID} && ${row('pullRunning')}`;

export const VIEW_TITLE_MENU: readonly MenuEntry[] = [
  { command: 'addBackend', when: inPool, group: 'navigation@1' },
  { command: 'refresh', when: inPool, group: 'navigation@2' },
  { command: 'openReport', when: inPool, group: 'navigation@3' },
  { command: 'chooseTask', when: inRecommended, group: 'navigation@1' },
  { command: 'filterRecommended', when: inRecommended, group: 'navigation@2' },
  { command: 'rank', when: inRecommended, group: 'navigation@3' },
  { command: 'groupRecommended', when: inRecommended, group: '1_view@1' },
  { command: 'chooseHost', when: `${inRecommended} && ${CONTEXT_KEYS.hasHosts}`, group: '2_more@1' },
  { command: 'redetectHardware', when: inRecommended, group: '2_more@2' },
  { command: 'measureBandwidth', when: inRecommended, group: '2_more@3' },
  { command: 'setDiskBudget', when: inPool, group: '1_pool@1' },
  { command: 'allowOrganisation', when: inPool, group: '1_pool@2' },
  { command: 'reconcilePool', when: `${inPool} && ${CONTEXT_KEYS.hasInstallable}`, group: '1_pool@3' },
  { command: 'showPoolReport', when: inPool, group: '1_pool@4' },
  { command: 'refresh', when: inProposals, group: 'navigation@1' },
  { command: 'showPoolReport', when: inProposals, group: 'navigation@2' },
  { command: 'allowOrganisation', when: inProposals, group: '1_pool@1' },
  { command: 'setDiskBudget', when: inProposals, group: '1_pool@2' },
  { command: 'openSettings', when: inPool, group: '2_more@1' },
  { command: 'showLog', when: inPool, group: '2_more@2' },
  { command: 'copyDiagnostics', when: inPool, group: '2_more@3' },
  { command: 'startServer', when: inPool, group: '2_more@4' },
  { command: 'resetData', when: inPool, group: '3_reset@1' },
];

export const VIEW_ITEM_MENU: readonly MenuEntry[] = [
  { command: 'refresh', when: `${inPool} && ${row('problem')}`, group: 'inline@1' },
  { command: 'openSettings', when: `${inPool} && ${row('problem')}`, group: 'inline@2' },
  { command: 'setApiKey', when: `${inPool} && ${row('needsKey')}`, group: 'inline@1' },
  { command: 'startServer', when: `${inPool} && ${row('startable')}`, group: 'inline@1' },
  { command: 'pickModel', when: `${inPool} && ${row('model')}`, group: 'inline@1' },
  { command: 'askModel', when: `${inPool} && ${row('model')}`, group: 'inline@2' },
  { command: 'stopModel', when: `${inPool} && ${row('stoppable')}`, group: 'inline@3' },
  { command: 'removeModel', when: `${inPool} && ${row('removable')}`, group: 'inline@4' },
  { command: 'pickModel', when: `${inPool} && ${row('model')}`, group: '1_use@1' },
  { command: 'askModel', when: `${inPool} && ${row('model')}`, group: '1_use@2' },
  { command: 'warmModel', when: `${inPool} && ${row('ownModel')}`, group: '1_use@3' },
  { command: 'measureModel', when: `${inPool} && ${row('ownModel')}`, group: '1_use@4' },
  { command: 'stopModel', when: `${inPool} && ${row('stoppable')}`, group: '1_use@5' },
  { command: 'probeToolCalling', when: `${inPool} && ${row('model')}`, group: '1_use@6' },
  {
    command: 'createContextVariant',
    when: `${inPool} && ${row('ownModel')} && ${row('removable')}`,
    group: '1_use@7',
  },
  { command: 'copyModelId', when: `${inPool} && ${eitherRow('model', 'embedding')}`, group: '2_copy@1' },
  { command: 'copyEndpoint', when: `${inPool} && ${row('model')}`, group: '2_copy@2' },
  { command: 'explainRoute', when: `${inPool} && ${row('model')}`, group: '3_show@2' },
  { command: 'explainScore', when: `${inPool} && ${row('explained')}`, group: '3_show@3' },
  { command: 'openModelfile', when: `${inPool} && ${row('removable')}`, group: '3_show@4' },
  { command: 'showDispatches', when: `${inPool} && ${row('model')}`, group: '3_show@1' },
  { command: 'pinModel', when: `${inPool} && ${row('pinnable')}`, group: '4_pool@1' },
  { command: 'unpinModel', when: `${inPool} && ${row('pinned')}`, group: '4_pool@2' },
  { command: 'adoptModel', when: `${inPool} && ${row('adoptable')}`, group: '4_pool@3' },
  { command: 'removeModel', when: `${inPool} && ${row('removable')}`, group: '5_remove@1' },
  { command: 'installModel', when: `${inRecommended} && ${row('installable')}`, group: 'inline@1' },
  { command: 'showInstallCommand', when: `${inRecommended} && ${row('recommended')}`, group: 'inline@3' },
  { command: 'installModel', when: `${inRecommended} && ${row('installable')}`, group: '1_install@1' },
  { command: 'showInstallCommand', when: `${inRecommended} && ${row('recommended')}`, group: '1_install@3' },
  { command: 'explainScore', when: `${inRecommended} && ${row('recommended')}`, group: '2_explain@1' },
  { command: 'redetectHardware', when: `${inRecommended} && ${row('thisMachine')}`, group: 'inline@1' },
  {
    command: 'chooseHost',
    when: `${inRecommended} && ${row('machine')} && ${CONTEXT_KEYS.hasHosts}`,
    group: 'inline@2',
  },
  { command: 'redetectHardware', when: `${inRecommended} && ${row('thisMachine')}`, group: '1_machine@1' },
  { command: 'measureBandwidth', when: `${inRecommended} && ${row('thisMachine')}`, group: '1_machine@2' },
  { command: 'refresh', when: `${inProposals} && ${row('problem')}`, group: 'inline@1' },
  { command: 'approveProposal', when: `${inProposals} && ${row('proposalOpen')}`, group: 'inline@1' },
  { command: 'rejectProposal', when: `${inProposals} && ${row('proposalOpen')}`, group: 'inline@2' },
  { command: 'approveProposal', when: `${inProposals} && ${row('proposalOpen')}`, group: '1_decide@1' },
  { command: 'rejectProposal', when: `${inProposals} && ${row('proposalOpen')}`, group: '1_decide@2' },
  { command: 'explainScore', when: `${inProposals} && ${row('explained')}`, group: '2_explain@1' },
  { command: 'pausePull', when: `${inOurs} && ${row('pullRunning')}`, group: 'inline@1' },
  { command: 'cancelPull', when: `${inOurs} && ${endable}`, group: 'inline@2' },
  { command: 'resumePull', when: `${inOurs} && ${row('pullStopped')}`, group: 'inline@1' },
  { command: 'dismissPull', when: `${inOurs} && ${row('pullStopped')}`, group: 'inline@2' },
  { command: 'pausePull', when: `${inOurs} && ${row('pullRunning')}`, group: '1_install@1' },
  { command: 'cancelPull', when: `${inOurs} && ${endable}`, group: '1_install@2' },
  { command: 'resumePull', when: `${inOurs} && ${row('pullStopped')}`, group: '1_install@1' },
  { command: 'dismissPull', when: `${inOurs} && ${row('pullStopped')}`, group: '1_install@2' },
];
