/* earwig: call intelligence for PBXs. This is the manual of its C API; it is generated, do not edit it.
 *
 * Data flow: a media thread copies a call's audio into a channel; a few workers look at it every 10 ms, and answer with
 * events, causes and results.
 *
 * Threads. Media thread: earwig_channel_write, earwig_channel_write_gap, earwig_channel_hangup (and ref and unref of
 * channels). These copy and return: no allocation, no lock that can block, no system call, no logging. Control thread: all
 * other calls, from any thread, several at once. A blocking call must not be made on the thread that feeds the media.
 * Callbacks run on a thread of the library's and must not block.
 *
 * Handles are reference counted. unref(NULL) is fine. A channel's last unref is safe on any thread.
 *
 * Errors. Calls return EARWIG_OK or a negative earwig_status, and have changed nothing then (but EARWIG_ERR_OVERRUN, which
 * says what it did). earwig_channel_get_error has the text. Causes are another thing: how a job ended.
 *
 * Structs begin with struct_size and have an _init that fills in the defaults, so that they may grow: a shorter one is
 * extended by zeros, a longer one that does not end in zeros is refused.
 *
 * Time is media time: samples written and gaps. While nothing comes (stall_ms), wall time is added.
 *
 * Nothing here aborts the process, prints, or installs a signal handler.
 */

#ifndef EARWIG_H
#define EARWIG_H

#include <stddef.h>
#include <stdint.h>

/* The workers and what they serve; one for each host is enough. Reference counted. */
typedef struct earwig_engine earwig_engine;

/* One call. Reference counted. */
typedef struct earwig_channel earwig_channel;

/* Before every function. A host that is built with -fvisibility=hidden still takes them from the shared library; define it
 * before the include to say something else. */
#if !defined(EARWIG_API)
#if defined(__GNUC__)
#define EARWIG_API __attribute__((visibility("default")))
#else
#define EARWIG_API
#endif
#endif


/**
 * The version of the C API. It changes whenever a host that was built for the one before could fail.
 */
#define EARWIG_ABI_VERSION 1

/**
 * No time limit, wherever a time in milliseconds is asked for.
 */
#define EARWIG_FOREVER -1

/**
 * The most digits that the buffer holds and a collection returns.
 */
#define EARWIG_DIGITS_MAX 32

/**
 * A time that is the default of the call that reads it.
 */
#define EARWIG_DEFAULT -2

/**
 * Of `detectors`: human or machine.
 */
#define EARWIG_DETECT_AMD 1

/**
 * Of `detectors`: fax.
 */
#define EARWIG_DETECT_FAX 2

/**
 * Of `tone`: the tone of a fax machine that answers, 2100 Hz in all its forms, or its V.21 preamble.
 */
#define EARWIG_TONE_CED 1

/**
 * Of `tone`: the tone of a fax machine that calls, 1100 Hz.
 */
#define EARWIG_TONE_CNG 2

/**
 * What a call of the C API answers: 0, or what kept it from doing anything.
 */
enum earwig_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  EARWIG_OK = 0,
  /**
   * A required pointer was NULL.
   */
  EARWIG_ERR_NULL = -1,
  /**
   * A value is out of its range, malformed, not UTF-8, or no DTMF digit.
   */
  EARWIG_ERR_INVALID = -2,
  /**
   * `struct_size` is none that this library knows, or a longer struct has a non-zero tail.
   */
  EARWIG_ERR_SIZE = -3,
  /**
   * The call is not answered, or not in a state for this.
   */
  EARWIG_ERR_STATE = -4,
  /**
   * The call is IDLE: it has not begun, or has hung up.
   */
  EARWIG_ERR_HANGUP = -5,
  /**
   * Somebody else is at it: a second writer, a job of that kind that runs, channels that still live.
   */
  EARWIG_ERR_BUSY = -6,
  /**
   * The ring was full: the tail of this write was dropped and counted as a gap.
   */
  EARWIG_ERR_OVERRUN = -7,
  /**
   * A blocking call was made from a callback.
   */
  EARWIG_ERR_DEADLOCK = -8,
  /**
   * The wait's own time ran out; what was waited for goes on.
   */
  EARWIG_ERR_TIMEOUT = -9,
  /**
   * Nothing there yet: no event, no result, the job still runs.
   */
  EARWIG_ERR_AGAIN = -10,
  /**
   * The event queue has no room for the ending of one more job: read the events first.
   */
  EARWIG_ERR_FULL = -11,
  /**
   * A fault inside the library; it was caught, and the other calls go on.
   */
  EARWIG_ERR_PANIC = -12,
  /**
   * The operating system refused a thread or a descriptor.
   */
  EARWIG_ERR_SYSTEM = -13,
  /**
   * A file exists already, or cannot be made, read or written.
   */
  EARWIG_ERR_FILE = -14,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_status earwig_status;
#else
typedef int32_t earwig_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an event tells.
 */
enum earwig_event_type
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing: an event that was not filled in.
   */
  EARWIG_EVENT_TYPE_NONE = 0,
  /**
   * A key press, as soon as it is sure; its tone may still last.
   */
  EARWIG_EVENT_TYPE_DIGIT = 1,
  /**
   * The in-band tone of a key press is over: its end, levels and twist are known.
   */
  EARWIG_EVENT_TYPE_DIGIT_END = 2,
  /**
   * A collection has ended: cause and digits.
   */
  EARWIG_EVENT_TYPE_DTMF_ENDED = 3,
  /**
   * A recording has ended and its file is whole: cause, length, and whether there was audio.
   */
  EARWIG_EVENT_TYPE_RECORDER_ENDED = 4,
  /**
   * A detection tells something: `machine_event`.
   */
  EARWIG_EVENT_TYPE_MACHINE = 5,
  /**
   * A detection is over (the seed's `finished`): result and cause.
   */
  EARWIG_EVENT_TYPE_MACHINE_ENDED = 6,
  /**
   * What a detection would say by now; it may still change its mind.
   */
  EARWIG_EVENT_TYPE_MACHINE_PROVISIONAL = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_event_type earwig_event_type;
#else
typedef int32_t earwig_event_type;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a digit came.
 */
enum earwig_digit_source
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * As a tone in the audio.
   */
  EARWIG_DIGIT_SOURCE_INBAND = 0,
  /**
   * By signalling: RFC 4733 or SIP INFO.
   */
  EARWIG_DIGIT_SOURCE_SIGNALLING = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_digit_source earwig_digit_source;
#else
typedef int32_t earwig_digit_source;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a detection tells.
 */
enum earwig_machine_event
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Nothing.
   */
  EARWIG_MACHINE_EVENT_NONE = 0,
  /**
   * A person answered.
   */
  EARWIG_MACHINE_EVENT_HUMAN = 1,
  /**
   * A machine answered; or, with `beep`, its beep was heard.
   */
  EARWIG_MACHINE_EVENT_MACHINE = 2,
  /**
   * The machine's greeting is over: leave the message.
   */
  EARWIG_MACHINE_EVENT_READY = 3,
  /**
   * It speaks again.
   */
  EARWIG_MACHINE_EVENT_NOT_READY = 4,
  /**
   * It could not be told who answered.
   */
  EARWIG_MACHINE_EVENT_UNKNOWN = 5,
  /**
   * A fax machine answered: 2100 Hz, or the V.21 preamble.
   */
  EARWIG_MACHINE_EVENT_CED = 6,
  /**
   * A fax machine calls: 1100 Hz.
   */
  EARWIG_MACHINE_EVENT_CNG = 7,
  /**
   * The detection is over; once, and last.
   */
  EARWIG_MACHINE_EVENT_FINISHED = 8,
  /**
   * It failed inside.
   */
  EARWIG_MACHINE_EVENT_ERROR = 9,
  /**
   * The far telephone rings.
   */
  EARWIG_MACHINE_EVENT_RINGBACK = 10,
  /**
   * The far line is busy.
   */
  EARWIG_MACHINE_EVENT_BUSY = 11,
  /**
   * The network has no way through.
   */
  EARWIG_MACHINE_EVENT_REORDER = 12,
  /**
   * The network is about to make an announcement.
   */
  EARWIG_MACHINE_EVENT_SIT = 13,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_machine_event earwig_machine_event;
#else
typedef int32_t earwig_machine_event;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Who answered.
 */
enum earwig_machine_verdict
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No verdict yet.
   */
  EARWIG_MACHINE_VERDICT_DETECTING = 0,
  /**
   * A person.
   */
  EARWIG_MACHINE_VERDICT_HUMAN = 1,
  /**
   * An answering machine, a voicemail, an announcement.
   */
  EARWIG_MACHINE_VERDICT_MACHINE = 2,
  /**
   * A fax machine or a modem.
   */
  EARWIG_MACHINE_VERDICT_FAX = 3,
  /**
   * It could not be told.
   */
  EARWIG_MACHINE_VERDICT_UNKNOWN = 4,
  /**
   * It failed inside.
   */
  EARWIG_MACHINE_VERDICT_ERROR = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_machine_verdict earwig_machine_verdict;
