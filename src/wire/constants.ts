/** Every number that a rule names, in one place. Times are milliseconds, sizes are bytes. */

/** E3: caps before decoding. */
/** Two entries and a certificate fit one message of the state class: the proof of a fork (S5). */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024 - 64 * 1024;
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Nesting of what a message holds, and of the message: what is sent is never deeper than what is taken. */
export const MAX_SENT_DEPTH = 24;
export const MAX_TAKEN_DEPTH = MAX_SENT_DEPTH + 8;
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
/** L5: how often the end that only answers heartbeats measures the round trip itself. */
export const ROUND_TRIP_MS = 20_000;
/** L5: a link silent for so long is given another beside it, which replaces it once it is verified. */
export const SUSPICION_MS = 3_000;
/** L5: how often a page looks whether it slept; what it then hears nothing of for so long is dead. */
export const SLEEP_LOOK_MS = 1_000;
export const WAKE_PATIENCE_MS = 1_000;
export const DIAL_TIMEOUT_MS = 10_000;
/** L5: signals of an attempt that does not open are said again after this, then at doubling intervals. */
export const SIGNAL_REPEAT_MS = 1_000;
export const REDIAL_BASE_MS = 250;
export const REDIAL_MAX_MS = 15_000;
/** L8: so often in a row is a peer dialled that does not say that it is there: for some two minutes. */
export const MAX_REDIALS = 6;

/** Presence on the relay: how often a peer tells the swarm's topic that it is there. */
export const ANNOUNCE_MS = 10_000;
/**
 * L7: how often a tab looks whether the uplink of its profile answers; how long it waits before it links with all devices
 * itself, and before it takes the uplink's lock. The uplink was silent for SUSPICION_MS by then.
 */
export const UPLINK_LOOK_MS = 500;
export const UPLINK_PATIENCE_MS = 300;
export const UPLINK_STEAL_MS = 2_000;
/** L7: how long a standby gives each page that it tries to link with. */
export const STANDBY_TRY_MS = 3_000;
/** L7: how long a page waits for the code by which tabs agree, and when that is fetched again. */
export const UPLINK_CODE_MS = 1_000;
export const FETCH_RETRY_MS = 5_000;
/** L7: how soon a page that lost a sibling's link says again that it is there. */
export const TAB_RETURN_MS = 500;
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
/** M2: how long a first visit by an invite waits to be admitted before it makes a swarm of its own meanwhile. */
export const FIRST_SWARM_WAIT_MS = 1_500;
export const INVITE_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** L3.1: within this a connection that an invite's ends met on is handed over to the swarm, or another one is dialled. */
export const HANDOVER_WAIT_MS = 2_000;
/** M2: an invite admits as many devices as come before it expires. */
export const ANY_NUMBER_OF_USES = 1_000_000;

/** T2: leases live in messages only. */
export const LEASE_MS = 5_000;
export const LEASE_RENEW_MS = 1_500;
export const MAX_ATTEMPTS = 4;
/** L5: how many answered requests are remembered, so that one said twice is done once. */
export const MAX_ANSWERED = 2_000;
/** L5: answers not older than this are said again over a new link. Longer than a dead link goes unnoticed. */
export const ANSWER_AGAIN_MS = SILENCE_MS + HEARTBEAT_MS;
/** The relay's client: pause before another try, doubled each time and jittered. */
export const RELAY_RETRY_BASE_MS = 500;
export const RELAY_RETRY_MAX_MS = 10_000;
/** A relay that says it restarts is come back to within this, each page at a moment of its own (RFC 6455, section 7.2.3). */
export const RELAY_RESTART_SPREAD_MS = 4_000;
/** The largest value of `state.put`. */
export const MAX_STATE_VALUE_BYTES = 8 * 1024 * 1024;
/** E3: how long a hello of a device that is not known yet waits for its admission to arrive. */
export const MEMBERSHIP_WAIT_MS = 8_000;

