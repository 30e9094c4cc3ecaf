import type { ModelFacts, ModelfileFacts } from './facts';
import type { SourceRange } from './textEdit';

export const LANGUAGE_ID = 'modelfile';

/** The notification with which the client tells the server what this machine knows; each one replaces the last. */
export const FACTS_NOTIFICATION = 'modelPool/facts';

/** The request for what is known of the models that another file names: its path and text, answered by cards. */
export const REFERENCES_REQUEST = 'modelPool/references';

/** Commands of the code lenses, which the client implements; each gets the document's URI. */
export const LENS_COMMANDS = {
  create: 'modelPool.modelfileCreate',
  run: 'modelPool.modelfileRun',
  showReplaced: 'modelPool.modelfileShowReplaced',
} as const;

/** How fast a model answers here. */
export interface ModelSpeed {
  readonly tokensPerSecond: number;
  /** 10th and 90th percentile of an estimate, where they are known. */
  readonly range?: readonly [number, number];
  readonly measured: boolean;
  /** With how much context. */
  readonly contextTokens: number;
}

/** What is known about a model beyond what the findings need. */
export interface DescribedModel extends ModelFacts {
  /** Place in the ranking for this machine, from 1; absent where it is not recommended. */
  readonly rank?: number;
  readonly quant?: string;
  /** Of the file, in bytes. */
  readonly sizeBytes?: number;
  readonly speed?: ModelSpeed;
  readonly licence?: string;
  /** Why it is ranked as it is, in one line. */
  readonly evidence?: string;
}

/** The facts of the notification. */
export interface MachineFacts extends ModelfileFacts {
  readonly models: readonly DescribedModel[];
  /** Part of `usableBytes` that lies on accelerators. */
  readonly acceleratorBytes?: number;
  /** What the machine is, for a reader: `RTX 4090, 24 GiB`. */
  readonly machine?: string;
}

/** What there is to say about a model's name in a file that is no Modelfile. */
export interface ReferenceCard {
  /** Offsets in UTF-16 code units. */
  readonly range: SourceRange;
  readonly title: string;
  /** How it fits, in a few words; empty where that is not known. */
  readonly hint: string;
  /** Paragraphs of text. */
  readonly lines: readonly string[];
}
