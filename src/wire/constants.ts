/** Every number that a rule names, in one place. Times are milliseconds, sizes are bytes. */

/** E3: caps before decoding. */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024;
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
export const MAX_CERTIFICATE_BYTES = 512;
export const MAX_INVITE_BYTES = 512;
export const MAX_SPACE_ID_LENGTH = 200;

/** L4: a frame on a data channel; the largest message a class carries; when a sender waits. */
export const FRAME_BYTES = 64 * 1024;
export const MAX_CONTROL_BYTES = 1024 * 1024;
export const MAX_STATE_BYTES = 32 * 1024 * 1024;
export const MAX_BULK_BYTES = 256 * 1024 * 1024;
export const HIGH_WATER_BYTES = 1024 * 1024;

/** L5: heartbeat and death. */
export const HEARTBEAT_MS = 2_000;
export const SILENCE_MS = 5_000;
export const DIAL_TIMEOUT_MS = 10_000;
export const REDIAL_BASE_MS = 250;
export const REDIAL_MAX_MS = 15_000;

/** Presence on the relay: how often a peer tells the swarm's topic that it is there. */
export const ANNOUNCE_MS = 10_000;
export const MAX_RELAY_FRAME_BYTES = 64 * 1024;

/** S2: local transactions are gathered this long before they become an entry. */
export const COMMIT_DELAY_MS = 50;
/** S6: how long a changed space waits before its digest is told again (repairs what live sending lost). */
export const DIGEST_DELAY_MS = 1_000;
/** E3: entries of authors whose membership is not known yet. */
export const MAX_PARKED_ENTRIES = 2_000;
export const MAX_PARKED_BYTES = 32 * 1024 * 1024;

/** Requests. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** M2: how long `join` waits before it says that nobody is awake (it keeps trying after that). */
export const JOIN_TIMEOUT_MS = 30_000;
export const INVITE_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** T2: leases live in messages only. */
export const LEASE_MS = 5_000;
export const LEASE_RENEW_MS = 1_500;
export const MAX_ATTEMPTS = 4;
