import initSqlJs from 'sql.js';
import { expect, it } from 'vitest';
import { lastCommitOf, noteCommit } from '../../../../src/storage/state/commitIdentity';
import { MIGRATIONS } from '../../../../src/storage/state/schema';
import { emptyImage } from '../../../../src/storage/state/stateImage';
import { SqlSession } from '../../../../src/storage/state/sqlSession';

it('remembers the last commit of each of the 1,024 windows that wrote last, and of no more', async () => {
  const session = new SqlSession(emptyImage(await initSqlJs(), MIGRATIONS).take());
  noteCommit(session, 'early', 1, 1);
  session.run(
    `WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1024)
     INSERT INTO writers (writer, sequence, generation) SELECT 'w' || n, 1, n FROM numbers`,
  );
  expect(lastCommitOf(session, 'early')).toBe(1);
  noteCommit(session, 'early', 7, 1_025);
  noteCommit(session, 'new', 1, 1_026);
  expect(lastCommitOf(session, 'early')).toBe(7);
  expect(lastCommitOf(session, 'w2')).toBe(0);
  expect(lastCommitOf(session, 'w3')).toBe(1);
  expect(session.all('SELECT count(*) AS n FROM writers')).toEqual([{ n: 1_024 }]);
});
