import * as z from 'zod';
import { dispatchFilterSchema, dispatchQuerySchema, dispatchSummarySchema } from './dispatchQuery';
import { dispatchRecordSchema } from './dispatchRecord';
import { imaginableDeviceSchema, imaginedMachineSchema } from './imaginedMachine';
import { machineSchema } from './machineMessage';
import { poolSchema } from './poolMessage';

/** Everything that passes between the extension host and the report page; both sides parse with these schemas. */

const confidence = z.enum(['high', 'medium', 'low']);
/** `unknown`: of a machine that nobody described. */
const fit = z.enum(['gpu', 'offload', 'cpu', 'none', 'unknown']);
/** Strongest first. */
export const EVIDENCE_GRADES = ['direct', 'variant', 'base', 'interpolated', 'self-reported'] as const;
const grade = z.enum(EVIDENCE_GRADES);
export type EvidenceGrade = z.infer<typeof grade>;

const contributionSchema = z.object({
  source: z.string(),
  benchmark: z.string(),
  value: z.number(),
  scale: z.enum(['percent', 'elo', 'score']),
  normalisedValue: z.number(),
  grade,
  observedAt: z.string(),
  weight: z.number(),
  independent: z.boolean(),
  url: z.string().optional(),
});

const speedBasis = z.enum(['measured', 'estimated']);

/** Another build of a model than the one that its row stands for. */
const buildSchema = z.object({
  quant: z.string(),
  fileGib: z.number().nullable(),
  score: z.number(),
  fit,
  memoryGib: z.number(),
  tokPerSec: z.number(),
  speedBasis,
});

/** What a score rests on, all results that count taken together. */
const rowEvidenceSchema = z.object({
  /** The grade that carries most of the weight; without any result that of the row itself. */
  main: grade,
  /** The weight of each grade that there is, 0..1, strongest grade first. */
  shares: z.array(z.object({ grade, share: z.number() })),
  /** Results that count. */
  results: z.number(),
  sources: z.number(),
  /** Whether anybody but the maker has measured it. */
  independent: z.boolean(),
  /** ISO date of the newest result; null where there is none. */
  newest: z.string().nullable(),
});
export type RowEvidence = Readonly<z.infer<typeof rowEvidenceSchema>>;

/** What the table shows, sorts and filters; the rest comes when a row is opened, see `rankingDetailSchema`. */
const rankingRowSchema = z.object({
  modelId: z.string(),
  name: z.string(),
  quant: z.string(),
  sizeB: z.number(),
  activeB: z.number().nullable(),
  fileGib: z.number().nullable(),
  licence: z.string().nullable(),
  contextMax: z.number().nullable(),
  /** What `Install Model` would be asked for; null where no build is known. */
  installName: z.string().nullable(),
  installed: z.boolean(),
  toolCalling: z.boolean().nullable(),
  score: z.number(),
  interval: z.tuple([z.number(), z.number()]),
  confidence,
  evidence: rowEvidenceSchema,
  fit,
  contextTokens: z.number(),
  /** The longest contexts that fit, tokens; null where nobody can say. */
  longestContext: z.object({ onAccelerators: z.number(), atAll: z.number() }).nullable(),
  memoryGib: z.number(),
  tokPerSec: z.number(),
  tokPerSecRange: z.tuple([z.number(), z.number()]),
  speedBasis,
  speedConfidence: confidence,
  /** What measurements of this machine have made of the estimate; null where there are none. */
  calibration: z.object({ factor: z.number(), measurements: z.number() }).nullable(),
  /** The models of its series that a score without own results was inferred from. */
  inferredFrom: z.array(z.string()),
  /** Without those: the model before it in its line and size, whose score it was given; null where there is none. */
  succeeds: z.string().nullable(),
  /** Without any scored relative: what its score was guessed from; null where it was not. */
  guessedFrom: z.enum(['size', 'size and date']).nullable(),
  /** Results that are known and cannot be compared. */
  unscored: z.number(),
});
export type RankingRow = z.infer<typeof rankingRowSchema>;

/** Names a row of a ranking: there is one for each build. */
export function rankingKey({ modelId, quant }: { readonly modelId: string; readonly quant: string }): string {
  return `${modelId}|${quant}`;
}

