/**
 * The base address of a server: without slashes at its end, and without the version (`/v1`, Gemini's `/v1beta`) that
 * stands in the addresses people copy. Every request adds its own.
 */
export function baseUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v1(?:beta)?$/, '');
}
