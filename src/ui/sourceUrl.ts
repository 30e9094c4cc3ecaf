/** `github:owner/name@commit:path`, as provenance names a file of a repository; commit and path may be left out. */
const REPOSITORY = /^github:(\w[\w.-]*\/\w[\w.-]*?)(?:@([\w.-]+))?(?::([^\s(]+))?(?:\s.*)?$/;

/** The page that shows where a score was published, or undefined where the source is no page. */
export function sourceUrl(source: string | undefined): string | undefined {
  if (source === undefined) return undefined;
  if (source.startsWith('https://')) return URL.canParse(source) ? source : undefined;
  const [, repository, commit, path] = REPOSITORY.exec(source) ?? [];
  if (repository === undefined) return undefined;
  const base = `https://github.com/${repository}`;
  if (commit === undefined) return base;
  return path === undefined ? `${base}/tree/${commit}` : encodeURI(`${base}/blob/${commit}/${path}`);
}
