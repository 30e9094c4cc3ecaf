/** A request as the fake keeps it on record. */
export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Which of the two hosts was asked. */
  readonly host: 'hub' | 'cdn';
}

/** `true`: every time; a number: the next n times; `false` or 0: never. */
type Switch = boolean | number;

/** What can be broken while the server runs; a test sets these at any moment. */
export interface HubFaults {
  /** Which requests the faults strike; by default every one. */
  affects: (request: LoggedRequest) => boolean;
  /** Answers 429 with `retryAfter` and the rate limit's headers. */
  rateLimited: Switch;
  /** The header `Retry-After` of 429 and of `status`: seconds or a date; null leaves it out. */
  retryAfter: string | null;
  /** Answers with this status, and a body as the real server's. */
  status: number | null;
  /** Accepts the request and never answers. */
  hang: Switch;
  /** Closes the connection without an answer. */
  refuse: Switch;
  /** Closes the connection in the middle of the body. */
  cut: Switch;
  /** A captive portal's page, with status 200. */
  html: Switch;
  /** A captive portal's redirect to a page on the other host. */
  portalRedirect: Switch;
  /** Text that breaks off in the middle of JSON. */
  malformed: Switch;
  /** JSON, but of another shape: an object where a list was asked for, and the other way round. */
  otherShape: Switch;
  /** So many elements that are no repositories, spread over every list. */
  garbageElements: number;
  /** Every page of a list names a next one, though nothing is left. */
  endlessPages: Switch;
  /** The next page of a list is said to be on the other host. */
  foreignNext: Switch;
  /** Lists are sent whole, however few elements were asked for. */
  ignoreLimit: Switch;
  /** Answers carry no ETag. */
  noEtag: Switch;
  /** Files are served whole, though a part was asked for. */
  ignoreRange: Switch;
  /** Waits so long before answering anything. */
  delayMs: number;
}

type SwitchName = {
  [Name in keyof HubFaults]: HubFaults[Name] extends Switch
    ? Switch extends HubFaults[Name]
      ? Name
      : never
    : never;
}[keyof HubFaults];

/** All switches off. */
export function noFaults(): HubFaults {
  return {
    affects: () => true,
    rateLimited: false,
    retryAfter: '7',
    status: null,
    hang: false,
    refuse: false,
    cut: false,
    html: false,
    portalRedirect: false,
    malformed: false,
    otherShape: false,
    garbageElements: 0,
    endlessPages: false,
    foreignNext: false,
    ignoreLimit: false,
    noEtag: false,
    ignoreRange: false,
    delayMs: 0,
  };
}

/** Whether the switch strikes this request; a counted switch is used up by one. */
export function strikes(faults: HubFaults, name: SwitchName, request: LoggedRequest): boolean {
  const value = faults[name];
  if (value === false || value === 0 || !faults.affects(request)) return false;
  if (typeof value === 'number') faults[name] = value - 1;
  return true;
}