#else
typedef int32_t earwig_machine_verdict;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a collection ended.
 */
enum earwig_dtmf_cause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It is in progress, has not occurred, or returned at once with no condition met.
   */
  EARWIG_DTMF_CAUSE_NONE = 0,
  /**
   * The call hung up.
   */
  EARWIG_DTMF_CAUSE_HANGUP = 1,
  /**
   * The required number of digits has come.
   */
  EARWIG_DTMF_CAUSE_COUNT = 2,
  /**
   * An end digit has come.
   */
  EARWIG_DTMF_CAUSE_END = 3,
  /**
   * A timeout ran out while waiting for a digit.
   */
  EARWIG_DTMF_CAUSE_TIMEOUT = 4,
  /**
   * It failed inside.
   */
  EARWIG_DTMF_CAUSE_ERROR = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_dtmf_cause earwig_dtmf_cause;
#else
typedef int32_t earwig_dtmf_cause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a recording ended.
 */
enum earwig_recorder_cause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * It is in progress, or has not occurred.
   */
  EARWIG_RECORDER_CAUSE_NONE = 0,
  /**
   * It failed: the disk is full, a write failed, or a fault inside.
   */
  EARWIG_RECORDER_CAUSE_ERROR = 1,
  /**
   * A DTMF digit came.
   */
  EARWIG_RECORDER_CAUSE_BARGEIN = 2,
  /**
   * A silence timeout ran out.
   */
  EARWIG_RECORDER_CAUSE_SILENCE = 3,
  /**
   * The file has reached its largest size.
   */
  EARWIG_RECORDER_CAUSE_SIZE = 4,
  /**
   * It was stopped.
   */
  EARWIG_RECORDER_CAUSE_ABORTED = 5,
  /**
   * The call hung up.
   */
  EARWIG_RECORDER_CAUSE_HANGUP = 6,
  /**
   * The time that it was given ran out.
   */
  EARWIG_RECORDER_CAUSE_TIMEOUT = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_recorder_cause earwig_recorder_cause;
#else
typedef int32_t earwig_recorder_cause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where a recorder is.
 */
enum earwig_recorder_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No recording is in progress.
   */
  EARWIG_RECORDER_STATE_IDLE = 0,
  /**
   * A recording is in progress, or its file is being finished.
   */
  EARWIG_RECORDER_STATE_RECORDING = 1,
  /**
   * The last recording failed.
   */
  EARWIG_RECORDER_STATE_ERROR = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_recorder_state earwig_recorder_state;
#else
typedef int32_t earwig_recorder_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which rule gave the verdict. The names are those of Asterisk's AMDCAUSE where the rule is the same.
 */
enum earwig_machine_cause
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No verdict yet.
   */
  EARWIG_MACHINE_CAUSE_NONE = 0,
  /**
   * UNKNOWN: no voice within `initial_timeout`.
   */
  EARWIG_MACHINE_CAUSE_INITIAL_SILENCE = 1,
  /**
   * HUMAN: voice, then none for `end_silence_timeout`.
   */
  EARWIG_MACHINE_CAUSE_HUMAN = 2,
  /**
   * MACHINE: voice went on for `machine_voice_threshold`.
   */
  EARWIG_MACHINE_CAUSE_LONG_GREETING = 3,
  /**
   * MACHINE: `machine_words_threshold` words in one utterance.
   */
  EARWIG_MACHINE_CAUSE_MAX_WORDS = 4,
  /**
   * MACHINE: a beep.
   */
  EARWIG_MACHINE_CAUSE_BEEP = 5,
  /**
   * FAX: the answering machine's tone, or its V.21 preamble.
   */
  EARWIG_MACHINE_CAUSE_CED = 6,
  /**
   * FAX: the calling machine's tone.
   */
  EARWIG_MACHINE_CAUSE_CNG = 7,
  /**
   * UNKNOWN: `timeout` ran out.
   */
  EARWIG_MACHINE_CAUSE_TOO_LONG = 8,
  /**
   * UNKNOWN: it rang, and nobody spoke.
   */
  EARWIG_MACHINE_CAUSE_RINGBACK = 9,
  /**
   * UNKNOWN: a busy tone, and nobody spoke.
   */
  EARWIG_MACHINE_CAUSE_BUSY = 10,
  /**
   * UNKNOWN: a congestion tone, and nobody spoke.
   */
  EARWIG_MACHINE_CAUSE_REORDER = 11,
  /**
   * A special information tone: MACHINE if an announcement followed, otherwise UNKNOWN.
   */
  EARWIG_MACHINE_CAUSE_SIT = 12,
  /**
   * The adaptive strategy decided.
   */
  EARWIG_MACHINE_CAUSE_ADAPTIVE = 13,
  /**
   * UNKNOWN: the call hung up before.
   */
  EARWIG_MACHINE_CAUSE_HANGUP = 14,
  /**
   * UNKNOWN: it was stopped before.
   */
  EARWIG_MACHINE_CAUSE_STOPPED = 15,
  /**
   * It failed inside.
   */
  EARWIG_MACHINE_CAUSE_ERROR = 16,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_machine_cause earwig_machine_cause;
#else
typedef int32_t earwig_machine_cause;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A tone of a fax machine or a modem.
 */
enum earwig_fax_tone
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * None.
   */
  EARWIG_FAX_TONE_NONE = 0,
  /**
   * The called terminal's: 2100 Hz, plain (T.30 CED, V.25 ANS).
   */
  EARWIG_FAX_TONE_CED = 1,
  /**
   * The calling terminal's: 1100 Hz, half a second every three and a half (T.30 CNG).
   */
  EARWIG_FAX_TONE_CNG = 2,
  /**
   * 2100 Hz, its amplitude modulated with 15 Hz (V.8 ANSam), with phase reversals or without.
   */
  EARWIG_FAX_TONE_ANSAM = 3,
  /**
   * 2100 Hz with phase reversals every 450 ms (V.25 ANS with reversals).
   */
  EARWIG_FAX_TONE_ANS_PR = 4,
  /**
   * The V.21 preamble of a fax machine that answers without a tone: HDLC flags on 1650 and 1850 Hz.
   */
  EARWIG_FAX_TONE_V21 = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_fax_tone earwig_fax_tone;
#else
typedef int32_t earwig_fax_tone;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A tone of the telephone network.
 */
enum earwig_network_tone
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * None.
   */
  EARWIG_NETWORK_TONE_NONE = 0,
  /**
   * The far telephone rings.
   */
  EARWIG_NETWORK_TONE_RINGBACK = 1,
  /**
   * The far line is busy.
   */
  EARWIG_NETWORK_TONE_BUSY = 2,
  /**
   * The network has no way through (congestion, fast busy).
   */
  EARWIG_NETWORK_TONE_REORDER = 3,
  /**
   * Three rising tones before an announcement (E.180 special information tone).
   */
  EARWIG_NETWORK_TONE_SIT = 4,
  /**
   * Dial tone.
   */
  EARWIG_NETWORK_TONE_DIAL = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_network_tone earwig_network_tone;
#else
typedef int32_t earwig_network_tone;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where a call is in its life.
 */
enum earwig_call_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * No call: before it and after the hang-up.
   */
  EARWIG_CALL_STATE_IDLE = 0,
  /**
   * It rings; there may be early media.
   */
  EARWIG_CALL_STATE_RINGING = 1,
  /**
   * It is answered.
   */
  EARWIG_CALL_STATE_ANSWERED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_call_state earwig_call_state;
#else
typedef int32_t earwig_call_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * One direction of a call's audio.
 */
enum earwig_stream
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * What the PBX reads from the far party.
   */
  EARWIG_STREAM_RX = 0,
  /**
   * What the PBX plays to the far party.
   */
  EARWIG_STREAM_TX = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_stream earwig_stream;
#else
typedef int32_t earwig_stream;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How the audio of a recording is coded.
 */
enum earwig_recorder_format
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * G.711 A-law.
   */
  EARWIG_RECORDER_FORMAT_ALAW = 0,
  /**
   * G.711 mu-law.
   */
  EARWIG_RECORDER_FORMAT_ULAW = 1,
  /**
   * OKI (Dialogic) ADPCM.
   */
  EARWIG_RECORDER_FORMAT_OKI = 2,
  /**
   * IMA ADPCM.
   */
  EARWIG_RECORDER_FORMAT_IMA = 3,
  /**
   * Signed 16-bit PCM.
   */
  EARWIG_RECORDER_FORMAT_S16BIT = 4,
  /**
   * Unsigned 8-bit PCM.
   */
  EARWIG_RECORDER_FORMAT_U8BIT = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_recorder_format earwig_recorder_format;
#else
typedef int32_t earwig_recorder_format;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is recorded.
 */