/** What stands under a row, and in a comparison: three quarters of a ranking, of which a reader opens little. */
const rankingDetailSchema = z.object({
  /** Of its row, see `rankingKey`. */
  key: z.string(),
  /** One sentence: why this score. */
  explanation: z.string(),
  unfitReason: z.string().nullable(),
  released: z.string().nullable(),
  quality: z.number(),
  factors: z.object({
    benchmarkConfidence: z.number(),
    speedConfidence: z.number(),
    quantisation: z.number(),
    usability: z.number(),
  }),
  memoryBasis: z.enum(['gguf', 'parameters']),
  /** How fast a prompt is read; null where nobody can say. */
  promptTokPerSec: z.number().nullable(),
  fitByContext: z.array(z.object({ contextTokens: z.number(), totalGb: z.number(), fit })),
  contributions: z.array(contributionSchema),
  otherBuilds: z.array(buildSchema),
});
export type RankingDetail = z.infer<typeof rankingDetailSchema>;

/** The rows that are open on the page, by their keys: what stands under them goes with the ranking. */
const openedRows = z.array(z.string()).max(60);

const taskSchema = z.enum(['general', 'coding', 'reasoning', 'agentic', 'vision', 'small']);

const rankingsSchema = z.object({
  type: z.literal('rankings'),
  /** Its number, which goes with the questions about its rows. */
  ranking: z.number().int(),
  task: taskSchema,
  /** ISO date of the scores. */
  snapshotDate: z.string().nullable(),
  machine: z.object({
    title: z.string(),
    memoryLine: z.string(),
    warnings: z.array(z.string()),
    detectedAt: z.string(),
    /** GiB that one model may take, on accelerators and in all; null of a machine that nobody described. */
    usable: z.object({ acceleratorGib: z.number(), totalGib: z.number() }).nullable(),
  }),
  rows: z.array(rankingRowSchema),
  /** Of the rows that are open. */
  details: z.array(rankingDetailSchema),
  /** The machine that the ranking is for where it is only imagined; null: one that there is. */
  imagined: imaginedMachineSchema.nullable(),
  /** What is not recommended, by why. */
  leftOut: z.array(z.object({ text: z.string(), count: z.number(), examples: z.array(z.string()) })),
  /** How many models were left out because they do not fit. */
  unfit: z.number(),
  warnings: z.array(z.string()),
});

const dispatchesSchema = z.object({
  type: z.literal('dispatches'),
  /** The list that the page asked for; it numbers them itself. */
  list: z.number().int(),
  /** Where in the list the records stand: not always where was asked, see `around` of a query. */
  offset: z.number().int(),
  records: z.array(dispatchRecordSchema),
  /** How many records match, of those known so far. */
  total: z.number().int(),
  /** How many records are known so far. */
  known: z.number().int(),
  /** False while older records are still being read. */
  complete: z.boolean(),
  /** Goes with the questions for further pages of this list. */
  asOf: z.number().int(),
  /** Lines of the transcript that could not be read as records. */
  unreadable: z.number(),
  /** Why records cannot be written now, and what to do; null while all is well. */
  problem: z.string().nullable(),
  /** Why only the newest records can be read, and what to do; null while all is well. */
  notice: z.string().nullable(),
});

const tabSchema = z.enum(['rankings', 'dispatches', 'machine', 'pool']);
export type ReportTab = z.infer<typeof tabSchema>;

/** A call that has not ended yet. */
const runningCallSchema = z.object({
  callId: z.string(),
  sessionId: z.string(),
  /** The model that is asked now; another one after an escalation. */
  ref: z.object({ backend: z.string(), provider: z.string(), modelId: z.string() }),
  startedAt: z.string(),
  phase: z.enum(['waiting', 'retrying', 'answering']),
  attempt: z.number(),
  /** Of the answer so far. */
  characters: z.number(),
});
export type RunningCallRow = Readonly<z.infer<typeof runningCallSchema>>;

