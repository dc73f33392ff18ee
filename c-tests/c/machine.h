/* Helpers of the tests of detections: audio of a human, a machine and tones. */
#ifndef MACHINE_H
#define MACHINE_H

#include "test.h"

/* The defaults. */
earwig_machine_options machine_options(void);
/* Starts a detection; NULL for the defaults. */
void machine_start(earwig_channel *channel, const earwig_machine_options *options);
/* Waits for the end of the detection and returns its result. */
earwig_machine_result machine_result(earwig_channel *channel);
/* Waits for the end of the detection and checks verdict and cause. */
void check_detected(earwig_channel *channel, earwig_machine_verdict verdict, earwig_machine_cause cause);

/* Writes the first `ms` of synthetic speech, at most SPEECH_MS, and flushes. */
void play_speech(earwig_channel *channel, int ms);
enum { SPEECH_MS = 3000 };
/* Writes a tone of one or two frequencies (0: none), each at -13 dBm0, and flushes. */
void play_tones(earwig_channel *channel, double hz, double hz2, int ms);
/* Writes 0.5 s of speech and silence after it: HUMAN with the defaults. */
void play_human(earwig_channel *channel);

/* Takes all events and returns the names of those of detections: "MACHINE MACHINE+beep READY+beep finished". MACHINE_BEEP is
 * "late-beep". Static text. */
const char *machine_events(earwig_channel *channel);

#endif