enum earwig_recorder_source
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * What the PBX reads from the far party.
   */
  EARWIG_RECORDER_SOURCE_RX = 0,
  /**
   * What it plays to them.
   */
  EARWIG_RECORDER_SOURCE_TX = 1,
  /**
   * Both, added up.
   */
  EARWIG_RECORDER_SOURCE_MIXED = 2,
  /**
   * Both, as two channels: RX left, TX right.
   */
  EARWIG_RECORDER_SOURCE_BOTH = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_recorder_source earwig_recorder_source;
#else
typedef int32_t earwig_recorder_source;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a detection decides.
 */
enum earwig_machine_strategy
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * By the seed's thresholds, and nothing else.
   */
  EARWIG_MACHINE_STRATEGY_THRESHOLDS = 0,
  /**
   * By the whole course of the first seconds, with a confidence.
   */
  EARWIG_MACHINE_STRATEGY_ADAPTIVE = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_machine_strategy earwig_machine_strategy;
#else
typedef int32_t earwig_machine_strategy;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * From when a detection's timeouts count.
 */
enum earwig_machine_anchor
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The start of the detection.
   */
  EARWIG_MACHINE_ANCHOR_START = 0,
  /**
   * The answer: before it only the network's tones are heard.
   */
  EARWIG_MACHINE_ANCHOR_ANSWER = 1,
  /**
   * The first audio from the far party.
   */
  EARWIG_MACHINE_ANCHOR_FIRST_MEDIA = 2,
  /**
   * The first voice: `initial_timeout` counts from the start, `timeout` from there.
   */
  EARWIG_MACHINE_ANCHOR_FIRST_VOICE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_machine_anchor earwig_machine_anchor;
#else
typedef int32_t earwig_machine_anchor;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * For what names are wanted.
 */
enum earwig_field_set
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The fields of an event or an object, which has a name of its own.
   */
  EARWIG_FIELD_SET_FIELDS = 0,
  /**
   * Variables of a call, which stand beside those of others.
   */
  EARWIG_FIELD_SET_VARIABLES = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum earwig_field_set earwig_field_set;
#else
typedef int32_t earwig_field_set;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A host's log function. `level`: 1 error, 2 warning, 3 info, 4 debug, 5 trace. `target` and `message` are UTF-8 and live
 * for the call alone. It is called on the library's threads and in control calls, never on a media thread, from several
 * threads at once; it must not call `earwig_log_set` or anything that blocks.
 */
typedef void (*earwig_log_fn)(void *user, int32_t level, const char *target, const char *message);

/**
 * How an engine is to be.
 */
typedef struct earwig_engine_options {
  /**
   * Size of this struct; set by `earwig_engine_options_init`.
   */
  size_t struct_size;
  /**
   * Threads that detect; 0 (default) is one for each processor, four at most; up to 64.
   */
  int32_t workers;
} earwig_engine_options;

/**
 * Counters of an engine.
 */
typedef struct earwig_engine_stats {
  /**
   * Size of this struct, set by the host.
   */
  size_t struct_size;
  /**
   * Threads that detect.
   */
  int32_t workers;
  /**
   * Channels with handles.
   */
  int32_t channels;
  /**
   * Samples of RX that were processed, gaps included, at the channels' rates.
   */
  uint64_t samples;
  /**
   * Writes that found a ring full, on channels that are gone.
   */
  uint64_t overruns;
  /**
   * Events that were posted to a `status_url` and taken there (2xx).
   */
  uint64_t posts_sent;
  /**
   * Events that were given up: refused, or without an answer at each of three attempts.
   */
  uint64_t posts_failed;
  /**
   * Events that found no room in a queue, or no time when the engine ended.
   */
  uint64_t posts_dropped;
} earwig_engine_stats;

/**
 * How a channel is to be.
 */
typedef struct earwig_channel_options {
  /**
   * Size of this struct; set by `earwig_channel_options_init`.
   */
  size_t struct_size;
  /**
   * A label for log lines, UTF-8, copied; NULL (default) for none.
   */
  const char *name;
  /**
   * Rate of the samples that are written to RX: 8000 (default, and what 0 means), 16000, 32000 or 48000.
   */
  int32_t rx_rate_hz;
  /**
   * Rate of the samples that are written to TX, likewise.
   */
  int32_t tx_rate_hz;
  /**
   * Audio that each stream can hold until a worker comes by: 100 to 10000 ms; 1000 is the default, and what 0 means.
   */
  int32_t ring_ms;
  /**
   * If nothing arrives on RX for this long, wall time is added to media time, so that no job outlives a dead stream: up to
   * 60000 ms; 500 is the default. 0: media time alone, so that an hour of audio is heard as fast as it is written.
   */
  int32_t stall_ms;
  /**
   * Events that can wait: 8 to 4096; 64 is the default, and what 0 means.
   */
  int32_t event_capacity;
  /**
   * 1: jobs may run before the answer, on early media. 0 (default): they may not.
   */
  int32_t early_media;
} earwig_channel_options;

/**
 * Counters of a channel.
 */
typedef struct earwig_channel_stats {
  /**
   * Size of this struct, set by the host.
   */
  size_t struct_size;
  /**
   * Media time: what was heard of RX, gaps, and wall time added while nothing came.
   */
  int64_t media_ms;
  /**
   * Samples written to RX, at its rate, without gaps.
   */
  uint64_t rx_samples;
  /**
   * Samples written to TX, likewise.
   */
  uint64_t tx_samples;
  /**
   * Samples of gaps in both streams, those of overruns included.
   */
  uint64_t gap_samples;
  /**
   * Writes that found the ring full.
   */
  uint64_t overruns;
  /**
   * Progress events that found the queue full.
   */
  uint64_t events_dropped;
  /**
   * Digits that found the digit buffer full.
   */
  uint64_t digits_dropped;
} earwig_channel_stats;

/**
 * What happened. Which fields hold something is said for each; the others are 0.
 */
typedef struct earwig_event {
  /**
   * Size of this struct; set by `earwig_event_init`.
   */
  size_t struct_size;
  /**
   * What it is.
   */
  earwig_event_type type;
  /**
   * DTMF_ENDED: the cause, an `earwig_dtmf_cause`; RECORDER_ENDED: an `earwig_recorder_cause`; MACHINE_ENDED: an
   * `earwig_machine_cause`.
   */
  int32_t cause;
  /**
   * Media time at which it was known; for an ending, that at which the job ended.
   */
  int64_t at_ms;
  /**
   * DIGIT, DIGIT_END: the digit, ASCII.
   */
  int32_t digit;
  /**
   * DIGIT, DIGIT_END: how it came.
   */
  earwig_digit_source source;
  /**
   * DIGIT, DIGIT_END: start of the press; of an ending: start of the job.
   */
  int64_t start_ms;
  /**
   * DIGIT, DIGIT_END: end of the press; -1 while it lasts.
   */
  int64_t end_ms;
  /**
   * DIGIT_END: level of the row's tone (697 to 941 Hz).
   */
  float low_dbm0;
  /**
   * DIGIT_END: level of the column's tone (1209 to 1633 Hz).
   */
  float high_dbm0;
  /**
   * DIGIT_END: the row's level above the column's.
   */
  float twist_db;
  /**
   * DIGIT: 1 if it is in the digit buffer, 0 if that was full.
   */
  int32_t stored;
  /**
   * DTMF_ENDED: the digits that the collection returned, NUL-terminated.
   */
  char digits[33];
  /**
   * RECORDER_ENDED: 1 if there was audio in it.
   */
  int32_t audio_detected;
  /**
   * RECORDER_ENDED: length of the audio in the file.
   */
  int64_t duration_ms;
  /**
   * RECORDER_ENDED: its bytes, without the header.
   */
  int64_t bytes;
  /**
   * MACHINE: what the detection tells; MACHINE_ENDED: FINISHED.
   */
  earwig_machine_event machine_event;
  /**
   * MACHINE_ENDED: the result; MACHINE_PROVISIONAL: what it would be by now.
   */
  earwig_machine_verdict machine_verdict;
  /**
   * MACHINE, MACHINE_ENDED: 1 if a beep was heard.
   */
  int32_t beep;
  /**
   * MACHINE: frequency of the tone that it is about; MACHINE_ENDED: that of the beep.
   */
  float hz;
  /**
   * MACHINE, MACHINE_ENDED, MACHINE_PROVISIONAL: how sure the verdict is, 0 to 1.
   */
  float confidence;
  /**
   * MACHINE_ENDED: what the detection took.
   */
  int64_t detect_ms;
  /**
   * MACHINE_ENDED: media time of the first voice, -1 without one.
   */
  int64_t onset_ms;
  /**
   * MACHINE_ENDED: the cause with its figures, such as "MAXWORDS-6-6"; NUL-terminated.
   */
  char cause_text[64];
} earwig_event;

/**
 * A host's function for events. `event` and `channel` live for the call; a host that keeps the channel takes a reference.
 * It is called on a thread of the engine's, one event at a time for each channel, and must return soon: while it runs, the
 * callbacks of other channels wait (their detection does not). A blocking call of this API returns `EARWIG_ERR_DEADLOCK` in
 * it; all others are fine, `earwig_channel_unref` among them.
 */
