/* schema - schema.sql, compiled in */
#include "traces/schema.h"

__asm__(".pushsection .rodata\n"
        ".global trace_schema\n"
        "trace_schema:\n"
        ".incbin \"traces/schema.sql\"\n"
        ".byte 0\n"
        ".popsection\n");
