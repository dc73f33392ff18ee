/*
 * app_earwig: DTMF digits of a call, and recordings of it, by the earwig library.
 *
 * Copyright (C) 2026 The earwig authors
 *
 * This program is free software, distributed under the terms of the GNU General Public License Version 2. See the file
 * LICENSE beside this one.
 *
 * One hook per channel, whatever runs on it: an audiohook that sees the audio of both directions and the DTMF frames, and
 * changes nothing. Its callback copies and returns. All decisions are the library's.
 */

/*** MODULEINFO
	<support_level>extended</support_level>
 ***/

#include "asterisk.h"

#include <ctype.h>

#include "asterisk/alertpipe.h"
#include "asterisk/app.h"
#include "asterisk/audiohook.h"
#include "asterisk/channel.h"
#include "asterisk/cli.h"
#include "asterisk/datastore.h"
#include "asterisk/format_cache.h"
#include "asterisk/manager.h"
#include "asterisk/module.h"
#include "asterisk/paths.h"
#include "asterisk/pbx.h"
#include "asterisk/stasis_channels.h"
#include "asterisk/taskprocessor.h"
#include "asterisk/translate.h"

#include "earwig.h"

#define SOURCE "earwig"

/* What is missing for longer than this is left to the library's wall clock (stall_ms), lest it counts twice. */
#define LONGEST_GAP_MS 480

/* What a frame most often holds. */
#define FRAME_MS 20

static earwig_engine *engine;

/* Sends the manager events of recordings: it outlives their channels, and may wait where the library's threads must not. */
static struct ast_taskprocessor *teller;

/* A recording from its start until its last event is sent. It keeps the call, so that it has an ending after the hang-up. */
struct recording {
	struct desk *desk;
	earwig_channel *call;
	char *file;
	int started;	/* earwig_recorder_start has returned */
	int ended;	/* before it had */
	earwig_recorder_result result;
	AST_LIST_ENTRY(recording) entry;	/* of its desk's */
	AST_LIST_ENTRY(recording) other;	/* of all */
};

static AST_LIST_HEAD_STATIC(recordings, recording);

/* What the library tells of a call comes in here. An ao2 object: the library, a listener and recordings have it in common. */
struct desk {
	int alert[2];	/* readable when a job has ended */
	char *file;	/* of the last recording */
	struct ast_channel_snapshot *seen;	/* the channel, for events that come after it */
	AST_LIST_HEAD_NOLOCK(, recording) running;
};

/* When a stream's next frame is due. */
struct flow {
	long rtp_ms;	/* in the time of its RTP source; -1 if it has none */
	struct timeval at;
};

/* What is kept for a channel, in its datastore. */
struct listener {
	struct ast_audiohook hook;
	earwig_channel *call;
	struct desk *desk;
	struct flow flow[2];	/* by stream */
	struct ast_format *format;	/* what the library was promised */
	struct ast_trans_pvt *resampler[2];	/* for frames of another rate, by stream */
	struct ast_format *resampled[2];
	int answered;
};

/* ---- the hook ---- */

/* Frames nearly always come as promised; a re-INVITE can change their rate. */
static struct ast_frame *at_rate(struct listener *listener, struct ast_frame *frame, int stream)
{
	if (ast_format_get_sample_rate(frame->subclass.format) == ast_format_get_sample_rate(listener->format)) {
		return frame;
	}
	if (listener->resampled[stream] != frame->subclass.format) {
		if (listener->resampler[stream]) {
			ast_translator_free_path(listener->resampler[stream]);
		}
		listener->resampler[stream] = ast_translator_build_path(listener->format, frame->subclass.format);
		ao2_replace(listener->resampled[stream], frame->subclass.format);
	}
	return listener->resampler[stream] ? ast_translate(listener->resampler[stream], frame, 0) : NULL;
}

static void write_gap(struct listener *listener, int stream, long ms)
{
	earwig_channel_write_gap(listener->call, stream, ms * ast_format_get_sample_rate(listener->format) / 1000);
}

/*
 * Lost packets and pauses of what Asterisk plays are missing from what comes: without them the two directions would drift
 * apart. RTP tells what is missing; a jump that no loss can explain is another source's clock. What is played without RTP comes
 * when it is due.
 */
static void note_gap(struct listener *listener, const struct ast_frame *frame, int stream)
{
	struct flow *flow = &listener->flow[stream];
	const int rtp = ast_test_flag(frame, AST_FRFLAG_HAS_TIMING_INFO);
	const long ms = frame->samples * 1000L / ast_format_get_sample_rate(frame->subclass.format);
	const struct timeval now = ast_tvnow();
	const int64_t late = ast_tvdiff_ms(now, flow->at);
	int64_t missing = rtp && flow->rtp_ms >= 0 ? frame->ts - flow->rtp_ms : INT64_MAX;

	if (missing < -LONGEST_GAP_MS || missing > LONGEST_GAP_MS) {
		missing = stream == EARWIG_STREAM_TX && late > 2 * FRAME_MS ? late : 0;
	}
	if (missing > 0 && missing <= LONGEST_GAP_MS) {
		write_gap(listener, stream, missing);
	}
	flow->rtp_ms = rtp ? frame->ts + ms : -1;
	flow->at = ast_tvadd(late > 2 * FRAME_MS ? now : flow->at, ast_samp2tv(ms, 1000));
}

/* Most senders have no audio beside the events of RFC 4733. The press must not take its time from what was said before it. */
static void note_press(struct listener *listener, long ms)
{
	struct flow *flow = &listener->flow[EARWIG_STREAM_RX];

	if (flow->rtp_ms >= 0 && ms <= LONGEST_GAP_MS && ast_tvdiff_ms(ast_tvnow(), flow->at) >= ms - 2 * FRAME_MS) {
		write_gap(listener, EARWIG_STREAM_RX, ms);
		flow->rtp_ms += ms;
	}
}

static int heard(struct ast_audiohook *hook, struct ast_channel *chan, struct ast_frame *frame,
	enum ast_audiohook_direction direction)
{
	struct listener *listener = (struct listener *) hook;
	int stream = direction == AST_AUDIOHOOK_DIRECTION_READ ? EARWIG_STREAM_RX : EARWIG_STREAM_TX;

