// What the page keeps and shows at most; the oldest goes first.

/** Messages kept of one channel. */
export const MESSAGES_KEPT = 2000;
/** Messages shown of a channel or a thread. */
export const MESSAGES_SHOWN = 300;
/** Views kept. */
export const VIEWS_KEPT = 200;
/** Envelopes kept and shown. */
export const ENVELOPES_SHOWN = 200;
/** Journal entries kept for the inspector. */
export const ENTRIES_KEPT = 2000;
/** Journal entries shown in the inspector. */
export const ENTRIES_SHOWN = 300;
/** Closed links shown beside those that are open. */
export const CLOSED_LINKS_SHOWN = 2;
/** Notices kept for a channel: what failed for a person. */
export const NOTICES_KEPT = 20;
/** Characters of one text shown before somebody asks for the rest. */
export const TEXT_SHOWN = 4000;
/** Characters of one JSON shown before somebody asks for the rest. */
export const JSON_SHOWN = 20_000;
/** Steps of the text parsers, so that no text takes long; what is left then is shown as it is. */
export const PARSE_STEPS = 400_000;
/** Options of a select shown at once. */
export const OPTIONS_SHOWN = 100;
/** Journal entries asked for at once. */
export const JOURNAL_PAGE = 1000;