typedef void (*earwig_event_fn)(void *user, earwig_channel *channel, const struct earwig_event *event);

/**
 * Told once, when the library will not use `user` any more.
 */
typedef void (*earwig_drop_fn)(void *user);

/**
 * What a collection is asked for; the defaults are the seed's: return at once what is in the digit buffer.
 */
typedef struct earwig_dtmf_options {
  /**
   * Size of this struct; set by `earwig_dtmf_options_init`.
   */
  size_t struct_size;
  /**
   * 1: clear the digit buffer first. 0 (default): look at it first.
   */
  int32_t clear;
  /**
   * Digits to get: 1 to 32; 0 (default) is as many as the buffer holds, 32.
   */
  int32_t count;
  /**
   * How long to wait for the first digit; 0 (default) returns at once; `EARWIG_FOREVER`.
   */
  int64_t predigits_timeout_ms;
  /**
   * How long to wait between digits, 5000 by default; 0 returns at once after the first digit; `EARWIG_FOREVER`.
   */
  int64_t interdigit_timeout_ms;
  /**
   * How long the whole may take; `EARWIG_FOREVER` (default).
   */
  int64_t timeout_ms;
  /**
   * End digits, NUL-terminated, of `0123456789ABCD*#`; "" (default) for none.
   */
  char end[32];
} earwig_dtmf_options;

/**
 * How a collection ended.
 */
typedef struct earwig_dtmf_result {
  /**
   * Size of this struct; set by `earwig_dtmf_result_init`.
   */
  size_t struct_size;
  /**
   * Why it ended.
   */
  earwig_dtmf_cause cause;
  /**
   * How many digits there are.
   */
  int32_t count;
  /**
   * The digits, NUL-terminated; they have left the digit buffer. An end digit is the last of them.
   */
  char digits[33];
  /**
   * Media time of its start.
   */
  int64_t started_ms;
  /**
   * Media time of its end: for a timeout, the moment at which it ran out.
   */
  int64_t ended_ms;
} earwig_dtmf_result;

/**
 * What the DTMF detector accepts.
 */
typedef struct earwig_dtmf_limits {
  /**
   * Size of this struct; set by `earwig_dtmf_limits_init`.
   */
  size_t struct_size;
  /**
   * How far the row's tone may be above the column's: 0 to 20 dB; 8 by default (AT&T). NTT has 5, ETSI 6, Brazil 9,
   * Australia 10.
   */
  float normal_twist_db;
  /**
   * How far the column's tone may be above the row's: 0 to 20 dB; 4 by default (AT&T).
   */
  float reverse_twist_db;
  /**
   * Weakest level of each tone: -60 to 0 dBm0; -45 by default.
   */
  float min_level_dbm0;
  /**
   * Shortest tone that is always a digit: 30 to 500 ms; 40 by default (Q.24). One of half that is none.
   */
  int32_t min_tone_ms;
  /**
   * Shortest pause that always divides two digits: 30 to 500 ms; 40 by default (Q.24).
   */
  int32_t min_pause_ms;
} earwig_dtmf_limits;

/**
 * What a recording is asked for; the defaults are the seed's.
 */
typedef struct earwig_recorder_options {
  /**
   * Size of this struct; set by `earwig_recorder_options_init`.
   */
  size_t struct_size;
  /**
   * The codec, an `earwig_recorder_format`; A-law by default.
   */
  int32_t file_format;
  /**
   * 8000 (default), 6000, 11000, 11025, 16000 or 48000.
   */
  int32_t rate_hz;
  /**
   * How long the whole may take; `EARWIG_DEFAULT` (default) is 120,000 for `earwig_recorder_record` and no limit for
   * `earwig_recorder_start`; `EARWIG_FOREVER`.
   */
  int64_t timeout_ms;
  /**
   * The most audio bytes, 1,920,000 by default; 0 is no limit. Of a file that is appended to, all of it counts.
   */
  int64_t max_bytes;
  /**
   * Silence after which to stop, 10,000 by default; 0 is no limit.
   */
  int64_t max_silence_ms;
  /**
   * Silence to wait for audio before the file begins, which is then 200 ms before the audio; 0 (default): it begins at once.
   */
  int64_t initial_silence_ms;
  /**
   * 1: a DTMF digit ends it, and its tone is not in the file. 0 (default).
   */
  int32_t barge_in;
  /**
   * What is recorded, an `earwig_recorder_source`; RX by default.
   */
  int32_t source;
  /**
   * The level that divides silence from audio, -60 to -10 dBm0; 0 (default): what stands out of the line's own noise.
   */
  float silence_dbm0;
  /**
   * 1: DTMF tones of the far party are silent in the file. 0 (default).
   */
  int32_t squelch_dtmf;
  /**
   * 1: a file that exists is replaced once the recording is whole. 0 (default): it is refused.
   */
  int32_t overwrite;
  /**
   * 1: the recording goes on behind a file that exists. 0 (default).
   */
  int32_t append;
  /**
   * Bytes of `key`: 16, 24 or 32; 0 (default): the file is not encrypted.
   */
  int32_t key_bytes;
  /**
   * Bytes of `iv`: 16; 0 without a key.
   */
  int32_t iv_bytes;
  /**
   * AES key. The library wipes its own copies; this one is the host's.
   */
  uint8_t key[32];
  /**
   * Initialisation vector.
   */
  uint8_t iv[16];
} earwig_recorder_options;

/**
 * How a recording ended.
 */
typedef struct earwig_recorder_result {
  /**
   * Size of this struct; set by `earwig_recorder_result_init`.
   */
  size_t struct_size;
  /**
   * Why it ended.
   */
  earwig_recorder_cause cause;
  /**
   * The state that it left behind: IDLE or ERROR; RECORDING after a wait whose time ran out.
   */
  earwig_recorder_state state;
  /**
   * 1 if there was audio in it, 0 if it is silence alone, -1 if that is not known yet.
   */
  int32_t audio_detected;
  /**
   * Media time of its start.
   */
  int64_t started_ms;
  /**
   * Media time of its end: for a limit, the moment at which it was reached.
   */
  int64_t ended_ms;
  /**
   * Length of the audio in the file.
   */
  int64_t duration_ms;
  /**
   * Its bytes, without the header.
   */
  int64_t bytes;
  /**
   * What went wrong, if the cause is ERROR; NUL-terminated.
   */
  char error[256];
} earwig_recorder_result;

/**
 * What a detection is asked for; the defaults are the seed's.
 */
typedef struct earwig_machine_options {
  /**
   * Size of this struct; set by `earwig_machine_options_init`.
   */
  size_t struct_size;
  /**
   * 1: after MACHINE go on until the beep, or the end of the greeting. 0 (default): the first verdict is the end.
   */
  int32_t detect_message_end;
  /**
   * 1: with `detect_message_end`, go on after READY too, and foreach_field NOT_READY when the machine speaks again. 0 (default).
   */
  int32_t detect_interruptions;
  /**
   * `EARWIG_DETECT_AMD`, `EARWIG_DETECT_FAX`, or both (default).
   */
  int32_t detectors;
  /**
   * Silence after voice that makes it a human's: 1000 by default; `EARWIG_FOREVER`, as for all times here.
   */
  int64_t end_silence_timeout_ms;
  /**
   * How long to wait for the first voice: 4500 by default.
   */
  int64_t initial_timeout_ms;
  /**
   * Silence after a machine's voice before READY; `EARWIG_DEFAULT` (default): that of `end_silence_timeout_ms`.
   */
  int64_t machine_ready_timeout_ms;
  /**
   * Ongoing voice that makes it a machine's, 1250 by default. Pauses of up to 200 ms do not interrupt it.
   */
  int64_t machine_voice_threshold_ms;
  /**
   * Words in one utterance that make it a machine's, 6 by default: 1 to 1000.
   */
  int32_t machine_words_threshold;
  /**
   * The whole time: 30,000 by default.
   */
  int64_t timeout_ms;
  /**
   * `EARWIG_TONE_CED` (default), `EARWIG_TONE_CNG`, or both.
   */
  int32_t tone;
  /**
   * 1 (default): `earwig_machine_detect` waits for the end. 0: it only starts.
   */
  int32_t wait;
  /**
   * An `earwig_machine_strategy`; THRESHOLDS by default.
   */
  int32_t strategy;
  /**
   * From when the timeouts count, an `earwig_machine_anchor`; START by default.
   */
  int32_t anchor;
  /**
   * How long after HUMAN a beep or a fax tone may still override it; 0 (default): HUMAN is the end.
   */
  int64_t listen_on_ms;
  /**
   * 1: with the adaptive strategy, foreach_field verdicts that may still change too. 0 (default).
   */
  int32_t provisional;
  /**
   * Where the events are posted, NUL-terminated: an http or https URL; "" (default) for nowhere.
   */
  char status_url[1024];
  /**
   * The key of the posts' HMAC-SHA256 signatures, NUL-terminated; "" (default): they are not signed.
   */
  char status_secret[256];
} earwig_machine_options;