	if (hook->status == AST_AUDIOHOOK_STATUS_DONE) {
		return -1;
	}
	if (!listener->answered && ast_channel_state(chan) == AST_STATE_UP) {
		listener->answered = 1;
		earwig_channel_answer(listener->call);
	}
	if (frame->frametype == AST_FRAME_DTMF) {
		if (stream == EARWIG_STREAM_RX) {
			long ms = frame->len > 0 ? frame->len : 0;

			note_press(listener, ms);
			earwig_dtmf_inject(listener->call, frame->subclass.integer, ms);
		}
	} else if (frame->frametype == AST_FRAME_VOICE && frame->samples > 0) {
		struct ast_frame *audio = at_rate(listener, frame, stream);

		note_gap(listener, frame, stream);
		if (audio) {
			earwig_channel_write(listener->call, stream, audio->data.ptr, audio->samples);
			if (audio != frame) {
				ast_frfree(audio);
			}
		}
	}
	return -1;	/* the frame is as it was */
}

static enum ast_audiohook_status hook_status(struct listener *listener)
{
	enum ast_audiohook_status status;

	ast_audiohook_lock(&listener->hook);
	status = listener->hook.status;
	ast_audiohook_unlock(&listener->hook);
	return status;
}

/* ---- the desk ---- */

static void recording_free(struct recording *recording)
{
	AST_LIST_LOCK(&recordings);
	AST_LIST_REMOVE(&recordings, recording, other);
	AST_LIST_UNLOCK(&recordings);
	earwig_channel_unref(recording->call);
	ao2_cleanup(recording->desk);
	ast_free(recording->file);
	ast_free(recording);
	ast_module_unref(AST_MODULE_SELF);
}

static void desk_free(void *object)
{
	struct desk *desk = object;

	ast_alertpipe_close(desk->alert);
	ast_free(desk->file);
	ao2_cleanup(desk->seen);
}

static struct desk *desk_alloc(void)
{
	struct desk *desk = ao2_alloc(sizeof(*desk), desk_free);

	if (desk) {
		ast_alertpipe_clear(desk->alert);
		AST_LIST_HEAD_INIT_NOLOCK(&desk->running);
		if (ast_alertpipe_init(desk->alert)) {
			ao2_ref(desk, -1);
			desk = NULL;
		}
	}
	return desk;
}

/* `chan` is locked. */
static void see(struct desk *desk, struct ast_channel *chan)
{
	struct ast_channel_snapshot *snapshot = ast_channel_snapshot_create(chan);

	if (snapshot) {
		ao2_lock(desk);
		ao2_replace(desk->seen, snapshot);
		ao2_unlock(desk);
		ao2_ref(snapshot, -1);
	}
}

static int has_seen(struct desk *desk, struct ast_channel *chan)
{
	int has;

	ao2_lock(desk);
	has = desk->seen && !strcmp(desk->seen->base->uniqueid, ast_channel_uniqueid(chan));
	ao2_unlock(desk);
	return has;
}

/* The channel's headers as they are now, or as they were when it was last seen. The caller frees them. */
static struct ast_str *headers_of(struct desk *desk)
{
	struct ast_channel_snapshot *seen, *now;
	struct ast_str *text;

	ao2_lock(desk);
	seen = ao2_bump(desk->seen);
	ao2_unlock(desk);
	now = seen ? ast_channel_snapshot_get_latest(seen->base->uniqueid) : NULL;
	text = now || seen ? ast_manager_build_channel_state_string(now ? now : seen) : NULL;
	ao2_cleanup(now);
	ao2_cleanup(seen);
	return text;
}

static const char *yes_or_no(int32_t flag)
{
	return flag < 0 ? "" : flag ? "yes" : "no";
}

/* Both are documented in app_earwig-en_US.xml. */
static int tell_start(void *data)
{
	struct recording *recording = data;
	struct ast_str *channel = headers_of(recording->desk);

	if (channel) {
		manager_event(EVENT_FLAG_CALL, "EarwigRecordStart", "%sFile: %s\r\n", ast_str_buffer(channel), recording->file);
	}
	ast_free(channel);
	return 0;
}

static void tell_end(struct desk *desk, const char *file, const earwig_recorder_result *result)
{
	struct ast_str *channel = headers_of(desk);

	if (channel) {
		manager_event(EVENT_FLAG_CALL, "EarwigRecordEnd",
			"%s"
			"File: %s\r\n"
			"Cause: %s\r\n"
			"AudioDetected: %s\r\n"
			"DurationMs: %lld\r\n"
			"Bytes: %lld\r\n"
			"%s%s%s",
			ast_str_buffer(channel), file, earwig_recorder_cause_str(result->cause), yes_or_no(result->audio_detected),
			(long long) result->duration_ms, (long long) result->bytes,
			*result->error ? "Error: " : "", result->error, *result->error ? "\r\n" : "");
	}
	ast_free(channel);
}

static int tell_end_of(void *data)
{
	struct recording *recording = data;

	tell_end(recording->desk, recording->file, &recording->result);
	recording_free(recording);
	return 0;
}

static void let_tell(int (*task)(void *), struct recording *recording)
{
	if (ast_taskprocessor_push(teller, task, recording)) {
		task(recording);
	}
}

/* One recording runs at a time, but the next may have begun before this one's ending is heard of. */
static void recording_ended(struct desk *desk, earwig_channel *call, const earwig_event *event)
{
	struct recording *recording;
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	if (earwig_recorder_get_result(call, &result) || result.cause != event->cause) {
		earwig_recorder_result_init(&result);
		result.cause = event->cause;
	}
	result.audio_detected = event->audio_detected;
	result.duration_ms = event->duration_ms;
	result.bytes = event->bytes;
	ao2_lock(desk);
	recording = AST_LIST_REMOVE_HEAD(&desk->running, entry);
	if (recording) {
		recording->result = result;
		recording->ended = 1;
		if (recording->started) {
			let_tell(tell_end_of, recording);
		}
	}
	ao2_unlock(desk);
}

