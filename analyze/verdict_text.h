/* verdict_text - the parts of a verdict in words, the same in every format for people */
#ifndef VMB_ANALYZE_VERDICT_TEXT_H
#define VMB_ANALYZE_VERDICT_TEXT_H

#include "analyze/judge.h"

#define VERDICT_TEXT 256

/* "<= 5 points (cpu.moves_needed + 1) in 95 % of samples", "one of flat, settles": what was asked. Returns text. */
char *verdict_limit(const struct judgement *j, char text[VERDICT_TEXT]);

/* "from 4.0 s (load + 3 ticks) to 40.0 s": the part of the run that was judged; empty when it was all. Returns text. */
char *verdict_window(const struct judgement *j, char text[VERDICT_TEXT]);

/* "4.20 points", "flat": the one number or the worst sample; empty when there is none. Returns text. */
char *verdict_value(const struct judgement *j, char text[VERDICT_TEXT]);

#endif