/** From the extension host to the page. */
export const hostMessageSchema = z.discriminatedUnion('type', [
  rankingsSchema,
  dispatchesSchema,
  machineSchema,
  poolSchema,
  z.object({
    type: z.literal('rankingDetails'),
    ranking: z.number().int(),
    details: z.array(rankingDetailSchema),
  }),
  z.object({ type: z.literal('rankingDetailsFailed'), ranking: z.number().int(), message: z.string() }),
  z.object({
    type: z.literal('dispatchSummary'),
    list: z.number().int(),
    summary: dispatchSummarySchema,
  }),
  z.object({
    type: z.literal('show'),
    tab: tabSchema,
    /** A record on Dispatches, a model on Rankings: opens it. */
    entryId: z.string().optional(),
    /** Dispatches of this model alone. */
    model: z.object({ backend: z.string(), provider: z.string(), modelId: z.string() }).optional(),
    /** Rankings for this task, of the machine that there is. */
    task: taskSchema.optional(),
  }),
  z.object({ type: z.literal('loading'), what: tabSchema }),
  z.object({
    type: z.literal('failed'),
    what: tabSchema,
    message: z.string(),
  }),
  /** What a machine can be imagined with. */
  z.object({ type: z.literal('devices'), devices: z.array(imaginableDeviceSchema) }),
  /** Records have come or gone, or more of the older ones are known. */
  z.object({ type: z.literal('dispatchesChanged') }),
  /** A call began or went on: the only message that may be dropped, for a later one tells more. */
  z.object({ type: z.literal('callRunning'), call: runningCallSchema }),
  z.object({ type: z.literal('callEnded'), callId: z.string() }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;
export type Rankings = z.infer<typeof rankingsSchema>;
export type Dispatches = z.infer<typeof dispatchesSchema>;

/** From the page to the extension host. */
export const pageMessageSchema = z.discriminatedUnion('type', [
  /**
   * Sent once after each load. The host answers with `rankings`, and with the `show` that waits, if one does. `task` is
   * what the page showed before it was hidden; absent: the host's own default.
   */
  z.object({
    type: z.literal('ready'),
    /** What it shows, unless it is told to show something else. */
    tab: tabSchema,
    task: taskSchema.optional(),
    imagined: imaginedMachineSchema.optional(),
    opened: openedRows,
  }),
  z.object({ type: z.literal('queryMachine') }),
  z.object({ type: z.literal('queryPool') }),
  z.object({ type: z.literal('setDiskBudget') }),
  z.object({ type: z.literal('measureModel') }),
  /** Runs one of our commands, by its key: what a reader would do next. */
  z.object({
    type: z.literal('run'),
    command: z.enum(['addBackend', 'askModel', 'measureBandwidth', 'redetectHardware']),
  }),
  z.object({
    type: z.literal('queryRankings'),
    task: taskSchema,
    /** Absent: on the machine that the views rank for. */
    imagined: imaginedMachineSchema.optional(),
    opened: openedRows,
  }),
  /** Answered with `rankingDetails` of all rows that are open. */
  z.object({
    type: z.literal('queryRankingDetails'),
    ranking: z.number().int(),
    opened: openedRows,
  }),
  z.object({ type: z.literal('queryDevices') }),
  z.object({ type: z.literal('queryDispatches'), list: z.number().int(), query: dispatchQuerySchema }),
  z.object({
    type: z.literal('queryDispatchSummary'),
    list: z.number().int(),
    filter: dispatchFilterSchema,
    asOf: z.number().int().nullable(),
  }),
  /** Writes the records that match into a file that the host asks for. */
  z.object({
    type: z.literal('exportRecords'),
    format: z.enum(['jsonLines', 'csv', 'otlp']),
    filter: dispatchFilterSchema,
  }),
  /** A message of the host was handled; sent once for each. */
  z.object({ type: z.literal('seen') }),
  z.object({ type: z.literal('install'), modelId: z.string(), quant: z.string() }),
  z.object({ type: z.literal('showInstallCommand'), modelId: z.string(), quant: z.string() }),
  z.object({ type: z.literal('openUrl'), url: z.url({ protocol: /^https$/ }) }),
]);
export type PageMessage = z.infer<typeof pageMessageSchema>;