/* On a thread of the library's. */
static void told(void *user, earwig_channel *call, const earwig_event *event)
{
	struct desk *desk = user;

	if (event->type == EARWIG_EVENT_TYPE_RECORD_ENDED) {
		recording_ended(desk, call, event);
	}
	if (event->type == EARWIG_EVENT_TYPE_RECORD_ENDED || event->type == EARWIG_EVENT_TYPE_DTMF_ENDED) {
		ast_alertpipe_write(desk->alert);
	}
}

static void not_told_any_more(void *user)
{
	ao2_cleanup(user);
}

/* ---- the datastore ---- */

static void listener_free(void *data)
{
	struct listener *listener = data;
	int i;

	/* The channel has let its hooks go before its datastores. */
	ast_audiohook_lock(&listener->hook);
	ast_audiohook_detach(&listener->hook);
	ast_audiohook_unlock(&listener->hook);
	ast_audiohook_destroy(&listener->hook);
	/* A recording that runs has a reference of its own, and so its ending. */
	earwig_channel_hangup(listener->call);
	earwig_channel_unref(listener->call);
	ao2_cleanup(listener->desk);
	for (i = 0; i < 2; i++) {
		if (listener->resampler[i]) {
			ast_translator_free_path(listener->resampler[i]);
		}
		ao2_cleanup(listener->resampled[i]);
	}
	ao2_cleanup(listener->format);
	ast_free(listener);
	ast_module_unref(AST_MODULE_SELF);
}

/* A masquerade moves the datastore; the hook must go along. Both channels are locked. */
static void listener_moved(void *data, struct ast_channel *from, struct ast_channel *to)
{
	struct listener *listener = data;

	ast_audiohook_move_by_source(from, to, SOURCE);
	/* Its identity has come over already, the caller's number not yet: better what was seen before. */
	if (!has_seen(listener->desk, to)) {
		see(listener->desk, to);
	}
}

static const struct ast_datastore_info listener_info = {
	.type = "earwig",
	.destroy = listener_free,
	.chan_fixup = listener_moved,
};

static struct ast_format *format_for(struct ast_channel *chan)
{
	switch (ast_format_get_sample_rate(ast_channel_rawreadformat(chan))) {
	case 8000:
		return ao2_bump(ast_format_slin);
	case 32000:
		return ao2_bump(ast_format_slin32);
	case 44100:
	case 48000:
	case 96000:
	case 192000:
		return ao2_bump(ast_format_slin48);
	default:
		return ao2_bump(ast_format_slin16);
	}
}

/* Of a channel that is locked. NULL after an error that is logged. */
static struct listener *listener_alloc(struct ast_channel *chan)
{
	struct listener *listener = ast_calloc(1, sizeof(*listener));
	earwig_channel_options options;
	earwig_status status = EARWIG_ERR_SYSTEM;

	if (!listener) {
		return NULL;
	}
	listener->flow[EARWIG_STREAM_RX].rtp_ms = listener->flow[EARWIG_STREAM_TX].rtp_ms = -1;
	listener->format = format_for(chan);
	listener->desk = desk_alloc();
	if (listener->desk) {
		earwig_channel_options_init(&options);
		options.name = ast_channel_name(chan);
		options.rx_rate_hz = options.tx_rate_hz = ast_format_get_sample_rate(listener->format);
		status = earwig_channel_create(engine, &options, &listener->call);
	}
	if (!status) {
		status = earwig_channel_set_callback(listener->call, told, ao2_bump(listener->desk), not_told_any_more);
	}
	if (status) {
		ast_log(LOG_ERROR, "%s: %s\n", ast_channel_name(chan), earwig_status_str(status));
		earwig_channel_unref(listener->call);
		ao2_cleanup(listener->desk);
		ao2_cleanup(listener->format);
		ast_free(listener);
		return NULL;
	}
	ast_audiohook_init(&listener->hook, AST_AUDIOHOOK_TYPE_MANIPULATE, SOURCE, 0);
	listener->hook.manipulate_callback = heard;
	ast_set_flag(&listener->hook, AST_AUDIOHOOK_WANTS_DTMF);
	return listener;
}

/* NULL if the channel, which is locked, has none. */
static struct listener *listener_of(struct ast_channel *chan)
{
	struct ast_datastore *store = ast_channel_datastore_find(chan, &listener_info, NULL);

	return store ? store->data : NULL;
}

/* The channel's listener; it is made and hooked up if there is none yet. NULL after an error that is logged. */
static struct listener *listen_to(struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	struct ast_datastore *store = ast_channel_datastore_find(chan, &listener_info, NULL);
	struct listener *listener;

	if (store) {
		listener = store->data;
		if (hook_status(listener) == AST_AUDIOHOOK_STATUS_RUNNING) {
			return listener;
		}
		ast_log(LOG_WARNING, "%s: lost its hook, begins to listen anew\n", ast_channel_name(chan));
		ast_channel_datastore_remove(chan, store);
		ast_datastore_free(store);
	}
	if (!(store = ast_datastore_alloc(&listener_info, NULL))) {
		return NULL;
	}
	if (!(listener = listener_alloc(chan))) {
		ast_datastore_free(store);
		return NULL;
	}
	/* From here on the datastore frees it all. */
	ast_module_ref(AST_MODULE_SELF);
	store->data = listener;
	if (ast_channel_state(chan) == AST_STATE_UP) {
		listener->answered = 1;
		earwig_channel_answer(listener->call);
	} else {
		earwig_channel_ringing(listener->call);
	}
	if (ast_audiohook_attach(chan, &listener->hook)) {
		ast_log(LOG_ERROR, "%s: the hook cannot be attached\n", ast_channel_name(chan));
		ast_datastore_free(store);
		return NULL;
	}
	ast_channel_datastore_add(chan, store);
	return listener;
}

/* ---- an application and its channel ---- */

/* What an application holds while it runs: a masquerade can take the listener to another channel, and that may free it. */
struct visit {
	struct ast_channel *chan;
	const struct listener *listener;	/* compared, not followed */
	struct desk *desk;
	earwig_channel *call;
};

/* The channel is locked. */
static void visit_begin(struct visit *visit, struct ast_channel *chan, const struct listener *listener)
{
	visit->chan = chan;
	visit->listener = listener;
	visit->desk = ao2_bump(listener->desk);
	visit->call = earwig_channel_ref(listener->call);
	see(visit->desk, chan);
}

