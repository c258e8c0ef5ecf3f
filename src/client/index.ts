export { Sealpost, type StartOptions } from './sealpost.js';
export { Delivery, type By, type CommandResult } from './delivery.js';
export type { AddressList, OfAllSenders, OfSender, Origin } from './address-list.js';
export type { ConnectOptions } from './connection.js';
export type { DefinitionFiles } from './definition-files.js';
export type { LocatedFinding } from './definition-faults.js';
export type { DefinitionSource } from './definition-source.js';
export type { EditableRevision } from './editable-revision.js';
export type { DeliveryDescription, DeliveryFigures, DeliveryStanding } from './delivery-description.js';
export type { AnalysisReport, DeliveryReport, ReportOptions, RevisionDifference } from './delivery-report.js';
export type { MessageSizes, ReportSample } from './report-samples.js';
export type { DeliveryProgress } from './delivery-progress.js';
export type { Stillness } from '../store/stillness.js';
export {
  CommandRefusedError,
  DeliveryIdUsedError,
  DeliveryNotFoundError,
  SealpostError,
  errorCodes,
  type ErrorCode,
} from './errors.js';
export { operatorRoles, type NewKey, type NewOperator, type OperatorRole, type Operators } from './operators.js';
export type { OwnDecision, OwnReview, SubmissionToSign, TextToSign } from './operator-signatures.js';
export { seenBefore, type SeenBefore } from './seen-before.js';
export { ListInputError } from './list-input.js';
export type { ImportProgress } from './list-entries.js';
export type { ListFile } from './list-file.js';
export type { MessageName, MirrorPage } from './mirror-page.js';
export type { Preview } from './preview.js';
export type { PendingDecision } from './pending-decision.js';
export type { ProofDescription, ProofReview } from './proof-log.js';
export { DefinitionError, type DefinitionFault } from './definition-faults.js';
export type { DeliveryResult, DeliveryStatus } from '../../workflows/messages.js';
export type { EntrySource, ImportCounts, ListEntry, ListFilter, ListName } from '../store/address-lists.js';
export type { DeliveryFilter, DeliverySummary } from '../store/deliveries.js';
export type { OperatorEvent, OperatorKey, OperatorRecord } from '../store/operators.js';
export type { StoredHistory } from '../store/histories.js';
export type { AttemptRow } from '../store/attempts.js';
export type { LaneDescription } from '../store/lanes.js';
export type { DomainStatus } from '../store/domain-counts.js';
export type { WaveStatus } from '../store/wave-counts.js';
export type { DryRunRow } from '../store/dry-run.js';
export type { DryRunDescription } from './dry-run-description.js';
export type { LedgerPage } from '../store/ledger-page.js';
export type { LedgerFilter, LedgerRow } from '../store/messages.js';
export type { Decision } from '../delivery/approval-policy.js';
export type { Finding, FindingLevel } from '../delivery/finding.js';
export { checkChain, type ChainedEntry } from '../audit/journal-chain.js';
export type { JournalEntry } from '../delivery/journal-entry.js';
export type { MessageStatus, Reason } from '../delivery/message-status.js';
export {
  defineConfig,
  type AnalysisRuleView,
  type OwnRule,
  type ParametersRuleView,
  type RuleFinding,
  type SealpostConfig,
} from '../delivery/control-rules/config.js';
