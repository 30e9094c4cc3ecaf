/** A command as package.json shows it. The id is `modelPool.<key>`; the category is always Model Pool. */
interface CommandSpec {
  readonly title: string;
  /** Codicon name, for places that show icons. */
  readonly icon?: string;
  /** True: in the palette always; a clause: while it holds; false: only in menus, on a row. */
  readonly palette: boolean | string;
}

/** While a Modelfile is in the active editor. */
const IN_MODELFILE = 'editorLangId == modelfile';

/** Every command. One without an implementation in `commandTable.ts` does not compile. */
export const COMMANDS = {
  rank: { title: 'Rank Models for This Machine', icon: 'list-ordered', palette: true },
  installModel: { title: 'Install Model', icon: 'desktop-download', palette: true },
  removeModel: { title: 'Remove Model', icon: 'trash', palette: 'modelPool.hasInstallable' },
  pinModel: { title: 'Keep Model (Pin)', icon: 'pin', palette: 'modelPool.hasPinnable' },
  unpinModel: { title: 'Unpin Model', icon: 'pinned', palette: 'modelPool.hasPinned' },
  adoptModel: { title: 'Add to Pool', icon: 'add', palette: 'modelPool.hasOutside' },
  setDiskBudget: { title: 'Set Disk Budget', icon: 'database', palette: true },
  allowOrganisation: { title: 'Allow Organisation', icon: 'organization', palette: true },
  approveProposal: { title: 'Approve Proposal', icon: 'check', palette: 'modelPool.hasProposals' },
  rejectProposal: { title: 'Reject Proposal', icon: 'close', palette: 'modelPool.hasProposals' },
  showPoolReport: { title: 'Show Pool Disk', icon: 'pie-chart', palette: true },
  reconcilePool: { title: 'Reconcile Pool', icon: 'sync', palette: 'modelPool.hasInstallable' },
  pickModel: { title: 'Pick Model', icon: 'check', palette: true },
  askModel: { title: 'Ask a Model', icon: 'comment', palette: true },
  measureModel: { title: 'Measure a Model', icon: 'dashboard', palette: true },
  warmModel: { title: 'Warm Model', icon: 'flame', palette: true },
  stopModel: { title: 'Stop Model (Unload)', icon: 'debug-stop', palette: false },
  createContextVariant: {
    title: 'Create Context Variant',
    icon: 'versions',
    palette: 'modelPool.hasInstallable',
  },
  probeToolCalling: { title: 'Check Tool Calling', icon: 'tools', palette: true },
  explainRoute: { title: 'Explain Route', icon: 'git-compare', palette: true },
  showInstallCommand: { title: 'Show Install Command', icon: 'terminal', palette: true },
  openReport: { title: 'Open Report', icon: 'graph', palette: true },
  showDispatches: { title: 'Show Dispatches', icon: 'history', palette: true },
  exportRecords: { title: 'Export Dispatch Records', icon: 'export', palette: true },
  chooseTask: { title: 'Choose Task', icon: 'tasklist', palette: true },
  filterRecommended: { title: 'Filter Recommended Models', icon: 'filter', palette: true },
  groupRecommended: { title: 'Group Recommended Models by Task', icon: 'list-tree', palette: true },
  refresh: { title: 'Refresh', icon: 'refresh', palette: true },
  redetectHardware: { title: 'Re-detect Hardware', icon: 'vm', palette: true },
  measureBandwidth: { title: 'Measure Memory Bandwidth', icon: 'dashboard', palette: true },
  chooseHost: { title: 'Choose Machine', icon: 'server-environment', palette: 'modelPool.hasHosts' },
  addBackend: { title: 'Add Backend', icon: 'add', palette: true },
  startServer: { title: 'Start Server', icon: 'play', palette: true },
  copyEndpoint: {
    title: 'Copy Endpoint for Other Tools',
    icon: 'link',
    palette: 'modelPool.hasChatModels',
  },
  setApiKey: { title: 'Set API Key', icon: 'key', palette: true },
  openSettings: { title: 'Open Settings', icon: 'settings-gear', palette: true },
  showLog: { title: 'Show Log', icon: 'output', palette: true },
  copyDiagnostics: { title: 'Copy Diagnostics', icon: 'clippy', palette: true },
  resetData: { title: 'Reset Model Pool Data', icon: 'clear-all', palette: true },
  explainScore: { title: 'Explain Score', icon: 'question', palette: false },
  openModelfile: { title: 'Open Modelfile', icon: 'file-code', palette: false },
  copyModelId: { title: 'Copy Model Id', icon: 'copy', palette: false },
  pausePull: { title: 'Pause Install', icon: 'debug-pause', palette: false },
  cancelPull: { title: 'Cancel Install', icon: 'debug-stop', palette: false },
  resumePull: { title: 'Resume Install', icon: 'debug-continue', palette: false },
  dismissPull: { title: 'Dismiss', icon: 'close', palette: false },
  modelfileCreate: { title: 'Create Model from Modelfile', icon: 'package', palette: IN_MODELFILE },
  modelfileRun: { title: 'Run Model of Modelfile', icon: 'play', palette: IN_MODELFILE },
  modelfileShowReplaced: { title: 'Show What Modelfile Replaces', icon: 'diff', palette: IN_MODELFILE },
} as const satisfies Record<string, CommandSpec>;

export type CommandKey = keyof typeof COMMANDS;

export function commandId(key: CommandKey): string {
  return `modelPool.${key}`;
}

export function commandSpec(key: CommandKey): CommandSpec {
  return COMMANDS[key];
}