static void visit_end(struct visit *visit)
{
	ao2_ref(visit->desk, -1);
	earwig_channel_unref(visit->call);
}

/* -1 if nothing listens to the channel. */
static int visit_if_listened_to(struct visit *visit, struct ast_channel *chan)
{
	SCOPED_CHANNELLOCK(lock, chan);
	const struct listener *listener = listener_of(chan);

	if (!listener) {
		return -1;
	}
	visit_begin(visit, chan, listener);
	return 0;
}

/* Answers the channel and listens to it. 0, or what went wrong: a text, NULL if the channel has to be left. */
static int visit_answered(struct visit *visit, struct ast_channel *chan, const char **error)
{
	struct listener *listener;

	*error = NULL;
	if (ast_channel_state(chan) != AST_STATE_UP && ast_answer(chan)) {
		return -1;
	}
	if (ast_channel_state(chan) != AST_STATE_UP) {
		/* A called channel answers when the far party does. */
		*error = "the call is not answered";
		return -1;
	}
	ast_channel_lock(chan);
	listener = listen_to(chan);
	if (listener) {
		if (!listener->answered) {
			listener->answered = 1;
			earwig_channel_answer(listener->call);
		}
		visit_begin(visit, chan, listener);
	}
	ast_channel_unlock(chan);
	if (!listener) {
		*error = "the channel cannot be listened to";
		return -1;
	}
	return 0;
}

/*
 * Whether the call lives although the application has to leave: a redirection, TIMEOUT(absolute), or a masquerade that has
 * taken the call, and what listens to it, to another channel.
 */
static int call_goes_on(const struct visit *visit)
{
	const int elsewhere = AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT;
	const struct listener *listener;
	int flags;

	ast_channel_lock(visit->chan);
	flags = ast_channel_softhangup_internal_flag(visit->chan);
	listener = listener_of(visit->chan);
	ast_channel_unlock(visit->chan);
	return listener != visit->listener || (flags & elsewhere && !(flags & ~elsewhere));
}

/* Also in the h extension. */
static int call_is_over(const struct visit *visit)
{
	return ast_check_hangup(visit->chan) && !call_goes_on(visit);
}

enum served {
	SERVED_ENDED,
	SERVED_TIMEOUT,
	SERVED_LEAVE,	/* the channel has to be left */
};

typedef earwig_status (*result_fn)(earwig_channel *call, void *result);

/* Reads the channel, which feeds the hook, until `get_result` has one; `ms` at the most, if it is not negative. */
static enum served serve(struct visit *visit, result_fn get_result, void *result, int64_t ms)
{
	struct timeval began = ast_tvnow();
	int fd = ast_alertpipe_readfd(visit->desk->alert);

	while (get_result(visit->call, result) == EARWIG_ERR_AGAIN) {
		struct ast_frame *frame;
		int ready = -1, outcome = -1, wait = 1000;

		if (ms >= 0) {
			int64_t left = ms - ast_tvdiff_ms(ast_tvnow(), began);

			if (left <= 0) {
				return SERVED_TIMEOUT;
			}
			wait = MIN(left, wait);
		}
		if (ast_waitfor_nandfds(&visit->chan, 1, &fd, 1, &outcome, &ready, &wait)) {
			if ((frame = ast_read(visit->chan))) {
				ast_frfree(frame);
				continue;
			}
		} else if (ready == fd) {
			ast_alertpipe_flush(visit->desk->alert);
			continue;
		} else if (!ast_check_hangup(visit->chan)) {
			continue;
		}
		return SERVED_LEAVE;
	}
	return SERVED_ENDED;
}

/* A line's end in an argument must not begin a header in a manager event, or a line in the log. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if (iscntrl((unsigned char) *text)) {
			*text = '?';
		}
	}
}

/* ---- EarwigListen ---- */

static const char listen_app[] = "EarwigListen";

static int listen_exec(struct ast_channel *chan, const char *data)
{
	listen_to(chan);
	return 0;
}

/* ---- EarwigClearDigits ---- */

static const char clear_app[] = "EarwigClearDigits";

static int clear_exec(struct ast_channel *chan, const char *data)
{
	struct listener *listener = listen_to(chan);

	if (listener) {
		earwig_dtmf_clear(listener->call);
	}
	return 0;
}

/* ---- EarwigGetDigits ---- */

static const char digits_app[] = "EarwigGetDigits";

static struct ast_channel_snapshot *snapshot_of(struct ast_channel *chan)
{
	struct ast_channel_snapshot *snapshot;

	ast_channel_lock(chan);
	snapshot = ast_channel_snapshot_create(chan);
	ast_channel_unlock(chan);
	return snapshot;
}

/* Documented in app_earwig-en_US.xml. `before` stands in for a channel that a masquerade has left as nobody's. */
static void tell_manager(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	RAII_VAR(struct ast_channel_snapshot *, now, snapshot_of(chan), ao2_cleanup);
	RAII_VAR(struct ast_str *, text, now ? ast_manager_build_channel_state_string(now) : NULL, ast_free);

	if (!text && !(before && (text = ast_manager_build_channel_state_string(before)))) {
		return;
	}
	manager_event(EVENT_FLAG_CALL, "EarwigDtmfEnd",
		"%s"
		"Variable: %s\r\n"
		"Cause: %s\r\n"
		"Digits: %s\r\n"
		"StartedMs: %lld\r\n"
		"EndedMs: %lld\r\n"
		"%s%s%s",
		ast_str_buffer(text), variable, earwig_dtmf_cause_str(result->cause), result->digits,
		(long long) result->started_ms, (long long) result->ended_ms,
		*error ? "Error: " : "", error, *error ? "\r\n" : "");
}

/* Every ending goes through here. `error` is empty unless the cause is ERROR. */
static void finish(struct ast_channel *chan, struct ast_channel_snapshot *before, const char *variable,
	const earwig_dtmf_result *result, const char *error)
{
	if (*error) {
		ast_log(LOG_ERROR, "%s: %s: %s\n", ast_channel_name(chan), digits_app, error);
	}
	if (!ast_strlen_zero(variable)) {
		pbx_builtin_setvar_helper(chan, variable, result->digits);
	}
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", earwig_dtmf_cause_str(result->cause));
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
	tell_manager(chan, before, S_OR(variable, ""), result, error);
}

