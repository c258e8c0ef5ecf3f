import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { MessageArchive } from '../src/archive/message-archive.js';
import type { RuleConfig } from '../src/delivery/control-rules/config.js';
import type { DkimKey } from '../src/mime/dkim-key.js';
import type { NoticeSettings } from '../src/notice/notice-environment.js';
import type { MailPool } from '../src/smtp/routed-pool.js';
import type { ClaimBudget } from './claim-budget.js';
import type { MessageLanes } from './message-lanes.js';
import type { Database } from '../src/store/database.js';

/** What activities work with; the worker makes it once. */
export interface Dependencies {
  database: Database;
  /** For claims and results: see `openLedger`. */
  ledger: Database;
  temporal: Client;
  /** Relays by name. */
  relays: ReadonlyMap<string, Relay>;
  /** Where there are rules for where mail goes. */
  lanes?: MessageLanes;
  /** Of all domains that this worker signs for. */
  dkimKeys: readonly DkimKey[];
  /** Absent where this worker writes to no operator. */
  notices?: NoticeSettings;
  /** Typologies and own rules. */
  ruleConfig: RuleConfig;
  /** Where each message is kept as it was sent, if that is wanted. */
  archive?: MessageArchive;
  /** Aborted when the worker is told to stop: nothing new is claimed from then on. */
  draining: AbortSignal;
  log: Logger;
}

export interface Relay {
  pool: MailPool;
  /** Most connections that the pool opens, those of backups left out. */
  connections: number;
  /** It tries again by itself what it could not deliver. */
  enhanced: boolean;
  budget: ClaimBudget;
}