/**
 * How a detection ended, or what is known so far.
 */
typedef struct earwig_machine_result {
  /**
   * Size of this struct; set by `earwig_machine_result_init`.
   */
  size_t struct_size;
  /**
   * Who answered; DETECTING while there is no verdict.
   */
  earwig_machine_verdict verdict;
  /**
   * Which rule gave the verdict.
   */
  earwig_machine_cause cause;
  /**
   * The same with its figures, such as "MAXWORDS-6-6"; NUL-terminated.
   */
  char cause_text[64];
  /**
   * How sure the verdict is: 0 to 1. A rule of thresholds is sure of itself, UNKNOWN is not.
   */
  float confidence;
  /**
   * 1 if a beep was heard.
   */
  int32_t beep;
  /**
   * Media time of its start; -1 without one.
   */
  int64_t beep_ms;
  /**
   * Its frequency; 0 without one.
   */
  float beep_hz;
  /**
   * 1 if the machine is ready for a message.
   */
  int32_t ready;
  /**
   * The fax tone that was heard.
   */
  earwig_fax_tone fax_tone;
  /**
   * The last of the network's tones before the verdict.
   */
  earwig_network_tone network_tone;
  /**
   * What the detection took: from the moment at which its timeouts began to count (`anchor`) to its end.
   */
  int64_t detect_ms;
  /**
   * Media time of the verdict; -1 before it.
   */
  int64_t verdict_ms;
  /**
   * Media time of the first voice; -1 without one.
   */
  int64_t onset_ms;
  /**
   * Media time at which the voice before the verdict ended; -1 if it had not.
   */
  int64_t greeting_end_ms;
  /**
   * From there to the verdict; -1 likewise.
   */
  int64_t latency_ms;
  /**
   * Words of the utterance that was judged.
   */
  int32_t words;
  /**
   * Its voice, without the pauses.
   */
  int64_t voice_ms;
  /**
   * Media time of the start.
   */
  int64_t started_ms;
  /**
   * Media time of the end.
   */
  int64_t ended_ms;
} earwig_machine_result;

/**
 * A host's function for one name and its value; both are its own for the call alone. The name is in snake case. The value is
 * ready for a dialplan: a cause by its name, a flag as "true" or "false", a number in decimal digits.
 */
typedef void (*earwig_field_fn)(void *user, const char *name, const char *value);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the C API of the library that is loaded.
 *
 * A host compares it with `EARWIG_ABI_VERSION` once, at load, and refuses to work if they differ. Any thread; never fails.
 */
EARWIG_API uint32_t earwig_abi_version(void);

/**
 * The version of the library, such as "0.1.0". Static text; any thread; never fails.
 */
EARWIG_API const char *earwig_version(void);

/**
 * Says in English what a status means.
 *
 * Static text, never NULL, also for a value that is no status. Any thread, the media thread too.
 */
EARWIG_API const char *earwig_status_str(int32_t status);

/**
 * Engines and channels of this process that are not freed yet: 0 once all were given back and their threads came by.
 *
 * For leak checks. Any thread; never fails.
 */
EARWIG_API uint64_t earwig_live_handles(void);

/**
 * Sets the function that gets the library's log lines, in place of the one before.
 *
 * `function`: NULL for none. `user`: handed to it. `max_level`: 0 off, 1 error ... 5 trace.
 * When this returns, the function before is not running and will not be called any more.
 * Returns `EARWIG_ERR_INVALID` for a level out of range, `EARWIG_ERR_STATE` if a Rust host has set a logger of its own,
 * `EARWIG_ERR_DEADLOCK` from a callback. Control thread.
 */
EARWIG_API earwig_status earwig_log_set(earwig_log_fn function, void *user, int32_t max_level);

/**
 * Fills in the defaults.
 *
 * Returns `EARWIG_ERR_NULL` if `options` is NULL. Any thread.
 */
EARWIG_API earwig_status earwig_engine_options_init(struct earwig_engine_options *options);

/**
 * Starts an engine: its threads run until the last handle of it and of its channels is given back.
 *
 * `options`: NULL for the defaults. `out`: gets the engine, with one reference that the host gives back by
 * `earwig_engine_unref`.
 * Returns `EARWIG_ERR_NULL` (`out`), `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID` (`workers`), `EARWIG_ERR_SYSTEM` (no thread
 * could be started). Control thread.
 */
EARWIG_API earwig_status earwig_engine_create(const struct earwig_engine_options *options, earwig_engine **out);

/**
 * Takes one more reference. Returns `engine`; NULL stays NULL. Any thread.
 */
EARWIG_API earwig_engine *earwig_engine_ref(earwig_engine *engine);

/**
 * Gives a reference back. After the last, the threads end once the last channel is freed. NULL is fine. Any thread but a
 * media thread.
 */
EARWIG_API void earwig_engine_unref(earwig_engine *engine);

/**
 * Ends an engine and waits until each of its threads has ended, so that a host can be sure that none of its code runs any
 * more. The reference is still the host's to give back.
 *
 * `timeout_ms`: how long to wait, or `EARWIG_FOREVER`.
 * Returns `EARWIG_ERR_BUSY` while channels have handles (nothing changes), `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a
 * callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_INVALID`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_engine_shutdown(earwig_engine *engine, int64_t timeout_ms);

/**
 * Reads an engine's counters.
 *
 * Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_engine_get_stats(earwig_engine *engine, struct earwig_engine_stats *out);

/**
 * Fills in the defaults.
 *
 * Returns `EARWIG_ERR_NULL` if `options` is NULL. Any thread.
 */
EARWIG_API earwig_status earwig_channel_options_init(struct earwig_channel_options *options);

/**
 * Makes a channel. Its call state is IDLE: `earwig_channel_ringing` or `earwig_channel_answer` comes next.
 *
 * `options`: NULL for the defaults. `out`: gets the channel, with one reference that the host gives back by
 * `earwig_channel_unref`.
 * Returns `EARWIG_ERR_NULL` (`engine`, `out`), `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID` (a value out of its range),
 * `EARWIG_ERR_STATE` (the engine is shut down). Control thread.
 */
EARWIG_API earwig_status earwig_channel_create(earwig_engine *engine,
                                               const struct earwig_channel_options *options,
                                               earwig_channel **out);

/**
 * Takes one more reference. Returns `channel`; NULL stays NULL. Any thread, the media thread too.
 */
EARWIG_API earwig_channel *earwig_channel_ref(earwig_channel *channel);

/**
 * Gives a reference back. After the last, jobs are dropped without an ending, no callback starts any more, and a worker
 * frees the channel. NULL is fine. Any thread, the media thread too.
 */
EARWIG_API void earwig_channel_unref(earwig_channel *channel);

/**
 * Says that the call rings (or that early media flows): IDLE becomes RINGING.
 *
 * Returns `EARWIG_ERR_STATE` if it is answered, `EARWIG_ERR_NULL`. Control thread.
 */
EARWIG_API earwig_status earwig_channel_ringing(earwig_channel *channel);

/**
 * Says that the call is answered. A new answer clears the digit buffer, so that a channel can be used for call after call;
 * one that is answered already stays as it is.
 *
 * Returns `EARWIG_ERR_NULL`. Control thread.
 */
EARWIG_API earwig_status earwig_channel_answer(earwig_channel *channel);

/**
 * Says that the call is over: the state becomes IDLE, all audio written before is heard, and every job ends with HANGUP.
 *
 * Returns `EARWIG_ERR_HANGUP` if it was IDLE already, `EARWIG_ERR_NULL`. Any thread, the media thread too: it does not
 * allocate, block or enter the kernel.
 */
EARWIG_API earwig_status earwig_channel_hangup(earwig_channel *channel);

/**
 * Reads the call state into `out` (an `earwig_call_state`).
 *
 * Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_channel_get_state(earwig_channel *channel, int32_t *out);

/**
 * Copies audio in. This is the media thread's call: it does not allocate, block, log or enter the kernel.
 *
 * `stream`: `EARWIG_STREAM_RX` (what the PBX reads from the far party; digits come from it) or `EARWIG_STREAM_TX` (what it
 * plays). `samples`: `count` signed 16-bit samples, mono, at the stream's rate; a frame of any size.
 * Returns `EARWIG_ERR_OVERRUN` if the ring is full (the tail is dropped and left as a gap, so the clock stays true),
 * `EARWIG_ERR_BUSY` if another thread is writing to this stream (nothing is written), `EARWIG_ERR_HANGUP` if the call is IDLE,
 * `EARWIG_ERR_INVALID` (`stream`, more than an hour at once, samples at an odd address), `EARWIG_ERR_NULL`.
 * One thread at a time for each stream.
 */
EARWIG_API earwig_status earwig_channel_write(earwig_channel *channel,
                                              int32_t stream,
                                              const int16_t *samples,
                                              size_t count);

