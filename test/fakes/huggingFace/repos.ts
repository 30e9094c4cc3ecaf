import { createHash } from 'node:crypto';

/** A file of a repository. What lies beyond `content` up to `sizeBytes` is zeros, so that a model of 40 GB costs nothing. */
export interface FakeFile {
  readonly content?: string | Uint8Array;
  /** By default the length of `content`. */
  readonly sizeBytes?: number;
  /** Whether it is kept as a large file and served from the other host; by default every `.gguf` and `.safetensors`. */
  readonly large?: boolean;
  /** By default the digest of `content`, which is that of the file where nothing is padded. */
  readonly sha256?: string;
}

export interface FakeRepo {
  readonly id: string;
  readonly tags?: readonly string[];
  readonly downloads?: number;
  readonly likes?: number;
  readonly trendingScore?: number;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** ISO 8601. */
  readonly lastModified?: string;
  readonly pipelineTag?: string;
  readonly libraryName?: string;
  /** Its files need a token that was granted access; its description is public, as on the real server. */
  readonly gated?: false | 'auto' | 'manual';
  /** Its description needs access as well. */
  readonly restricted?: boolean;
  /** By path. */
  readonly files?: Readonly<Record<string, FakeFile>>;
  /** It is still in lists, but gone when it is asked for. */
  readonly vanished?: boolean;
  /** It was renamed: requests for it are sent on to this id. */
  readonly movedTo?: string;
}

function contentOf(file: FakeFile): Uint8Array {
  return typeof file.content === 'string'
    ? new TextEncoder().encode(file.content)
    : (file.content ?? new Uint8Array());
}

export function sizeOf(file: FakeFile): number {
  return file.sizeBytes ?? contentOf(file).byteLength;
}

export function isLarge(path: string, file: FakeFile): boolean {
  return file.large ?? /\.(?:gguf|safetensors)$/.test(path);
}

export function sha256Of(file: FakeFile): string {
  return file.sha256 ?? createHash('sha256').update(contentOf(file)).digest('hex');
}

/** The commit of a repository: another one as soon as its files are others. */
export function commitOf(repo: FakeRepo): string {
  const files = Object.entries(repo.files ?? {}).map(([path, file]) => [path, sizeOf(file), sha256Of(file)]);
  return createHash('sha1')
    .update(JSON.stringify([repo.id, files]))
    .digest('hex');
}

/** `length` bytes of the file from `start`: its content, then zeros. */
export function bytesOf(file: FakeFile, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(contentOf(file).subarray(start, start + length));
  return bytes;
}

/** A repository with one GGUF file, as most of the lists' entries are. */
export function ggufRepo(id: string, more: Partial<FakeRepo> = {}): FakeRepo {
  const name = id.slice(id.indexOf('/') + 1).replace(/-GGUF$/i, '');
  return {
    id,
    tags: ['gguf', 'text-generation', 'conversational'],
    downloads: 1_000,
    trendingScore: 1,
    createdAt: '2026-01-05T10:00:00.000Z',
    lastModified: '2026-02-05T10:00:00.000Z',
    pipelineTag: 'text-generation',
    libraryName: 'gguf',
    gated: false,
    files: {
      '.gitattributes': { content: '*.gguf filter=lfs\n' },
      'README.md': { content: `# ${name}\n` },
      [`${name}-Q4_K_M.gguf`]: { content: 'GGUF', sizeBytes: 4_683_073_184 },
    },
    ...more,
  };
}
