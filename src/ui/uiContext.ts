import type * as vscode from 'vscode';
import type { Engine } from '../engine';
import type { Task } from '../shared/settings';
import type { Logger } from '../shared/logger';
import type { Emitter } from '../shared/events';
import type { ModelRef } from '../shared/modelRef';
import type { ReportTab } from '../shared/reportMessages';
import type { Pages } from './pages';
import type { PickStore } from './pickStore';
import type { RecommendedFilter } from './recommendedFilter';
import type { SettingProblems } from './settingProblems';

/** Where in the report to go. */
export interface ReportTarget {
  readonly tab: ReportTab;
  readonly recordId?: string;
  readonly modelId?: string;
  /** Of Dispatches: only the calls of this model. */
  readonly model?: ModelRef;
  /** What the models are ranked for; left out: as it was. */
  readonly task?: Task;
}

/** What every part of the user interface gets: the engine, and what is this window's own. */
export interface UiContext {
  readonly engine: Engine;
  readonly extension: vscode.ExtensionContext;
  readonly logger: Logger;
  /** The output channel behind `logger`, for Show Log. */
  readonly log: vscode.LogOutputChannel;
  /** The last lines of the log, oldest first, for Copy Diagnostics. */
  readonly recentLines: readonly string[];
  readonly picks: PickStore;
  /** Documents that only Model Pool writes. */
  readonly pages: Pages;
  /** What the Recommended view shows. */
  readonly recommended: RecommendedFilter;
  readonly settingProblems: SettingProblems;
  /** Fire it to open the report somewhere. */
  readonly showReport: Emitter<ReportTarget>;
}
