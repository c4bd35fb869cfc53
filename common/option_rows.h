/* option_rows - the options that several programs share, each worded once */
#ifndef VMB_COMMON_OPTION_ROWS_H
#define VMB_COMMON_OPTION_ROWS_H

#include "common/options.h"

#define DEFAULT_URI "qemu:///system"

#define OPTION_ROW_CONNECT(place)                                             \
	{                                                                     \
		OPTION_TEXT, 'c', "connect", "URI", place, 0, 0,              \
		        "the libvirt host, as in virsh (default " DEFAULT_URI \
		        "), or sim:FILE: a case in simulation"                \
	}
#define OPTION_ROW_TRACE(place)                                                                  \
	{                                                                                        \
		OPTION_TEXT, 't', "trace", "FILE", place, 0, 0,                                  \
		        "record all that is seen and done to FILE, an SQLite trace; a run is "   \
		        "added to a trace that exists, also while another program records to it" \
	}
#define OPTION_ROW_TRACE_LIMIT(place)                                                           \
	{                                                                                       \
		OPTION_SIZE, 0, "trace-limit", "SIZE", place, 64, 1ULL << 40,                   \
		        "go on in a further file when the trace has this size (256M): run.db, " \
		        "run-2.db, run-3.db, ..., each a whole trace"                           \
	}
#define OPTION_ROW_LABEL(place)                                                                  \
	{                                                                                        \
		OPTION_TEXT, 0, "label", "TEXT", place, 0, 0, "a name for this run in the trace" \
	}
#define OPTION_ROW_DURATION(place)                                                       \
	{                                                                                \
		OPTION_DURATION, 0, "duration", "TIME", place, 0.05, 1e8,                \
		        "stop by itself after TIME (90, 10min, 2h); default: run until " \
		        "interrupted"                                                    \
	}
#define OPTION_ROW_ONLY(place)                                                 \
	{                                                                      \
		OPTION_TEXTS, 0, "only", "GLOB", place, 0, 0,                  \
		        "only guests whose name matches GLOB; may be repeated" \
	}
#define OPTION_ROW_EXCLUDE(place)                                             \
	{                                                                     \
		OPTION_TEXTS, 0, "exclude", "GLOB", place, 0, 0,              \
		        "not guests whose name matches GLOB; may be repeated" \
	}

#endif