static void failed(struct ast_channel *chan, const char *variable, const char *error)
{
	earwig_dtmf_result result;

	earwig_dtmf_result_init(&result);
	result.cause = EARWIG_DTMF_CAUSE_ERROR;
	finish(chan, NULL, variable, &result, error);
}

static earwig_status digits_result(earwig_channel *call, void *result)
{
	return earwig_dtmf_get_result(call, result);
}

/* -1 if the channel must be left. */
static int collect(struct visit *visit, earwig_dtmf_result *result)
{
	if (serve(visit, digits_result, result, -1) == SERVED_ENDED) {
		return 0;
	}
	if (call_goes_on(visit)) {
		earwig_dtmf_stop(visit->call);
	} else {
		earwig_channel_hangup(visit->call);
	}
	earwig_dtmf_wait(visit->call, 1000, result);
	return -1;
}

static int digits_exec(struct ast_channel *chan, const char *data)
{
	RAII_VAR(struct ast_channel_snapshot *, before, NULL, ao2_cleanup);
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	struct visit visit;
	char text[32], error[256] = "";
	const char *wrong;
	int leave = 0;
	earwig_status status = EARWIG_OK;
	char *parse;
	AST_DECLARE_APP_ARGS(args,
		AST_APP_ARG(variable);
		AST_APP_ARG(count);
		AST_APP_ARG(options);
	);

	parse = ast_strdupa(S_OR(data, ""));
	make_printable(parse);
	/* Raw: quotes belong to the options, which may be JSON. The last argument is all the rest. */
	AST_STANDARD_RAW_ARGS(args, parse);
	if (ast_strlen_zero(args.variable)) {
		failed(chan, NULL, "a variable is required");
		return 0;
	}

	earwig_dtmf_options_init(&options);
	if (!ast_strlen_zero(args.count)) {
		snprintf(text, sizeof(text), "count=%s", args.count);
		status = earwig_dtmf_options_parse(text, &options, error, sizeof(error));
	}
	if (!status && !ast_strlen_zero(args.options)) {
		status = earwig_dtmf_options_parse(args.options, &options, error, sizeof(error));
	}
	if (status) {
		failed(chan, args.variable, error);
		return 0;
	}
	if (visit_answered(&visit, chan, &wrong)) {
		if (wrong) {
			failed(chan, args.variable, wrong);
		}
		return wrong ? 0 : -1;
	}
	before = snapshot_of(chan);
	earwig_dtmf_result_init(&result);
	status = earwig_dtmf_start(visit.call, &options);
	if (!status) {
		leave = collect(&visit, &result);
		finish(chan, before, args.variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		/* In the h extension, after a collection that the hang-up has ended. */
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		finish(chan, before, args.variable, &result, "");
	} else {
		earwig_channel_get_error(visit.call, error, sizeof(error));
		failed(chan, args.variable, S_OR(error, earwig_status_str(status)));
	}
	visit_end(&visit);
	return leave;
}

/* ---- recordings ---- */

static const char record_app[] = "EarwigRecord";
static const char start_app[] = "EarwigRecordStart";
static const char stop_app[] = "EarwigRecordStop";
static const char wait_app[] = "EarwigRecordWait";
static const char pause_app[] = "EarwigRecordPause";
static const char resume_app[] = "EarwigRecordResume";
static const char mask_app[] = "EarwigRecordMask";
static const char unmask_app[] = "EarwigRecordUnmask";

/* The seed's: for EarwigRecord and EarwigRecordWait. */
#define DEFAULT_TIMEOUT_MS 120000

/* How long a dialplan waits for a disk, once nothing more is to be recorded. */
#define FILE_TIMEOUT_MS 5000

/* What is to be recorded. */
struct order {
	char file[PATH_MAX];
	earwig_recorder_options options;
};

/* Relative names as MixMonitor has them. -1 and what is wrong. */
static int find_place(struct order *order, const char *name, char *error, size_t size)
{
	const int relative = *name != '/';
	int length = snprintf(order->file, sizeof(order->file), "%s%s%s", relative ? ast_config_AST_MONITOR_DIR : "",
		relative ? "/" : "", name);
	char *folder;
	int failure;

	if (length >= (int) sizeof(order->file)) {
		*order->file = '\0';
		snprintf(error, size, "the file's name is too long");
		return -1;
	}
	if (!relative) {
		return 0;
	}
	folder = ast_strdupa(order->file);
	*strrchr(folder, '/') = '\0';
	failure = ast_mkdir(folder, 0777);
	if (failure) {
		snprintf(error, size, "%s: %s", folder, strerror(failure));
		return -1;
	}
	return 0;
}

/* A key in the dialplan would be logged, and told to whoever watches the manager. -1 and what is wrong, without the key. */
static int take_key(struct order *order, struct ast_channel *chan, char *error, size_t size)
{
	/* The longest that is right has 104 characters: what is cut here is wrong all the same. */
	char text[128] = "";
	const char *cipher;
	earwig_status status = EARWIG_OK;

	if (order->options.key_bytes) {
		return 0;
	}
	ast_channel_lock(chan);
	cipher = pbx_builtin_getvar_helper(chan, "EARWIG_RECORD_CIPHER");
	if (!ast_strlen_zero(cipher)) {
		snprintf(text, sizeof(text), "cipher=%s", cipher);
	}
	ast_channel_unlock(chan);
	if (*text) {
		status = earwig_recorder_options_parse(text, &order->options, NULL, 0);
		explicit_bzero(text, sizeof(text));
	}
	if (status) {
		snprintf(error, size, "EARWIG_RECORD_CIPHER is not KEYHEX:IVHEX");
	}
	return status ? -1 : 0;
}

/* -1 and what is wrong. */
static int read_order(struct order *order, struct ast_channel *chan, const char *data, char *error, size_t size)
{
	char *text = ast_strdupa(S_OR(data, ""));
	const size_t length = strlen(text);
	int wrong;
	AST_DECLARE_APP_ARGS(args,
		AST_APP_ARG(file);
		AST_APP_ARG(options);
	);

	make_printable(text);
	AST_STANDARD_RAW_ARGS(args, text);
	*order->file = '\0';
	earwig_recorder_options_init(&order->options);
	if (ast_strlen_zero(args.file)) {
		snprintf(error, size, "a file is required");
		return -1;
	}
	wrong = !ast_strlen_zero(args.options)
		&& earwig_recorder_options_parse(args.options, &order->options, error, size);
	wrong = wrong || take_key(order, chan, error, size) || find_place(order, args.file, error, size);
	explicit_bzero(text, length);
	return wrong ? -1 : 0;
}

static struct recording *recording_alloc(const struct visit *visit, const char *file)
{
	struct recording *recording = ast_calloc(1, sizeof(*recording));

	if (!recording) {
		return NULL;
	}
	ast_module_ref(AST_MODULE_SELF);
	recording->desk = ao2_bump(visit->desk);
	recording->call = earwig_channel_ref(visit->call);
	recording->file = ast_strdup(file);
	if (!recording->file) {
		recording_free(recording);
		return NULL;
	}
	AST_LIST_LOCK(&recordings);
	AST_LIST_INSERT_TAIL(&recordings, recording, other);
	AST_LIST_UNLOCK(&recordings);
	return recording;
}

static int any_recording(void)
{
	int any;

	AST_LIST_LOCK(&recordings);
	any = !AST_LIST_EMPTY(&recordings);
	AST_LIST_UNLOCK(&recordings);
	return any;
}

/* Asterisk may exit in the middle of calls. */
static void finish_recordings(void)
{
	struct timeval began = ast_tvnow();
	struct recording *recording;

	AST_LIST_LOCK(&recordings);
	AST_LIST_TRAVERSE(&recordings, recording, other) {
		earwig_recorder_stop(recording->call, 0);
	}
	AST_LIST_UNLOCK(&recordings);
	while (any_recording() && ast_tvdiff_ms(ast_tvnow(), began) < FILE_TIMEOUT_MS) {
		usleep(10000);
	}
}

/* What is to be played from now on is late from now on. */
static void await_tx(const struct visit *visit)
{
	SCOPED_CHANNELLOCK(lock, visit->chan);
	struct listener *listener = listener_of(visit->chan);
	struct timeval now = ast_tvnow();

	if (listener) {
		ast_audiohook_lock(&listener->hook);
		if (ast_tvcmp(listener->flow[EARWIG_STREAM_TX].at, now) < 0) {
			listener->flow[EARWIG_STREAM_TX].at = now;
		}
		ast_audiohook_unlock(&listener->hook);
	}
}

static earwig_status start_recording(const struct visit *visit, const struct order *order)
{
	struct desk *desk = visit->desk;
	struct recording *recording = recording_alloc(visit, order->file);
	earwig_status status;

	if (!recording) {
		return EARWIG_ERR_SYSTEM;
	}
	ao2_lock(desk);
	AST_LIST_INSERT_TAIL(&desk->running, recording, entry);
	ao2_unlock(desk);
	await_tx(visit);
	/* Not under the lock: a slow disk must not hold up the library's thread. */
	status = earwig_recorder_start(visit->call, order->file, &order->options);
	ao2_lock(desk);
	if (status) {
		AST_LIST_REMOVE(&desk->running, recording, entry);
		recording_free(recording);
	} else {
		ast_free(desk->file);
		desk->file = ast_strdup(order->file);
		recording->started = 1;
		let_tell(tell_start, recording);
		if (recording->ended) {
			let_tell(tell_end_of, recording);
		}
	}
	ao2_unlock(desk);
	return status;
}

static void set_number(struct ast_channel *chan, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long) number);
	pbx_builtin_setvar_helper(chan, name, text);
}

