// The types of the record's events, apart from their schemas: the threads that read the record load no schema.

export const STATEMENT_RECORDED = 'statement-recorded.v1';
export const RECORD_OPENED = 'record-opened.v1';
export const CLOCK_MOVED = 'clock-moved.v1';
export const LOSS_ACCEPTED = 'loss-accepted.v1';
