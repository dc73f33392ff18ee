/*
 * app_earwig: DTMF digits of a call, collected by the earwig library.
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

#include "asterisk/app.h"
#include "asterisk/audiohook.h"
#include "asterisk/channel.h"
#include "asterisk/cli.h"
#include "asterisk/datastore.h"
#include "asterisk/format_cache.h"
#include "asterisk/manager.h"
#include "asterisk/module.h"
#include "asterisk/pbx.h"
#include "asterisk/stasis_channels.h"
#include "asterisk/translate.h"

#include "earwig.h"

#define SOURCE "earwig"

static earwig_engine *engine;

/* What is kept for a channel, in its datastore. */
struct listener {
	struct ast_audiohook hook;
	earwig_channel *call;
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
			earwig_dtmf_inject(listener->call, frame->subclass.integer, frame->len > 0 ? frame->len : 0);
		}
	} else if (frame->frametype == AST_FRAME_VOICE && frame->samples > 0) {
		struct ast_frame *audio = at_rate(listener, frame, stream);

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
	earwig_channel_hangup(listener->call);
	earwig_channel_unref(listener->call);
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
	ast_audiohook_move_by_source(from, to, SOURCE);
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

/* The channel's listener; it is made and hooked up if there is none yet. NULL after an error that is logged. */
static struct listener *listen_to(struct ast_channel *chan)
{
	struct ast_datastore *store;
	struct listener *listener;
	earwig_channel_options options;
	earwig_status status;

	ast_channel_lock(chan);
	store = ast_channel_datastore_find(chan, &listener_info, NULL);
	if (store) {
		listener = store->data;
		if (hook_status(listener) == AST_AUDIOHOOK_STATUS_RUNNING) {
			ast_channel_unlock(chan);
			return listener;
		}
		ast_log(LOG_WARNING, "%s: lost its hook, begins to listen anew\n", ast_channel_name(chan));
		ast_channel_datastore_remove(chan, store);
		ast_datastore_free(store);
	}
	if (!(store = ast_datastore_alloc(&listener_info, NULL)) || !(listener = ast_calloc(1, sizeof(*listener)))) {
		ast_channel_unlock(chan);
		if (store) {
			ast_datastore_free(store);
		}
		return NULL;
	}
	listener->format = format_for(chan);
	earwig_channel_options_init(&options);
	options.name = ast_channel_name(chan);
	options.rx_rate_hz = options.tx_rate_hz = ast_format_get_sample_rate(listener->format);
	status = earwig_channel_create(engine, &options, &listener->call);
	if (status) {
		ast_log(LOG_ERROR, "%s: %s\n", ast_channel_name(chan), earwig_status_str(status));
		ast_channel_unlock(chan);
		ao2_cleanup(listener->format);
		ast_free(listener);
		ast_datastore_free(store);
		return NULL;
	}
	ast_audiohook_init(&listener->hook, AST_AUDIOHOOK_TYPE_MANIPULATE, SOURCE, 0);
	listener->hook.manipulate_callback = heard;
	ast_set_flag(&listener->hook, AST_AUDIOHOOK_WANTS_DTMF);
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
		ast_channel_unlock(chan);
		ast_datastore_free(store);
		return NULL;
	}
	ast_channel_datastore_add(chan, store);
	ast_channel_unlock(chan);
	return listener;
}

/* ---- EarwigListen ---- */

static const char listen_app[] = "EarwigListen";
static const char listen_synopsis[] = "Listen for DTMF digits from now on.";
static const char listen_description[] =
	"Starts to listen to the channel, until it hangs up: digits that are dialed while\n"
	"other applications run (Playback, Wait, ...) wait for EarwigGetDigits, up to 32 of\n"
	"them. Digits in the audio and digits of RFC 4733 or SIP INFO are one: the same key\n"
	"press counts once.\n"
	"EarwigGetDigits starts to listen by itself; this application is for starting earlier.\n"
	"Digits that come before the call is answered are forgotten when it is.\n";

static int listen_exec(struct ast_channel *chan, const char *data)
{
	listen_to(chan);
	return 0;
}

/* ---- EarwigClearDigits ---- */

static const char clear_app[] = "EarwigClearDigits";
static const char clear_synopsis[] = "Forget the DTMF digits that have come.";
static const char clear_description[] = "Empties the digit buffer of a channel that EarwigListen listens to.\n";

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
static const char digits_synopsis[] = "Collect DTMF digits into a variable.";
static const char digits_description[] =
	"  EarwigGetDigits(variable[,count[,options]])\n"
	"\n"
	"variable: gets the digits. They leave the digit buffer, which holds 32; an end digit\n"
	"  is the last of them.\n"
	"count: digits to get, 1 to 32; 0 (the default) is as many as come, 32 at most.\n"
	"options: key=value,key=value or a JSON object:\n"
	"  clear=true                     forget the digits that came before (default false)\n"
	"  seconds_predigits_timeout=N    how long to wait for the first digit; the default is\n"
	"                                 0: return at once with what is there\n"
	"  seconds_interdigit_timeout=N   how long to wait between digits (default 5)\n"
	"  seconds_timeout=N              how long the whole may take (default None)\n"
	"  end=DIGITS                     digits that end it, of 0123456789ABCD*# (default none)\n"
	"  Seconds may have a fraction; None is no limit.\n"
	"\n"
	"Answers the channel if it is not up. Sets:\n"
	"  EARWIG_CAUSE   COUNT (that many have come), END (an end digit has), TIMEOUT, HANGUP,\n"
	"                 NONE (returned at once, no condition was met), or ERROR\n"
	"  EARWIG_ERROR   what was wrong, with ERROR; otherwise empty\n"
	"After a hang-up the variables can be read in the h extension. If the call is taken\n"
	"elsewhere (Redirect, Bridge, TIMEOUT(absolute)) it ends with NONE and the digits so\n"
	"far; listening goes on. The manager event EarwigDtmfEnd tells the same.\n"
	"\n"
	"Example: EarwigGetDigits(PIN,4,seconds_predigits_timeout=10,end=#)\n";

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