/** T6: pause before a failed attempt is tried again: full jitter below a ceiling that doubles. */
export const RETRY_BASE_MS = 250;
export const RETRY_MAX_MS = 10_000;
/** T5: how long a new job's tasks wait for awake devices that have not asked for work yet. */
export const TASK_PATIENCE_MS = 300;
/** T5: skills measured below this are handed out one round ahead: a hop and a commit (S2) cost no idle slot. */
export const SHORT_TASK_MS = 500;
/** How often a home tells who works on what, at most. */
export const LEASES_TOLD_MS = 250;
/** Caps on what a job's records may hold (T1); what exceeds them is ignored. */
export const MAX_TASK_INPUT_BYTES = 512 * 1024;
export const MAX_RESULT_BYTES = 4 * 1024 * 1024;
export const MAX_JOB_TASKS = 20_000;
/** How long one document may take to parse, and how long an idle parser is kept. */
export const DOCUMENT_TIMEOUT_MS = 180_000;
export const DOCUMENT_IDLE_MS = 30_000;

/** S3: one key of a corner, and the nesting of a value. */
export const MAX_KEY_LENGTH = 1_024;
export const MAX_VALUE_DEPTH = 40;
/** S6: entries are sent in messages of this size, unless one entry alone is larger. */
export const ENTRIES_MESSAGE_BYTES = 1024 * 1024;
/** S6: a told digest that finds no echo is told again, at doubling intervals up to this, so many times. */
export const DIGEST_RETRY_MAX_MS = 30_000;
export const DIGEST_TRIES = 8;
/** S6: how long a peer may take to send what it was asked for before another one is asked. */
export const WANT_TIMEOUT_MS = 10_000;
/** S6: peers that are brought up to date at once; what may wait for one peer before live entries are left to repair. */
export const MAX_REPAIRS = 3;
export const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
/** S8: how long own writes wait for the proof, when a peer says that it holds a longer own log. */
export const OWN_LOG_CLAIM_MS = 2_000;
/** S9: pauses between attempts to save, doubled each time; own writes that may wait for storage. */
export const SAVE_RETRY_BASE_MS = 250;
export const SAVE_RETRY_MAX_MS = 10_000;
export const MAX_UNSAVED_BYTES = 64 * 1024 * 1024;
/** S12: a body travels in pieces of this size; a peer that is silent for so long is given up. */
export const BLOB_PIECE_BYTES = 1024 * 1024;
export const BLOB_STALL_MS = 10_000;
/** S12: how long a job's start waits for its documents to reach another device. */
export const COPY_WAIT_MS = 3_000;
export const MAX_QUESTION_LENGTH = 2_000;
/** E1: how long a reloaded page waits for its last life to let go of its slot, and tabs have to say they hold one. */
export const SLOT_RELEASE_MS = 600;
export const SLOT_ANSWER_MS = 200;

/** A5: how long a skill may run, and how long an aborted one may take to end before its worker is terminated. */
export const SKILL_TIMEOUT_MS = 120_000;
export const ABORT_GRACE_MS = 1_000;
/** E3: envelopes of one peer that are verified a second, at once, and how many bytes of them may wait. */
export const INTAKE_PER_SECOND = 4_000;
export const INTAKE_BURST = 8_000;
export const MAX_INTAKE_BYTES = 32 * 1024 * 1024;
/** S7: an own log is compacted after so many sets, where each key was set so many times on average. */
export const COMPACT_SETS = 1_000;
export const COMPACT_RATIO = 4;
/** M3: how long messages of an earlier epoch are understood after a new one began, and those of one to come are kept. */
export const EPOCH_GRACE_MS = 30_000;
export const MAX_EARLY_ENVELOPES = 256;
/** M2: members that may answer an invite besides its issuer, and invites that one page answers at once. */
export const MAX_DELEGATES = 8;
export const MAX_ANSWERED_INVITES = 16;
/** M2: how long a joiner waits for one device's answer before it asks the next. */
export const ADMISSION_WAIT_MS = 3_000;
/** M3: a letter in a device's mailbox, and how many earlier epochs' topics are listened to for who slept through. */
export const MAX_LETTER_BYTES = 32 * 1024;
export const MAX_PAST_EPOCHS = 16;
/** M3: a device left behind gets no more than one letter in this time. */
export const LETTER_INTERVAL_MS = 15_000;
/** M3: how often members that are not linked are written to, after a removal. */
export const LETTER_ROUND_MS = 30_000;
/** M1: who is removed hears so on its links before they close. */
export const EXPULSION_FLUSH_MS = 500;
/** M3: a page waits so long for the epoch that follows a removal before it begins one itself; others, each later. */
export const REKEY_DELAY_MS = 3_000;
export const REKEY_STAGGER_MS = 10_000;
/** M1: a removal names each log of the device; an epoch holds a sealed secret for each device that stays. */
export const MAX_REMOVAL_BYTES = 4 * 1024 * 1024;
export const MAX_EPOCH_BYTES = 2 * 1024 * 1024;
export const MAX_SEALED_BYTES = 128;

