import { strikes } from '../faults';
import { describeModel, digestOf } from '../package';
import { replyEmpty, replyError } from '../reply';
import { blobPath } from '../store';
import type { Exchange, Route, World } from '../world';

/** Uploads of files that a model is made of. */
export const blobRoutes: readonly Route[] = [
  { method: 'HEAD', path: '/api/blobs/:', handle: head },
  { method: 'POST', path: '/api/blobs/:', handle: upload },
];

const DIGEST = /^sha256[:-][0-9a-f]{64}$/;

function head({ response, segment, world }: Exchange): void {
  if (!DIGEST.test(segment)) return replyError(response, 400, 'invalid digest format');
  const digest = segment.replace('-', ':');
  if (!world.store.blobs.has(digest)) return replyError(response, 404, `blob "${digest}" not found`);
  response.writeHead(200).end();
}

function upload({ bytes, response, segment, world }: Exchange): void {
  if (!DIGEST.test(segment)) return replyError(response, 400, 'invalid digest format');
  const digest = segment.replace('-', ':');
  const { store } = world;
  if (store.blobs.has(digest)) return replyEmpty(response, 200);
  const got = digestOf(bytes);
  if (got !== digest) return replyError(response, 400, `digest mismatch, expected "${digest}", got "${got}"`);
  const failure = diskFailure(world, digest, bytes.length);
  if (failure !== null) return replyError(response, 500, failure);
  const isGguf = bytes.subarray(0, 4).toString('latin1') === 'GGUF';
  const model = isGguf ? describeModel({ weightsBytes: bytes.length, weightsDigest: digest }) : null;
  store.addFile(digest, bytes.length, model);
  replyEmpty(response, 201);
}

function diskFailure({ faults, store }: World, digest: string, bytes: number): string | null {
  if (strikes(faults, 'readOnlyDisk')) return `open ${blobPath(digest)}: read-only file system`;
  const isFull = faults.diskBytes !== null && store.usedBytes() + bytes > faults.diskBytes;
  return isFull ? `write ${blobPath(digest)}: no space left on device` : null;
}