/**
 * Says that `count` samples are missing here: a lost packet, comfort noise, silence suppression. The clock goes on by them.
 * This is the media thread's call, with the errors of `earwig_channel_write`.
 */
EARWIG_API earwig_status earwig_channel_write_gap(earwig_channel *channel, int32_t stream, size_t count);

/**
 * Waits until all that was written and asked so far has been heard and done; its events and results are there then.
 *
 * A host that reads audio from files writes less than `ring_ms`, flushes, and writes on: nothing is lost, and nothing waits
 * for a clock. `timeout_ms`: or `EARWIG_FOREVER`.
 * Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread;
 * blocks.
 */
EARWIG_API earwig_status earwig_channel_flush(earwig_channel *channel, int64_t timeout_ms);

/**
 * Copies out the text of the last error of a control call on this channel, "" if there was none.
 *
 * `text`, `size`: room for it; cut to fit, always NUL-terminated.
 * Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE` (`size` is 0). Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_channel_get_error(earwig_channel *channel, char *text, size_t size);

/**
 * Reads a channel's counters.
 *
 * Returns `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_channel_get_stats(earwig_channel *channel, struct earwig_channel_stats *out);

/**
 * Sets one of the ids by which the call goes in the events that are posted to `status_url`, for detections that start from now
 * on.
 *
 * `name`: `call_id`, `node_id`, `segment_id`, `project_id`, `space_id`, `control_id` or `event_channel`. `value`: up to 255
 * bytes; "" (before it is set) is an empty string there, but for `control_id`, which is then made for each detection.
 * Returns `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread.
 */
EARWIG_API earwig_status earwig_channel_set_id(earwig_channel *channel, const char *name, const char *value);

/**
 * Empties an event and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_event_init(struct earwig_event *event);

/**
 * Takes the oldest event that waits.
 *
 * Returns `EARWIG_ERR_AGAIN` if none does, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_channel_next_event(earwig_channel *channel, struct earwig_event *out);

/**
 * Waits for an event and takes it.
 *
 * `timeout_ms`: or `EARWIG_FOREVER`.
 * Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`,
 * `EARWIG_ERR_INVALID`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_channel_wait_event(earwig_channel *channel,
                                                   int64_t timeout_ms,
                                                   struct earwig_event *out);

/**
 * Gets a descriptor that is readable while events wait, for `poll`, `select` or `epoll` (an eventfd).
 *
 * `out`: gets it, the same one each time. It is the channel's: the host neither reads nor closes it, and takes the events by
 * `earwig_channel_next_event` until that answers `EARWIG_ERR_AGAIN`.
 * Returns `EARWIG_ERR_SYSTEM` if there are no more descriptors, `EARWIG_ERR_NULL`. Control thread.
 */
EARWIG_API earwig_status earwig_channel_get_event_fd(earwig_channel *channel, int *out);

/**
 * Sets the function that gets the channel's events, in place of the one before; events that wait go to it at once.
 *
 * `function`: NULL for none; events wait in the queue then. `user`: handed to it. `drop`: told once with `user` when the
 * library lets it go: the function is replaced, or the channel freed (also if this call fails, unless `channel` is NULL);
 * NULL for nobody. The function before may still be running in another thread when this returns; its `drop` comes after.
 * Returns `EARWIG_ERR_SYSTEM` (no thread could be started), `EARWIG_ERR_NULL` (`channel`). Control thread.
 */
EARWIG_API earwig_status earwig_channel_set_callback(earwig_channel *channel,
                                                     earwig_event_fn function,
                                                     void *user,
                                                     earwig_drop_fn drop);

/**
 * Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_dtmf_options_init(struct earwig_dtmf_options *options);

/**
 * Reads options from text, over what `options` holds (call `earwig_dtmf_options_init` first).
 *
 * `text`: `count=5,seconds_interdigit_timeout=1,end=#`, or a JSON object such as `{"count":5,"end":"*#"}`; the keys are the
 * seed's: `clear`, `count`, `seconds_predigits_timeout`, `seconds_interdigit_timeout`, `end`, `seconds_timeout`. Timeouts are
 * in seconds, with fractions; `None`, `null` or `forever` is no limit. Empty text changes nothing.
 * `error`, `error_size`: room for the text of what is wrong, NUL-terminated; NULL and 0 if nobody wants it.
 * Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
 * thread.
 */
EARWIG_API earwig_status earwig_dtmf_options_parse(const char *text,
                                                   struct earwig_dtmf_options *options,
                                                   char *error,
                                                   size_t error_size);

/**
 * The name of a cause as the seed has it, such as "COUNT". Static text, never NULL, also for a value that is no cause
 * ("UNKNOWN"). Any thread.
 */
EARWIG_API const char *earwig_dtmf_cause_str(int32_t cause);

/**
 * Empties a result and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_dtmf_result_init(struct earwig_dtmf_result *result);

/**
 * The seed's `get_digits`: collects digits and waits until that ends.
 *
 * `options`: NULL for the defaults. `out`: gets cause and digits. It must not be called on the thread that writes the
 * channel's audio, for it would wait for itself: such a host uses `earwig_dtmf_start`.
 * Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
 * `EARWIG_ERR_BUSY` if a collection runs, `EARWIG_ERR_FULL` if the queue is full of endings, `EARWIG_ERR_DEADLOCK` from a
 * callback, `EARWIG_ERR_INVALID` (a count over 32, an end digit that is none, a timeout below -1), `EARWIG_ERR_NULL`,
 * `EARWIG_ERR_SIZE`: then nothing has started. A hang-up while it waits is no error but a cause. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_dtmf_collect(earwig_channel *channel,
                                             const struct earwig_dtmf_options *options,
                                             struct earwig_dtmf_result *out);

/**
 * Starts a collection and returns. Its ending is an event, and is there for `earwig_dtmf_wait` and `earwig_dtmf_get_result`.
 *
 * `options`: NULL for the defaults. It begins at the place in the audio that has been written when it is called.
 * Returns the errors of `earwig_dtmf_collect` but `EARWIG_ERR_DEADLOCK`. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_dtmf_start(earwig_channel *channel, const struct earwig_dtmf_options *options);

/**
 * Waits until the collection ends; answers at once how the last one did if none runs.
 *
 * `timeout_ms`: or `EARWIG_FOREVER`. Reading a result takes its DTMF_ENDED event out of the queue, unless there is a callback:
 * an ending is heard once.
 * Returns `EARWIG_ERR_TIMEOUT` (the collection goes on), `EARWIG_ERR_AGAIN` (none was ever started), `EARWIG_ERR_DEADLOCK` from
 * a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`, `EARWIG_ERR_INVALID`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_dtmf_wait(earwig_channel *channel, int64_t timeout_ms, struct earwig_dtmf_result *out);

/**
 * Reads how the last collection ended, also after the hang-up.
 *
 * Returns `EARWIG_ERR_AGAIN` while one runs and before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. The event goes as with
 * `earwig_dtmf_wait`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_dtmf_get_result(earwig_channel *channel, struct earwig_dtmf_result *out);

/**
 * The seed's `cause()`: reads the cause (an `earwig_dtmf_cause`) of the last collection, NONE while one runs and before the
 * first.
 *
 * Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_dtmf_get_cause(earwig_channel *channel, int32_t *out);

/**
 * Ends the running collection with NONE and the digits so far, and waits until it has ended. Nothing happens if none runs.
 *
 * `timeout_ms`: how long to wait, or `EARWIG_FOREVER`; 0 does not wait.
 * Returns `EARWIG_ERR_TIMEOUT` (the collection ends later), `EARWIG_ERR_DEADLOCK` from a callback (unless `timeout_ms` is 0),
 * `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_dtmf_stop(earwig_channel *channel, int64_t timeout_ms);

/**
 * The seed's `clear_digits()`: empties the digit buffer.
 *
 * Returns `EARWIG_ERR_NULL`. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_dtmf_clear(earwig_channel *channel);

/**
 * Puts in a digit that came by signalling (RFC 4733, SIP INFO). The same key press heard in-band counts once: each press of
 * one way stands for at most one of the other within half a second.
 *
 * `digit`: one of `0123456789ABCD*#`. `duration_ms`: how long the key was held, up to now; 0 if it is not known.
 * Returns `EARWIG_ERR_INVALID` (no digit; a duration that is negative or over an hour), `EARWIG_ERR_HANGUP` if the call is IDLE,
 * `EARWIG_ERR_NULL`. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_dtmf_inject(earwig_channel *channel, int32_t digit, int64_t duration_ms);

/**
 * Copies out the digits in the buffer, once all that was written and asked so far is done. They stay in it.
 *
 * `text`, `size`: room for them, NUL-terminated; 33 is always enough, less cuts them.
 * Returns `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE` (`size` is 0). Control thread; waits for a
 * worker.
 */
EARWIG_API earwig_status earwig_dtmf_get_digits(earwig_channel *channel, char *text, size_t size);

