// The embedded log joins the contract of all logs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { eventLogContract } from './contract.ts';

eventLogContract('the embedded log', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pramaan-log-'));
  const open = (): EventLog => openSqliteLog(join(folder, 'log.sqlite'));
  let log = open();
  return {
    log,
    async reopen() {
      await log.close();
      log = open();
      return log;
    },
    second: async () => open(),
    async close() {
      await log.close();
      rmSync(folder, { recursive: true });
    },
  };
});
