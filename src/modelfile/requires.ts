const NUMBER = '(?:0|[1-9][0-9]*)';
/** A part of a pre-release: a number without leading zero, or a word with a letter or hyphen. */
const PRE_RELEASE_PART = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const PRE_RELEASE = `-${PRE_RELEASE_PART}(?:\\.${PRE_RELEASE_PART})*`;
const BUILD = '\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const VERSION = new RegExp(`^v?${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER}(?:${PRE_RELEASE})?(?:${BUILD})?)?)?$`);

/** Ollama's text for a REQUIRES that is no version (v0.32.15). */
export const REQUIRES_ERROR = 'requires must be a valid semver (e.g. 0.14.0)';

/** Longest version that is looked at. */
const LONGEST_VERSION = 10_000;

/**
 * Whether REQUIRES accepts a version: one, two or three numbers without leading zeros, an optional `v` before; a
 * pre-release and build only after three numbers (golang.org/x/mod/semver).
 */
export function isRequirableVersion(text: string): boolean {
  return text.length <= LONGEST_VERSION && VERSION.test(text);
}