static void set_results(struct ast_channel *chan, const char *file, const earwig_recorder_result *result)
{
	pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", earwig_recorder_cause_str(result->cause));
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORDER_STATE", earwig_recorder_state_str(result->state));
	pbx_builtin_setvar_helper(chan, "EARWIG_AUDIO_DETECTED", yes_or_no(result->audio_detected));
	set_number(chan, "EARWIG_RECORD_MS", result->duration_ms);
	set_number(chan, "EARWIG_RECORD_BYTES", result->bytes);
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORD_FILE", file);
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", result->error);
}

/* Those of the last recording. */
static void set_results_of(const struct visit *visit, const earwig_recorder_result *result)
{
	char *file;

	ao2_lock(visit->desk);
	file = ast_strdupa(S_OR(visit->desk->file, ""));
	ao2_unlock(visit->desk);
	set_results(visit->chan, file, result);
}

/* Nothing was started. `visit` is NULL if it did not come to that. */
static void refused(struct ast_channel *chan, const struct visit *visit, const char *app, const char *file, const char *error)
{
	struct desk *desk = visit ? ao2_bump(visit->desk) : desk_alloc();
	earwig_recorder_result result;

	ast_log(LOG_ERROR, "%s: %s: %s\n", ast_channel_name(chan), app, error);
	earwig_recorder_result_init(&result);
	result.cause = EARWIG_RECORDER_CAUSE_ERROR;
	ast_copy_string(result.error, error, sizeof(result.error));
	if (visit) {
		earwig_recorder_get_state(visit->call, &result.state);
	}
	set_results(chan, file, &result);
	if (desk) {
		ast_channel_lock(chan);
		see(desk, chan);
		ast_channel_unlock(chan);
		tell_end(desk, file, &result);
		ao2_ref(desk, -1);
	}
}

static earwig_status recorder_result(earwig_channel *call, void *result)
{
	return earwig_recorder_get_result(call, result);
}

static int is_recording(const struct visit *visit)
{
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	earwig_recorder_get_state(visit->call, &state);
	return state == EARWIG_RECORDER_STATE_RECORDING;
}

/* The cause and the state of one that runs. */
static void fill_running(earwig_recorder_result *result, int32_t cause)
{
	earwig_recorder_result_init(result);
	result->cause = cause;
	result->state = EARWIG_RECORDER_STATE_RECORDING;
}