/**
 * Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_dtmf_limits_init(struct earwig_dtmf_limits *limits);

/**
 * From now on the channel's DTMF detector has these limits.
 *
 * Returns `EARWIG_ERR_INVALID` (a value out of its range), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_dtmf_set_limits(earwig_channel *channel, const struct earwig_dtmf_limits *limits);

/**
 * Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_recorder_options_init(struct earwig_recorder_options *options);

/**
 * Reads options from text, over what `options` holds (call `earwig_recorder_options_init` first).
 *
 * `text`: `file_format=ulaw,milliseconds_max_silence=2000,barge_in=yes`, or a JSON object of the same keys; they are the
 * seed's: `file_format` (alaw, ulaw, oki, ima, s16bit, u8bit), `rate`, `seconds_timeout`, `max_bytes`,
 * `milliseconds_max_silence`, `milliseconds_initial_silence`, `barge_in`, `cipher` (KEY:IV in hexadecimal digits); and beyond it
 * `source` (rx, tx, mixed, both), `silence_dbm0`, `squelch_dtmf`, `overwrite`, `append`. Empty text changes nothing.
 * `error`, `error_size`: room for the text of what is wrong, NUL-terminated (never with the key in it); NULL and 0 if nobody
 * wants it.
 * Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
 * thread.
 */
EARWIG_API earwig_status earwig_recorder_options_parse(const char *text,
                                                       struct earwig_recorder_options *options,
                                                       char *error,
                                                       size_t error_size);

/**
 * The name of a cause as the seed has it, such as "SILENCE". Static text, never NULL, also for a value that is no cause
 * ("UNKNOWN"). Any thread.
 */
EARWIG_API const char *earwig_recorder_cause_str(int32_t cause);

/**
 * The name of a state as the seed has it, such as "RECORDING"; as `earwig_recorder_cause_str`.
 */
EARWIG_API const char *earwig_recorder_state_str(int32_t state);

/**
 * The name of a codec as the seed has it, such as "alaw"; as `earwig_recorder_cause_str`.
 */
EARWIG_API const char *earwig_recorder_format_str(int32_t format);

/**
 * The name of a source in options: "rx", "tx", "mixed", "both"; as `earwig_recorder_cause_str`.
 */
EARWIG_API const char *earwig_recorder_source_str(int32_t source);

/**
 * Empties a result and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_recorder_result_init(struct earwig_recorder_result *result);

/**
 * The seed's `record`: records to a file and waits until that ends.
 *
 * `filename`: as `earwig_recorder_start` has it. `options`: NULL for the defaults. `out`: gets cause, length and whether there
 * was audio; the file has its name then. It must not be called on the thread that writes the channel's audio, for it would
 * wait for itself: such a host uses `earwig_recorder_start`.
 * Returns the errors of `earwig_recorder_start`, and `EARWIG_ERR_DEADLOCK` from a callback: then nothing has started. A hang-up
 * or a full disk while it records is no error but a cause. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_recorder_record(earwig_channel *channel,
                                                const char *filename,
                                                const struct earwig_recorder_options *options,
                                                struct earwig_recorder_result *out);

/**
 * The seed's `start`: begins a recording and returns. Its ending is an event, and is there for `earwig_recorder_wait` and
 * `earwig_recorder_get_result`.
 *
 * `filename`: a path, in any bytes, that does not end in `.part`; its directory must exist. While it is recorded the file is
 * called `FILENAME.part`; it gets its name when it is whole. `options`: NULL for the defaults. It begins at the place in the
 * audio that has been written when its file has been made, before this returns.
 * Returns `EARWIG_ERR_BUSY` if a recording is in progress, `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is
 * not answered (unless `early_media`), `EARWIG_ERR_FILE` (it exists, is being recorded to, cannot be written, or cannot be
 * appended to), `EARWIG_ERR_INVALID` (an option out of its range, an empty name), `EARWIG_ERR_FULL` if the queue is full of
 * endings, `EARWIG_ERR_SYSTEM`, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`: then nothing has started, and nothing is left behind.
 * Control thread; it makes the file, and blocks for as long as that takes.
 */
EARWIG_API earwig_status earwig_recorder_start(earwig_channel *channel,
                                               const char *filename,
                                               const struct earwig_recorder_options *options);

/**
 * The seed's `stop`: ends the recording that is in progress with ABORTED and waits until its file is whole; nothing happens if
 * none is.
 *
 * `timeout_ms`: how long to wait, or `EARWIG_FOREVER`; 0 asks and does not wait.
 * Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
 * `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback (unless it does not wait), `EARWIG_ERR_INVALID`,
 * `EARWIG_ERR_NULL`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_recorder_stop(earwig_channel *channel, int64_t timeout_ms);

/**
 * The seed's `wait_until_finished`: waits until the recording ends and its file is whole; answers at once how the last one
 * ended if none is in progress.
 *
 * `timeout_ms`: or `EARWIG_FOREVER`. Reading a result takes its RECORD_ENDED event out of the queue, unless there is a callback:
 * an ending is heard once.
 * Returns `EARWIG_ERR_TIMEOUT` (the recording goes on; `out` has the cause TIMEOUT and the state RECORDING),
 * `EARWIG_ERR_HANGUP` if the call is IDLE when it is called, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
 * `EARWIG_ERR_AGAIN` (none was ever started), `EARWIG_ERR_DEADLOCK` from a callback, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`,
 * `EARWIG_ERR_INVALID`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_recorder_wait(earwig_channel *channel,
                                              int64_t timeout_ms,
                                              struct earwig_recorder_result *out);

/**
 * Reads how the last recording ended, also after the hang-up.
 *
 * Returns `EARWIG_ERR_AGAIN` while one is in progress and before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. The event goes
 * as with `earwig_recorder_wait`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_recorder_get_result(earwig_channel *channel, struct earwig_recorder_result *out);

/**
 * The seed's `state()`: reads the state (an `earwig_recorder_state`): RECORDING until the file is whole, ERROR after a recording
 * that failed, IDLE otherwise.
 *
 * Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_recorder_get_state(earwig_channel *channel, int32_t *out);

/**
 * The seed's `cause()`: reads the cause (an `earwig_recorder_cause`) of the last recording, NONE while one is in progress and
 * before the first.
 *
 * Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_recorder_get_cause(earwig_channel *channel, int32_t *out);

/**
 * The seed's `audio_detected_in_recording()`: 1 if there was audio in the last recording, 0 if it is silence alone, -1 (the
 * seed's None) while one is in progress and before the first.
 *
 * Returns `EARWIG_ERR_NULL`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_recorder_get_audio_detected(earwig_channel *channel, int32_t *out);

/**
 * From here on nothing is written to the file, and silence does not count.
 *
 * Returns `EARWIG_ERR_STATE` if no recording is in progress or the call is not answered, `EARWIG_ERR_HANGUP` if it is IDLE,
 * `EARWIG_ERR_NULL`. It takes place where the audio is that has been written when it is called. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_recorder_pause(earwig_channel *channel);

/**
 * From here on audio is written again; as `earwig_recorder_pause`.
 */
EARWIG_API earwig_status earwig_recorder_resume(earwig_channel *channel);

/**
 * From here on silence is written in place of the audio, such as while a card's number is said; as `earwig_recorder_pause`.
 */
EARWIG_API earwig_status earwig_recorder_mask(earwig_channel *channel);

/**
 * From here on audio is written again; as `earwig_recorder_pause`.
 */
EARWIG_API earwig_status earwig_recorder_unmask(earwig_channel *channel);

/**
 * Fills in the defaults. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_machine_options_init(struct earwig_machine_options *options);

/**
 * Reads options from text, over what `options` holds (call `earwig_machine_options_init` first).
 *
 * `text`: `timeout=20,detectors=amd,fax,status_url="http://..."`, or the seed's JSON object, alone or in one named
 * `detect_machine`. The keys are the seed's: `detect_message_end`, `detectors`, `end_silence_timeout`, `initial_timeout`,
 * `machine_ready_timeout`, `machine_voice_threshold`, `machine_words_threshold`, `status_url`, `timeout`, `tone`, `wait`; and
 * `detect_interruptions`, `strategy`, `anchor`, `listen_on`, `provisional`, `status_secret`. Times are in seconds, with
 * fractions; `None`, `null` or `forever` is no limit. A value with commas stands in double quotes. Empty text changes nothing.
 * `error`, `error_size`: room for the text of what is wrong, NUL-terminated; NULL and 0 if nobody wants it.
 * Returns `EARWIG_ERR_INVALID` (then `options` is as it was), `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media
 * thread.
 */
EARWIG_API earwig_status earwig_machine_options_parse(const char *text,
                                                      struct earwig_machine_options *options,
                                                      char *error,
                                                      size_t error_size);

/**
 * The name of a result as the seed's variable has it, such as "human". Static text, never NULL, also for a value that is no
 * result ("UNKNOWN"). Any thread.
 */
EARWIG_API const char *earwig_machine_verdict_str(int32_t verdict);

/**
 * The name of an event as the seed has it, such as "NOT_READY" or "finished"; likewise.
 */
