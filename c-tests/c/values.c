/* The values of every constant, for ever: a name keeps its number, and a number is not used again for another name. A new
 * constant gets a line here; one that is withdrawn keeps its line as a comment. Compiled, not run. */
#include <earwig.h>

#define VALUE(name, value) _Static_assert(name == value, #name " has changed")

VALUE(EARWIG_ABI_VERSION, 1);
VALUE(EARWIG_FOREVER, -1);
VALUE(EARWIG_DIGITS_MAX, 32);

VALUE(EARWIG_OK, 0);
VALUE(EARWIG_ERR_NULL, -1);
VALUE(EARWIG_ERR_INVALID, -2);
VALUE(EARWIG_ERR_SIZE, -3);
VALUE(EARWIG_ERR_STATE, -4);
VALUE(EARWIG_ERR_HANGUP, -5);
VALUE(EARWIG_ERR_BUSY, -6);
VALUE(EARWIG_ERR_OVERRUN, -7);
VALUE(EARWIG_ERR_DEADLOCK, -8);
VALUE(EARWIG_ERR_TIMEOUT, -9);
VALUE(EARWIG_ERR_AGAIN, -10);
VALUE(EARWIG_ERR_FULL, -11);
VALUE(EARWIG_ERR_PANIC, -12);
VALUE(EARWIG_ERR_SYSTEM, -13);

VALUE(EARWIG_EVENT_TYPE_NONE, 0);
VALUE(EARWIG_EVENT_TYPE_DIGIT, 1);
VALUE(EARWIG_EVENT_TYPE_DIGIT_END, 2);
VALUE(EARWIG_EVENT_TYPE_DTMF_ENDED, 3);

VALUE(EARWIG_DTMF_CAUSE_NONE, 0);
VALUE(EARWIG_DTMF_CAUSE_HANGUP, 1);
VALUE(EARWIG_DTMF_CAUSE_COUNT, 2);
VALUE(EARWIG_DTMF_CAUSE_END, 3);
VALUE(EARWIG_DTMF_CAUSE_TIMEOUT, 4);
VALUE(EARWIG_DTMF_CAUSE_ERROR, 5);

VALUE(EARWIG_DIGIT_SOURCE_INBAND, 0);
VALUE(EARWIG_DIGIT_SOURCE_SIGNALLING, 1);

VALUE(EARWIG_CALL_STATE_IDLE, 0);
VALUE(EARWIG_CALL_STATE_RINGING, 1);
VALUE(EARWIG_CALL_STATE_ANSWERED, 2);

VALUE(EARWIG_STREAM_RX, 0);
VALUE(EARWIG_STREAM_TX, 1);

/* Enums cross the boundary as 32 bits. */
#define IS_INT32(type) _Static_assert(sizeof(type) == 4 && (type)-1 < 0, #type " is not int32_t")

IS_INT32(earwig_status);
IS_INT32(earwig_event_type);
IS_INT32(earwig_dtmf_cause);
IS_INT32(earwig_digit_source);
IS_INT32(earwig_call_state);
IS_INT32(earwig_stream);

/* struct_size stands first in every struct. */
#define SIZE_FIRST(type) _Static_assert(offsetof(type, struct_size) == 0 && sizeof(((type *)0)->struct_size) == sizeof(size_t), #type)

SIZE_FIRST(earwig_engine_options);
SIZE_FIRST(earwig_engine_stats);
SIZE_FIRST(earwig_channel_options);
SIZE_FIRST(earwig_channel_stats);
SIZE_FIRST(earwig_event);
SIZE_FIRST(earwig_dtmf_options);
SIZE_FIRST(earwig_dtmf_result);
SIZE_FIRST(earwig_dtmf_limits);