/** L6: pages that may carry something between two others; how much a page tells of whom it reaches, and how soon. */
export const MAX_CARRIERS = 3;
export const MAX_ROUTES = 256;
export const ROUTES_DELAY_MS = 100;
/**
 * L6: how long a page that others reach may stay without a link before a detour is tried where a direct link may be on its
 * way, and where none is; how long a detour may take to open.
 */
export const DETOUR_DELAY_MS = 1_000;
export const DETOUR_LOOK_MS = 250;
export const DETOUR_OPEN_MS = 3_000;
/** L6: detours of a page; those that others open to it, a second. */
export const MAX_DETOURS = 64;
export const DETOURS_PER_SECOND = 16;
/** L6: what arrived of a detour is confirmed after so many bytes. */
export const DETOUR_CONFIRM_BYTES = 128 * 1024;
/** L6: what a page carries for one neighbour a second and at once: more than any channel brings (facts W2). */
export const CARRY_BYTES_PER_SECOND = 64 * 1024 * 1024;
export const CARRY_BURST_BYTES = 64 * 1024 * 1024;
/** L6: what may wait here to be carried on, of one neighbour: the windows of a few detours. */
export const MAX_CARRIED_WAITING_BYTES = 8 * 1024 * 1024;
/** L8: while another page carries what two say, a direct connection that never opens is tried this seldom. */
export const REDIAL_CARRIED_MAX_MS = 5 * 60_000;
/** S4: one edit of a co-edited draft, and the longest text that is written (UTF-16 units). */
export const MAX_DRAFT_UPDATE_BYTES = 2 * 1024 * 1024;
export const MAX_DRAFT_LENGTH = 512 * 1024;
export const MAX_DRAFT_TITLE = 120;
/** How many earlier versions of a draft an edit may still be meant for, and how often a screen is told. */
export const DRAFT_VERSIONS = 500;
export const DRAFT_TOLD_MS = 30;
/** Y1: y-webrtc loses a message above this, and every later one of that page; a room is closed before its state is as large. */
export const OUTSIDE_MESSAGE_BYTES = 262_144;
export const MAX_ROOM_BYTES = OUTSIDE_MESSAGE_BYTES - 16 * 1024;
/** From here on people are warned. */
export const ROOM_WARNING_BYTES = OUTSIDE_MESSAGE_BYTES - 64 * 1024;
/** E3: bytes that a room takes from outside a second, at once, and in all: what it records stays for good. */
export const OUTSIDE_PER_SECOND = 16 * 1024;
export const OUTSIDE_BURST = 512 * 1024;
export const MAX_OUTSIDE_BYTES = 8 * 1024 * 1024;
/** Edits from outside are gathered for so long before they become one edit of the draft. */
export const OUTSIDE_DELAY_MS = 100;
/** How long a page that takes a room over from another waits for what that one wrote last. */
export const ROOM_TAKEOVER_MS = 1_500;