EARWIG_API const char *earwig_machine_event_str(int32_t event);

/**
 * The name of a cause, such as "MAXWORDS"; likewise.
 */
EARWIG_API const char *earwig_machine_cause_str(int32_t cause);

/**
 * The name of a strategy, such as "adaptive"; likewise.
 */
EARWIG_API const char *earwig_machine_strategy_str(int32_t strategy);

/**
 * The name of an anchor, such as "first_media"; likewise.
 */
EARWIG_API const char *earwig_machine_anchor_str(int32_t anchor);

/**
 * The name of a fax tone, such as "ANSAM"; likewise.
 */
EARWIG_API const char *earwig_fax_tone_str(int32_t tone);

/**
 * The name of a tone of the network, such as "BUSY"; likewise.
 */
EARWIG_API const char *earwig_network_tone_str(int32_t tone);

/**
 * Empties an outcome (DETECTING) and sets its `struct_size`. Returns `EARWIG_ERR_NULL`. Any thread.
 */
EARWIG_API earwig_status earwig_machine_result_init(struct earwig_machine_result *outcome);

/**
 * The seed's `detect_machine`: detects and waits until that ends; with `wait` 0 it only starts, and `outcome` is DETECTING.
 *
 * `options`: NULL for the defaults. It must not wait on the thread that writes the channel's audio, for it would wait for
 * itself: such a host uses `earwig_machine_start`.
 * Returns `EARWIG_ERR_HANGUP` if the call is IDLE, `EARWIG_ERR_STATE` if it is not answered (unless `early_media`),
 * `EARWIG_ERR_BUSY` if a detection runs, `EARWIG_ERR_FULL` if the queue is full of endings, `EARWIG_ERR_DEADLOCK` from a
 * callback, `EARWIG_ERR_INVALID` (a value out of its range, a URL that is not http or https), `EARWIG_ERR_NULL`,
 * `EARWIG_ERR_SIZE`: then nothing has started. A hang-up while it waits is no error but a cause. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_machine_detect(earwig_channel *channel,
                                               const struct earwig_machine_options *options,
                                               struct earwig_machine_result *outcome);

/**
 * Starts a detection in the background, whatever `wait` says. Events foreach_field how it goes, and MACHINE_ENDED that it is over;
 * `earwig_machine_wait` waits for that, `earwig_machine_get_result` looks.
 *
 * `options`: NULL for the defaults.
 * Returns what `earwig_machine_detect` does, but for `EARWIG_ERR_DEADLOCK`. Control thread; does not block.
 */
EARWIG_API earwig_status earwig_machine_start(earwig_channel *channel, const struct earwig_machine_options *options);

/**
 * Waits until the detection that runs ends, or answers how the last one did.
 *
 * `timeout_ms`: or `EARWIG_FOREVER`; when it runs out, the detection goes on.
 * Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_AGAIN` if none was started, `EARWIG_ERR_DEADLOCK` from a callback,
 * `EARWIG_ERR_INVALID`, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Control thread; blocks.
 */
EARWIG_API earwig_status earwig_machine_wait(earwig_channel *channel,
                                             int64_t timeout_ms,
                                             struct earwig_machine_result *outcome);

/**
 * Reads how the last detection ended. Returns `EARWIG_ERR_AGAIN` while one runs and before the first, `EARWIG_ERR_NULL`,
 * `EARWIG_ERR_SIZE`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_machine_get_result(earwig_channel *channel, struct earwig_machine_result *outcome);

/**
 * Reads what was known of the detection that runs when it last told an event (DETECTING before its verdict), or how the last
 * one ended. Returns `EARWIG_ERR_AGAIN` before the first, `EARWIG_ERR_NULL`, `EARWIG_ERR_SIZE`. Any thread but a media thread.
 */
EARWIG_API earwig_status earwig_machine_get_progress(earwig_channel *channel, struct earwig_machine_result *outcome);

/**
 * Ends the detection that runs, if any: its verdict stays, and without one it is UNKNOWN with cause STOPPED. Waits until it
 * has ended.
 *
 * `timeout_ms`: 0 does not wait; `EARWIG_FOREVER`.
 * Returns `EARWIG_ERR_TIMEOUT`, `EARWIG_ERR_DEADLOCK` from a callback (unless `timeout_ms` is 0), `EARWIG_ERR_INVALID`,
 * `EARWIG_ERR_NULL`. Control thread.
 */
EARWIG_API earwig_status earwig_machine_stop(earwig_channel *channel, int64_t timeout_ms);

/**
 * Tells a collection's result: calls `function` with each name and its value, in an order that stays.
 *
 * `names`: an `earwig_field_set`. VARIABLES: `earwig_cause`. FIELDS: `cause`, `digits`, `started_ms`, `ended_ms`.
 * Later versions foreach_field more. Returns `EARWIG_ERR_INVALID` (`names`, or an enum of the struct's), `EARWIG_ERR_NULL`,
 * `EARWIG_ERR_SIZE`: then nothing was told. Any thread but a media thread; `function` may make any call of this API.
 */
EARWIG_API earwig_status earwig_dtmf_result_foreach_field(const struct earwig_dtmf_result *result,
                                                          int32_t names,
                                                          earwig_field_fn function,
                                                          void *user);

/**
 * Tells a recording's result, as `earwig_dtmf_result_foreach_field`.
 *
 * VARIABLES: `earwig_cause`, `earwig_recorder_state`, `earwig_audio_detected` ("yes", "no", or "" if it is not known),
 * `earwig_record_ms`, `earwig_record_bytes`, `earwig_error`. FIELDS: `cause`, `state`, `audio_detected`, `duration_ms`, `bytes`,
 * `started_ms`, `ended_ms`, and `error` if there was one.
 */
EARWIG_API earwig_status earwig_recorder_result_foreach_field(const struct earwig_recorder_result *result,
                                                              int32_t names,
                                                              earwig_field_fn function,
                                                              void *user);

/**
 * Tells a detection's outcome, as `earwig_dtmf_result_foreach_field`.
 *
 * VARIABLES: `detect_cause` (with its figures), `earwig_confidence` (0.00 to 1.00), `detect_machine_beep`, `detect_ms`,
 * `earwig_onset_ms`, and last `detect_result`, so that whoever sees that finds the others. FIELDS: `cause`, `confidence`, `beep`,
 * `beep_ms`, `beep_hz`, `ready`, `fax_tone`, `network_tone`, `detect_ms`, `verdict_ms`, `onset_ms`, `greeting_end_ms`, `latency_ms`,
 * `words`, `voice_ms`, `started_ms`, `ended_ms`, `result`.
 */
EARWIG_API earwig_status earwig_machine_result_foreach_field(const struct earwig_machine_result *outcome,
                                                             int32_t names,
                                                             earwig_field_fn function,
                                                             void *user);

/**
 * Tells an event's fields, as `earwig_dtmf_result_foreach_field`; what is the same as in a result has the same name.
 *
 * DIGIT: `digit`, `source`, `at_ms`, `start_ms`, `end_ms`, `stored`. DIGIT_END: `digit`, `at_ms`, `start_ms`, `end_ms`, `low_dbm0`,
 * `high_dbm0`, `twist_db`. DTMF_ENDED: `cause`, `digits`, `started_ms`, `ended_ms`. RECORD_ENDED: `cause`, `audio_detected`,
 * `duration_ms`, `bytes`, `started_ms`, `ended_ms`. MACHINE: `machine_event`, `beep`, `confidence`, `at_ms`, `hz`.
 * MACHINE_PROVISIONAL: `machine_event` ("PROVISIONAL"), `beep`, `confidence`, `at_ms`, `result`. MACHINE_ENDED: `machine_event`
 * ("finished"), `beep`, `confidence`, `at_ms`, `cause`, `beep_hz`, `detect_ms`, `onset_ms`, `result`, `started_ms`, `ended_ms`.
 */
EARWIG_API earwig_status earwig_event_foreach_field(const struct earwig_event *event,
                                                    earwig_field_fn function,
                                                    void *user);

/**
 * Writes what the channel is about as one JSON object, for an operator: `name`, `call_state`, `digits` (those in the buffer),
 * `dtmf`, `recorder` and `machine`, and the counters of `earwig_channel_stats`.
 *
 * Of the three jobs each is null if there never was one, otherwise an object: `running`, and the fields that the
 * `earwig_..._each` of its result tells, of the last one or, of a detection that runs, what is known so far. Numbers are numbers, flags
 * booleans. No ending is taken out of the queue.
 * `json`, `size`: room for it, NUL-terminated; 4096 bytes are enough if the channel's name has less than 1000.
 * Returns `EARWIG_ERR_SIZE` if it does not fit (the error's text says how many bytes it takes; "" is written), `EARWIG_ERR_NULL`.
 * Any thread but a media thread; does not block.
 */
EARWIG_API earwig_status earwig_channel_to_json(earwig_channel *channel, char *json, size_t size);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* EARWIG_H */
