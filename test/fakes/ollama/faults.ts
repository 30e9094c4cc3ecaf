/** `true`: every time; a number: the next n times; `false` or 0: never. */
type Switch = boolean | number;

/** What can be broken while the server runs; a test sets these at any moment. */
export interface FaultSwitches {
  /** The registry refuses connections. */
  registryDown: Switch;
  /** The registry's name does not resolve. */
  dnsDown: Switch;
  /** The registry has no manifest of any model. */
  missing: Switch;
  /** The registry answers manifests with 429. */
  status429: Switch;
  /** The registry answers manifests with 500. */
  status500: Switch;
  /** The registry never answers for a manifest. */
  manifestHang: Switch;
  /** Downloaded layers do not have the digest that the manifest names. */
  digestMismatch: Switch;
  /** The models folder cannot be written. */
  readOnlyDisk: Switch;
  /** Generating answers 503: the queue is full. */
  busy: Switch;
  /** Every route answers with a web page: another program has this port. */
  html: Switch;
  /** Requests are accepted and never answered. */
  hang: Switch;
  /** Raw text of a network error instead of a manifest, for example a proxy that is down. */
  networkError: string | null;
  /** Each layer's download stops here and repeats its progress line for ever. */
  stallAfterBytes: number | null;
  /** Room for blobs and partials together; a download beyond it ends with "no space left on device". */
  diskBytes: number | null;
  /** After so many lines of any stream the socket closes, as when the server is killed. */
  dieMidStream: number | null;
  /** After so many lines of an answer the model process dies: an error line ends the 200 stream. */
  chatErrorMidStream: number | null;
  /** After so many lines of an answer the stream ends in good order, but without its `done` line. */
  chatTruncate: number | null;
  /** Waits so long before answering anything. */
  delayMs: number;
}

type SwitchName = {
  [Name in keyof FaultSwitches]: FaultSwitches[Name] extends Switch
    ? Switch extends FaultSwitches[Name]
      ? Name
      : never
    : never;
}[keyof FaultSwitches];

/** All switches off. */
export function noFaults(): FaultSwitches {
  return {
    registryDown: false,
    dnsDown: false,
    missing: false,
    status429: false,
    status500: false,
    manifestHang: false,
    digestMismatch: false,
    readOnlyDisk: false,
    busy: false,
    html: false,
    hang: false,
    networkError: null,
    stallAfterBytes: null,
    diskBytes: null,
    dieMidStream: null,
    chatErrorMidStream: null,
    chatTruncate: null,
    delayMs: 0,
  };
}

/** Whether the switch strikes now; a counted switch is used up by one. */
export function strikes(faults: FaultSwitches, name: SwitchName): boolean {
  const value = faults[name];
  if (typeof value === 'boolean') return value;
  if (value <= 0) return false;
  faults[name] = value - 1;
  return true;
}