/* For a channel that is not to be read any more. */
static void await_file(const struct visit *visit, earwig_recorder_result *result)
{
	struct timeval began = ast_tvnow();

	while (earwig_recorder_get_result(visit->call, result) == EARWIG_ERR_AGAIN) {
		int64_t left = FILE_TIMEOUT_MS - ast_tvdiff_ms(ast_tvnow(), began);

		if (left <= 0) {
			ast_log(LOG_WARNING, "%s: the recording's disk is slow\n", ast_channel_name(visit->chan));
			fill_running(result, EARWIG_RECORDER_CAUSE_NONE);
			return;
		}
		if (ast_wait_for_input(ast_alertpipe_readfd(visit->desk->alert), left) > 0) {
			ast_alertpipe_flush(visit->desk->alert);
		}
	}
}

/* 0 and a visit, or -1 and what the application returns. */
static int take_order(struct order *order, struct visit *visit, const char *app, const char *data, struct ast_channel *chan,
	int *leave)
{
	char error[256] = "";
	const char *wrong = error;

	*leave = 0;
	if (!read_order(order, chan, data, error, sizeof(error)) && !visit_answered(visit, chan, &wrong)) {
		return 0;
	}
	if (wrong) {
		refused(chan, NULL, app, order->file, wrong);
	} else {
		*leave = -1;
	}
	return -1;
}

/* -1 if none has begun, which the variables tell. */
static int begin(const struct visit *visit, const char *app, const struct order *order)
{
	char error[256] = "";
	earwig_recorder_result result;
	earwig_status status;

	if (call_is_over(visit)) {
		earwig_channel_hangup(visit->call);
	}
	status = start_recording(visit, order);
	if (status == EARWIG_ERR_HANGUP) {
		earwig_recorder_result_init(&result);
		result.cause = EARWIG_RECORDER_CAUSE_HANGUP;
		set_results(visit->chan, "", &result);
	} else if (status) {
		earwig_channel_get_error(visit->call, error, sizeof(error));
		refused(visit->chan, visit, app, order->file, S_OR(error, earwig_status_str(status)));
	}
	return status ? -1 : 0;
}

/* Begins a visit and a recording: 0, or -1 and what the application returns. */
static int record(struct visit *visit, struct ast_channel *chan, const char *app, const char *data, int *leave)
{
	struct order order;
	int failed = take_order(&order, visit, app, data, chan, leave);

	if (!failed) {
		if (app == record_app && order.options.timeout_ms == EARWIG_DEFAULT) {
			order.options.timeout_ms = DEFAULT_TIMEOUT_MS;
		}
		failed = begin(visit, app, &order);
		if (failed) {
			visit_end(visit);
		}
	}
	explicit_bzero(&order, sizeof(order));
	return failed;
}

static int record_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct visit visit;
	int leave;

	if (record(&visit, chan, record_app, data, &leave)) {
		return leave;
	}
	earwig_recorder_result_init(&result);
	if (serve(&visit, recorder_result, &result, -1) == SERVED_LEAVE) {
		leave = -1;
		if (call_goes_on(&visit)) {
			earwig_recorder_stop(visit.call, 0);
		} else {
			earwig_channel_hangup(visit.call);
		}
		await_file(&visit, &result);
	}
	set_results_of(&visit, &result);
	visit_end(&visit);
	return leave;
}

static int start_exec(struct ast_channel *chan, const char *data)
{
	earwig_recorder_result result;
	struct visit visit;
	int leave;

	if (record(&visit, chan, start_app, data, &leave)) {
		return leave;
	}
	fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
	set_results_of(&visit, &result);
	visit_end(&visit);
	return 0;
}

/* Waits for the ending of the recording that runs, if one does, and sets what is known then. */
static int wait_for_ending(struct visit *visit, int64_t ms)
{
	const int runs = is_recording(visit);
	earwig_recorder_result result;
	int leave = 0;

	earwig_recorder_result_init(&result);
	if (call_is_over(visit)) {
		earwig_channel_hangup(visit->call);
	} else if (runs) {
		switch (serve(visit, recorder_result, &result, ms)) {
		case SERVED_ENDED:
			break;
		case SERVED_TIMEOUT:
			fill_running(&result, EARWIG_RECORDER_CAUSE_TIMEOUT);
			set_results_of(visit, &result);
			return 0;
		case SERVED_LEAVE:
			leave = -1;
			if (call_goes_on(visit)) {
				fill_running(&result, EARWIG_RECORDER_CAUSE_NONE);
				set_results_of(visit, &result);
				return leave;
			}
			earwig_channel_hangup(visit->call);
		}
	}
	if (runs) {
		await_file(visit, &result);
	} else {
		earwig_recorder_get_result(visit->call, &result);
	}
	set_results_of(visit, &result);
	return leave;
}

static void nothing_recorded(struct ast_channel *chan)
{
	earwig_recorder_result result;

	earwig_recorder_result_init(&result);
	set_results(chan, "", &result);
}