/*
 * Whether the call lives although the application has to leave: a redirection, TIMEOUT(absolute), or a masquerade that has
 * taken the call, and what listens to it, to another channel.
 */
static int call_goes_on(struct ast_channel *chan, const struct listener *listener)
{
	const int elsewhere = AST_SOFTHANGUP_ASYNCGOTO | AST_SOFTHANGUP_TIMEOUT;
	struct ast_datastore *store;
	int flags;

	ast_channel_lock(chan);
	flags = ast_channel_softhangup_internal_flag(chan);
	store = ast_channel_datastore_find(chan, &listener_info, NULL);
	ast_channel_unlock(chan);
	return !store || store->data != listener || (flags & elsewhere && !(flags & ~elsewhere));
}

/*
 * Reads the channel, which feeds the hook, until the collection has ended. -1 if the channel must be left. `listener` is
 * compared, not followed: it may be another channel's by then.
 */
static int collect(struct ast_channel *chan, const struct listener *listener, earwig_channel *call, int fd,
	earwig_dtmf_result *result)
{
	while (earwig_dtmf_get_result(call, result) == EARWIG_ERR_AGAIN) {
		earwig_event event;
		struct ast_frame *frame;
		int ready = -1, outcome = -1, ms = 1000;

		if (ast_waitfor_nandfds(&chan, 1, &fd, 1, &outcome, &ready, &ms)) {
			if ((frame = ast_read(chan))) {
				ast_frfree(frame);
				continue;
			}
		} else if (ready == fd) {
			earwig_event_init(&event);
			while (!earwig_channel_next_event(call, &event)) {
				/* The result is read above; what else is told is for others. */
			}
			continue;
		} else if (!ast_check_hangup(chan)) {
			continue;
		}
		if (call_goes_on(chan, listener)) {
			earwig_dtmf_stop(call);
		} else {
			earwig_channel_hangup(call);
		}
		earwig_dtmf_wait(call, 1000, result);
		return -1;
	}
	return 0;
}

static int digits_exec(struct ast_channel *chan, const char *data)
{
	RAII_VAR(struct ast_channel_snapshot *, before, NULL, ao2_cleanup);
	earwig_dtmf_options options;
	earwig_dtmf_result result;
	struct listener *listener;
	earwig_channel *call;
	char text[32], error[256] = "";
	int fd, leave = 0;
	earwig_status status = EARWIG_OK;
	char *parse, *at;
	AST_DECLARE_APP_ARGS(args,
		AST_APP_ARG(variable);
		AST_APP_ARG(count);
		AST_APP_ARG(options);
	);

	parse = ast_strdupa(S_OR(data, ""));
	/* Parts of it are told in manager events and the log: a line's end from a variable must not begin a header there. */
	for (at = parse; *at; at++) {
		if (iscntrl((unsigned char) *at)) {
			*at = '?';
		}
	}
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
	if (ast_channel_state(chan) != AST_STATE_UP && ast_answer(chan)) {
		return -1;
	}
	if (ast_channel_state(chan) != AST_STATE_UP) {
		/* A called channel answers when the far party does. */
		failed(chan, args.variable, "the call is not answered");
		return 0;
	}
	listener = listen_to(chan);
	if (!listener) {
		failed(chan, args.variable, "the channel cannot be listened to");
		return 0;
	}
	if (!listener->answered) {
		listener->answered = 1;
		earwig_channel_answer(listener->call);
	}
	/* A masquerade can take the listener away while this runs, and then free it. */
	call = earwig_channel_ref(listener->call);
	before = snapshot_of(chan);
	earwig_dtmf_result_init(&result);
	status = earwig_channel_get_event_fd(call, &fd);
	if (!status) {
		status = earwig_dtmf_start(call, &options);
	}
	if (!status) {
		leave = collect(chan, listener, call, fd, &result);
		finish(chan, before, args.variable, &result, "");
	} else if (status == EARWIG_ERR_HANGUP) {
		/* In the h extension, after a collection that the hang-up has ended. */
		result.cause = EARWIG_DTMF_CAUSE_HANGUP;
		finish(chan, before, args.variable, &result, "");
	} else {
		earwig_channel_get_error(call, error, sizeof(error));
		failed(chan, args.variable, S_OR(error, earwig_status_str(status)));
	}
	earwig_channel_unref(call);
	return leave;
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
	/* Channels hold references to the module, so there are none any more; their last traces are waited for. */
	if (earwig_engine_shutdown(engine, 5000)) {
		return -1;
	}
	ast_unregister_application(listen_app);
	ast_unregister_application(clear_app);
	ast_unregister_application(digits_app);
	ast_cli_unregister_multiple(cli, ARRAY_LEN(cli));
	earwig_log_set(NULL, NULL, 0);
	earwig_engine_unref(engine);
	engine = NULL;
	return 0;
}

static int load_module(void)
{
	earwig_status status;

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
	if (ast_register_application2(listen_app, listen_exec, listen_synopsis, listen_description, AST_MODULE_SELF)
		|| ast_register_application2(clear_app, clear_exec, clear_synopsis, clear_description, AST_MODULE_SELF)
		|| ast_register_application2(digits_app, digits_exec, digits_synopsis, digits_description, AST_MODULE_SELF)
		|| ast_cli_register_multiple(cli, ARRAY_LEN(cli))) {
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