static int stop_exec(struct ast_channel *chan, const char *data)
{
	struct visit visit;
	int leave;

	if (visit_if_listened_to(&visit, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	if (!call_is_over(&visit)) {
		earwig_recorder_stop(visit.call, 0);
	}
	leave = wait_for_ending(&visit, FILE_TIMEOUT_MS);
	visit_end(&visit);
	return leave;
}

/* Seconds, with a fraction; "None" is no limit. -2 if it is neither. */
static int64_t milliseconds(const char *text)
{
	char *end;
	double seconds;

	if (!strcasecmp(text, "none") || !strcasecmp(text, "null") || !strcasecmp(text, "forever")) {
		return -1;
	}
	seconds = strtod(text, &end);
	if (end == text || *ast_skip_blanks(end) || !(seconds >= 0 && seconds <= 1e9)) {
		return -2;
	}
	return seconds * 1000;
}

static int wait_exec(struct ast_channel *chan, const char *data)
{
	int64_t ms = ast_strlen_zero(data) ? DEFAULT_TIMEOUT_MS : milliseconds(data);
	struct visit visit;
	int leave;

	if (ms < -1) {
		ast_log(LOG_ERROR, "%s: %s: '%s' is no time in seconds\n", ast_channel_name(chan), wait_app, data);
		pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", "ERROR");
		pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", "the time is not in seconds");
		return 0;
	}
	if (visit_if_listened_to(&visit, chan)) {
		nothing_recorded(chan);
		return 0;
	}
	leave = wait_for_ending(&visit, ms);
	visit_end(&visit);
	return leave;
}

/* Pauses, masks, or the end of that. */
static int change(struct ast_channel *chan, const char *app, earwig_status (*how)(earwig_channel *call))
{
	char error[256] = "";
	struct visit visit;
	int32_t state = EARWIG_RECORDER_STATE_IDLE;

	if (visit_if_listened_to(&visit, chan)) {
		ast_copy_string(error, "nothing is being recorded", sizeof(error));
	} else {
		earwig_status status = how(visit.call);

		if (status) {
			earwig_channel_get_error(visit.call, error, sizeof(error));
			ast_copy_string(error, S_OR(error, earwig_status_str(status)), sizeof(error));
		}
		earwig_recorder_get_state(visit.call, &state);
		visit_end(&visit);
	}
	if (*error) {
		ast_log(LOG_ERROR, "%s: %s: %s\n", ast_channel_name(chan), app, error);
		pbx_builtin_setvar_helper(chan, "EARWIG_CAUSE", "ERROR");
	}
	pbx_builtin_setvar_helper(chan, "EARWIG_RECORDER_STATE", earwig_recorder_state_str(state));
	pbx_builtin_setvar_helper(chan, "EARWIG_ERROR", error);
	return 0;
}

static int pause_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, pause_app, earwig_recorder_pause);
}

static int resume_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, resume_app, earwig_recorder_resume);
}

static int mask_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, mask_app, earwig_recorder_mask);
}

static int unmask_exec(struct ast_channel *chan, const char *data)
{
	return change(chan, unmask_app, earwig_recorder_unmask);
}

/* ---- the command line ---- */

static char *show_status(struct ast_cli_entry *entry, int command, struct ast_cli_args *a)
{
	earwig_engine_stats stats = { .struct_size = sizeof(stats) };

	switch (command) {
	case CLI_INIT:
		entry->command = "earwig show status";
		entry->usage = "Usage: earwig show status\n       Shows the earwig library's version and counters.\n";
		return NULL;
	case CLI_GENERATE:
		return NULL;
	}
	if (a->argc != entry->args) {
		return CLI_SHOWUSAGE;
	}
	earwig_engine_get_stats(engine, &stats);
	ast_cli(a->fd, "Version:       %s (ABI %u)\n", earwig_version(), earwig_abi_version());
	ast_cli(a->fd, "Workers:       %d\n", stats.workers);
	ast_cli(a->fd, "Channels:      %d\n", stats.channels);
	ast_cli(a->fd, "Live handles:  %llu\n", (unsigned long long) earwig_live_handles());
	ast_cli(a->fd, "Samples heard: %llu\n", (unsigned long long) stats.samples);
	ast_cli(a->fd, "Overruns:      %llu\n", (unsigned long long) stats.overruns);
	return CLI_SUCCESS;
}

static struct ast_cli_entry cli[] = {
	AST_CLI_DEFINE(show_status, "Show the earwig library's version and counters"),
};

/* ---- the module ---- */

/* Documented in app_earwig-en_US.xml. */
static const struct {
	const char *name;
	int (*exec)(struct ast_channel *chan, const char *data);
} applications[] = {
	{ listen_app, listen_exec },
	{ clear_app, clear_exec },
	{ digits_app, digits_exec },
	{ record_app, record_exec },
	{ start_app, start_exec },
	{ stop_app, stop_exec },
	{ wait_app, wait_exec },
	{ pause_app, pause_exec },
	{ resume_app, resume_exec },
	{ mask_app, mask_exec },
	{ unmask_app, unmask_exec },
};

static void log_line(void *user, int32_t level, const char *target, const char *message)
{
	switch (level) {
	case 1:
		ast_log(LOG_ERROR, "%s\n", message);
		break;
	case 2:
		ast_log(LOG_WARNING, "%s\n", message);
		break;
	default:
		ast_debug(1, "%s: %s\n", target, message);
	}
}

static int unload_module(void)
{
	size_t i;

	/* Channels hold references to the module, so there are none any more; their last traces are waited for. */
	if (earwig_engine_shutdown(engine, 5000)) {
		return -1;
	}
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		ast_unregister_application(applications[i].name);
	}
	ast_cli_unregister_multiple(cli, ARRAY_LEN(cli));
	ast_unregister_atexit(finish_recordings);
	earwig_log_set(NULL, NULL, 0);
	earwig_engine_unref(engine);
	engine = NULL;
	teller = ast_taskprocessor_unreference(teller);
	return 0;
}

static int load_module(void)
{
	earwig_status status;
	int failed = 0;
	size_t i;

	if (earwig_abi_version() != EARWIG_ABI_VERSION) {
		ast_log(LOG_ERROR, "libearwig %s has ABI %u; this module was built for %d\n", earwig_version(),
			earwig_abi_version(), EARWIG_ABI_VERSION);
		return AST_MODULE_LOAD_DECLINE;
	}
	earwig_log_set(log_line, NULL, 3);
	status = earwig_engine_create(NULL, &engine);
	if (status) {
		ast_log(LOG_ERROR, "earwig: %s\n", earwig_status_str(status));
		earwig_log_set(NULL, NULL, 0);
		return AST_MODULE_LOAD_DECLINE;
	}
	teller = ast_taskprocessor_get("earwig", TPS_REF_DEFAULT);
	for (i = 0; i < ARRAY_LEN(applications); i++) {
		failed |= ast_register_application2(applications[i].name, applications[i].exec, NULL, NULL, AST_MODULE_SELF);
	}
	if (failed || !teller || ast_register_atexit(finish_recordings) || ast_cli_register_multiple(cli, ARRAY_LEN(cli))) {
		unload_module();
		return AST_MODULE_LOAD_DECLINE;
	}
	return AST_MODULE_LOAD_SUCCESS;
}

AST_MODULE_INFO(ASTERISK_GPL_KEY, AST_MODFLAG_DEFAULT, "earwig: call intelligence",
	.support_level = AST_MODULE_SUPPORT_EXTENDED,
	.load = load_module,
	.unload = unload_module,
);
